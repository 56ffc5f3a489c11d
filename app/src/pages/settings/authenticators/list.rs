//! The authenticators there are.

use leptos::prelude::*;
use leptos_router::components::A;
use model::types::{Authenticator, MOST_AUTHENTICATORS, Rotation};

use super::{Begun, Step};
use crate::{
    ApiError, api,
    components::{AccountProblemNotice, Modal, When},
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        settings::doing::{Doing, RenameButton, ThingName},
        sign_in::Onward,
        use_query,
    },
    text::tr,
};

/// Each with what can be done to it, and a way to one more.
#[component]
pub(super) fn List(
    found: Resource<Result<Vec<Authenticator>, ApiError>, api::Wire>,
    /// Whether what somebody was led here for has been done.
    settled: RwSignal<bool>,
    step: RwSignal<Step>,
    again: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query();
    let led = Memo::new(move |_| query.with(Onward::from_query).filter(|_| !settled.get()));
    view! {
        <h1>{tr!(i18n, security.authenticators)}</h1>
        {move || led.get().map(|led| view! { <WhyHere led=led /> })}
        <p class="hint">{tr!(i18n, security.authenticators_text)}</p>
        <Transition fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(all) => view! {
                        <Authenticators all=all lost=led.get_untracked() == Some(Onward::Recovered) step=step again=again />
                    }.into_any(),
                    Err(error) => view! { <AccountProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Why somebody was led here when they signed in. They may go on all the same.
#[component]
fn WhyHere(led: Onward) -> impl IntoView {
    let i18n = use_i18n();
    let (why, on) = match led {
        Onward::Recovered => (tr!(i18n, security.after_recovery), tr!(i18n, security.to_gallery)),
        Onward::Overdue => (tr!(i18n, security.after_overdue), tr!(i18n, security.later)),
    };
    view! {
        <div class="notice" role="status">
            <p>{why}</p>
            <p><A href="/gallery">{on}</A></p>
        </div>
    }
}

#[component]
fn Authenticators(
    all: Vec<Authenticator>,
    /// Whether one of them is probably lost.
    lost: bool,
    step: RwSignal<Step>,
    again: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let doomed = RwSignal::new(None::<Authenticator>);
    let (only, full) = (all.len() <= 1, all.len() >= MOST_AUTHENTICATORS);
    view! {
        <ul class="things">
            {all.into_iter().map(|one| view! { <Row one=one only=only lost=lost doing=doing doomed=doomed step=step /> }).collect_view()}
        </ul>
        <When
            when=move || !full
            fallback=move || view! { <p class="hint">{tr!(i18n, security.authenticators_full)}</p> }
        >
            <button type="button" class="button" on:click=move |_| step.set(Step::Naming)>
                {tr!(i18n, security.add_authenticator)}
            </button>
        </When>
        <RemoveDialog doomed=doomed doing=doing />
    }
}

#[component]
fn Row(
    one: Authenticator,
    /// Whether it is the only one, which stays.
    only: bool,
    lost: bool,
    doing: Doing,
    doomed: RwSignal<Option<Authenticator>>,
    step: RwSignal<Step>,
) -> impl IntoView {
    let i18n = use_i18n();
    let renaming = RwSignal::new(false);
    let id = one.id;
    let due = one.rotation > Rotation::Fresh;
    let (made, used, row) = (one.created_at.clone(), one.last_used_at.clone(), one.clone());
    view! {
        <li class="thing">
            <div class="thing-facts">
                <ThingName
                    name=one.name
                    badge=due.then(|| tr!(i18n, security.time_to_renew))
                    renaming=renaming
                    on_name=Callback::new(move |text: String| doing.run(move || api::rename_authenticator(id, text.clone())))
                />
                <span class="hint">{tr!(i18n, security.made, day = dates::day(i18n.get_locale(), made.date()))}</span>
                <span class="hint">{match used {
                    Some(at) => tr!(i18n, security.last_code, moment = dates::moment(i18n.get_locale(), &at)),
                    None => tr!(i18n, security.no_code_yet),
                }}</span>
            </div>
            <div class="row">
                <button type="button" class="button" class:button-primary=due || lost on:click=move |_| doing.begin(
                    move || api::rotate_authenticator(id),
                    move |offer| step.set(Step::Scan(Begun { offer, renews: true })),
                )>
                    {tr!(i18n, security.renew)}
                </button>
                <RenameButton renaming=renaming />
                <When when=move || !only>
                    {
                        let row = row.clone();
                        view! {
                            <button type="button" class="button button-danger" on:click=move |_| doomed.set(Some(row.clone()))>
                                {tr!(i18n, security.remove)}
                            </button>
                        }
                    }
                </When>
            </div>
        </li>
    }
}

#[component]
fn RemoveDialog(doomed: RwSignal<Option<Authenticator>>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let question = move || {
        let name = doomed.with(|doomed| doomed.as_ref().map(|one| one.name.clone()).unwrap_or_default());
        t_string!(i18n, security.remove_question, name = name).to_string()
    };
    view! {
        <Modal
            open=Signal::derive(move || doomed.with(Option::is_some))
            class="confirm"
            label=Signal::derive(question)
            question=true
            on_close=Callback::new(move |()| doomed.set(None))
        >
            <h2>{question}</h2>
            <p>{tr!(i18n, security.remove_text)}</p>
            <div class="row">
                <button type="button" class="button button-danger" on:click=move |_| {
                    if let Some(one) = doomed.get_untracked() {
                        doomed.set(None);
                        doing.run(move || api::remove_authenticator(one.id));
                    }
                }>{tr!(i18n, security.remove)}</button>
                <button type="button" class="button" on:click=move |_| doomed.set(None)>{tr!(i18n, common.cancel)}</button>
            </div>
        </Modal>
    }
}
