//! The mail address: for ways back and for word of what happens to the account.

use leptos::{ev, html, prelude::*};
use model::{Problem, types::Me};

use super::fresh_code::{FreshCode, use_fresh_code};
use crate::{
    api,
    components::{AccountProblemNotice, MailedProblemNotice, When},
    i18n::{t_string, tu_string, use_i18n},
    pages::{focus::focus_at_once, sign_in::CodeField},
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

/// A change under way.
#[derive(Clone, Copy)]
struct Change {
    fresh: FreshCode,
    step: RwSignal<Step>,
    /// The address that was typed.
    typed: RwSignal<String>,
    problem: RwSignal<Option<Problem>>,
    /// Told that it is done.
    done: Callback<()>,
}

impl Change {
    /// Goes to another step, on which nothing has gone wrong yet.
    fn go(self, step: Step) {
        self.problem.set(None);
        self.step.set(step);
    }

    /// Has a code mailed to the address that was typed.
    fn ask(self) {
        self.problem.set(None);
        let email = self.typed.get_untracked();
        let asked = email.clone();
        self.fresh.run(
            move || api::ask_email(asked.clone()),
            move |outcome| match outcome {
                Ok(Some(ticket)) => self.go(Step::Proving { email: email.clone(), ticket }),
                Ok(None) => self.done.run(()),
                Err(problem) => self.problem.set(Some(problem)),
            },
        );
    }

    fn end(self, outcome: Result<(), Problem>) {
        match outcome {
            Ok(()) => self.done.run(()),
            Err(problem) => self.problem.set(Some(problem)),
        }
    }
}

/// A part of the account's page.
#[component]
pub(super) fn EmailPart(me: Memo<Option<Me>>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let step = RwSignal::new(Step::Shown);
    let typed = RwSignal::new(String::new());
    let done = Callback::new(move |()| {
        typed.set(String::new());
        step.set(Step::Shown);
        toasts.tell(tu_string!(i18n, security.email_changed));
        session.refresh();
    });
    let change = Change { fresh: use_fresh_code(), step, typed, problem: RwSignal::new(None), done };
    let address = Memo::new(move |_| me.with(|me| me.as_ref().and_then(|me| me.email.clone())));
    let is_proved = move || me.with(|me| me.as_ref().is_none_or(|me| me.email_verified));
    view! {
        <section class="card">
            <h2>{tr!(i18n, common.settings_email)}</h2>
            <p>{move || match address.get() {
                Some(address) => address.as_str().to_owned(),
                None => t_string!(i18n, common.settings_no_email).to_owned(),
            }}</p>
            <When when=move || address.with(Option::is_some) && !is_proved()>
                <p class="notice">{tr!(i18n, security.email_unproved)}</p>
            </When>
            <p class="hint">{tr!(i18n, security.email_text)}</p>
            {move || match step.get() {
                Step::Shown => {
                    let has_one = Signal::derive(move || address.with(Option::is_some));
                    view! { <Shown change=change has_one=has_one /> }.into_any()
                }
                Step::Typing => view! { <Typing change=change /> }.into_any(),
                Step::Proving { email, ticket } => view! { <Proving change=change email=email ticket=ticket /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Shown(change: Change, has_one: Signal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let forget = move |_| change.fresh.run(api::forget_email, move |outcome| change.end(outcome));
    view! {
        <div class="row">
            <button type="button" class="button" on:click=move |_| change.go(Step::Typing)>
                {move || if has_one.get() { t_string!(i18n, security.email_change) } else { t_string!(i18n, security.email_add) }}
            </button>
            <When when=has_one>
                <button type="button" class="button button-danger" aria-disabled=change.fresh.aria_busy() on:click=forget>
                    {tr!(i18n, security.email_remove)}
                </button>
            </When>
        </div>
        <AccountProblemNotice problem=change.problem />
    }
}

#[component]
fn Typing(change: Change) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    focus_at_once(field);
    view! {
        <form class="code-form" method="dialog" on:submit=move |event: ev::SubmitEvent| {
            event.prevent_default();
            change.ask();
        }>
            <label class="field">
                <span>{tr!(i18n, security.email_new)}</span>
                <input type="email" name="email" autocomplete="email" maxlength="254" required node_ref=field
                    value=change.typed.get_untracked()
                    on:input=move |event| change.typed.set(event_target_value(&event)) />
            </label>
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=change.fresh.aria_busy()>
                    {tr!(i18n, common.next)}
                </button>
                <button type="button" class="button" on:click=move |_| change.go(Step::Shown)>{tr!(i18n, common.cancel)}</button>
            </div>
            <AccountProblemNotice problem=change.problem />
        </form>
    }
}

/// The address is theirs if they can read what is mailed there.
#[component]
fn Proving(change: Change, email: String, ticket: String) -> impl IntoView {
    let i18n = use_i18n();
    let prove = Callback::new(move |code: String| {
        change.problem.set(None);
        let ticket = ticket.clone();
        change
            .fresh
            .run(move || api::prove_email(ticket.clone(), code.clone()), move |outcome| change.end(outcome));
    });
    view! {
        <div class="code-form">
            <p>{tr!(i18n, auth.prove_text, email = email.clone())}</p>
            <CodeField mailed=true busy=change.fresh.busy() on_code=prove />
            <MailedProblemNotice problem=change.problem />
            <button type="button" class="button button-quiet" on:click=move |_| change.go(Step::Typing)>
                {tr!(i18n, common.back)}
            </button>
        </div>
    }
}
