//! What an owner is told, in English.

use model::types::Username;

use super::{LABELS, count, moment};
use crate::mail::{
    Notice, Occasion,
    letter::{Draft, Frame},
};

/// What somebody does who finds another one in their account.
fn not_you(name: &Username, frame: &Frame<'_>) -> String {
    format!(
        "If this wasn’t you, somebody else can sign in as {name}. Sign in, remove the authenticators, devices and \
         API tokens you don’t know, and make new recovery codes. If you can’t get in, ask whoever runs {} to reset your account.",
        frame.instance
    )
}

pub(super) fn draft(notice: &Notice, name: &Username, occasion: &Occasion, frame: &Frame<'_>) -> Draft {
    let (title, paragraphs) = says(notice, name);
    Draft {
        title: title.into(),
        paragraphs,
        facts: LABELS.facts(occasion, moment),
        action: Some((button(notice).into(), frame.page(notice.page()))),
        advice: advice(notice, name, frame),
        ..Draft::default()
    }
}

fn says(notice: &Notice, name: &Username) -> (&'static str, Vec<String>) {
    match notice {
        Notice::NewDevice => (
            "A new device signed in",
            vec![format!(
                "Somebody signed in to the account {name} with a device, or in a network, that it hasn’t seen in the \
                 last 90 days."
            )],
        ),
        Notice::DeviceTrusted(device) => (
            "A device is trusted now",
            vec![format!("The device “{device}” signs in to the account {name} without a code for 90 days.")],
        ),
        Notice::DeviceReused(device) => (
            "A trusted device was copied",
            vec![
                format!(
                    "What the device “{device}” keeps to sign in to the account {name} without a code was used a second \
                     time. Each use replaces it, so there are two who have it: you, and somebody who copied it. A \
                     browser whose files were restored from a backup looks the same."
                ),
                "The device is trusted no more, and whatever was opened with it has ended, for both.".into(),
            ],
        ),
        Notice::AuthenticatorAdded(authenticator) => (
            "An authenticator was added",
            vec![format!("The authenticator “{authenticator}” can now sign in to the account {name}.")],
        ),
        Notice::AuthenticatorRemoved(authenticator) => (
            "An authenticator was removed",
            vec![format!("The authenticator “{authenticator}” can no longer sign in to the account {name}.")],
        ),
        Notice::AuthenticatorRotated(authenticator) => (
            "An authenticator has a new secret",
            vec![format!(
                "The authenticator “{authenticator}” of the account {name} has a new secret. Codes made with the old one \
                 no longer work."
            )],
        ),
        Notice::RecoveryCodeUsed { left } => (
            "A recovery code was used",
            vec![
                format!("Somebody used one of the recovery codes of the account {name}."),
                match left {
                    0 => "That was the last one. Make new codes now, while you are signed in.".into(),
                    1 | 2 => format!("Only {} left: make new ones soon.", count(*left, "code")),
                    _ => format!("{} are left.", count(*left, "code")),
                },
            ],
        ),
        Notice::RecoveryCodesChanged => (
            "There are new recovery codes",
            vec![format!("The account {name} has ten new recovery codes. The old ones no longer work.")],
        ),
        Notice::ResetDone => (
            "Your account was set up anew",
            vec![format!(
                "The account {name} has a new authenticator and new recovery codes. The old ones no longer work, nor do \
                 its API tokens, and everywhere it was signed in has ended."
            )],
        ),
        Notice::EmailChanged { goes_here: true } => (
            "Your mail comes here now",
            vec![format!("Mail about the account {name} goes to this address from now on.")],
        ),
        Notice::EmailChanged { goes_here: false } => (
            "Your mail goes elsewhere now",
            vec![format!(
                "Mail about the account {name} goes to another address from now on. This is the last one that is sent \
                 to this address."
            )],
        ),
        Notice::IdentityLinked(identity) => (
            "Another way to sign in was linked",
            vec![format!("“{identity}” at another provider can now sign in to the account {name}.")],
        ),
        Notice::IdentityUnlinked(identity) => (
            "A way to sign in was unlinked",
            vec![format!("“{identity}” at another provider can no longer sign in to the account {name}.")],
        ),
        Notice::TokenCreated(token) => (
            "An API token was made",
            vec![format!(
                "Whoever has the API token “{token}” can now use the account {name} from a program, without a code. \
                 What it may do, and until when, is on the page below."
            )],
        ),
        Notice::AccountDeleted => (
            "Your account was deleted",
            vec![format!(
                "The account {name} is deleted, with its images and everything else that was its own. This can’t be \
                 undone, and it is the last mail about it."
            )],
        ),
        Notice::SteppedUp { failures } => (
            "Somebody is guessing at your account",
            vec![
                format!(
                    "{} tried for the account {name}. From now on a device that isn’t known must give two codes in a \
                     row, which is beyond guessing.",
                    if *failures == 1 { "A wrong code was".into() } else { format!("{failures} wrong codes were") }
                ),
                "You need not do anything: your account is safe, and you are not locked out. On a new device you wait \
                 for one more code."
                    .into(),
            ],
        ),
    }
}

const fn button(notice: &Notice) -> &'static str {
    match notice {
        Notice::NewDevice | Notice::ResetDone | Notice::SteppedUp { .. } => "See what happened",
        Notice::DeviceTrusted(_) | Notice::DeviceReused(_) => "See your devices",
        Notice::AuthenticatorAdded(_) | Notice::AuthenticatorRemoved(_) | Notice::AuthenticatorRotated(_) => {
            "See your authenticators"
        }
        Notice::RecoveryCodeUsed { .. } | Notice::RecoveryCodesChanged => "See your recovery codes",
        Notice::TokenCreated(_) => "See your API tokens",
        Notice::AccountDeleted => "Go to the site",
        Notice::EmailChanged { .. } | Notice::IdentityLinked(_) | Notice::IdentityUnlinked(_) => {
            "See your account"
        }
    }
}

fn advice(notice: &Notice, name: &Username, frame: &Frame<'_>) -> Vec<String> {
    match notice {
        Notice::SteppedUp { .. } => {
            vec!["If it was you, check that the time on your phone is right.".into()]
        }
        Notice::AccountDeleted => vec![format!(
            "If this wasn’t you, somebody else could sign in as {name}: tell whoever runs {}.",
            frame.instance
        )],
        Notice::ResetDone => vec![format!(
            "If this wasn’t you, somebody else had the link, and may be reading your mail. Secure your mailbox first, \
             then ask whoever runs {} to reset your account.",
            frame.instance
        )],
        Notice::DeviceReused(_) => vec![
            "See in your activity whether you know every address. If you don’t, somebody has had hold of that device \
             or its files: look for what shouldn’t be on it before you trust it again."
                .into(),
            not_you(name, frame),
        ],
        Notice::RecoveryCodeUsed { .. } => vec![
            "If you used it because your phone is gone, set up an authenticator on the new one.".into(),
            not_you(name, frame),
        ],
        _ => vec![not_you(name, frame)],
    }
}
