//! What tests share: a [`Core`] over a test's own database.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

use model::{
    rules::links::Origins,
    types::{
        ByteSize, ChallengeProvider, DeviceId, Policy, Reach, RequestsPerMinute, Scope, Scopes,
        SessionHandle, SignUpMode, TokenMade, TokenTerms, UserId, Within,
    },
};
use rand::{RngCore as _, SeedableRng as _, rngs::StdRng};
use sqlx::PgPool;
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;

use crate::{
    Core, ManualClock, Settings,
    audit::By,
    auth::{
        Client, Stretching,
        authenticator::RotationPolicy,
        device::{self, DeviceToken},
        session::{self, Lifetime, SIGNED_IN, SignedIn},
        token,
    },
    images::{IntakeLimits, Workers, library::ImageChanges},
    keys::Keyring,
    policy::PolicyCache,
    random::{NoRandomness, Random, Source},
};

/// Cores made so far. Each draws something else: two of them may share a database.
static CORES: AtomicU64 = AtomicU64::new(0);

/// What a seed gives, the same each time.
#[must_use]
pub fn seeded(seed: u64) -> Random {
    struct Seeded(Mutex<StdRng>);

    impl Source for Seeded {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            self.0.lock().map_err(|_| NoRandomness)?.fill_bytes(bytes);
            Ok(())
        }
    }

    Random::of(Seeded(Mutex::new(StdRng::seed_from_u64(seed))))
}

/// What consists of the first of `script`, then of the second, and so on; nothing in the end.
#[must_use]
pub fn filling(script: impl IntoIterator<Item = u8>) -> Random {
    struct Script(Mutex<std::vec::IntoIter<u8>>);

    impl Source for Script {
        fn fill(&self, bytes: &mut [u8]) -> Result<(), NoRandomness> {
            let mut left = self.0.lock().map_err(|_| NoRandomness)?;
            bytes.fill(left.next().ok_or(NoRandomness)?);
            Ok(())
        }
    }

    Random::of(Script(Mutex::new(script.into_iter().collect::<Vec<_>>().into_iter())))
}

/// A core with a clock that stands at 2026-11-20 12:00 UTC, a fixed key, generous limits and no challenges.
#[must_use]
pub fn core(pool: PgPool) -> Core {
    core_at(pool, Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC))))
}

/// The same with a clock that the test holds on to, to move it.
#[must_use]
pub fn core_at(pool: PgPool, clock: Arc<ManualClock>) -> Core {
    Core {
        pool,
        keys: Arc::new(Keyring::from_secret([7; 32])),
        workers: Workers::new(2),
        stretching: Stretching::default(),
        clock,
        random: seeded(CORES.fetch_add(1, Ordering::Relaxed)),
        policy_cache: PolicyCache::default(),
        image_changes: ImageChanges::default(),
        settings: Arc::new(settings()),
    }
}

/// Generous limits, and no mail server.
#[must_use]
pub fn settings() -> Settings {
    Settings {
        origins: Origins { site: "http://localhost".into(), images: "http://localhost".into() },
        policy: policy(),
        intake: IntakeLimits { pixels: 100_000_000, side: 16_384, frames: 1000 },
        variant_bytes: ByteSize(1 << 30),
        issuer: "reflect".into(),
        mail: None,
        alert_webhook: None,
        rotation: RotationPolicy::default(),
    }
}

/// The same with a mail server.
///
/// # Panics
/// Never: the sender is one.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test without a sender can only stop")]
pub fn posting() -> Settings {
    Settings { mail: Some("reflect <no-reply@pictures.example>".parse().unwrap()), ..settings() }
}

/// What holds until a test decides otherwise.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test without a policy can only stop")]
pub fn policy() -> Policy {
    Policy {
        sign_up: SignUpMode::Invite,
        email_required: false,
        quota: "1 GiB".parse().unwrap(),
        challenge: ChallengeProvider::Off,
        session_hours: Within::nearest(24),
        session_idle_minutes: Within::nearest(120),
        max_upload: "20 MiB".parse().unwrap(),
    }
}

/// A session of `user`, who typed a code; its handle.
///
/// # Panics
/// When the database fails.
#[expect(clippy::unwrap_used, reason = "a test without a session can only stop")]
pub async fn session(core: &Core, user: UserId) -> SessionHandle {
    let (id, now) = (core.random.bytes::<16>().unwrap(), core.now());
    let client = std::net::IpAddr::from([192, 0, 2, 1]).into();
    let data = serde_json::json!({ (SIGNED_IN): SignedIn::by_code(user, &client, None, now) });
    let lifetime = Lifetime::of(&policy());
    assert_eq!(
        session::insert(&core.pool, &id, Some(user), &data, lifetime, now).await.unwrap(),
        session::Insertion::Stored
    );
    session::handle(&id)
}

/// Trusts the device that `client` is, in a session that is gone afterwards.
///
/// # Panics
/// When the database fails.
#[expect(clippy::unwrap_used, reason = "a test without a device can only stop")]
pub async fn trust(core: &Core, user: UserId, client: &Client) -> (DeviceId, DeviceToken, OffsetDateTime) {
    let asked_in = session(core, user).await;
    let trusted = device::trust(core, user, client, asked_in).await.unwrap();
    sqlx::query("DELETE FROM sessions WHERE substr(id_hash, 1, 16) = $1")
        .bind(asked_in.0.as_bytes().as_slice())
        .execute(&core.pool)
        .await
        .unwrap();
    trusted
}

/// What a token called `name` is to be that opens `scopes`: as long as that may be, as often as is usual.
///
/// # Panics
/// Where there is no such token.
#[must_use]
#[expect(clippy::unwrap_used, reason = "a test without terms can only stop")]
pub fn terms(name: &str, scopes: impl IntoIterator<Item = Scope>) -> TokenTerms {
    let scopes: Scopes = scopes.into_iter().collect();
    let days = scopes.has(Scope::Admin).then(|| Within::nearest(Reach::MOST_ADMIN_DAYS));
    TokenTerms {
        name: name.parse().unwrap(),
        reach: Reach::new(scopes, days).unwrap(),
        requests_per_minute: RequestsPerMinute::USUAL,
        max_upload: None,
    }
}

/// A token of `user` on these terms.
///
/// # Panics
/// When the database fails, or `user` may not have it.
#[expect(clippy::unwrap_used, reason = "a test without a token can only stop")]
pub async fn token(core: &Core, user: UserId, terms: &TokenTerms) -> TokenMade {
    token::create(core, By::COMMAND_LINE, user, None, terms).await.unwrap()
}

/// A person with `quota` bytes of space and no way to sign in.
///
/// # Panics
/// If the name is somebody's.
#[expect(clippy::panic, reason = "a test that has no person can only stop")]
pub async fn user(pool: &PgPool, name: &str, quota: i64) -> UserId {
    let id: Uuid = sqlx::query_scalar(
        "INSERT INTO users (id, name, name_folded, quota_bytes, created_at) \
         VALUES (gen_random_uuid(), $1, lower($1), $2, $3) RETURNING id",
    )
    .bind(name)
    .bind(quota)
    .bind(datetime!(2026-11-20 12:00 UTC))
    .fetch_one(pool)
    .await
    .unwrap_or_else(|error| panic!("{error}"));
    UserId(id)
}
