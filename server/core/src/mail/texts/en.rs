//! English.

use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{Labels, Texts};
use crate::mail::{
    AuthenticatorChange, Mail,
    letter::{Draft, Frame},
};

pub(super) static TEXTS: Texts =
    Texts { draft, footer, colon: ": ", link_hint: "Or copy this address into your browser:" };

const LABELS: Labels = Labels { when: "When", address: "IP address", device: "Device" };

fn footer(frame: &Frame<'_>) -> String {
    format!(
        "{} at {} sent this because your address belongs to an account or was given there.",
        frame.instance, frame.host
    )
}

/// `21 November 2026, 09:05 UTC`.
fn moment(at: OffsetDateTime) -> String {
    let format = format_description!("[day padding:none] [month repr:long] [year], [hour]:[minute] UTC");
    at.to_offset(UtcOffset::UTC).format(format).unwrap_or_default()
}

/// `1 code`, `2 codes`.
fn count(number: u32, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Somebody else is in the account.
fn not_you(name: &impl std::fmt::Display, frame: &Frame<'_>) -> String {
    format!(
        "If this wasn’t you, somebody else can sign in as {name}. Sign in, remove the authenticators and devices you \
         don’t know, and make new recovery codes. If you can’t get in, ask whoever runs {} to reset your account.",
        frame.instance
    )
}

fn draft(mail: &Mail, frame: &Frame<'_>) -> Draft {
    let instance = frame.instance;
    let home = Some((format!("Open {instance}"), frame.home.clone()));
    match mail {
        Mail::Test => Draft {
            title: "Mail works".into(),
            paragraphs: vec![format!(
                "{instance} sent this to try its mail settings. It took the same way as every other mail."
            )],
            action: home,
            ..Draft::default()
        },
        Mail::VerifyCode { code, occasion } => Draft {
            title: "Your code".into(),
            paragraphs: vec![format!(
                "Type this code where {instance} asks for it. It is good for 10 minutes and works once."
            )],
            code: Some(code.clone()),
            facts: LABELS.facts(occasion, moment),
            advice: vec![format!(
                "If you didn’t ask for it, somebody has probably mistyped their address: do nothing. \
                 Tell the code to nobody; no one from {instance} will ever ask you for it."
            )],
            ..Draft::default()
        },
        Mail::ResetLink { name, link, occasion } => Draft {
            title: "Your way back in".into(),
            paragraphs: vec![
                format!(
                    "Somebody, hopefully you, asked for a way back into the account {name}. This link lets you set \
                     up a new authenticator. It is good for 30 minutes and works once."
                ),
                "Until you have finished, nothing changes. Then your old authenticators and recovery codes stop \
                 working, and everywhere you are signed in ends."
                    .into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: Some(("Set up anew".into(), link.clone())),
            advice: vec![
                "If this wasn’t you, do nothing: without the link nobody gets in. Don’t forward this mail.".into(),
            ],
            ..Draft::default()
        },
        Mail::Welcome { name } => Draft {
            title: format!("Welcome to {instance}"),
            paragraphs: vec![
                format!(
                    "The account {name} is set up. You sign in with that name and six digits from your authenticator \
                     app; there is no password."
                ),
                "Keep your recovery codes where you find them without your phone: each lets you in once.".into(),
            ],
            action: home,
            advice: vec![format!(
                "If you didn’t make this account, somebody gave your address for theirs. Tell whoever runs {instance}."
            )],
            ..Draft::default()
        },
        Mail::AuthenticatorChanged { name, authenticator, change, occasion } => {
            let (title, what) = match change {
                AuthenticatorChange::Added => (
                    "An authenticator was added",
                    format!("The authenticator “{authenticator}” can now sign in to the account {name}."),
                ),
                AuthenticatorChange::Removed => (
                    "An authenticator was removed",
                    format!("The authenticator “{authenticator}” can no longer sign in to the account {name}."),
                ),
                AuthenticatorChange::Rotated => (
                    "An authenticator has a new secret",
                    format!(
                        "The authenticator “{authenticator}” of the account {name} has a new secret. Codes made with \
                         the old one no longer work."
                    ),
                ),
            };
            Draft {
                title: title.into(),
                paragraphs: vec![what],
                facts: LABELS.facts(occasion, moment),
                action: home,
                advice: vec![not_you(name, frame)],
                ..Draft::default()
            }
        }
        Mail::ResetDone { name, occasion } => Draft {
            title: "Your account was set up anew".into(),
            paragraphs: vec![format!(
                "The account {name} has a new authenticator and new recovery codes. The old ones no longer work, and \
                 everywhere it was signed in has ended."
            )],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec![format!(
                "If this wasn’t you, somebody else had the link, and may be reading your mail. Secure your mailbox \
                 first, then ask whoever runs {instance} to reset your account."
            )],
            ..Draft::default()
        },
        Mail::NewDevice { name, occasion } => Draft {
            title: "A new device signed in".into(),
            paragraphs: vec![format!("A device that was never seen before signed in to the account {name}.")],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec![not_you(name, frame)],
            ..Draft::default()
        },
        Mail::RecoveryCodeUsed { name, left, occasion } => Draft {
            title: "A recovery code was used".into(),
            paragraphs: vec![
                format!("Somebody signed in to the account {name} with one of its recovery codes."),
                match left {
                    0 => "That was the last one. Make new codes now, while you are signed in.".into(),
                    1 | 2 => format!("Only {} left: make new ones soon.", count(*left, "code")),
                    _ => format!("{} are left.", count(*left, "code")),
                },
            ],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec![
                "If you used it because your phone is gone, set up an authenticator on the new one.".into(),
                not_you(name, frame),
            ],
            ..Draft::default()
        },
        Mail::RotationDue { name, authenticator, since, overdue } => Draft {
            title: "Time for a new authenticator secret".into(),
            paragraphs: vec![
                format!(
                    "The authenticator “{authenticator}” of the account {name} has had the same secret since {}.",
                    moment(*since)
                ),
                if *overdue {
                    "That is longer than it should: renew it at your next sign-in. It takes a minute.".into()
                } else {
                    "A fresh one shuts out whoever may have copied it. It takes a minute.".into()
                },
            ],
            action: home,
            advice: vec!["Nothing has happened to your account; this is a reminder.".into()],
            ..Draft::default()
        },
        Mail::StepUp { name, failures, occasion } => Draft {
            title: "Somebody is guessing at your account".into(),
            paragraphs: vec![
                format!(
                    "{} were tried for the account {name}, and none of them was right. From now on a device that isn’t \
                     known must give two codes in a row, which is beyond guessing.",
                    count(*failures, "wrong code")
                ),
                "You need not do anything: your account is safe, and you are not locked out. On a new device you wait \
                 for one more code."
                    .into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: home,
            advice: vec!["If it was you, check that the time on your phone is right.".into()],
            ..Draft::default()
        },
        Mail::FailureBurst { failures, addresses, since, until } => Draft {
            title: "Many sign-ins are failing".into(),
            paragraphs: vec![
                format!("{} failed, from {addresses} IP {}.", count(*failures, "sign-in"), if *addresses == 1 { "address" } else { "addresses" }),
                "The limits hold: accounts that are guessed at ask unknown devices for two codes in a row, and nobody \
                 is locked out."
                    .into(),
            ],
            facts: vec![("First", moment(*since)), ("Last", moment(*until))],
            action: home,
            advice: vec![format!(
                "You get this because you administer {instance}. If it lasts, block the networks it comes from in \
                 front of the server."
            )],
            ..Draft::default()
        },
    }
}
