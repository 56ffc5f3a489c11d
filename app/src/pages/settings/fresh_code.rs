//! What changes how one signs in asks for a fresh code: once, for the next ten minutes.

use leptos::prelude::*;
use model::Problem;

use crate::{
    ApiError, api,
    components::{AccountProblemNotice, Modal, When},
    i18n::{t_string, use_i18n},
    pages::sign_in::{CodeField, RecoveryField},
    session::use_session,
    text::tr,
};

/// What waits for a code. Provided as context by the settings' page.
#[derive(Clone, Copy)]
pub(in crate::pages) struct FreshCode {
    waiting: RwSignal<Option<Callback<()>>>,
}

impl FreshCode {
    /// Puts it within reach of the page's parts.
    pub(in crate::pages) fn provide() {
        provide_context(Self { waiting: RwSignal::new(None) });
    }

    /// Does `act` and tells `done` what came of it. Where the server wants a code first, asks the
    /// person for one and does it again; nothing is done if they don't give it.
    pub(in crate::pages) fn run<T: 'static, F>(
        self,
        act: impl Fn() -> F + Clone + Send + Sync + 'static,
        done: impl Fn(Result<T, Problem>) + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        leptos::task::spawn_local(async move {
            match act().await {
                Err(ApiError(Problem::FreshCodeNeeded)) => {
                    let again = Callback::new(move |()| self.run(act.clone(), done.clone()));
                    self.waiting.set(Some(again));
                }
                outcome => done(outcome.map_err(|error| error.0)),
            }
        });
    }
}

/// The settings' [`FreshCode`].
///
/// # Panics
/// Outside pages that provide it.
pub(in crate::pages) fn use_fresh_code() -> FreshCode {
    expect_context()
}

/// Asks for a code while something waits for one.
#[component]
pub(in crate::pages) fn FreshCodeDialog() -> impl IntoView {
    let i18n = use_i18n();
    let FreshCode { waiting } = use_fresh_code();
    view! {
        <Modal
            open=Signal::derive(move || waiting.with(Option::is_some))
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, security.fresh_title).to_owned())
            on_close=Callback::new(move |()| waiting.set(None))
        >
            <FreshCodeForm on_confirmed=Callback::new(move |()| {
                if let Some(again) = waiting.get_untracked() {
                    waiting.set(None);
                    again.run(());
                }
            }) />
            <button type="button" class="button" on:click=move |_| waiting.set(None)>{tr!(i18n, common.cancel)}</button>
        </Modal>
    }
}

/// Asks for a code, in place; for a recovery code where somebody has lost their authenticator.
#[component]
pub(in crate::pages) fn FreshCodeForm(
    /// Told that it was right.
    on_confirmed: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let problem = RwSignal::new(None::<Problem>);
    let recovery = RwSignal::new(false);
    let check = Action::new_local(move |code: &String| {
        let (code, recovery) = (code.clone(), recovery.get_untracked());
        async move {
            problem.set(None);
            let outcome =
                if recovery { api::confirm_recovery_code(code).await } else { api::confirm_code(code).await };
            match outcome {
                Ok(()) => {
                    if recovery {
                        // There is one less.
                        session.refresh();
                    }
                    on_confirmed.run(());
                }
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    let on_code = Callback::new(move |code| {
        check.dispatch_local(code);
    });
    view! {
        <div class="code-form">
            <h2>{tr!(i18n, security.fresh_title)}</h2>
            <p>{tr!(i18n, security.fresh_text)}</p>
            <When
                when=recovery
                fallback=move || view! { <CodeField busy=check.pending() on_code=on_code /> }
            >
                <RecoveryField busy=check.pending() label=Signal::derive(move || t_string!(i18n, common.next)) on_code=on_code />
            </When>
            <AccountProblemNotice problem=problem />
            <button type="button" class="button button-quiet" on:click=move |_| {
                problem.set(None);
                recovery.update(|on| *on = !*on);
            }>
                {move || if recovery.get() { tr!(i18n, auth.use_code) } else { tr!(i18n, auth.use_recovery) }}
            </button>
        </div>
    }
}
