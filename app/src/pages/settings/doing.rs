//! What is done to the things of a list.

use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use model::types::Label;

use super::fresh_code::{FreshCode, use_fresh_code};
use crate::{
    ApiError,
    components::{When, account_problem_text},
    i18n::{Locale, use_i18n},
    pages::focus::focus_at_once,
    text::tr,
    toasts::{Toasts, use_toasts},
};

/// Does something, with a fresh code where the server wants one, and has the list read again. One thing
/// at a time.
#[derive(Clone, Copy)]
pub(in crate::pages) struct Doing {
    fresh: FreshCode,
    i18n: I18nContext<Locale>,
    toasts: Toasts,
    again: Callback<()>,
}

impl Doing {
    /// For a list that `again` reads again.
    pub(in crate::pages) fn with(again: Callback<()>) -> Self {
        Self { fresh: use_fresh_code(), i18n: use_i18n(), toasts: use_toasts(), again }
    }

    /// Does `act` and says that it is done.
    pub(in crate::pages) fn tell<F>(
        self,
        act: impl Fn() -> F + Clone + Send + Sync + 'static,
        done: impl Fn() -> String + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<(), ApiError>> + 'static,
    {
        self.begin(act, move |()| {
            self.toasts.tell(done());
            self.again.run(());
        });
    }

    /// Does `act` and goes on with what came of it. If it failed the list is read again, unless what was
    /// typed wasn't taken: that stays, to be mended.
    pub(in crate::pages) fn begin<T: 'static, F>(
        self,
        act: impl Fn() -> F + Clone + Send + Sync + 'static,
        go_on: impl Fn(T) + Clone + Send + Sync + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        self.fresh.run(act, move |outcome| match outcome {
            Ok(value) => go_on(value),
            Err(problem) => {
                self.toasts.fail(account_problem_text(self.i18n, &problem));
                if problem.status() != 400 {
                    self.again.run(());
                }
            }
        });
    }

    /// Has the list read again.
    pub(in crate::pages) fn again(self) {
        self.again.run(());
    }

    /// Whether something is being done.
    pub(in crate::pages) fn busy(self) -> Signal<bool> {
        self.fresh.busy()
    }

    /// What a button that does something says of itself: see [`FreshCode::aria_busy`].
    pub(in crate::pages) fn aria_busy(
        self,
    ) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync + 'static {
        self.fresh.aria_busy()
    }
}

/// What a thing is called, or a field to call it otherwise.
#[component]
pub(super) fn ThingName(
    /// The name.
    name: Signal<String>,
    /// Whether it is being changed.
    renaming: RwSignal<bool>,
    /// Told the new name.
    on_name: Callback<String>,
    /// What stands behind it.
    children: ChildrenFn,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        renaming.set(false);
        on_name.run(text);
    };
    focus_at_once(field);
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            field.select();
        }
    });
    view! {
        <When
            when=renaming
            fallback=move || view! { <strong>{name} " " {children()}</strong> }
        >
            <form class="rename" on:submit=save>
                <input type="text" node_ref=field maxlength=Label::MAX_CHARS.to_string() required
                    aria-label=tr!(i18n, security.new_name) value=name.get_untracked() />
                <button type="submit" class="button button-primary">{tr!(i18n, security.save)}</button>
            </form>
        </When>
    }
}

/// Begins to call a thing otherwise, or not. Has the focus again afterwards.
#[component]
pub(super) fn RenameButton(
    /// Whether its name is being changed.
    renaming: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let button = NodeRef::<html::Button>::new();
    Effect::new(move |before: Option<bool>| {
        let now = renaming.get();
        if before == Some(true)
            && !now
            && let Some(button) = button.get_untracked()
        {
            let _ = button.focus();
        }
        now
    });
    view! {
        <button type="button" class="button" node_ref=button on:click=move |_| renaming.update(|on| *on = !*on)>
            {move || if renaming.get() { tr!(i18n, common.cancel) } else { tr!(i18n, security.rename) }}
        </button>
    }
}
