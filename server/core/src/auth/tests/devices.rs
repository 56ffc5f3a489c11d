//! Devices that sign in without a code.

use model::types::{DeviceId, KnownVisitor, Label};

use super::*;
use crate::auth::{
    Client,
    device::{self, DeviceToken, Recognised, Resumed, Trusted},
};

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";

/// A browser with what it keeps of its trust.
fn browser(token: Option<&DeviceToken>) -> Client {
    Client { agent: super::super::UserAgent::new(FIREFOX), device: token.cloned(), ..HOME.into() }
}

async fn trust(core: &Core, user: UserId) -> (DeviceId, DeviceToken) {
    let (id, token, until) = testing::trust(core, user, &browser(None)).await;
    assert_eq!(until, core.now() + Duration::days(90));
    (id, token)
}

async fn resume(core: &Core, token: &DeviceToken) -> Resumed {
    device::resume(core, &browser(Some(token))).await.unwrap()
}

async fn recognise(core: &Core, token: &DeviceToken) -> Recognised {
    device::recognise(core, &browser(Some(token))).await.unwrap()
}

/// The next token of one that signs in.
#[track_caller]
fn next(resumed: Resumed) -> DeviceToken {
    match resumed {
        Resumed::SignedIn(_, token, _) => token,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_trusted_device_signs_in_for_ninety_days_with_a_new_token_each_time(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "Ada").await.user_id;
    let (id, first) = trust(&core, ada).await;
    clock.advance(Duration::days(1));
    let Resumed::SignedIn(trusted, second, until) = resume(&core, &first).await else { panic!() };
    assert_eq!((trusted, until), (Trusted { id, user: ada }, datetime!(2027-02-18 12:00 UTC)));
    assert!(second != first);
    let known = device::known(&core, recognise(&core, &second).await.trusted().unwrap()).await.unwrap();
    assert_eq!(known, Some(KnownVisitor { name: name("Ada"), trusted: true }));
    clock.advance(Duration::days(89) - Duration::SECOND);
    let third = next(resume(&core, &second).await);
    clock.advance(Duration::SECOND);
    assert!(matches!(resume(&core, &third).await, Resumed::Unknown), "use doesn't prolong the trust");
    assert_eq!(session::sweep(&core.pool, clock.now()).await.unwrap(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_copied_token_ends_the_trust_whoever_comes_second(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (id, stolen) = trust(&core, ada).await;
    let kept = next(resume(&core, &stolen).await);
    clock.advance(Duration::seconds(30));
    assert!(matches!(resume(&core, &stolen).await, Resumed::Reused(trusted) if trusted.id == id));
    assert!(matches!(resume(&core, &kept).await, Resumed::Unknown), "for the other holder too");
    assert_eq!(recognise(&core, &kept).await, Recognised::Unknown);
}

/// Who was told of a copied device, of what name.
async fn told_of_copies(core: &Core) -> Vec<(UserId, String)> {
    let told: Vec<(uuid::Uuid, String)> = sqlx::query_as(
        "SELECT user_id, details->>'name' FROM audit_log WHERE action = 'device_reused' ORDER BY sequence",
    )
    .fetch_all(&core.pool)
    .await
    .unwrap();
    told.into_iter().map(|(user, name)| (UserId(user), name)).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_copied_token_ends_the_trust_wherever_it_is_looked_at(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let told = || (ada.user_id, "Firefox on Linux".to_owned());
    let copied = async || {
        let (_, stale) = trust(&core, ada.user_id).await;
        let current = next(resume(&core, &stale).await);
        clock.advance(Duration::seconds(30));
        (stale, current)
    };

    let (stale, current) = copied().await;
    assert_eq!(recognise(&core, &stale).await, Recognised::Reused);
    assert!(matches!(resume(&core, &current).await, Resumed::Unknown));
    assert_eq!(recognise(&core, &stale).await, Recognised::Unknown);
    assert_eq!(told_of_copies(&core).await, [told()], "once");

    let (stale, current) = copied().await;
    let wrong = other(code(&ada.secret, &clock));
    let tried = sign_in::with_code(&core, &browser(Some(&stale)), None, wrong).await;
    assert!(matches!(tried, Err(AuthError::WrongCode)), "{tried:?}");
    assert!(matches!(resume(&core, &current).await, Resumed::Unknown), "beside a code");
    assert_eq!(told_of_copies(&core).await.len(), 2);

    let (stale, current) = copied().await;
    let (_, anew, _) = testing::trust(&core, ada.user_id, &browser(Some(&stale))).await;
    assert!(matches!(resume(&core, &current).await, Resumed::Unknown), "trusted anew");
    assert_eq!(device::list(&core, ada.user_id, None).await.unwrap().len(), 1, "none beside the new one");
    assert_eq!(told_of_copies(&core).await, [told(), told(), told()]);
    assert!(recognise(&core, &anew).await.trusted().is_some());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_copied_token_that_is_looked_at_by_many_at_once_is_told_once(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, stale) = trust(&core, ada).await;
    next(resume(&core, &stale).await);
    clock.advance(Duration::seconds(30));
    let looks = (0..8).map(|n| {
        let (core, token) = (core.clone(), stale.clone());
        tokio::spawn(async move {
            match n % 2 {
                0 => assert_ne!(recognise(&core, &token).await.trusted().map(|one| one.user), Some(ada)),
                _ => assert!(!matches!(resume(&core, &token).await, Resumed::SignedIn(..))),
            }
        })
    });
    for look in looks.collect::<Vec<_>>() {
        look.await.unwrap();
    }
    assert_eq!(told_of_copies(&core).await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn looking_at_a_token_that_is_good_writes_nothing(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, before) = trust(&core, ada).await;
    let current = next(resume(&core, &before).await);
    let row = async || -> String {
        // `xmax` is set by whoever locks a row as well.
        let row = sqlx::query_scalar("SELECT d.xmin::text || d.xmax::text || d::text FROM trusted_devices d");
        row.fetch_one(&core.pool).await.unwrap()
    };
    let untouched = row().await;
    clock.advance(Duration::seconds(29));
    assert!(recognise(&core, &before).await.trusted().is_some(), "another tab");
    clock.advance(Duration::DAY);
    assert!(recognise(&core, &current).await.trusted().is_some());
    let unknown: DeviceToken = "A".repeat(64).parse().unwrap();
    assert_eq!(recognise(&core, &unknown).await, Recognised::Unknown);
    assert_eq!(row().await, untouched);
    assert_eq!(told_of_copies(&core).await, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tabs_that_come_at_once_and_lost_answers_are_no_theft(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, token) = trust(&core, ada).await;
    let tabs = (0..8).map(|_| {
        let (core, token) = (core.clone(), token.clone());
        tokio::spawn(async move { next(resume(&core, &token).await) })
    });
    let mut nexts = Vec::new();
    for tab in tabs.collect::<Vec<_>>() {
        nexts.push(tab.await.unwrap());
    }
    assert!(nexts.iter().all(|next| *next == nexts[0]), "all keep the same one");
    clock.advance(Duration::seconds(29));
    assert!(next(resume(&core, &token).await) == nexts[0], "an answer was lost");
    clock.advance(Duration::days(1));
    next(resume(&core, &nexts[0]).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn neither_series_nor_token_is_stored_in_clear(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, token) = trust(&core, ada).await;
    let row: String =
        sqlx::query_scalar("SELECT d::text FROM trusted_devices d").fetch_one(&core.pool).await.unwrap();
    let bytes = {
        use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
        URL_SAFE_NO_PAD.decode(token.reveal()).unwrap()
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(!row.contains(&hex(&bytes[..16])) && !row.contains(&hex(&bytes[16..])), "{row}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_device_is_trusted_once_and_twenty_at_most(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (first, token) = trust(&core, ada).await;
    let (again, ..) = testing::trust(&core, ada, &browser(Some(&token))).await;
    let ids = async || -> Vec<DeviceId> {
        device::list(&core, ada, None).await.unwrap().into_iter().map(|device| device.id).collect()
    };
    assert_eq!(ids().await, [again], "in place of {first:?}");
    for _ in 0..20 {
        clock.advance(Duration::MINUTE);
        trust(&core, ada).await;
    }
    assert_eq!(ids().await.len(), 20);
    assert!(!ids().await.contains(&again), "the one unused for longest made room");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_makes_room_is_told_and_ends_with_what_it_opened(pool: PgPool) {
    let (core, clock) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let life = Lifetime { absolute: Duration::DAY, idle: Duration::hours(2) };
    let open = async |id: &[u8], user, device| {
        let signed_in = session::SignedIn::by_device(user, &HOME.into(), Some(device), core.now());
        let data = serde_json::json!({ (session::SIGNED_IN): signed_in });
        assert_eq!(
            session::insert(&core.pool, id, Some(user), &data, life, core.now()).await.unwrap(),
            session::Insertion::Stored
        );
        session::handle(id)
    };
    let is_open = async |id: &[u8]| session::load(&core.pool, id, life, core.now()).await.unwrap().is_some();
    let (first, token) = trust(&core, ada).await;
    open(b"elsewhere", ada, first).await;
    let here = open(b"here", ada, first).await;
    let (again, ..) = device::trust(&core, ada, &browser(Some(&token)), here).await.unwrap();
    assert!(is_open(b"here").await && !is_open(b"elsewhere").await, "trusted anew");
    open(b"oldest", ada, again).await;
    for _ in 0..20 {
        clock.advance(Duration::SECOND);
        trust(&core, ada).await;
    }
    assert!(is_open(b"here").await && !is_open(b"oldest").await, "made room");
    let (_, shared) = trust(&core, bob).await;
    testing::trust(&core, ada, &browser(Some(&shared))).await;
    let told: Vec<(uuid::Uuid, String)> = sqlx::query_as(
        "SELECT user_id, actor FROM audit_log WHERE action = 'device_revoked' ORDER BY sequence",
    )
    .fetch_all(&core.pool)
    .await
    .unwrap();
    let told: Vec<_> = told.iter().map(|(user, actor)| (UserId(*user), actor.as_str())).collect();
    assert_eq!(told, [(ada, "user"), (ada, "user"), (bob, "visitor"), (ada, "user")]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_person_names_and_revokes_their_own_devices_and_nobody_elses(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let (id, token) = trust(&core, ada).await;
    let phone: Label = "Phone".parse().unwrap();
    assert!(!device::rename(&core, By::SYSTEM, bob, id, &phone).await.unwrap());
    assert!(!device::revoke(&core, By::SYSTEM, bob, id, None).await.unwrap());
    assert_eq!(device::list(&core, bob, None).await.unwrap(), []);
    let listed = device::list(&core, ada, Some(id)).await.unwrap();
    assert_eq!(
        (listed[0].name.as_str(), listed[0].address.as_str(), listed[0].current),
        ("Firefox on Linux", "192.0.2.1", true)
    );
    assert!(device::rename(&core, By::SYSTEM, ada, id, &phone).await.unwrap());
    assert_eq!(device::list(&core, ada, None).await.unwrap()[0].name, "Phone");
    assert!(device::revoke(&core, By::SYSTEM, ada, id, None).await.unwrap());
    assert!(matches!(resume(&core, &token).await, Resumed::Unknown));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn attacks_from_elsewhere_do_not_reach_a_trusted_device(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    let (_, token) = trust(&core, ada.user_id).await;
    attack(&core, "ada", wrong).await;
    // Even from the very address that the owner has.
    for _ in 0..5 {
        let _ = sign_in::with_code(&core, &HOME.into(), Some(&name("ada")), wrong).await;
    }
    let right = code(&ada.secret, &clock);
    let stranger = sign_in::with_code(&core, &IpAddr::from([203, 0, 113, 1]).into(), None, right).await;
    asked_for_two(stranger);
    let at_home = sign_in::with_code(&core, &browser(Some(&token)), None, right).await.unwrap();
    assert_eq!(at_home, Outcome::SignedIn(ada.user_id));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_device_has_ten_failures_an_hour_and_loses_its_trust_with_the_thirtieth(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let wrong = other(code(&ada.secret, &clock));
    let (id, token) = trust(&core, ada.user_id).await;
    let here = browser(Some(&token));
    for hour in 0..3 {
        for n in 0..10 {
            let outcome = sign_in::with_code(&core, &here, None, wrong).await;
            assert!(matches!(outcome, Err(AuthError::WrongCode)), "{hour} {n} {outcome:?}");
        }
        if hour < 2 {
            let limited = sign_in::with_code(&core, &here, None, code(&ada.secret, &clock)).await;
            assert!(matches!(limited, Err(AuthError::TooManyAttempts { retry_after: 3600 })), "{limited:?}");
            assert!(
                device::recognise(&core, &here).await.unwrap().trusted().is_some(),
                "{id:?} is trusted still"
            );
        }
        clock.advance(Duration::HOUR);
    }
    assert_eq!(device::recognise(&core, &here).await.unwrap(), Recognised::Unknown);
    let now_a_stranger = sign_in::with_code(&core, &here, None, code(&ada.secret, &clock)).await.unwrap();
    assert_eq!(now_a_stranger, Outcome::SignedIn(ada.user_id), "no single code failed as a stranger's");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_right_code_on_a_device_forgives_its_failures(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let (_, token) = trust(&core, ada.user_id).await;
    let here = browser(Some(&token));
    for _ in 0..5 {
        for _ in 0..9 {
            let wrong = sign_in::with_code(&core, &here, None, other(code(&ada.secret, &clock))).await;
            assert!(matches!(wrong, Err(AuthError::WrongCode)), "{wrong:?}");
        }
        sign_in::with_code(&core, &here, None, code(&ada.secret, &clock)).await.unwrap();
        clock.advance(Duration::MINUTE);
    }
    assert!(device::recognise(&core, &here).await.unwrap().trusted().is_some());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn somebody_elses_device_is_a_strangers(pool: PgPool) {
    let (core, clock) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await, enrolled(&core, "bob").await);
    let (_, token) = trust(&core, bob.user_id).await;
    attack(&core, "ada", other(code(&ada.secret, &clock))).await;
    let right = code(&ada.secret, &clock);
    asked_for_two(sign_in::with_code(&core, &browser(Some(&token)), Some(&name("ada")), right).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_reset_ends_all_trust(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let (_, token) = trust(&core, ada).await;
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let secret = offer.secret.groups.concat();
    let confirmed = enrolment::confirm(&core, &offer.ticket, code(&secret, &clock)).await.unwrap();
    assert!(recognise(&core, &token).await.trusted().is_some(), "nothing ended yet");
    enrolment::finish(&core, &browser(None), &offer.ticket, confirmed.codes[0]).await.unwrap();
    assert_eq!(recognise(&core, &token).await, Recognised::Unknown);
}
