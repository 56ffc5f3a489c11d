//! Signing in: a name where one is needed, and six digits. A trusted device needs neither.

mod fields;
mod known;
mod onward;
mod provider;
mod reset;
mod second;
mod sign_up;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_location, use_navigate},
};
use model::{
    Problem,
    types::{ChallengeAnswer, ChallengePurpose, FEW_RECOVERY_CODES, SessionInfo},
};

pub(super) use self::provider::{use_provider, use_provider_outcome};
pub use self::{
    fields::{CodeField, RecoveryField, use_typed},
    onward::Onward,
};
use self::{
    fields::{NameField, TrustBox},
    known::{Moved, Trusted},
    provider::{ProviderLink, ProviderNotice},
    reset::ResetPage,
    second::{CodeStep, OtherSecond, Refusal, Second},
    sign_up::SignUpPage,
};
use crate::{
    ApiError, api,
    components::{ChallengeField, When, account_problem_text},
    i18n::{t_string, tu_string, use_i18n},
    pages::{asking::Asking, use_query},
    platform::platform,
    session::use_session,
    text::{heading, tr},
    toasts::use_toasts,
    types::{KnownVisitor, SignInStep},
};

/// Where this device keeps the name that signed in last.
const LAST_NAME: &str = "name";

/// How long a code that was typed is surely still taken.
const FRESH_MILLIS: u64 = 30_000;

/// How one signs in.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Code,
    RecoveryCode,
}

/// What came of a code.
enum Came {
    /// They are signed in: where they are led, and why their device isn't trusted if it should be.
    In(Box<SessionInfo>, Option<Onward>, Option<ApiError>),
    /// Something else comes next.
    To(SignInStep),
}

/// `/sign-in`, `/sign-up` and `/reset`
#[component]
pub fn WayInPage() -> impl IntoView {
    match untrack(|| use_location().pathname.get()).as_str() {
        "/sign-up" => view! { <SignUpPage /> }.into_any(),
        "/reset" => view! { <ResetPage /> }.into_any(),
        _ => view! { <SignInPage /> }.into_any(),
    }
}

