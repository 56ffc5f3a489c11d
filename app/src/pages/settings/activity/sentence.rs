//! An entry in words.

use leptos_i18n::I18nContext;
use model::types::{Action, ActorKind, AuditEntry, AuditOutcome, Proof, Setting};

use crate::{
    i18n::{Locale, t_string},
    pages::admin::{setting_name, setting_value},
};

/// What happened.
pub(super) fn sentence(i18n: I18nContext<Locale>, entry: &AuditEntry) -> String {
    let details = &entry.details;
    let word = |text: &Option<String>| text.clone().unwrap_or_default();
    let (name, before, after) = (word(&details.name), word(&details.before), word(&details.after));
    let count = details.count.unwrap_or_default().to_string();
    macro_rules! say {
        ($key:ident $(, $value:ident)*) => { t_string!(i18n, audit.$key $(, $value = $value)*).to_string() };
    }
    match entry.action {
        Action::SignedIn => match details.by {
            Some(Proof::Code) => say!(signed_in_code),
            Some(Proof::TwoCodes) => say!(signed_in_two_codes),
            Some(Proof::MailedCode) => say!(signed_in_mailed_code),
            Some(Proof::RecoveryCode) => say!(signed_in_recovery),
            Some(Proof::Device) => say!(signed_in_device),
            Some(Proof::Enrolment) => say!(signed_in_enrolment),
            Some(Proof::Identity) => say!(signed_in_identity),
            None => say!(signed_in),
        },
        Action::SignInFailed if details.used_before => say!(failed_used),
        Action::SignInFailed => match details.by {
            Some(Proof::Code) => say!(failed_code),
            Some(Proof::TwoCodes) => say!(failed_two_codes),
            Some(Proof::MailedCode) => say!(failed_mailed_code),
            Some(Proof::RecoveryCode) => say!(failed_recovery),
            Some(Proof::Device | Proof::Enrolment | Proof::Identity) | None => say!(failed),
        },
        Action::SteppedUp => say!(stepped_up),
        Action::SiteSteppedUp => say!(site_stepped_up),
        Action::SignedOut => say!(signed_out),
        Action::CodeConfirmed if entry.outcome == AuditOutcome::Success => say!(confirmed),
        Action::CodeConfirmed => say!(not_confirmed),
        Action::SessionEnded if details.count.is_some() => say!(sessions_ended, count),
        Action::SessionEnded => say!(session_ended, name),
        Action::DeviceTrusted => say!(device_trusted, name),
        Action::DeviceRenamed => say!(device_renamed, before, after),
        Action::DeviceRevoked => say!(device_revoked, name),
        Action::DeviceReused => say!(device_reused, name),
        Action::Enrolled => say!(enrolled),
        Action::AuthenticatorAdded => say!(authenticator_added, name),
        Action::AuthenticatorRenamed => say!(authenticator_renamed, before, after),
        Action::AuthenticatorRemoved => say!(authenticator_removed, name),
        Action::AuthenticatorRotated => say!(authenticator_rotated, name),
        Action::RecoveryCodesRegenerated => say!(codes_regenerated),
        Action::RecoveryCodeUsed => say!(code_used, count),
        Action::ResetRequested => say!(reset_requested),
        Action::ResetLinkMade => say!(reset_link_made),
        Action::ResetLinkRevoked => say!(reset_link_revoked),
        Action::ResetDone => say!(reset_done),
        Action::IdentityLinked => say!(identity_linked, name),
        Action::IdentityUnlinked => say!(identity_unlinked, name),
        Action::AccountCreated => say!(account_created),
        Action::AccountDeleted => say!(account_deleted),
        Action::EmailChanged => say!(email_changed),
        Action::TokenCreated => say!(token_created, name),
        Action::TokenRevoked => say!(token_revoked, name),
        Action::AlbumShared => say!(album_shared, name),
        Action::AlbumUnshared => say!(album_unshared, name),
        Action::ProfileShown => say!(profile_shown),
        Action::ProfileHidden => say!(profile_hidden),
        Action::GuestLinkMade => say!(guest_link_made, name),
        Action::GuestLinkEnded => say!(guest_link_ended, name),
        Action::AlbumDeleted => say!(album_deleted, name),
        Action::ImagesBinned => say!(images_binned, count),
        Action::ImagesRestored => say!(images_restored, count),
        Action::ImagesDeleted => say!(images_deleted, count),
        Action::AccountExported => say!(account_exported, count),
        Action::PictureChanged => say!(picture_changed, name),
        Action::VersionDeleted => say!(version_deleted, name),
        Action::InviteMade if name.is_empty() => say!(invite_made_unnamed),
        Action::InviteMade => say!(invite_made, name),
        Action::InviteRevoked if name.is_empty() => say!(invite_revoked_unnamed),
        Action::InviteRevoked => say!(invite_revoked, name),
        Action::UserSuspended => say!(user_suspended),
        Action::UserReinstated => say!(user_reinstated),
        Action::QuotaChanged => say!(quota_changed, before, after),
        Action::RoleChanged => {
            let (before, after) = (role(i18n, before), role(i18n, after));
            say!(role_changed, before, after)
        }
        Action::SettingChanged => {
            let Some(setting) = Setting::ALL.into_iter().find(|setting| setting.as_str() == name) else {
                return say!(setting_changed, name, before, after);
            };
            let name = setting_name(i18n, setting);
            let (before, after) =
                (setting_value(i18n, setting, &before), setting_value(i18n, setting, &after));
            say!(setting_changed, name, before, after)
        }
        Action::KeysRotated => say!(keys_rotated),
        Action::MailRetried => say!(mail_retried, name),
        Action::LogDamaged => say!(log_damaged),
        Action::Unknown => say!(unknown),
    }
}

/// What the log calls `administrator` or `member`.
fn role(i18n: I18nContext<Locale>, name: String) -> String {
    match name.as_str() {
        "administrator" => t_string!(i18n, admin.role_admin).to_owned(),
        "member" => t_string!(i18n, admin.role_member).to_owned(),
        _ => name,
    }
}

/// Who acted, unless it is whom one would think, and by which token.
pub(super) fn actor(i18n: I18nContext<Locale>, entry: &AuditEntry) -> Option<String> {
    let name = entry.actor_name.clone().unwrap_or_default();
    let who = match entry.actor {
        ActorKind::User | ActorKind::Visitor => None,
        ActorKind::Administrator => Some(t_string!(i18n, audit.by_administrator, name = name).to_string()),
        ActorKind::CommandLine => Some(t_string!(i18n, audit.by_command_line).to_owned()),
        ActorKind::System => Some(t_string!(i18n, audit.by_system).to_owned()),
    };
    let with = entry.details.token.clone();
    let with = with.map(|name| t_string!(i18n, audit.with_token, name = name).to_string());
    match (who, with) {
        (Some(who), Some(with)) => Some(format!("{who} · {with}")),
        (who, with) => who.or(with),
    }
}
