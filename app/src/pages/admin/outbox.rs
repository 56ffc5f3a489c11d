//! Mail on its way, and what became of it.

use leptos::{html, prelude::*};
use leptos_i18n::I18nContext;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::types::{MailKind, MailState, OutboxEntry, OutboxView};

use super::{OUTBOX, loaded::loaded};
use crate::{
    api,
    components::{When, account_problem_text},
    dates,
    i18n::{Locale, t_string, use_i18n},
    pages::{settings::doing::Doing, use_query},
    text::{Text, text, tr},
    toasts::use_toasts,
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
            {loaded(found, again, move |view: OutboxView| {
                view! { <Contents view=view state=state again=again /> }.into_any()
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
        MailKind::LogDamaged => tr!(i18n, admin.mail_log_damaged),
        MailKind::FailureBurst => tr!(i18n, admin.mail_failure_burst),
        MailKind::Webhook => tr!(i18n, admin.mail_webhook),
    }
}

#[component]
fn Contents(view: OutboxView, state: Memo<Option<MailState>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let doing = Doing::with(again);
    let choice = NodeRef::<html::Select>::new();
    let entries = RwSignal::new(view.page.items);
    let cursor = RwSignal::new(view.page.next_cursor);
    let (counts, can_mail) = (view.counts, view.can_mail);
    let count = move |state: MailState| match state {
        MailState::Queued => counts.queued,
        MailState::Sending => counts.sending,
        MailState::Sent => counts.sent,
        MailState::Failed => counts.failed,
    };
    let choose = move |_| {
        let name = choice.get_untracked().map(|choice| choice.value()).unwrap_or_default();
        let address = if name.is_empty() { OUTBOX.to_owned() } else { format!("{OUTBOX}?state={name}") };
        navigate(&address, NavigateOptions::default());
    };
    let more = Action::new(move |from: &String| {
        let from = from.clone();
        async move {
            match api::admin_outbox(state.get_untracked(), Some(from)).await {
                Ok(view) => {
                    entries.update(|entries| entries.extend(view.page.items));
                    cursor.set(view.page.next_cursor);
                }
                Err(error) => toasts.fail(untrack(|| account_problem_text(i18n, &error.0))),
            }
        }
    });
    view! {
        <When when=move || !can_mail><p class="notice">{tr!(i18n, admin.no_mail_server)}</p></When>
        <label class="field">
            <span>{tr!(i18n, admin.state)}</span>
            <select node_ref=choice on:change=choose>
                <option value="">{tr!(i18n, admin.any_state)}</option>
                {MailState::ALL.map(|one| view! {
                    <option value=one.as_str() selected=move || state.get() == Some(one)>
                        {tr!(i18n, admin.state_count, state = state_name(i18n, one), count = count(one).to_string())}
                    </option>
                }).collect_view()}
            </select>
        </label>
        <When
            when=move || entries.with(|entries| !entries.is_empty())
            fallback=move || view! { <p>{tr!(i18n, admin.no_mails)}</p> }
        >
            <ul class="things">
                <For each=move || entries.get() key=|entry| entry.id let:entry><EntryRow entry=entry doing=doing /></For>
            </ul>
        </When>
        <When when=move || cursor.with(Option::is_some)>
            <button type="button" class="button" disabled=move || more.pending().get()
                on:click=move |_| { if let Some(from) = cursor.get_untracked() { more.dispatch(from); } }>
                {tr!(i18n, images.load_more)}
            </button>
        </When>
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
                <button type="button" class="button" on:click=retry>{tr!(i18n, admin.retry)}</button>
            })}
        </li>
    }
}
