//! The wizard: name, scan, confirm, recovery codes. One thing on each step.

use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use model::{
    Problem,
    types::{EnrolmentKind, EnrolmentLinkInfo, EnrolmentOffer, RecoveryCode},
};

use super::sign_in::{CodeField, RecoveryField};
use crate::{
    api,
    components::{Glyph, Icon, ProblemNotice, When},
    i18n::{t_string, use_i18n},
    platform::platform,
    session::use_session,
    text::{heading, tr},
    toasts::use_toasts,
    types::Username,
};

/// `/enrol/{token}`
#[component]
pub fn EnrolPage() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token").unwrap_or_default());
    let link = api::page_resource(token, api::enrolment_link);
    view! {
        <Suspense fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match link.await {
                    Ok(info) => view! { <Wizard token=untrack(token) info=info /> }.into_any(),
                    Err(error) => view! {
                        <Title text=heading(move || t_string!(i18n, auth.link_bad_title).to_owned()) />
                        <section class="card">
                            <h1>{tr!(i18n, auth.link_bad_title)}</h1>
                            <ProblemNotice problem=Signal::stored(Some(error.0)) />
                        </section>
                    }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// How far the wizard is. Each step carries what the next ones need.
#[derive(Clone)]
enum Step {
    Name,
    Scan(EnrolmentOffer),
    Confirm(EnrolmentOffer),
    Codes { offer: EnrolmentOffer, codes: Vec<RecoveryCode> },
}

impl Step {
    const fn number(&self) -> usize {
        match self {
            Self::Name => 1,
            Self::Scan(_) => 2,
            Self::Confirm(_) => 3,
            Self::Codes { .. } => 4,
        }
    }
}

#[component]
fn Wizard(token: String, info: EnrolmentLinkInfo) -> impl IntoView {
    let i18n = use_i18n();
    let step = RwSignal::new(Step::Name);
    let kind = info.kind;
    let title = move || {
        let title = match kind {
            EnrolmentKind::Setup => t_string!(i18n, auth.enrol_title_setup),
            EnrolmentKind::Account => t_string!(i18n, auth.enrol_title),
            EnrolmentKind::Reset => t_string!(i18n, auth.enrol_title_reset),
        };
        title.to_owned()
    };
    let number = Memo::new(move |_| step.with(Step::number));
    view! {
        <Title text=heading(title) />
        <section class="card wizard">
            <p class="wizard-title">{title}</p>
            <ol class="steps" aria-label=tr!(i18n, auth.step, number = number.get().to_string())>
                {[1, 2, 3, 4].map(|place| view! {
                    <li class:done=move || { number.get() > place } aria-current=move || (number.get() == place).then_some("step")>
                        {move || match place {
                            1 => t_string!(i18n, auth.step_name),
                            2 => t_string!(i18n, auth.step_scan),
                            3 => t_string!(i18n, auth.step_confirm),
                            _ => t_string!(i18n, auth.step_codes),
                        }}
                    </li>
                })}
            </ol>
            {move || match step.get() {
                Step::Name => view! { <NameStep token=token.clone() info=info.clone() step=step /> }.into_any(),
                Step::Scan(offer) => view! { <ScanStep offer=offer step=step /> }.into_any(),
                Step::Confirm(offer) => view! { <ConfirmStep offer=offer step=step /> }.into_any(),
                Step::Codes { offer, codes } => view! { <CodesStep offer=offer codes=codes /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NameStep(token: String, info: EnrolmentLinkInfo, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let preset = info.name.is_some();
    let is_reset = info.kind == EnrolmentKind::Reset;
    let name = RwSignal::new(info.name.map(|name| name.to_string()).unwrap_or_default());
    let email = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<Problem>);
    let begin = Action::new(move |(): &()| {
        let (token, name, email) = (token.clone(), name.get_untracked(), email.get_untracked());
        async move {
            problem.set(None);
            if name.parse::<Username>().is_err() {
                problem.set(Some(Problem::NameInvalid));
                return;
            }
            match api::begin_enrolment(token, name, email).await {
                Ok(offer) => step.set(Step::Scan(offer)),
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    view! {
        <form method="dialog" on:submit=move |event: ev::SubmitEvent| { event.prevent_default(); begin.dispatch(()); }>
            <h1>{move || match is_reset {
                true => t_string!(i18n, auth.reset_title),
                false => t_string!(i18n, auth.name_title),
            }}</h1>
            <p>{move || match is_reset {
                true => t_string!(i18n, auth.reset_text),
                false => t_string!(i18n, auth.name_text),
            }}</p>
            <label class="field">
                <span>{tr!(i18n, auth.name)}</span>
                <input type="text" name="username" autocomplete="username" autocapitalize="none" spellcheck="false" required
                    maxlength="64" readonly=preset aria-describedby=(!preset).then_some("name-rule") prop:value=move || name.get() value=name.get_untracked()
                    on:input=move |event| name.set(event_target_value(&event)) />
            </label>
            <When when=move || !preset>
                <p class="hint" id="name-rule">{tr!(i18n, auth.name_rule)}</p>
            </When>
            <When when=move || !is_reset>
                <label class="field">
                    <span>{tr!(i18n, auth.email)} " " <small>"(" {tr!(i18n, auth.optional)} ")"</small></span>
                    <input type="email" name="email" autocomplete="email" maxlength="254" aria-describedby="email-hint"
                        prop:value=move || email.get() on:input=move |event| email.set(event_target_value(&event)) />
                </label>
                <p class="hint" id="email-hint">{tr!(i18n, auth.email_hint)}</p>
            </When>
            <ProblemNotice problem=problem />
            <button type="submit" class="button button-primary" disabled=move || begin.pending().get()>{tr!(i18n, common.next)}</button>
        </form>
    }
}

#[component]
fn ScanStep(offer: EnrolmentOffer, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let groups = offer.secret_groups.join(" ");
    let secret = StoredValue::new(offer.secret_groups.concat());
    let copied = RwSignal::new(false);
    let url = offer.otpauth_url.clone();
    let svg = offer.qr_svg.clone();
    view! {
        <h1>{tr!(i18n, auth.scan_title)}</h1>
        <p>{tr!(i18n, auth.scan_text)}</p>
        <div class="qr" role="img" aria-label=tr!(i18n, auth.scan_alt) inner_html=svg></div>
        <p><a class="button" href=url rel="external">{tr!(i18n, auth.open_app)}</a></p>
        <p class="hint">{tr!(i18n, auth.type_instead)}</p>
        <p class="secret"><code>{groups}</code>
            <button type="button" class="button button-quiet" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.copy_text)(secret.get_value(), Callback::new(move |ok| copied.set(ok)));
                }
            }>
                {move || if copied.get() { t_string!(i18n, common.copied) } else { t_string!(i18n, auth.copy_secret) }}
            </button>
        </p>
        <p class="hint">{tr!(i18n, auth.expires_note)}</p>
        <button type="button" class="button button-primary" on:click=move |_| step.set(Step::Confirm(offer.clone()))>
            {tr!(i18n, auth.scanned)}
        </button>
    }
}

#[component]
fn ConfirmStep(offer: EnrolmentOffer, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let back = offer.clone();
    let confirm = Action::new(move |code: &String| {
        let (offer, code) = (offer.clone(), code.clone());
        async move {
            problem.set(None);
            match api::confirm_enrolment(offer.ticket.clone(), code).await {
                Ok(confirmed) => step.set(Step::Codes { offer, codes: confirmed.codes.codes }),
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    view! {
        <h1>{tr!(i18n, auth.confirm_title)}</h1>
        <p>{tr!(i18n, auth.confirm_text)}</p>
        <CodeField busy=confirm.pending() on_code=Callback::new(move |code| { confirm.dispatch(code); }) />
        <ProblemNotice problem=problem />
        <button type="button" class="button button-quiet" on:click=move |_| step.set(Step::Scan(back.clone()))>
            {tr!(i18n, common.back)}
        </button>
    }
}

#[component]
fn CodesStep(offer: EnrolmentOffer, codes: Vec<RecoveryCode>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let stored = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let lines: Vec<String> = codes.iter().map(RecoveryCode::reveal).collect();
    let text = StoredValue::new(lines.join("\n"));
    let name = StoredValue::new(offer.name.to_string());
    let ticket = StoredValue::new(offer.ticket);
    let copied = RwSignal::new(false);
    let sheet = move || {
        let head =
            t_string!(i18n, auth.codes_file_head, name = name.get_value(), site = session.origins().site);
        format!("{head}\n\n{}\n", text.get_value())
    };
    let finish = Action::new_local(move |code: &String| {
        let (code, navigate) = (code.clone(), navigate.clone());
        async move {
            problem.set(None);
            match api::finish_enrolment(ticket.get_value(), code).await {
                Ok(info) => {
                    session.set(info);
                    toasts.tell(t_string!(i18n, auth.signed_in, name = name.get_value()).to_string());
                    navigate("/upload", NavigateOptions::default());
                }
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    view! {
        <h1>{tr!(i18n, auth.codes_title)}</h1>
        <p>{tr!(i18n, auth.codes_text)}</p>
        <ol class="codes">{lines.into_iter().map(|line| view! { <li><code>{line}</code></li> }).collect_view()}</ol>
        <div class="row">
            <button type="button" class="button" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.copy_text)(text.get_value(), Callback::new(move |ok| copied.set(ok)));
                }
            }>
                <Icon glyph=Glyph::Copy />
                <span>{move || if copied.get() { t_string!(i18n, common.copied) } else { t_string!(i18n, auth.copy_codes) }}</span>
            </button>
            <button type="button" class="button" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.save_text)("reflect-recovery-codes.txt".to_owned(), untrack(sheet));
                }
            }>{tr!(i18n, auth.download_codes)}</button>
            <button type="button" class="button" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.print)();
                }
            }>{tr!(i18n, auth.print_codes)}</button>
        </div>
        <label class="check">
            <input type="checkbox" prop:checked=move || stored.get() on:change=move |event| stored.set(event_target_checked(&event)) />
            <span>{tr!(i18n, auth.stored)}</span>
        </label>
        <When when=move || stored.get()>
            <h2>{tr!(i18n, auth.type_back)}</h2>
            <p class="hint">{tr!(i18n, auth.type_back_hint)}</p>
            <RecoveryField busy=finish.pending() label=Signal::derive(move || t_string!(i18n, auth.finish)) on_code=Callback::new(move |code| { finish.dispatch_local(code); }) />
        </When>
        <ProblemNotice problem=problem />
    }
}
