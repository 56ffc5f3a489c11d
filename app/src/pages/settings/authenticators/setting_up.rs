//! From a name to an authenticator.

use leptos::{ev, html, prelude::*};
use model::{Problem, types::Label};

use super::{Begun, Step};
use crate::{
    api,
    components::AccountProblemNotice,
    i18n::use_i18n,
    pages::{
        focus::focus_at_once,
        settings::fresh_code::use_fresh_code,
        wizard::{ConfirmStep, PrintButton, Sheet, SheetContents, StepTitle},
    },
    text::tr,
};

/// What it is to be called.
#[component]
pub(super) fn Naming(step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let fresh = use_fresh_code();
    let problem = RwSignal::new(None::<Problem>);
    let field = NodeRef::<html::Input>::new();
    focus_at_once(field);
    let begin = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(name) = field.get_untracked().map(|field| field.value()) else { return };
        problem.set(None);
        fresh.run(
            move || api::begin_authenticator(name.clone()),
            move |outcome| match outcome {
                Ok(offer) => step.set(Step::Scan(Begun { offer, renews: false })),
                Err(refusal) => problem.set(Some(refusal)),
            },
        );
    };
    view! {
        <form method="dialog" on:submit=begin>
            <h1>{tr!(i18n, security.add_authenticator)}</h1>
            <label class="field">
                <span>{tr!(i18n, security.authenticator_name)}</span>
                <input type="text" autocomplete="off" required maxlength=Label::MAX_CHARS.to_string()
                    aria-describedby="authenticator-name-hint" node_ref=field />
            </label>
            <p class="hint" id="authenticator-name-hint">{tr!(i18n, security.authenticator_name_hint)}</p>
            <AccountProblemNotice problem=problem />
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=fresh.aria_busy()>{tr!(i18n, common.next)}</button>
                <button type="button" class="button" on:click=move |_| step.set(Step::List)>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}

/// Its first code.
#[component]
pub(super) fn Confirming(begun: Begun, step: RwSignal<Step>, on_done: Callback<()>) -> impl IntoView {
    let (back, ticket) = (begun.clone(), begun.offer.ticket.clone());
    let confirmed = move |_| {
        step.set(Step::Done(begun.clone()));
        on_done.run(());
    };
    view! {
        <ConfirmStep
            check=move |code| api::confirm_authenticator(ticket.clone(), code)
            on_checked=Callback::new(confirmed)
            on_back=Callback::new(move |()| step.set(Step::Scan(back.clone())))
            on_anew=Callback::new(move |()| step.set(Step::List))
        />
    }
}

/// What has changed, and the secret on paper for whoever wants it.
#[component]
pub(super) fn Done(begun: Begun, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let Begun { offer, renews } = begun;
    let name = offer.name.as_str().to_owned();
    let (title, text) = if renews {
        (tr!(i18n, security.renewed_title, name = name.clone()), tr!(i18n, security.renewed_text))
    } else {
        (tr!(i18n, security.added_title, name = name.clone()), tr!(i18n, security.added_text))
    };
    view! {
        <StepTitle text=title />
        <p>{text}</p>
        <p>{tr!(i18n, security.sheet_offer)}</p>
        <div class="row">
            <PrintButton />
            <button type="button" class="button button-primary" on:click=move |_| step.set(Step::List)>
                {tr!(i18n, security.done)}
            </button>
        </div>
        <Sheet contents=SheetContents { account: offer.account, secret: Some(offer.secret), codes: Vec::new() } />
    }
}
