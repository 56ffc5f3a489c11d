//! English.

mod notice;

use time::{OffsetDateTime, UtcOffset, macros::format_description};

use super::{AUTHENTICATORS, Labels, Texts};
use crate::mail::{
    Mail,
    letter::{Draft, Frame},
};

pub(super) static TEXTS: Texts =
    Texts { draft, footer, colon: ": ", link_hint: "Or copy this address into your browser:" };

const LABELS: Labels = Labels { when: "When", address: "IP address", device: "Device" };

/// What a way back ends.
const ENDS: &str = "Until you have finished, nothing changes. Then your old authenticators and recovery codes end, and with \
    them everywhere you are signed in, trusted devices, API tokens and a linked provider.";

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
        Mail::SignInCode { name, code, occasion } => Draft {
            title: "Your code to sign in".into(),
            paragraphs: vec![format!(
                "Type this code where {instance} asks for it, to sign in to the account {name}. It is good for 10 \
                 minutes and works once."
            )],
            code: Some(code.clone()),
            facts: LABELS.facts(occasion, moment),
            advice: vec![format!(
                "If that wasn’t you, somebody else has a code of your authenticator: sign in, end the other \
                 sessions and set your authenticator up anew. Tell the code to nobody; no one from {instance} \
                 will ever ask you for it."
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
                ENDS.into(),
            ],
            facts: LABELS.facts(occasion, moment),
            action: Some(("Set up anew".into(), link.clone())),
            advice: vec![
                "If this wasn’t you, do nothing: without the link nobody gets in. Don’t forward this mail.".into(),
            ],
            ..Draft::default()
        },
        Mail::ResetByAdmin { name, link } => Draft {
            title: "Your way back in".into(),
            paragraphs: vec![
                format!(
                    "An administrator of {instance} made a way back into the account {name} for you. This link lets \
                     you set up a new authenticator. It is good for 24 hours and works once."
                ),
                ENDS.into(),
            ],
            action: Some(("Set up anew".into(), link.clone())),
            advice: vec![
                "If you didn’t ask for it, ask them. Whoever has the link can take the account: don’t forward this mail."
                    .into(),
            ],
            ..Draft::default()
        },
        Mail::Invite { link, until } => Draft {
            title: format!("You are invited to {instance}"),
            paragraphs: vec![
                format!("Somebody who runs {instance} at {} invites you to keep your pictures there.", frame.host),
                format!(
                    "You need a name and an authenticator app on your phone; there is no password. The link works \
                     once, until {}.",
                    moment(*until)
                ),
            ],
            action: Some(("Make your account".into(), link.clone())),
            advice: vec!["If you don’t know what this is about, do nothing: no account is made.".into()],
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
        Mail::Notice { name, notice, occasion } => notice::draft(notice, name, occasion, frame),
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
            action: Some(("Renew it".into(), frame.page(AUTHENTICATORS))),
            advice: vec!["Nothing has happened to your account; this is a reminder.".into()],
            ..Draft::default()
        },
        Mail::FailureBurst { failures, addresses, since, until } => Draft {
            title: "Many sign-ins are failing".into(),
            paragraphs: vec![
                format!("{} failed, from {addresses} IP {}.", count(*failures, "sign-in"), if *addresses == 1 { "address" } else { "addresses" }),
                "The limits hold: every account now asks devices that it doesn’t know for two codes in a row, which is \
                 beyond guessing, and nobody is locked out."
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
        Mail::LogDamaged { at } => Draft {
            title: "The audit log was changed".into(),
            paragraphs: vec![
                "The end of the audit log wasn’t as it had been left: somebody, or a restored backup, has changed it in \
                 the database. The log says so from now on, and goes on."
                    .into(),
                "Run “reflect verify” on the server to see from which entry on the log can’t be relied on.".into(),
            ],
            facts: vec![("Noticed", moment(*at))],
            action: home,
            advice: vec![format!(
                "You get this because you administer {instance}. If nobody restored a backup, somebody else can write \
                 to the database: change its passwords, and look at who may reach it."
            )],
            ..Draft::default()
        },
    }
}
