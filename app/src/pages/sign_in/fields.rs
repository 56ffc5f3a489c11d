//! Fields for what signs one in.

use leptos::{ev, html, prelude::*};
use model::Problem;

use super::LAST_NAME;
use crate::{
    i18n::{t_string, use_i18n},
    pages::focus::focus_at_once,
    platform::platform,
    text::tr,
    types::TotpCode,
};

/// One field of six digits: takes paste and autofill, sends itself at the sixth.
#[component]
pub fn CodeField(
    /// Whether a code is being checked.
    #[prop(into)]
    busy: Signal<bool>,
    /// Whether the code was mailed; otherwise an app shows it.
    #[prop(optional)]
    mailed: bool,
    /// Told the six digits.
    on_code: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    let send = move || {
        let Some(text) = field.get_untracked().map(|field| field.value()) else { return };
        if text.parse::<TotpCode>().is_ok() && !busy.get_untracked() {
            on_code.run(text);
        }
    };
    // A checked code is spent or wrong: either way the next one is typed anew.
    Effect::new(move |before: Option<bool>| {
        let now = busy.get();
        if before == Some(true)
            && !now
            && let Some(field) = field.get_untracked()
        {
            field.set_value("");
            let _ = field.focus();
        }
        now
    });
    focus_at_once(field);
    Effect::new(move |_| {
        if field.get().is_some() {
            // Typed before the page was ready.
            send();
        }
    });
    // A mailed code may have to be confirmed by one from the app, in a dialog over it.
    let hint = if mailed { "mailed-code-hint" } else { "code-hint" };
    view! {
        // Before hydration a form of this method does nothing: a code must not get into an address.
        <form class="code-form" method="dialog" on:submit=move |event: ev::SubmitEvent| { event.prevent_default(); send(); }>
            <label class="field">
                <span>{tr!(i18n, auth.code)}</span>
                <input class="code-input" type="text" inputmode="numeric" autocomplete="one-time-code" name="code"
                    maxlength="10" required node_ref=field readonly=move || busy.get()
                    aria-describedby=hint on:input=move |_| send() />
            </label>
            <p class="hint" id=hint>
                {move || match (busy.get(), mailed) {
                    (true, _) => t_string!(i18n, auth.working),
                    (false, true) => t_string!(i18n, auth.mailed_hint),
                    (false, false) => t_string!(i18n, auth.code_hint),
                }}
            </p>
        </form>
    }
}

/// A field for `text`, which takes over what was typed into it before the page was ready. Where that is
/// nothing, it shows what was typed when it was there last, or else what is `remembered`.
pub fn use_typed(
    text: RwSignal<String>,
    remembered: impl Fn() -> Option<String> + 'static,
) -> NodeRef<html::Input> {
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let Some(field) = field.get() else { return };
        if field.value().is_empty() {
            field.set_value(&remembered().unwrap_or_default());
        }
        text.set(field.value());
    });
    field
}

/// One field for a recovery code.
#[component]
pub fn RecoveryField(
    /// Whether a code is being checked.
    #[prop(into)]
    busy: Signal<bool>,
    /// What the button says.
    #[prop(into)]
    label: Signal<&'static str>,
    /// Told what was typed.
    on_code: Callback<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    view! {
        <form class="code-form" method="dialog" on:submit=move |event: ev::SubmitEvent| {
            event.prevent_default();
            if let Some(field) = field.get_untracked() {
                on_code.run(field.value());
            }
        }>
            <label class="field">
                <span>{tr!(i18n, auth.recovery_code)}</span>
                <input class="recovery-input" type="text" name="recovery-code" autocomplete="off" autocapitalize="characters"
                    spellcheck="false" maxlength="40" required placeholder="XXXX-XXXX-XXXX-XXXX" node_ref=field />
            </label>
            <button type="submit" class="button button-primary" disabled=move || busy.get()>{move || label.get()}</button>
        </form>
    }
}

/// Who they are. Takes the focus where that is what is missing.
#[component]
pub(super) fn NameField(
    /// The name.
    name: RwSignal<String>,
    /// What went wrong.
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = use_typed(name, || platform().and_then(|platform| (platform.recall)(LAST_NAME)));
    Effect::new(move |_| {
        if problem.with(|problem| *problem == Some(Problem::NameInvalid))
            && let Some(field) = field.get_untracked()
        {
            let _ = field.focus();
        }
    });
    view! {
        <label class="field">
            <span>{tr!(i18n, auth.name)}</span>
            <input type="text" name="username" autocomplete="username" autocapitalize="none" spellcheck="false"
                maxlength="64" node_ref=field value=name.get_untracked() on:input=move |event| name.set(event_target_value(&event)) />
        </label>
    }
}

/// Whether this device is to sign in without a code from now on.
#[component]
pub(super) fn TrustBox(
    /// Whether they say so.
    trust: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            // Ticked before the page was ready.
            trust.set(field.checked());
        }
    });
    view! {
        <label class="check">
            <input type="checkbox" name="trust" aria-describedby="trust-hint" node_ref=field checked=trust.get_untracked()
                on:change=move |event| trust.set(event_target_checked(&event)) />
            <span>{tr!(i18n, auth.trust)}<small id="trust-hint">{tr!(i18n, auth.trust_hint)}</small></span>
        </label>
    }
}
