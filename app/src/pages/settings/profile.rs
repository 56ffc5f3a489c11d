//! One's page of what one has made public: switched on, described, switched off.

use leptos::{ev, html, prelude::*};
use model::{
    Problem,
    rules::links::profile_path,
    types::{Bio, Me, OwnProfile, ProfileChange},
};

use crate::{
    api,
    components::{CopyRow, ProblemNotice, When},
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    session::use_session,
    text::tr,
};

/// What is asked about it.
#[component]
pub(super) fn ProfilePart(me: Memo<Option<Me>>) -> impl IntoView {
    let i18n = use_i18n();
    let found = api::page_resource(|| (), |()| api::profile());
    let name = untrack(|| me.with(|me| me.as_ref().map(|me| me.name.clone())));
    let address = name.map(|name| profile_path(&name)).unwrap_or_default();
    view! {
        <section class="card">
            <h2>{tr!(i18n, profile.title)}</h2>
            <p class="hint">{tr!(i18n, profile.text)}</p>
            <Suspense>
                {move || {
                    let address = address.clone();
                    Suspend::new(async move {
                        match found.await {
                            Ok(own) => view! { <Fields own=own address=address /> }.into_any(),
                            Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                        }
                    })
                }}
            </Suspense>
        </section>
    }
}

#[component]
fn Fields(own: OwnProfile, address: String) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let asking = Asking::new();
    let (problem, said) = (RwSignal::new(None::<Problem>), RwSignal::new(false));
    let is_on = RwSignal::new(own.is_on);
    let (switch, text) = (NodeRef::<html::Input>::new(), NodeRef::<html::Textarea>::new());
    let link = StoredValue::new(untrack(|| session.origins()).site + &address);
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let change = ProfileChange {
            is_on: switch.get_untracked().map(|switch| switch.checked()),
            bio: text.get_untracked().map(|text| Some(text.value())),
        };
        problem.set(None);
        said.set(false);
        asking.run(api::change_profile(change), move |answer| match answer {
            Ok(now) => {
                is_on.set(now.is_on);
                said.set(true);
            }
            Err(error) => problem.set(Some(error.0)),
        });
    };
    view! {
        <form class="things" on:submit=save>
            <label class="check">
                <input type="checkbox" checked=own.is_on node_ref=switch />
                <span>{tr!(i18n, profile.switch)}</span>
            </label>
            <label class="field">
                <span>{tr!(i18n, profile.bio)}</span>
                <textarea rows="3" maxlength=Bio::MAX_CHARS.to_string() node_ref=text>
                    {own.bio.map(String::from).unwrap_or_default()}
                </textarea>
            </label>
            <ProblemNotice problem=problem />
            <p class="hint" role="status">{move || said.get().then(|| t_string!(i18n, profile.saved))}</p>
            <div class="row"><button type="submit" class="button">{tr!(i18n, profile.save)}</button></div>
        </form>
        <When when=move || is_on.get()>
            <CopyRow name=tr!(i18n, profile.address) text=link.get_value() />
        </When>
    }
}
