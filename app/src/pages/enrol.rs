//! The wizard: name, scan, confirm, recovery codes. One thing on each step.

use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use model::{
    Problem,
    types::{Begun, EnrolmentKind, EnrolmentLinkInfo, EnrolmentOffer, RecoveryCode, RecoveryCodesOffer},
};

use super::sign_in::CodeField;
use super::wizard::{CodesStep, ConfirmStep, ScanStep, SheetContents};
use crate::{
    api,
    components::{AccountProblemNotice, When},
    i18n::{t_string, use_i18n},
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
                            <AccountProblemNotice problem=Signal::stored(Some(error.0)) />
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
    Email { name: String, email: String, ticket: String },
    Scan(EnrolmentOffer),
    Confirm(EnrolmentOffer),
    Codes { offer: EnrolmentOffer, codes: Vec<RecoveryCode> },
}

impl Step {
    const fn number(&self) -> usize {
        match self {
            Self::Name | Self::Email { .. } => 1,
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
                Step::Email { name, email, ticket } => view! {
                    <EmailStep token=token.clone() name=name email=email ticket=ticket step=step />
                }.into_any(),
                Step::Scan(offer) => view! {
                    <ScanStep secret=offer.secret.clone() on_scanned=Callback::new(move |()| step.set(Step::Confirm(offer.clone()))) />
                }.into_any(),
                Step::Confirm(offer) => view! { <Confirming offer=offer step=step /> }.into_any(),
                Step::Codes { offer, codes } => view! { <Finishing offer=offer codes=codes /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NameStep(token: String, info: EnrolmentLinkInfo, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let preset = info.name.is_some();
    let is_reset = info.kind == EnrolmentKind::Reset;
    let email_required = info.email_required;
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
            match api::begin_enrolment(token, name.clone(), email.clone()).await {
                Ok(Begun::Offer(offer)) => step.set(Step::Scan(*offer)),
                Ok(Begun::ProveEmail { ticket }) => step.set(Step::Email { name, email, ticket }),
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
                    <span>
                        {tr!(i18n, auth.email)}
                        {(!email_required).then(|| view! { " " <small>"(" {tr!(i18n, auth.optional)} ")"</small> })}
                    </span>
                    <input type="email" name="email" autocomplete="email" maxlength="254" required=email_required aria-describedby="email-hint"
                        prop:value=move || email.get() on:input=move |event| email.set(event_target_value(&event)) />
                </label>
                <p class="hint" id="email-hint">{tr!(i18n, auth.email_hint)}</p>
            </When>
            <AccountProblemNotice problem=problem />
            <button type="submit" class="button button-primary" disabled=move || begin.pending().get()>{tr!(i18n, common.next)}</button>
        </form>
    }
}

/// The address is theirs if they can read what is mailed there.
#[component]
fn EmailStep(
    token: String,
    name: String,
    email: String,
    ticket: String,
    step: RwSignal<Step>,
) -> impl IntoView {
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let address = email.clone();
    let prove = Action::new_local(move |code: &String| {
        let (token, name, ticket, code) = (token.clone(), name.clone(), ticket.clone(), code.clone());
        async move {
            problem.set(None);
            match api::prove_enrolment_email(token, name, ticket, code).await {
                Ok(Begun::Offer(offer)) => step.set(Step::Scan(*offer)),
                Ok(Begun::ProveEmail { .. }) => {}
                Err(error) => problem.set(Some(error.0)),
            }
        }
    });
    view! {
        <div class="code-form">
            <h1>{tr!(i18n, auth.prove_title)}</h1>
            <p>{tr!(i18n, auth.prove_text, email = address.clone())}</p>
            <CodeField mailed=true busy=prove.pending() on_code=Callback::new(move |code| { prove.dispatch_local(code); }) />
            <AccountProblemNotice problem=problem />
            <button type="button" class="button button-quiet" on:click=move |_| step.set(Step::Name)>{tr!(i18n, common.back)}</button>
        </div>
    }
}

#[component]
fn Confirming(offer: EnrolmentOffer, step: RwSignal<Step>) -> impl IntoView {
    let back = offer.clone();
    let check = move |code: String| {
        let offer = offer.clone();
        async move {
            let RecoveryCodesOffer { codes, .. } = api::confirm_enrolment(offer.ticket.clone(), code).await?;
            step.set(Step::Codes { offer, codes });
            Ok(())
        }
    };
    view! { <ConfirmStep check=check on_back=Callback::new(move |()| step.set(Step::Scan(back.clone()))) /> }
}

#[component]
fn Finishing(offer: EnrolmentOffer, codes: Vec<RecoveryCode>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let EnrolmentOffer { ticket, name, secret, .. } = offer;
    let (ticket, account) = (StoredValue::new(ticket), StoredValue::new(name.to_string()));
    let check = move |code: String| {
        let navigate = navigate.clone();
        async move {
            session.set(api::finish_enrolment(ticket.get_value(), code).await?);
            toasts.tell(t_string!(i18n, auth.signed_in, name = account.get_value()).to_string());
            navigate("/upload", NavigateOptions::default());
            Ok(())
        }
    };
    view! { <CodesStep sheet=SheetContents { account: name, secret: Some(secret), codes } check=check /> }
}
