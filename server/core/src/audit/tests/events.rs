//! What is recorded of signing in, and of what is changed.

mod changes;

use std::sync::Arc;

use model::types::{
    ActorKind, AuditOutcome, AuthenticatorOffer, Begun, ImageId, Proof, RecoveryCode, Scope, TotpCode,
};
use time::{Duration, macros::datetime};

use super::*;
use crate::{
    Clock as _, ManualClock,
    auth::{
        AuthError, UserAgent, authenticator,
        device::{self, Resumed},
        enrolment::{self, EnrolledNow, GivenEmail},
        recovery,
        session::{self, Lifetime, SIGNED_IN, SignedIn},
        sign_in::{self, Outcome},
        step_up,
        totp::STEP,
    },
    images::library::{self, tests::restore},
};

/// What an authenticator app with this base32 secret shows.
fn code_of(secret: &str, clock: &ManualClock) -> TotpCode {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
    totp.generate(clock.now().unix_timestamp().try_into().unwrap()).to_string().parse().unwrap()
}

/// Ada with an authenticator, at home.
struct Home {
    core: Core,
    clock: Arc<ManualClock>,
    client: Client,
    ada: EnrolledNow,
}

impl Home {
    async fn new(pool: PgPool) -> Self {
        let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
        let core = testing::core_at(pool, Arc::clone(&clock));
        let ada = enrolment::enrol_now(&core, "ada".parse().unwrap(), None, false).await.unwrap();
        let client = Client { agent: UserAgent::new("PicGo/2.3.1"), ..client() };
        Self { core, clock, client, ada }
    }

    fn code(&self) -> TotpCode {
        code_of(&self.ada.secret, &self.clock)
    }

    fn wrong(&self) -> TotpCode {
        let number: u32 = self.code().digits().parse().unwrap();
        format!("{:06}", (number + 500_000) % 1_000_000).parse().unwrap()
    }

    async fn sign_in(&self, name: &str, code: TotpCode) -> Result<Outcome, AuthError> {
        let name = Some(name.parse().unwrap());
        sign_in::with_code(&self.core, &self.client, name.as_ref(), code).await
    }

    /// What was recorded since the account was made.
    async fn entries(&self) -> Vec<AuditEntry> {
        step_up::settled(&self.core).await;
        all(&self.core).await.split_off(2)
    }

    /// The same in short.
    async fn actions(&self) -> Vec<(Action, AuditOutcome)> {
        self.entries().await.iter().map(|entry| (entry.action, entry.outcome)).collect()
    }

    fn by(&self) -> By<'_> {
        By::user(&self.client)
    }

    /// Opens a session as the process does.
    async fn open_session(&self, id: &[u8]) {
        let now = self.clock.now();
        let signed_in = SignedIn::by_code(self.ada.user_id, &self.client, None, now);
        let data = serde_json::json!({ SIGNED_IN: signed_in });
        let life = Lifetime { absolute: Duration::DAY, idle: Duration::HOUR };
        session::insert(&self.core.pool, id, Some(self.ada.user_id), &data, life, now).await.unwrap();
    }
}

