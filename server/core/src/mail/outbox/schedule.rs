//! When a mail is tried again, and when it is given up: pure functions.

use model::types::MailKind;
use time::{Duration, OffsetDateTime};

/// After the first failure.
const FIRST: Duration = Duration::seconds(10);
/// Between two tries, at most.
const LONGEST: Duration = Duration::hours(4);

/// How long a mail is tried, at most. A code or a link is worth nothing once it has lapsed.
pub(super) const fn patience(kind: MailKind) -> Duration {
    match kind {
        // Whoever tries the settings waits for the answer.
        MailKind::Test => Duration::ZERO,
        MailKind::VerifyCode | MailKind::SignInCode => Duration::minutes(10),
        MailKind::ResetLink => Duration::minutes(30),
        MailKind::ResetByAdmin => Duration::DAY,
        MailKind::Invite
        | MailKind::Welcome
        | MailKind::AuthenticatorChanged
        | MailKind::ResetDone
        | MailKind::NewDevice
        | MailKind::RecoveryCodeUsed
        | MailKind::RotationDue
        | MailKind::StepUp
        | MailKind::DeviceTrusted
        | MailKind::DeviceReused
        | MailKind::RecoveryCodesChanged
        | MailKind::EmailChanged
        | MailKind::IdentityChanged
        | MailKind::TokenCreated
        | MailKind::AccountDeleted
        | MailKind::LogDamaged
        | MailKind::FailureBurst
        | MailKind::Webhook => Duration::days(2),
    }
}

/// Whether what the mail holds lapses, so that nobody sends it later and its text isn't kept.
pub(super) const fn lapses(kind: MailKind) -> bool {
    matches!(
        kind,
        MailKind::VerifyCode
            | MailKind::SignInCode
            | MailKind::ResetLink
            | MailKind::ResetByAdmin
            | MailKind::Invite
    )
}

/// The pause after `tries` failures: twice as long each time, up to four hours. `jitter` takes away
/// up to half of it, so that mails that failed together don't come together again.
pub(super) fn pause(tries: u32, jitter: u16) -> Duration {
    let doublings = tries.saturating_sub(1).min(16);
    let full = (FIRST * (1_u32 << doublings)).min(LONGEST);
    full - full / 2 * (f64::from(jitter) / f64::from(u16::MAX))
}

/// When to try again after `tries` failures, the last of them at `now`; `None` to give up.
pub(super) fn next_try(
    tries: u32,
    jitter: u16,
    now: OffsetDateTime,
    gives_up_at: OffsetDateTime,
) -> Option<OffsetDateTime> {
    Some(now + pause(tries, jitter)).filter(|next| *next <= gives_up_at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const START: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    #[test]
    fn pauses_double_up_to_four_hours() {
        let seconds = |tries| pause(tries, 0).whole_seconds();
        assert_eq!([1, 2, 3, 4].map(seconds), [10, 20, 40, 80]);
        assert_eq!([11, 12, 100, u32::MAX].map(seconds), [10_240, 14_400, 14_400, 14_400]);
        assert_eq!(pause(1, u16::MAX), Duration::seconds(5));
    }

    #[test]
    fn a_test_is_tried_once_and_a_code_not_beyond_its_life() {
        assert_eq!(next_try(1, u16::MAX, START, START + patience(MailKind::Test)), None);
        let lapsed = START + patience(MailKind::VerifyCode);
        assert_eq!(next_try(1, 0, lapsed - Duration::seconds(10), lapsed), Some(lapsed));
        assert_eq!(next_try(1, 0, lapsed - Duration::seconds(9), lapsed), None);
    }

    proptest! {
        #[test]
        fn a_pause_is_between_half_and_all_of_its_length(tries in 1_u32.., jitter: u16) {
            let full = pause(tries, 0);
            let pause = pause(tries, jitter);
            prop_assert!(full / 2 <= pause && pause <= full);
            prop_assert!(FIRST / 2 <= pause && pause <= LONGEST);
        }

        #[test]
        fn every_mail_is_given_up_in_time_after_a_bounded_number_of_tries(
            kind in prop::sample::select(MailKind::ALL.to_vec()),
            jitters in prop::collection::vec(any::<u16>(), 64),
        ) {
            let gives_up_at = START + patience(kind);
            let mut now = START;
            let mut tries = 0_u32;
            for jitter in jitters {
                tries += 1;
                match next_try(tries, jitter, now, gives_up_at) {
                    Some(next) => {
                        prop_assert!(next > now && next <= gives_up_at);
                        now = next;
                    }
                    None => break,
                }
            }
            prop_assert!(tries < 64, "still trying");
            // The last pause that didn't fit is no longer than the longest one.
            prop_assert!(gives_up_at - now < LONGEST);
        }
    }
}
