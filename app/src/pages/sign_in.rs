//! Signing in: a name where one is needed, and six digits.

use leptos::{ev, html, prelude::*};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{Problem, types::SessionInfo};

use crate::{
    ApiError, api,
    components::ProblemNotice,
    components::When,
    i18n::{t_string, use_i18n},
    platform::platform,
    session::use_session,
    text::{heading, tr},
    toasts::use_toasts,
    types::{SignInStep, TotpCode},
};

/// Where this device keeps the name that signed in last.
const LAST_NAME: &str = "name";

/// `/sign-in`
#[component]
pub fn SignInPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let asks_name = move || session.info().is_none_or(|info| info.sign_in.asks_name);
    let by_recovery = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let ticket = RwSignal::new(None::<String>);
    let problem = RwSignal::new(None::<Problem>);
    Effect::new(move |_| {
        if let Some(last) = platform().and_then(|p| (p.recall)(LAST_NAME)) {
            name.set(last);
        }
    });
    let arrived = {
        let navigate = navigate.clone();
        move |info: SessionInfo, recovery: bool| {
            if let Some(me) = &info.me {
                if let Some(platform) = platform() {
                    (platform.remember)(LAST_NAME, me.name.as_str());
                }
                toasts.tell(if recovery {
                    t_string!(i18n, auth.recovery_used, left = me.recovery_codes_left.to_string()).to_string()
                } else {
                    t_string!(i18n, auth.signed_in, name = me.name.to_string()).to_string()
                });
            }
            session.set(info);
            navigate("/gallery", NavigateOptions::default());
        }
    };
    let check = Action::new_local(move |code: &String| {
        let (code, recovery, arrived) = (code.clone(), by_recovery.get_untracked(), arrived.clone());
        let name = if untrack(asks_name) { name.get_untracked() } else { String::new() };
        async move {
            problem.set(None);
            let outcome: Result<SignInStep, ApiError> = if recovery {
                api::sign_in_with_recovery_code(name, code).await.map(signed_in)
            } else if let Some(first) = ticket.get_untracked() {
                // Whatever comes of it, the first code is spent.
                ticket.set(None);
                api::sign_in_with_second_code(first, code).await.map(signed_in)
            } else {
                api::sign_in(name, code).await
            };
            match outcome {
                Ok(SignInStep::SignedIn(info)) => arrived(*info, recovery),
                Ok(SignInStep::NeedSecondCode { ticket: given }) => ticket.set(Some(given)),
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    let busy = check.pending();
    view! {
        <Title text=heading(move || t_string!(i18n, auth.sign_in_title).to_owned()) />
        <section class="card sign-in">
            <h1>{move || match ticket.with(Option::is_some) {
                true => t_string!(i18n, auth.second_title),
                false => t_string!(i18n, auth.sign_in_title),
            }}</h1>
            <When when=move || asks_name() && ticket.with(Option::is_none)>
                <label class="field">
                    <span>{tr!(i18n, auth.name)}</span>
                    <input type="text" name="username" autocomplete="username" autocapitalize="none" spellcheck="false"
                        maxlength="64" prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event)) />
                </label>
            </When>
            <When
                when=move || by_recovery.get()
                fallback=move || view! {
                    <When when=move || ticket.with(Option::is_some)>
                        <p class="notice" role="status">{tr!(i18n, auth.second_text)}</p>
                    </When>
                    <CodeField busy=busy on_code=Callback::new(move |code| { check.dispatch_local(code); }) />
                    <Countdown />
                }
            >
                <p class="hint">{tr!(i18n, auth.recovery_hint)}</p>
                <RecoveryField busy=busy label=Signal::derive(move || t_string!(i18n, auth.submit)) on_code=Callback::new(move |code| { check.dispatch_local(code); }) />
            </When>
            <ProblemNotice problem=problem />
            <button type="button" class="button button-quiet" on:click=move |_| {
                problem.set(None);
                ticket.set(None);
                by_recovery.update(|on| *on = !*on);
            }>
                {move || if by_recovery.get() { t_string!(i18n, auth.use_code) } else { t_string!(i18n, auth.use_recovery) }}
            </button>
            <p class="hint">{tr!(i18n, auth.lost)}</p>
        </section>
    }
}

fn signed_in(info: SessionInfo) -> SignInStep {
    SignInStep::SignedIn(Box::new(info))
}

/// One field of six digits: takes paste and autofill, sends itself at the sixth.
#[component]
pub fn CodeField(
    /// Whether a code is being checked.
    #[prop(into)]
    busy: Signal<bool>,
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
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
            // Typed before the page was ready.
            send();
        }
    });
    view! {
        // Before hydration a form of this method does nothing: a code must not get into an address.
        <form class="code-form" method="dialog" on:submit=move |event: ev::SubmitEvent| { event.prevent_default(); send(); }>
            <label class="field">
                <span>{tr!(i18n, auth.code)}</span>
                <input class="code-input" type="text" inputmode="numeric" autocomplete="one-time-code" name="code"
                    maxlength="10" required node_ref=field readonly=move || busy.get()
                    aria-describedby="code-hint" on:input=move |_| send() />
            </label>
            <p class="hint" id="code-hint">
                {move || if busy.get() { t_string!(i18n, auth.working) } else { t_string!(i18n, auth.code_hint) }}
            </p>
        </form>
    }
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

/// How long the app still shows the present code.
#[component]
fn Countdown() -> impl IntoView {
    let i18n = use_i18n();
    let left = RwSignal::new(None::<u32>);
    Effect::new(move |_| {
        let Some(platform) = platform() else { return };
        let tick = move || {
            let seconds = (platform.now_millis)() / 1000;
            let _ = left.try_set(Some(30 - u32::try_from(seconds % 30).unwrap_or_default()));
        };
        tick();
        if let Ok(timer) = set_interval_with_handle(tick, std::time::Duration::from_secs(1)) {
            on_cleanup(move || timer.clear());
        }
    });
    view! {
        <p class="countdown" aria-hidden="true">
            {move || left.get().map(|seconds| t_string!(i18n, auth.code_countdown, seconds = seconds.to_string()).to_string())}
        </p>
    }
}
