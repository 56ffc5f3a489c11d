//! The mail address: for ways back and for word of what happens to the account.

use leptos::{ev, prelude::*};
use model::{Problem, types::Me};

use super::fresh_code::use_fresh_code;
use crate::{
    api,
    components::{AccountProblemNotice, When},
    i18n::{t_string, use_i18n},
    pages::sign_in::CodeField,
    session::use_session,
    text::tr,
    toasts::use_toasts,
};

/// How far a change is.
#[derive(Clone, PartialEq)]
enum Step {
    Shown,
    Typing,
    Proving { email: String, ticket: String },
}

/// A part of the account's page.
#[component]
pub(super) fn EmailPart(me: Me) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let fresh = use_fresh_code();
    let step = RwSignal::new(Step::Shown);
    let problem = RwSignal::new(None::<Problem>);
    let changed = Callback::new(move |()| {
        step.set(Step::Shown);
        toasts.tell(untrack(|| t_string!(i18n, security.email_changed).to_owned()));
        session.refresh();
    });
    let ask = move |email: String| {
        problem.set(None);
        let typed = email.clone();
        fresh.run(
            move || api::ask_email(typed.clone()),
            move |outcome| match outcome {
                Ok(Some(ticket)) => step.set(Step::Proving { email: email.clone(), ticket }),
                Ok(None) => changed.run(()),
                Err(found) => problem.set(Some(found)),
            },
        );
    };
    let forget = move |_| {
        fresh.run(api::forget_email, move |outcome| match outcome {
            Ok(()) => changed.run(()),
            Err(found) => problem.set(Some(found)),
        });
    };
    let typed = RwSignal::new(String::new());
    let has_one = me.email.is_some();
    let unproved = has_one && !me.email_verified;
    view! {
        <section class="card">
            <h2>{tr!(i18n, common.settings_email)}</h2>
            <p>{match me.email {
                Some(address) => address.as_str().to_owned().into_any(),
                None => tr!(i18n, common.settings_no_email).into_any(),
            }}</p>
            <When when=move || unproved><p class="notice">{tr!(i18n, security.email_unproved)}</p></When>
            <p class="hint">{tr!(i18n, security.email_text)}</p>
            {move || match step.get() {
                Step::Shown => view! {
                    <div class="row">
                        <button type="button" class="button" on:click=move |_| step.set(Step::Typing)>
                            {move || if has_one { t_string!(i18n, security.email_change) } else { t_string!(i18n, security.email_add) }}
                        </button>
                        <When when=move || has_one>
                            <button type="button" class="button button-danger" on:click=forget>{tr!(i18n, security.email_remove)}</button>
                        </When>
                    </div>
                }.into_any(),
                Step::Typing => view! {
                    <form class="code-form" method="dialog" on:submit=move |event: ev::SubmitEvent| {
                        event.prevent_default();
                        ask(typed.get_untracked());
                    }>
                        <label class="field">
                            <span>{tr!(i18n, security.email_new)}</span>
                            <input type="email" name="email" autocomplete="email" maxlength="254" required autofocus
                                on:input=move |event| typed.set(event_target_value(&event)) />
                        </label>
                        <div class="row">
                            <button type="submit" class="button button-primary">{tr!(i18n, common.next)}</button>
                            <button type="button" class="button" on:click=move |_| step.set(Step::Shown)>{tr!(i18n, common.cancel)}</button>
                        </div>
                    </form>
                }.into_any(),
                Step::Proving { email, ticket } => view! {
                    <Proving email=email ticket=ticket problem=problem on_proved=changed />
                }.into_any(),
            }}
            <AccountProblemNotice problem=problem />
        </section>
    }
}

#[component]
fn Proving(
    email: String,
    ticket: String,
    problem: RwSignal<Option<Problem>>,
    on_proved: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let fresh = use_fresh_code();
    let busy = RwSignal::new(false);
    let prove = Callback::new(move |code: String| {
        problem.set(None);
        busy.set(true);
        let ticket = ticket.clone();
        fresh.run(
            move || api::prove_email(ticket.clone(), code.clone()),
            move |outcome| {
                busy.set(false);
                match outcome {
                    Ok(()) => on_proved.run(()),
                    Err(found) => problem.set(Some(found)),
                }
            },
        );
    });
    view! {
        <p>{tr!(i18n, auth.prove_text, email = email.clone())}</p>
        <CodeField mailed=true busy=busy on_code=prove />
    }
}
