//! The authenticators there are.

use leptos::{html, prelude::*};
use leptos_router::components::A;
use model::types::{Authenticator, MOST_AUTHENTICATORS, Rotation};

use super::{Begun, Step};
use crate::{
    ApiError, api,
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        focus::focus_when_shorter,
        loaded::{Place, entry_of, loaded},
        question::QuestionDialog,
        settings::doing::{Doing, RenameButton, ThingName},
        sign_in::Onward,
        use_query,
    },
    text::{text, tr},
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
    let title = NodeRef::<html::H1>::new();
    let led = Memo::new(move |_| query.with(Onward::from_query).filter(|_| !settled.get()));
    view! {
        <h1 tabindex="-1" node_ref=title>{tr!(i18n, security.authenticators)}</h1>
        {move || led.get().map(|led| view! { <WhyHere led=led /> })}
        <p class="hint">{tr!(i18n, security.authenticators_text)}</p>
        {loaded(found, again, Place::Card, move |all| {
            focus_when_shorter(title, move || all.with(Vec::len));
            let lost = led.get_untracked() == Some(Onward::Recovered);
            view! { <Authenticators all=all lost=lost step=step again=again /> }.into_any()
        })}
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
    all: Memo<Vec<Authenticator>>,
    /// Whether one of them is probably lost.
    lost: bool,
    step: RwSignal<Step>,
    again: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let doomed = RwSignal::new(None::<Authenticator>);
    // The only one stays.
    let only = Signal::derive(move || all.with(Vec::len) <= 1);
    view! {
        <ul class="things">
            <For each=move || all.get() key=|one| one.id let:one>
                <Row one=entry_of(all, one, |one| one.id) only=only lost=lost doing=doing doomed=doomed step=step />
            </For>
        </ul>
        <When
            when=move || all.with(Vec::len) < MOST_AUTHENTICATORS
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
    one: Memo<Authenticator>,
    /// Whether it is the only one.
    only: Signal<bool>,
    lost: bool,
    doing: Doing,
    doomed: RwSignal<Option<Authenticator>>,
    step: RwSignal<Step>,
) -> impl IntoView {
    let i18n = use_i18n();
    let renaming = RwSignal::new(false);
    let id = one.with_untracked(|one| one.id);
    let due = move || one.with(|one| one.rotation > Rotation::Fresh);
    let rename = move |text: String| {
        doing.tell(
            move || api::rename_authenticator(id, text.clone()),
            move || t_string!(i18n, security.renamed).to_owned(),
        );
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <ThingName
                    name=Signal::derive(move || one.with(|one| one.name.clone()))
                    renaming=renaming
                    on_name=Callback::new(rename)
                >
                    <When when=due><span class="badge">{tr!(i18n, security.time_to_renew)}</span></When>
                </ThingName>
                <span class="hint">
                    {text(move || {
                        let day = one.with(|one| dates::day(i18n.get_locale(), one.created_at.date()));
                        t_string!(i18n, security.made, day = day).to_string()
                    })}
                </span>
                <span class="hint">
                    {text(move || match one.with(|one| one.last_used_at.clone()) {
                        Some(at) => {
                            let moment = dates::moment(i18n.get_locale(), &at);
                            t_string!(i18n, security.last_code, moment = moment).to_string()
                        }
                        None => t_string!(i18n, security.no_code_yet).to_owned(),
                    })}
                </span>
            </div>
            <div class="row">
                <button type="button" class="button" class:button-primary=move || due() || lost
                    aria-disabled=doing.aria_busy() on:click=move |_| doing.begin(
                        move || api::rotate_authenticator(id),
                        move |offer| step.set(Step::Scan(Begun { offer, renews: true })),
                    )
                >
                    {tr!(i18n, security.renew)}
                </button>
                <RenameButton renaming=renaming />
                <When when=move || !only.get()>
                    <button type="button" class="button button-danger"
                        on:click=move |_| doomed.set(Some(one.get_untracked()))>
                        {tr!(i18n, security.remove)}
                    </button>
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
    let remove = move |one: Authenticator| {
        let name = one.name;
        doing.tell(
            move || api::remove_authenticator(one.id),
            move || t_string!(i18n, security.removed, name = name.clone()).to_string(),
        );
    };
    view! {
        <QuestionDialog
            about=doomed
            question=Signal::derive(question)
            text=Signal::derive(move || t_string!(i18n, security.remove_text).to_owned())
            act=Signal::derive(move || t_string!(i18n, security.remove).to_owned())
            on_yes=Callback::new(remove)
        />
    }
}