const DONE: AuditOutcome = AuditOutcome::Success;
const REFUSED: AuditOutcome = AuditOutcome::Failure;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_sign_in_and_a_failure_are_the_accounts(pool: PgPool) {
    let home = Home::new(pool).await;
    home.sign_in("ada", home.wrong()).await.unwrap_err();
    home.sign_in("ADA", home.code()).await.unwrap();
    home.sign_in("ada", home.code()).await.unwrap_err();
    let [wrong, right, again] = home.entries().await.try_into().unwrap();
    for entry in [&wrong, &right, &again] {
        assert_eq!((entry.user, entry.name.as_deref()), (Some(home.ada.user_id), Some("ada")));
        assert_eq!((entry.address.as_deref(), entry.device.as_deref()), (Some("192.0.2.1"), Some("PicGo")));
        assert_eq!(entry.details.by, Some(Proof::Code));
    }
    let short = |entry: &AuditEntry| (entry.action, entry.outcome, entry.actor, entry.details.used_before);
    assert_eq!(short(&wrong), (Action::SignInFailed, REFUSED, ActorKind::Visitor, false));
    assert_eq!(short(&right), (Action::SignedIn, DONE, ActorKind::User, false));
    assert_eq!(short(&again), (Action::SignInFailed, REFUSED, ActorKind::Visitor, true));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_name_that_nobody_has_leaves_an_entry_without_it(pool: PgPool) {
    let home = Home::new(pool).await;
    home.sign_in("8F3K-Q2ZD-1M7R-W0XA", home.code()).await.unwrap_err();
    let [entry] = home.entries().await.try_into().unwrap();
    assert_eq!((entry.action, entry.user, entry.name), (Action::SignInFailed, None, None));
    assert_eq!(entry.address.as_deref(), Some("192.0.2.1"));
    let kept: String = sqlx::query_scalar("SELECT string_agg(l::text, '') FROM audit_log l")
        .fetch_one(&home.core.pool)
        .await
        .unwrap();
    assert!(!kept.to_uppercase().contains("8F3K"), "{kept}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tries_that_are_refused_unjudged_leave_no_entry(pool: PgPool) {
    let home = Home::new(pool).await;
    for _ in 0..8 {
        home.sign_in("ada", home.wrong()).await.unwrap_err();
    }
    let mut expected = vec![(Action::SignInFailed, REFUSED); 5];
    expected.push((Action::SteppedUp, DONE));
    assert_eq!(home.actions().await, expected, "five and no more from one address");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_codes_are_one_sign_in_and_a_wrong_pair_is_the_accounts_too(pool: PgPool) {
    let home = Home::new(pool).await;
    for host in 0..5 {
        let from = IpAddr::from([198, 51, 100, host]).into();
        sign_in::with_code(&home.core, &from, None, home.wrong()).await.unwrap_err();
    }
    step_up::settled(&home.core).await;
    for (first, is_right) in [(home.wrong(), false), (home.code(), true)] {
        let Outcome::NeedSecondCode(ticket) = home.sign_in("ada", first).await.unwrap() else { panic!() };
        home.clock.advance(Duration::seconds(STEP));
        let second = sign_in::with_second_code(&home.core, &home.client, &ticket, home.code()).await;
        assert_eq!(second.is_ok(), is_right);
        home.clock.advance(Duration::seconds(-STEP));
    }
    let entries = home.entries().await.split_off(6);
    let [failed, right] = entries.try_into().unwrap();
    assert_eq!((failed.action, right.action), (Action::SignInFailed, Action::SignedIn));
    for entry in [failed, right] {
        assert_eq!((entry.user, entry.details.by), (Some(home.ada.user_id), Some(Proof::TwoCodes)));
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_recovery_code_tells_how_many_are_left(pool: PgPool) {
    let home = Home::new(pool).await;
    let by = async |code| sign_in::with_recovery_code(&home.core, &home.client, None, code).await;
    by(RecoveryCode::from_bytes([1; 10])).await.unwrap_err();
    by(home.ada.recovery_codes[0]).await.unwrap();
    let entries = home.entries().await;
    let short: Vec<_> =
        entries.iter().map(|entry| (entry.action, entry.details.by, entry.details.count)).collect();
    let recovery = Some(Proof::RecoveryCode);
    assert_eq!(
        short,
        [
            (Action::SignInFailed, recovery, None),
            (Action::RecoveryCodeUsed, None, Some(9)),
            (Action::SignedIn, recovery, None)
        ]
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_life_of_a_trusted_device_is_told(pool: PgPool) {
    let mut home = Home::new(pool).await;
    let user = home.ada.user_id;
    let (id, token, _) = testing::trust(&home.core, user, &home.client).await;
    let label = "Ada's laptop".parse().unwrap();
    assert!(device::rename(&home.core, home.by(), user, id, &label).await.unwrap());
    home.client.device = Some(token);
    assert!(matches!(device::resume(&home.core, &home.client).await.unwrap(), Resumed::SignedIn(..)));
    home.clock.advance(Duration::minutes(1));
    assert!(matches!(device::resume(&home.core, &home.client).await.unwrap(), Resumed::Reused(_)));
    assert!(!device::revoke(&home.core, home.by(), user, id, None).await.unwrap(), "it has gone");
    let (other, ..) = testing::trust(&home.core, user, &home.client).await;
    assert!(device::revoke(&home.core, home.by(), user, other, None).await.unwrap());
    let [trusted, renamed, signed_in, reused, _, revoked] = home.entries().await.try_into().unwrap();
    assert_eq!((trusted.action, trusted.details), (Action::DeviceTrusted, AuditDetails::named("PicGo")));
    let change = AuditDetails::changed("PicGo", "Ada's laptop");
    assert_eq!((renamed.action, renamed.details), (Action::DeviceRenamed, change));
    assert_eq!((signed_in.action, signed_in.details.by), (Action::SignedIn, Some(Proof::Device)));
    assert_eq!(signed_in.device.as_deref(), Some("Ada's laptop"));
    assert_eq!(
        (reused.action, reused.outcome, reused.actor),
        (Action::DeviceReused, REFUSED, ActorKind::Visitor)
    );
    assert_eq!(reused.details, AuditDetails::named("Ada's laptop"));
    assert_eq!((revoked.action, revoked.details), (Action::DeviceRevoked, AuditDetails::named("PicGo")));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_device_from_which_too_much_failed_is_revoked_by_the_system(pool: PgPool) {
    let mut home = Home::new(pool).await;
    let (_, token, _) = testing::trust(&home.core, home.ada.user_id, &home.client).await;
    home.client.device = Some(token);
    for _ in 0..30 {
        home.sign_in("ada", home.wrong()).await.unwrap_err();
        home.clock.advance(Duration::minutes(7));
    }
    let mut entries = home.entries().await.split_off(1);
    let revoked = entries.pop().unwrap();
    assert_eq!((revoked.action, revoked.actor), (Action::DeviceRevoked, ActorKind::System));
    assert_eq!(entries.len(), 30);
    assert!(entries.iter().all(|entry| entry.action == Action::SignInFailed));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_confirmation_is_told_right_or_wrong(pool: PgPool) {
    let home = Home::new(pool).await;
    home.open_session(b"one").await;
    let signed_in = SignedIn::by_code(home.ada.user_id, &home.client, None, home.clock.now());
    let confirm =
        |code| sign_in::confirm(&home.core, &home.client, &signed_in, session::handle(b"one"), code);
    confirm(home.wrong()).await.unwrap_err();
    confirm(home.code()).await.unwrap();
    assert_eq!(home.actions().await, [(Action::CodeConfirmed, REFUSED), (Action::CodeConfirmed, DONE)]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_confirmation_by_a_recovery_code_is_no_sign_in(pool: PgPool) {
    let home = Home::new(pool).await;
    home.open_session(b"one").await;
    let signed_in = SignedIn::by_code(home.ada.user_id, &home.client, None, home.clock.now());
    let [right, used, ..] = home.ada.recovery_codes[..] else { panic!() };
    for (code, is_right) in [(used, true), (used, false), (right, true)] {
        let one = session::handle(b"one");
        let tried =
            sign_in::confirm_with_recovery_code(&home.core, &home.client, &signed_in, one, code).await;
        assert_eq!(tried.is_ok(), is_right, "{tried:?}");
    }
    let used = [(Action::RecoveryCodeUsed, DONE), (Action::CodeConfirmed, DONE)];
    let refused = [(Action::CodeConfirmed, REFUSED)];
    assert_eq!(home.actions().await, [&used[..], &refused, &used].concat());
    let entries = home.entries().await;
    assert!(entries.iter().all(|entry| entry.actor == ActorKind::User), "{entries:?}");
    let by = AuditDetails::by(Proof::RecoveryCode);
    assert!(entries.iter().filter(|entry| entry.action == Action::CodeConfirmed).all(|e| e.details == by));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn ends_of_sessions_are_told_once(pool: PgPool) {
    let home = Home::new(pool).await;
    let user = home.ada.user_id;
    for id in [b"one", b"two", b"six", b"ten"] {
        home.open_session(id).await;
    }
    let (one, two) = (session::handle(b"one"), session::handle(b"two"));
    assert!(session::end(&home.core, home.by(), user, one).await.unwrap());
    assert!(!session::end(&home.core, home.by(), user, one).await.unwrap());
    assert_eq!(session::end_others(&home.core, home.by(), user, Some(two)).await.unwrap(), 2);
    assert_eq!(session::end_others(&home.core, home.by(), user, Some(two)).await.unwrap(), 0);
    assert!(session::sign_out(&home.core, home.by(), user, two).await.unwrap());
    let entries = home.entries().await;
    let short: Vec<_> = entries.into_iter().map(|entry| (entry.action, entry.details)).collect();
    assert_eq!(
        short,
        [
            (Action::SessionEnded, AuditDetails::named("PicGo")),
            (Action::SessionEnded, AuditDetails::counted(2)),
            (Action::SignedOut, AuditDetails::named("PicGo"))
        ]
    );
}
