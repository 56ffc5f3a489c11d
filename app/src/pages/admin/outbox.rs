//! Mail on its way, and what became of it.

use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::types::{MailKind, MailState, OutboxCounts, OutboxEntry, Page};

use super::OUTBOX;
use crate::{
    api,
    components::When,
    dates,
    i18n::{Locale, t_string, use_i18n},
    pages::{
        loaded::{Place, loaded},
        paged::{Paged, more_button},
        settings::doing::Doing,
        use_query,
    },
    text::{Text, text, tr},
};

/// `/admin/mail`, narrowed by its query.
#[component]
pub(super) fn OutboxSection() -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query();
    let state = Memo::new(move |_| query.with(|query| query.get("state").and_then(|name| name.parse().ok())));
    let version = RwSignal::new(0_u32);
    let found =
        api::page_resource(move || (state.get(), version.get()), |(state, _)| api::admin_outbox(state, None));
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.outbox)}</h1>
            <p class="hint">{tr!(i18n, admin.outbox_text)}</p>
            {loaded(found, again, Place::Card, move |outbox| {
                let counts = Memo::new(move |_| outbox.with(|outbox| outbox.counts));
                let can_mail = move || outbox.with(|outbox| outbox.can_mail);
                let page = Memo::new(move |_| outbox.get().page);
                let entries = move || view! { <Entries page=page.get() state=state again=again /> };
                view! {
                    <When when=move || !can_mail()><p class="notice">{tr!(i18n, admin.no_mail_server)}</p></When>
                    <StateForm state=state counts=counts />
                    {entries}
                }.into_any()
            })}
        </section>
    }
}

fn state_name(i18n: I18nContext<Locale>, state: MailState) -> &'static str {
    match state {
        MailState::Queued => t_string!(i18n, admin.state_queued),
        MailState::Sending => t_string!(i18n, admin.state_sending),
        MailState::Sent => t_string!(i18n, admin.state_sent),
        MailState::Failed => t_string!(i18n, admin.state_failed),
    }
}

fn kind_name(i18n: I18nContext<Locale>, kind: MailKind) -> Text {
    match kind {
        MailKind::Test => tr!(i18n, admin.mail_test),
        MailKind::VerifyCode => tr!(i18n, admin.mail_verify_code),
        MailKind::SignInCode => tr!(i18n, admin.mail_sign_in_code),
        MailKind::ResetLink => tr!(i18n, admin.mail_reset_link),
        MailKind::ResetByAdmin => tr!(i18n, admin.mail_reset_by_admin),
        MailKind::Invite => tr!(i18n, admin.mail_invite),
        MailKind::Welcome => tr!(i18n, admin.mail_welcome),
        MailKind::AuthenticatorChanged => tr!(i18n, admin.mail_authenticator_changed),
        MailKind::ResetDone => tr!(i18n, admin.mail_reset_done),
        MailKind::NewDevice => tr!(i18n, admin.mail_new_device),
        MailKind::RecoveryCodeUsed => tr!(i18n, admin.mail_recovery_code_used),
        MailKind::RotationDue => tr!(i18n, admin.mail_rotation_due),
        MailKind::StepUp => tr!(i18n, admin.mail_step_up),
        MailKind::DeviceTrusted => tr!(i18n, admin.mail_device_trusted),
        MailKind::DeviceReused => tr!(i18n, admin.mail_device_reused),
        MailKind::RecoveryCodesChanged => tr!(i18n, admin.mail_recovery_codes_changed),
        MailKind::EmailChanged => tr!(i18n, admin.mail_email_changed),
        MailKind::IdentityChanged => tr!(i18n, admin.mail_identity_changed),
        MailKind::TokenCreated => tr!(i18n, admin.mail_token_created),
        MailKind::AccountDeleted => tr!(i18n, admin.mail_account_deleted),
        MailKind::LogDamaged => tr!(i18n, admin.mail_log_damaged),
        MailKind::FailureBurst => tr!(i18n, admin.mail_failure_burst),
        MailKind::Webhook => tr!(i18n, admin.mail_webhook),
    }
}

/// A plain form: it works before the program has loaded.
#[component]
fn StateForm(state: Memo<Option<MailState>>, counts: Memo<OutboxCounts>) -> impl IntoView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    let choice = NodeRef::<html::Select>::new();
    let show = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let name = choice.get_untracked().map(|choice| choice.value()).unwrap_or_default();
        let address = if name.is_empty() { OUTBOX.to_owned() } else { format!("{OUTBOX}?state={name}") };
        navigate(&address, NavigateOptions::default());
    };
    let count = move |state: MailState| {
        counts.with(|counts| match state {
            MailState::Queued => counts.queued,
            MailState::Sending => counts.sending,
            MailState::Sent => counts.sent,
            MailState::Failed => counts.failed,
        })
    };
    view! {
        <form class="row filters" method="GET" action=OUTBOX on:submit=show>
            <label class="field">
                <span>{tr!(i18n, admin.state)}</span>
                <select name="state" node_ref=choice>
                    <option value="">{tr!(i18n, admin.any_state)}</option>
                    {MailState::ALL.map(|one| view! {
                        <option value=one.as_str() selected=move || state.get() == Some(one)>
                            {tr!(i18n, admin.state_count, state = state_name(i18n, one), count = count(one).to_string())}
                        </option>
                    }).collect_view()}
                </select>
            </label>
            <button type="submit" class="button">{tr!(i18n, audit.show)}</button>
        </form>
    }
}

#[component]
fn Entries(page: Page<OutboxEntry>, state: Memo<Option<MailState>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let paged = Paged::new(page);
    view! {
        <When
            when=move || !paged.is_empty()
            fallback=move || view! { <p>{tr!(i18n, admin.no_mails)}</p> }
        >
            <ul class="things">
                <For each=move || paged.entries.get() key=|entry| entry.id let:entry><EntryRow entry=entry doing=doing /></For>
            </ul>
        </When>
        {more_button(paged, move |from| async move {
            Ok(api::admin_outbox(state.get_untracked(), Some(from)).await?.page)
        })}
    }
}

#[component]
fn EntryRow(entry: OutboxEntry, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let (id, state) = (entry.id, entry.state);
    let class = if state == MailState::Failed { "badge badge-error" } else { "badge" };
    let times = [
        Some(tr!(i18n, admin.written, moment = dates::moment(i18n.get_locale(), &entry.created_at))),
        entry.next_at.map(|at| tr!(i18n, admin.next_try, moment = dates::moment(i18n.get_locale(), &at))),
        entry.finished_at.map(|at| tr!(i18n, admin.finished, moment = dates::moment(i18n.get_locale(), &at))),
        Some(tr!(i18n, admin.tries, count = entry.tries.to_string())),
    ];
    let retry = move |_| {
        doing.tell(move || api::admin_retry_mail(id), move || t_string!(i18n, admin.retried).to_owned());
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>{kind_name(i18n, entry.kind)} <span class=class>{text(move || state_name(i18n, state).to_owned())}</span></strong>
                <span>{entry.to}</span>
                {times.into_iter().flatten().map(|time| view! { <span class="hint">{time}</span> }).collect_view()}
                {entry.last_error.map(|reason| view! { <code class="hint">{reason}</code> })}
            </div>
            {entry.can_retry.then(|| view! {
                <button type="button" class="button" aria-disabled=doing.aria_busy() on:click=retry>{tr!(i18n, admin.retry)}</button>
            })}
        </li>
    }
}
