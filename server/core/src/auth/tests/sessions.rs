//! How long a session holds.

use model::types::{Decision, DeviceId, SessionHandle, Within};

use super::*;
use crate::{
    admin,
    auth::{
        authenticator, device, email,
        session::{Insertion, SIGNED_IN, SignedIn},
    },
    oidc::{Identity, OidcError, links},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn sessions_end_when_idle_and_after_their_lifetime(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let user: Option<UserId> = Some(ada.user_id);
    let life = Lifetime { absolute: Duration::hours(5), idle: Duration::hours(2) };
    let data = serde_json::json!({ "user": ada.user_id });
    let pool = &core.pool;
    let ends = async || session::load(pool, b"one", life, clock.now()).await.unwrap().map(|s| s.expires_at);
    let start = clock.now();
    assert_eq!(session::insert(pool, b"one", user, &data, life, start).await.unwrap(), Insertion::Stored);
    assert_eq!(session::insert(pool, b"one", None, &data, life, start).await.unwrap(), Insertion::Taken);
    let loaded = session::load(pool, b"one", life, start).await.unwrap();
    assert_eq!(loaded, Some(StoredSession { data: data.clone(), expires_at: start + Duration::hours(2) }));
    clock.advance(Duration::seconds(59));
    assert_eq!(ends().await, Some(start + Duration::hours(2)), "a use within a minute is not written");
    clock.advance(Duration::minutes(90));
    assert_eq!(ends().await, Some(clock.now() + Duration::hours(2)), "a use is");
    clock.advance(Duration::minutes(119));
    session::update(pool, b"one", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::minutes(60));
    assert_eq!(ends().await, Some(start + Duration::hours(5)), "the lifetime is the bound");
    clock.advance(Duration::minutes(31));
    assert_eq!(ends().await, None);
    assert_eq!(session::sweep(pool, clock.now()).await.unwrap(), 1);
    session::insert(pool, b"two", user, &data, life, clock.now()).await.unwrap();
    clock.advance(Duration::hours(2));
    assert_eq!(session::load(pool, b"two", life, clock.now()).await.unwrap(), None, "idle");
    session::insert(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    session::delete(pool, b"three").await.unwrap();
    session::update(pool, b"three", user, &data, life, clock.now()).await.unwrap();
    assert_eq!(session::load(pool, b"three", life, clock.now()).await.unwrap(), None, "ended stays ended");
    session::insert(pool, b"four", user, &data, life, clock.now()).await.unwrap();
    let ids: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT id_hash FROM sessions").fetch_all(&core.pool).await.unwrap();
    assert!(!ids.iter().any(|id| id == b"four"), "ids are not stored in clear");
}

const LIFE: Lifetime = Lifetime { absolute: Duration::DAY, idle: Duration::hours(2) };

/// A session of `user`, as the app opens one; its handle.
pub(super) async fn open(core: &Core, id: &[u8], user: UserId, device: Option<DeviceId>) -> SessionHandle {
    let signed_in = SignedIn::by_code(user, &HOME.into(), device, core.now());
    assert_eq!(insert(core, id, &signed_in).await, Insertion::Stored);
    session::handle(id)
}

/// What becomes of what somebody opens now.
async fn insert(core: &Core, id: &[u8], signed_in: &SignedIn) -> Insertion {
    let data = serde_json::json!({ (SIGNED_IN): signed_in });
    session::insert(&core.pool, id, Some(signed_in.user), &data, LIFE, core.now()).await.unwrap()
}

async fn handles(core: &Core, user: UserId) -> Vec<SessionHandle> {
    session::list(core, user, None).await.unwrap().into_iter().map(|entry| entry.id).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_person_sees_and_ends_their_own_sessions(pool: PgPool) {
    let (core, clock) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let one = open(&core, b"one", ada, None).await;
    clock.advance(Duration::MINUTE);
    let two = open(&core, b"two", ada, None).await;
    let his = open(&core, b"his", bob, None).await;
    let listed = session::list(&core, ada, Some(one)).await.unwrap();
    let seen: Vec<_> = listed.iter().map(|s| (s.id, s.address.as_str(), s.current)).collect();
    assert_eq!(seen, [(two, "192.0.2.1", false), (one, "192.0.2.1", true)]);
    assert!(!session::end(&core, By::SYSTEM, ada, his).await.unwrap(), "not another's");
    assert!(session::end(&core, By::SYSTEM, ada, two).await.unwrap());
    assert!(!session::end(&core, By::SYSTEM, ada, two).await.unwrap());
    assert_eq!((handles(&core, ada).await, handles(&core, bob).await), (vec![one], vec![his]));
    open(&core, b"three", ada, None).await;
    assert_eq!(session::end_others(&core, By::SYSTEM, ada, Some(one)).await.unwrap(), 1);
    assert_eq!((handles(&core, ada).await, handles(&core, bob).await), (vec![one], vec![his]));
    clock.advance(Duration::hours(2));
    assert_eq!(handles(&core, ada).await, [], "what has ended isn't listed");
}

/// Whether a session holds, which everything that looks at it agrees on.
async fn is_open(core: &Core, user: UserId, id: &[u8]) -> bool {
    let life = Lifetime::of(&core.policy().await.unwrap());
    let handle = session::handle(id);
    let mut connection = core.pool.acquire().await.unwrap();
    let seen = [
        handles(core, user).await.contains(&handle),
        session::status(core, id).await.unwrap().is_some(),
        session::holds(&mut connection, user, handle, life, core.now()).await.unwrap(),
        // Last, since it counts as a use.
        session::load(&core.pool, id, life, core.now()).await.unwrap().is_some(),
    ];
    assert!(seen.iter().all(|open| *open == seen[0]), "list, status, holds, load: {seen:?}");
    seen[0]
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn another_id_makes_a_session_no_younger(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let began = core.now();
    let mut signed_in = SignedIn::by_code(ada, &HOME.into(), None, began);
    assert_eq!(insert(&core, b"one", &signed_in).await, Insertion::Stored);
    let opened = signed_in.opened();
    clock.advance(Duration::hours(23));
    session::delete(&core.pool, b"one").await.unwrap();
    signed_in.confirm(core.now(), core.now());
    assert_eq!(insert(&core, b"two", &signed_in).await, Insertion::Stored);
    let listed = session::list(&core, ada, None).await.unwrap();
    assert_eq!(listed[0].created_at, crate::rfc3339(began));
    let ends: time::OffsetDateTime =
        sqlx::query_scalar("SELECT expires_at FROM sessions").fetch_one(&core.pool).await.unwrap();
    assert_eq!(ends, began + Duration::DAY);
    clock.advance(Duration::HOUR - Duration::MICROSECOND);
    assert!(is_open(&core, ada, b"two").await && opened.holds(&core).await.unwrap());
    clock.advance(Duration::MICROSECOND);
    assert!(!is_open(&core, ada, b"two").await && !opened.holds(&core).await.unwrap());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_shorter_idle_time_holds_for_open_sessions_too(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    open(&core, b"one", ada, None).await;
    clock.advance(Duration::minutes(29));
    open(&core, b"two", ada, None).await;
    core.decide(By::SYSTEM, Decision::SessionIdleMinutes(Within::nearest(30))).await.unwrap();
    clock.advance(Duration::MINUTE);
    assert!(!is_open(&core, ada, b"one").await && is_open(&core, ada, b"two").await);
    clock.advance(Duration::minutes(30));
    assert!(!is_open(&core, ada, b"two").await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_suspended_persons_session_opens_nothing_whoever_looks(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    open(&core, b"one", ada, None).await;
    assert!(is_open(&core, ada, b"one").await);
    sqlx::query("UPDATE users SET suspended_at = $1").bind(core.now()).execute(&core.pool).await.unwrap();
    assert!(!is_open(&core, ada, b"one").await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_signed_in_just_before_an_enrolment_anew_gets_nothing_from_it(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    let before = SignedIn::by_code(ada.user_id, &HOME.into(), None, core.now());
    let old = open(&core, b"old", ada.user_id, None).await;
    clock.advance(Duration::MICROSECOND);
    let user = enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await.unwrap();
    assert_eq!(insert(&core, b"late", &before).await, Insertion::Ended);
    let new = open(&core, b"new", user, None).await;
    assert!(!is_open(&core, user, b"old").await && !is_open(&core, user, b"late").await);
    assert!(is_open(&core, user, b"new").await);

    // What had been let in before, and does its work only now.
    let (client, by) = (HOME.into(), By::SYSTEM);
    let ended = |outcome: &Result<(), AuthError>| matches!(outcome, Err(AuthError::SessionEnded));
    let trusted = async |session| device::trust(&core, user, &client, session).await.map(|_| ());
    assert!(ended(&trusted(old).await) && ended(&trusted(session::handle(b"late")).await));
    assert!(ended(&email::forget(&core, by, user, old).await));
    let address = "eve@mail.example".parse().unwrap();
    assert!(ended(&email::ask(&core, &client, by, user, old, &address).await.map(|_| ())));
    let identity = Identity { issuer: "i".into(), subject: "s".into(), label: "l".into() };
    let linked = links::link(&core, by, user, session::handle(b"late"), &identity).await;
    assert!(matches!(linked, Err(OidcError::Expired)), "{linked:?}");
    trusted(new).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_session_shows_no_device_of_somebody_else(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let (his, ..) = testing::trust(&core, bob, &HOME.into()).await;
    open(&core, b"hers", ada, Some(his)).await;
    assert_eq!(session::list(&core, ada, None).await.unwrap()[0].device, None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_device_opened_ends_with_its_trust(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (phone, ..) = testing::trust(&core, ada, &HOME.into()).await;
    let (desk, ..) = testing::trust(&core, ada, &HOME.into()).await;
    let plain = open(&core, b"plain", ada, None).await;
    let by_phone = open(&core, b"phone", ada, Some(phone)).await;
    let by_desk = open(&core, b"desk", ada, Some(desk)).await;
    device::revoke(&core, By::SYSTEM, ada, phone, None).await.unwrap();
    let left = handles(&core, ada).await;
    assert!(!left.contains(&by_phone) && left.contains(&by_desk) && left.contains(&plain));
    device::revoke_all(&core, By::SYSTEM, ada, Some(by_desk)).await.unwrap();
    let left = handles(&core, ada).await;
    assert!(left.len() == 2 && left.contains(&by_desk), "the one that asked goes on");
    assert_eq!(device::list(&core, ada, None).await.unwrap(), []);
}

/// What ends others' sessions than `keep`, of `ada` or of her `phone`.
async fn end(core: &Core, clock: &ManualClock, how: &str, ada: &enrolment::EnrolledNow, keep: SessionHandle) {
    let (user, by, keep) = (ada.user_id, By::SYSTEM, Some(keep));
    match how {
        "the others" => drop(session::end_others(core, by, user, keep).await.unwrap()),
        "an authenticator" => {
            let offer = authenticator::begin(core, user, "Tablet".parse().unwrap()).await.unwrap();
            let right = code(&offer.secret.groups.concat(), clock);
            let id = authenticator::confirm(core, by, user, keep, &offer.ticket, right).await.unwrap();
            clock.advance(Duration::MICROSECOND);
            assert!(authenticator::remove(core, by, user, keep, id).await.unwrap());
        }
        "a device" => {
            let (phone, ..) = testing::trust(core, user, &HOME.into()).await;
            assert!(device::revoke(core, by, user, phone, keep).await.unwrap());
        }
        "all devices" => device::revoke_all(core, by, user, keep).await.unwrap(),
        "the identity" => {
            let identity = Identity { issuer: "i".into(), subject: "s".into(), label: "l".into() };
            links::link(core, by, user, keep.unwrap(), &identity).await.unwrap();
            assert!(links::unlink(core, by, user, "i", keep).await.unwrap());
        }
        "an administrator" => drop(admin::end_sessions(core, by, user, keep).await.unwrap()),
        _ => panic!("{how}"),
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_sign_in_that_is_underway_ends_with_the_sessions(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let ways =
        ["the others", "an authenticator", "a device", "all devices", "the identity", "an administrator"];
    for how in ways {
        let kept_id = [b"kept ", how.as_bytes()].concat();
        let kept = open(&core, &kept_id, ada.user_id, None).await;
        // The first half: a right code, in a transaction of its own.
        let since = core.now();
        let outcome =
            sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), code(&ada.secret, &clock)).await;
        assert_eq!(outcome.unwrap(), Outcome::SignedIn(ada.user_id), "{how}");
        clock.advance(Duration::MICROSECOND);
        end(&core, &clock, how, &ada, kept).await;
        // The second half: the session.
        let late = SignedIn::by_code(ada.user_id, &HOME.into(), None, since);
        assert_eq!(insert(&core, b"late", &late).await, Insertion::Ended, "{how}");
        assert!(is_open(&core, ada.user_id, &kept_id).await, "{how}");
        // What goes on is confirmed under another id, though it began before.
        let mut confirmed = late;
        clock.advance(Duration::MICROSECOND);
        confirmed.confirm(core.now(), core.now());
        assert_eq!(insert(&core, &[b"again ", how.as_bytes()].concat(), &confirmed).await, Insertion::Stored);
        clock.advance(Duration::MINUTE);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_is_judged_before_a_suspension_opens_nothing_when_it_is_lifted(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolment::enrol_now(&core, name("root"), None, true).await.unwrap();
    let ada = enrolled(&core, "ada").await.user_id;
    let before = SignedIn::by_code(ada, &HOME.into(), None, core.now());
    for suspended in [true, false] {
        clock.advance(Duration::MICROSECOND);
        let change = admin::Change { suspended: Some(suspended), ..admin::Change::default() };
        admin::change(&core, By::SYSTEM, ada, change).await.unwrap();
    }
    assert_eq!(insert(&core, b"late", &before).await, Insertion::Ended);
    open(&core, b"new", ada, None).await;
}
