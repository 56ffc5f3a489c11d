//! What changes how one signs in asks for a fresh code: once, for the next ten minutes.

use std::sync::Arc;

use leptos::prelude::*;
use model::Problem;

use crate::{
    ApiError, api,
    components::{AccountProblemNotice, Modal, When},
    i18n::{t_string, use_i18n},
    pages::{
        asking::Asking,
        sign_in::{CodeField, RecoveryField},
    },
    session::use_session,
    text::tr,
};

/// What waits for a code. Provided as context by the pages where something may.
#[derive(Clone, Copy)]
struct Waiting(RwSignal<Option<Arc<dyn Fn() + Send + Sync>>>);

/// Lets the page's parts ask for a code.
pub(in crate::pages) fn provide_fresh_code() {
    provide_context(Waiting(RwSignal::new(None)));
}

/// What one component does that may need a fresh code first: one thing at a time.
#[derive(Clone, Copy)]
pub(in crate::pages) struct FreshCode {
    waiting: Waiting,
    asking: Asking,
}

impl FreshCode {
    /// Does `act` and tells `done` what came of it, unless the component is gone by then. Where the
    /// server wants a code first, asks the person for one and does it again; nothing is done, and nothing
    /// is busy any more, if they don't give it.
    pub(in crate::pages) fn run<T: 'static, F>(
        self,
        act: impl Fn() -> F + Clone + Send + Sync + 'static,
        done: impl Fn(Result<T, Problem>) + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        self.asking.run(act(), move |outcome| match outcome {
            Err(ApiError(Problem::FreshCodeNeeded)) => {
                self.waiting.0.set(Some(Arc::new(move || self.run(act.clone(), done.clone()))));
            }
            outcome => done(outcome.map_err(|error| error.0)),
        });
    }

    /// Whether an answer is awaited.
    pub(in crate::pages) fn busy(self) -> Signal<bool> {
        self.asking.busy()
    }

    /// The same for buttons, which keep the focus that way, as they would not if they were disabled.
    pub(in crate::pages) fn aria_busy(
        self,
    ) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync + 'static {
        move || self.busy().get().then_some("true")
    }
}

/// A [`FreshCode`] of the component that is being made.
///
/// # Panics
/// Outside pages that [provide](provide_fresh_code) it.
pub(in crate::pages) fn use_fresh_code() -> FreshCode {
    FreshCode { waiting: expect_context(), asking: Asking::new() }
}

/// Asks for a code while something waits for one.
#[component]
pub(in crate::pages) fn FreshCodeDialog() -> impl IntoView {
    let i18n = use_i18n();
    let Waiting(waiting) = expect_context();
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
                    again();
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
    let asking = Asking::new();
    let on_code = Callback::new(move |code: String| {
        let recovery = recovery.get_untracked();
        problem.set(None);
        let asked = async move {
            if recovery { api::confirm_recovery_code(code).await } else { api::confirm_code(code).await }
        };
        asking.run(asked, move |outcome| match outcome {
            Ok(()) => {
                if recovery {
                    // There is one less.
                    session.refresh();
                }
                on_confirmed.run(());
            }
            Err(error) => problem.set(Some(error.0)),
        });
    });
    view! {
        <div class="code-form">
            <h2>{tr!(i18n, security.fresh_title)}</h2>
            <p>{tr!(i18n, security.fresh_text)}</p>
            <When
                when=recovery
                fallback=move || view! { <CodeField busy=asking.busy() on_code=on_code /> }
            >
                <RecoveryField busy=asking.busy() label=Signal::derive(move || t_string!(i18n, common.next)) on_code=on_code />
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
