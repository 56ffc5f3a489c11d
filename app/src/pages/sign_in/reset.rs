//! Asking for a way back by mail.

use leptos::{ev, prelude::*};
use leptos_meta::Title;
use model::{
    Problem,
    types::{ChallengeAnswer, ChallengePurpose},
};

use super::use_typed;
use crate::{
    api,
    components::{AccountProblemNotice, ChallengeField, When},
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    session::use_session,
    text::{heading, tr},
};

/// `/reset`
#[component]
pub fn ResetPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let by_mail = move || session.info().is_some_and(|info| info.sign_in.reset_by_mail);
    let is_sent = RwSignal::new(false);
    view! {
        <Title text=heading(move || t_string!(i18n, auth.reset_ask_title).to_owned()) />
        <section class="card sign-in">
            <When
                when=is_sent
                fallback=move || view! {
                    <h1>{tr!(i18n, auth.reset_ask_title)}</h1>
                    <When when=by_mail fallback=move || view! { <p>{tr!(i18n, auth.lost)}</p> }>
                        <AskForm is_sent=is_sent />
                    </When>
                }
            >
                <h1>{tr!(i18n, auth.reset_sent_title)}</h1>
                <p role="status">{tr!(i18n, auth.reset_sent_text)}</p>
            </When>
        </section>
    }
}

#[component]
fn AskForm(is_sent: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let email = RwSignal::new(String::new());
    let answer = RwSignal::new(None::<ChallengeAnswer>);
    let problem = RwSignal::new(None::<Problem>);
    let asking = Asking::new();
    let field = use_typed(email, || None);
    let ask = move |event: ev::SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let asked = api::request_reset(email.get_untracked(), answer.try_update(Option::take).flatten());
        asking.run(asked, move |outcome| match outcome {
            Ok(()) => is_sent.set(true),
            Err(error) => problem.set(Some(error.0)),
        });
    };
    view! {
        <form class="code-form" method="dialog" on:submit=ask>
            <p>{tr!(i18n, auth.reset_ask_text)}</p>
            <label class="field">
                <span>{tr!(i18n, auth.email)}</span>
                <input type="email" name="email" autocomplete="email" maxlength="254" required
                    node_ref=field value=email.get_untracked() on:input=move |event| email.set(event_target_value(&event)) />
            </label>
            <ChallengeField purpose=ChallengePurpose::Reset answer=answer />
            <AccountProblemNotice problem=problem />
            <button type="submit" class="button button-primary"
                disabled=move || answer.with(Option::is_none) || asking.busy().get()>
                {tr!(i18n, auth.reset_ask)}
            </button>
        </form>
    }
}