#[component]
fn SignInPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let to_start = navigate.clone();
    let way = RwSignal::new(Way::Code);
    let name = RwSignal::new(String::new());
    let trust = RwSignal::new(false);
    let second = RwSignal::new(None::<Second>);
    let problem = RwSignal::new(None::<Problem>);
    let waiting = RwSignal::new(None::<Waiting>);
    let solved = RwSignal::new(None::<ChallengeAnswer>);
    // Who was here before, until somebody says that they are another.
    let another = RwSignal::new(false);
    let known =
        Signal::derive(move || session.info().and_then(|info| info.sign_in.known).filter(|_| !another.get()));
    let trusted = Signal::derive(move || known.get().filter(|known| known.trusted));
    let moved = Signal::derive(move || known.get().filter(|known| !known.trusted));
    let asks_name = Signal::derive(move || {
        known.with(Option::is_none) && session.info().is_none_or(|info| info.sign_in.asks_name)
    });
    let typed_name = move || match known.get_untracked() {
        Some(KnownVisitor { name, .. }) => name.to_string(),
        None if asks_name.get_untracked() => name.get_untracked(),
        None => String::new(),
    };
    let (platform, query) = (platform(), use_query());
    let arrived = Callback::new(move |(info, onward): (SessionInfo, Option<Onward>)| {
        if let Some(me) = &info.me {
            if let Some(platform) = platform {
                (platform.remember)(LAST_NAME, me.name.as_str());
            }
            let left = me.recovery_codes_left;
            toasts.tell(if onward == Some(Onward::Recovered) {
                t_string!(i18n, auth.recovery_used, left = left.to_string()).to_string()
            } else {
                t_string!(i18n, auth.signed_in, name = me.name.to_string()).to_string()
            });
            if left < FEW_RECOVERY_CODES {
                toasts.tell(tu_string!(i18n, auth.recovery_few));
            }
        }
        session.set(info);
        let wanted = query.with_untracked(|query| query.get("to"));
        navigate(&Onward::address(onward, wanted), NavigateOptions::default());
    });
    let asking = Asking::new();
    let check = Callback::new(move |code: String| {
        let (name, way, challenge) = (typed_name(), way.get_untracked(), solved.get_untracked());
        let (next, trusts) = (second.get_untracked(), trust.get_untracked());
        problem.set(None);
        if asks_name.get_untracked() && next.is_none() && name.trim().is_empty() {
            problem.set(Some(Problem::NameInvalid));
            return;
        }
        if matches!(next, Some(Second::Code { .. })) {
            // Whatever comes of it, the first code is spent.
            second.set(None);
        }
        let (typed, nameless) = (code.clone(), name.is_empty());
        let asked = async move {
            let step = match (way, next) {
                (Way::RecoveryCode, _) => api::sign_in_with_recovery_code(name, code, challenge).await?,
                (Way::Code, None) => api::sign_in(name, code, challenge).await?,
                (Way::Code, Some(Second::Code { ticket, .. })) => {
                    signed_in(api::sign_in_with_second_code(ticket, code).await?)
                }
                (Way::Code, Some(Second::MailedCode { ticket })) => {
                    signed_in(api::sign_in_with_mailed_code(ticket, code).await?)
                }
            };
            let SignInStep::SignedIn { session: info } = step else { return Ok(Came::To(step)) };
            let untrusted = if trusts { api::trust_device().await.err() } else { None };
            Ok(Came::In(info, Onward::find(way == Way::RecoveryCode).await, untrusted))
        };
        let to_start = to_start.clone();
        asking.run(asked, move |outcome: Result<Came, ApiError>| {
            solved.set(None);
            match outcome {
                Ok(Came::In(info, onward, untrusted)) => {
                    if let Some(error) = untrusted {
                        toasts.fail(account_problem_text(i18n, &error.0));
                    }
                    arrived.run((*info, onward));
                }
                Ok(Came::To(SignInStep::NeedSecondCode { ticket, by_mail })) => {
                    second.set(Some(Second::Code { ticket, by_mail }));
                }
                Ok(Came::To(SignInStep::NeedChallenge)) => waiting.set(Some(Waiting::new(typed))),
                Ok(Came::To(SignInStep::NeedEnrolment)) => {
                    // The first page says how an instance is set up.
                    session.refresh();
                    to_start("/", NavigateOptions::default());
                }
                Ok(Came::To(SignInStep::NeedCode | SignInStep::SignedIn { .. })) => {}
                Err(error) => {
                    if error.0 == Problem::SignInExpired {
                        second.set(None);
                    }
                    if nameless {
                        // There may be a second account by now: then no code is right without a name.
                        session.refresh();
                    }
                    problem.set(Some(error.0));
                }
            }
        });
    });
    let busy = Signal::derive(move || asking.busy().get() || waiting.with(Option::is_some));
    // Once the challenge is solved it goes on by itself, unless the code is too old by now: then the next one
    // is asked for.
    Effect::new(move |_| {
        if solved.with(Option::is_none) {
            return;
        }
        if let Some(Waiting { code, since }) = waiting.get_untracked() {
            if way.get_untracked() == Way::RecoveryCode || now_millis().saturating_sub(since) < FRESH_MILLIS {
                check.run(code);
            }
            waiting.set(None);
        }
    });
    let title = move || match (trusted.with(Option::is_some), second.get()) {
        (true, _) => t_string!(i18n, auth.known_title),
        (false, Some(Second::Code { .. })) => t_string!(i18n, auth.second_title),
        (false, Some(Second::MailedCode { .. })) => t_string!(i18n, auth.reset_sent_title),
        (false, None) => t_string!(i18n, auth.sign_in_title),
    };
    view! {
        <Title text=heading(move || t_string!(i18n, auth.sign_in_title).to_owned()) />
        <section class="card sign-in">
            <h1>{title}</h1>
            <ProviderNotice />
            <When when=move || session.info().is_some_and(|info| info.sign_in.copied)>
                <p class="notice notice-error" role="alert">{tr!(i18n, auth.copied)}</p>
            </When>
            <When
                when=move || trusted.with(Option::is_some)
                fallback=move || view! {
                    <When when=move || moved.with(Option::is_some)>
                        <Moved known=moved another=another />
                    </When>
                    <When when=move || asks_name.get() && second.with(Option::is_none)>
                        <NameField name=name problem=problem />
                    </When>
                    <When
                        when=move || way.get() == Way::RecoveryCode
                        fallback=move || view! {
                            <CodeStep second=second busy=busy on_code=check />
                        }
                    >
                        <p class="hint">{tr!(i18n, auth.recovery_hint)}</p>
                        <RecoveryField busy=busy label=Signal::derive(move || t_string!(i18n, auth.submit)) on_code=check />
                    </When>
                    <When when=move || waiting.with(Option::is_some)>
                        <ChallengeField purpose=ChallengePurpose::SignIn answer=solved focus=true />
                    </When>
                    <When when=move || solved.with(Option::is_some) && !busy.get()>
                        <p class="notice" role="status">{tr!(i18n, challenge.next_code)}</p>
                    </When>
                    <Refusal second=second problem=problem named=asks_name />
                    <TrustBox trust=trust />
                    <OtherSecond second=second problem=problem />
                    <ProviderLink />
                    <button type="button" class="button button-quiet" on:click=move |_| {
                        problem.set(None);
                        second.set(None);
                        waiting.set(None);
                        way.update(|way| *way = if *way == Way::Code { Way::RecoveryCode } else { Way::Code });
                    }>
                        {move || match way.get() {
                            Way::RecoveryCode => t_string!(i18n, auth.use_code),
                            Way::Code => t_string!(i18n, auth.use_recovery),
                        }}
                    </button>
                    <OtherWays />
                }
            >
                <Trusted known=trusted another=another on_arrival=arrived />
            </When>
        </section>
    }
}

/// A code whose try waits for a challenge.
#[derive(Clone)]
struct Waiting {
    code: String,
    /// When it was typed.
    since: u64,
}

impl Waiting {
    fn new(code: String) -> Self {
        Self { code, since: now_millis() }
    }
}

fn now_millis() -> u64 {
    platform().map(|platform| (platform.now_millis)()).unwrap_or_default()
}

fn signed_in(info: SessionInfo) -> SignInStep {
    SignInStep::SignedIn { session: Box::new(info) }
}

/// For whoever can't sign in.
#[component]
fn OtherWays() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let form = move || session.info().map(|info| info.sign_in);
    view! {
        <When
            when=move || form().is_some_and(|form| form.reset_by_mail)
            fallback=move || view! { <p class="hint">{tr!(i18n, auth.lost)}</p> }
        >
            <p class="hint"><A href="/reset">{tr!(i18n, auth.reset_link)}</A></p>
        </When>
        <When when=move || form().is_some_and(|form| form.sign_up)>
            <p><A href="/sign-up">{tr!(i18n, auth.sign_up_link)}</A></p>
        </When>
    }
}
