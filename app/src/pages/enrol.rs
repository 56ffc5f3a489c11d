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

use super::{
    asking::Asking,
    sign_in::{CodeField, use_typed},
    wizard::{CodesStep, ConfirmStep, ScanStep, SheetContents},
};
use crate::{
    api,
    components::{AccountProblemNotice, MailedProblemNotice, When},
    i18n::{t_string, tu_string, use_i18n},
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
    // What was typed stays when somebody goes back.
    let name = RwSignal::new(info.name.as_ref().map(ToString::to_string).unwrap_or_default());
    let email = RwSignal::new(String::new());
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
                Step::Name => view! { <NameStep token=token.clone() info=info.clone() name=name email=email step=step /> }.into_any(),
                Step::Email { name, email, ticket } => view! {
                    <EmailStep token=token.clone() name=name email=email ticket=ticket step=step />
                }.into_any(),
                Step::Scan(offer) => view! {
                    <ScanStep secret=offer.secret.clone() on_scanned=Callback::new(move |()| step.set(Step::Confirm(offer.clone()))) />
                }.into_any(),
                Step::Confirm(offer) => view! { <Confirming offer=offer step=step /> }.into_any(),
                Step::Codes { offer, codes } => view! { <Finishing offer=offer codes=codes step=step /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn NameStep(
    token: String,
    info: EnrolmentLinkInfo,
    name: RwSignal<String>,
    email: RwSignal<String>,
    step: RwSignal<Step>,
) -> impl IntoView {
    let i18n = use_i18n();
    let preset = info.name.is_some();
    let is_reset = info.kind == EnrolmentKind::Reset;
    let email_required = info.email_required;
    let (name_field, email_field) = (use_typed(name, || None), use_typed(email, || None));
    let problem = RwSignal::new(None::<Problem>);
    let asking = Asking::new();
    let begin = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let (name, email) = (name.get_untracked(), email.get_untracked());
        problem.set(None);
        if name.parse::<Username>().is_err() {
            problem.set(Some(Problem::NameInvalid));
            return;
        }
        let asked = api::begin_enrolment(token.clone(), name.clone(), email.clone());
        asking.run(asked, move |outcome| match outcome {
            Ok(Begun::Offer(offer)) => step.set(Step::Scan(*offer)),
            Ok(Begun::ProveEmail { ticket }) => step.set(Step::Email { name, email, ticket }),
            Err(error) => problem.set(Some(error.0)),
        });
    };
    view! {
        <form method="dialog" on:submit=begin>
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
                    maxlength="64" readonly=preset aria-describedby=(!preset).then_some("name-rule") node_ref=name_field value=name.get_untracked()
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
                        node_ref=email_field value=email.get_untracked() on:input=move |event| email.set(event_target_value(&event)) />
                </label>
                <p class="hint" id="email-hint">{tr!(i18n, auth.email_hint)}</p>
            </When>
            <AccountProblemNotice problem=problem />
            <button type="submit" class="button button-primary" disabled=move || asking.busy().get()>{tr!(i18n, common.next)}</button>
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
    let asking = Asking::new();
    let prove = Callback::new(move |code: String| {
        problem.set(None);
        let asked = api::prove_enrolment_email(token.clone(), name.clone(), ticket.clone(), code);
        asking.run(asked, move |outcome| match outcome {
            Ok(Begun::Offer(offer)) => step.set(Step::Scan(*offer)),
            Ok(Begun::ProveEmail { .. }) => {}
            Err(error) => problem.set(Some(error.0)),
        });
    });
    view! {
        <div class="code-form">
            <h1>{tr!(i18n, auth.prove_title)}</h1>
            <p>{tr!(i18n, auth.prove_text, email = address.clone())}</p>
            <CodeField mailed=true busy=asking.busy() on_code=prove />
            <MailedProblemNotice problem=problem />
            <button type="button" class="button button-quiet" on:click=move |_| step.set(Step::Name)>{tr!(i18n, common.back)}</button>
        </div>
    }
}

#[component]
fn Confirming(offer: EnrolmentOffer, step: RwSignal<Step>) -> impl IntoView {
    let (back, ticket) = (offer.clone(), offer.ticket.clone());
    let confirmed =
        move |RecoveryCodesOffer { codes, .. }| step.set(Step::Codes { offer: offer.clone(), codes });
    view! {
        <ConfirmStep
            check=move |code| api::confirm_enrolment(ticket.clone(), code)
            on_checked=Callback::new(confirmed)
            on_back=Callback::new(move |()| step.set(Step::Scan(back.clone())))
            on_anew=Callback::new(move |()| step.set(Step::Name))
        />
    }
}

#[component]
fn Finishing(offer: EnrolmentOffer, codes: Vec<RecoveryCode>, step: RwSignal<Step>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let EnrolmentOffer { ticket, name, secret, .. } = offer;
    let account = name.to_string();
    let finished = move |info| {
        session.set(info);
        toasts.tell(tu_string!(i18n, auth.signed_in, name = account.clone()).to_string());
        navigate("/upload", NavigateOptions::default());
    };
    view! {
        <CodesStep
            sheet=SheetContents { account: name, secret: Some(secret), codes }
            check=move |code| api::finish_enrolment(ticket.clone(), code)
            on_checked=Callback::new(finished)
            on_anew=Callback::new(move |()| step.set(Step::Name))
        />
    }
}
