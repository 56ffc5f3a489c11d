//! The flows against a real database.

mod authenticators;
mod by_mail;
mod challenges;
mod devices;
mod email;
mod enrolling;
mod invites;
mod keys;
mod limits;
mod lock_order;
mod mailed_codes;
mod offers;
mod places;
mod recovery_codes;
mod sessions;
mod signing_in;
mod tokens;

use std::{net::IpAddr, sync::Arc};

use model::types::{Begun, EmailAddress, EnrolmentOffer, RecoveryCode, TotpCode, UserId, Username};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::{
    AuthError,
    enrolment::{self, GivenEmail},
    session::{self, Lifetime, StoredSession},
    sign_in::{self, Outcome},
    token,
    totp::{STEP, TotpSecret},
    user,
};
use crate::{Clock, Core, ManualClock, audit::By, keys::Sealed, testing};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn at(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    (testing::core_at(pool, Arc::clone(&clock)), clock)
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

/// What an authenticator app with this base32 secret shows.
fn code(secret: &str, clock: &ManualClock) -> TotpCode {
    code_after(secret, clock, 0)
}

fn code_after(secret: &str, clock: &ManualClock, steps: i64) -> TotpCode {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
    let seconds = u64::try_from(clock.now().unix_timestamp() + steps * STEP).unwrap();
    totp.generate(seconds).to_string().parse().unwrap()
}

fn other(code: TotpCode) -> TotpCode {
    let number: u32 = code.digits().parse().unwrap();
    format!("{:06}", (number + 500_000) % 1_000_000).parse().unwrap()
}

/// Begins with an address that needs no proof, or none.
async fn begin(
    core: &Core,
    link: &str,
    name: Username,
    email: Option<EmailAddress>,
) -> Result<EnrolmentOffer, AuthError> {
    let email = email.map_or(GivenEmail::None, GivenEmail::Typed);
    match enrolment::begin(core, &HOME.into(), link, Some(name), email).await? {
        Begun::Offer(offer) => Ok(*offer),
        Begun::ProveEmail { .. } => panic!("an address is to be proved"),
    }
}

/// Wrong codes from one address each, until the account asks for two.
async fn attack(core: &Core, who: &str, wrong: TotpCode) {
    for host in 0..5 {
        let from = IpAddr::from([198, 51, 100, host]);
        let outcome = sign_in::with_code(core, &from.into(), Some(&name(who)), wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)) || host > 0, "{outcome:?}");
    }
}

/// The ticket of a sign-in that goes on with a second code.
#[track_caller]
fn asked_for_two(outcome: Result<Outcome, AuthError>) -> String {
    match outcome {
        Ok(Outcome::NeedSecondCode(ticket)) => ticket,
        other => panic!("{other:?}"),
    }
}

async fn enrolled(core: &Core, text: &str) -> enrolment::EnrolledNow {
    enrolment::enrol_now(core, name(text), None, false).await.unwrap()
}
