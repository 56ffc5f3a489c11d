//! Links against a real database. What goes over the wire is tested with the server, in
//! `server/tests/http/oidc`.

use std::sync::Arc;

use model::types::{SessionHandle, UserId};
use serde_json::json;
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::{Identity, OidcError, links};
use crate::{
    Clock as _, Core, ManualClock,
    audit::By,
    auth::{
        Client,
        session::{self, Lifetime, SIGNED_IN, SignedIn},
    },
    rfc3339, testing,
};

const ISSUER: &str = "https://id.example";
const LIFE: Lifetime = Lifetime { absolute: Duration::hours(24), idle: Duration::hours(2) };

fn at(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    (testing::core_at(pool, Arc::clone(&clock)), clock)
}

fn client() -> Client {
    std::net::IpAddr::from([192, 0, 2, 1]).into()
}

/// What was recorded at the account of `user`, the first first.
async fn recorded(core: &Core, user: UserId) -> Vec<(String, serde_json::Value)> {
    sqlx::query_as("SELECT action, details FROM audit_log WHERE user_id = $1 ORDER BY sequence")
        .bind(user.0)
        .fetch_all(&core.pool)
        .await
        .unwrap()
}

fn identity(subject: &str) -> Identity {
    Identity { issuer: ISSUER.into(), subject: subject.into(), label: format!("{subject}@id.example") }
}

/// A session of `user` as it was opened by a code or by the provider.
async fn session(core: &Core, user: UserId, id: &[u8], by_provider: bool) -> SessionHandle {
    let signed_in = if by_provider {
        SignedIn::by_provider(user, &client(), core.now())
    } else {
        SignedIn::by_code(user, &client(), None, core.now())
    };
    let data = serde_json::json!({ SIGNED_IN: signed_in });
    assert_eq!(
        session::insert(&core.pool, id, Some(user), &data, LIFE, core.now()).await.unwrap(),
        session::Insertion::Stored
    );
    session::handle(id)
}

async fn is_open(core: &Core, id: &[u8]) -> bool {
    session::load(&core.pool, id, LIFE, core.now()).await.unwrap().is_some()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_identity_signs_in_whoever_linked_it_and_nobody_else(pool: PgPool) {
    let (core, clock) = at(pool);
    let (ada, bob) = (testing::user(&core.pool, "ada", 1).await, testing::user(&core.pool, "bob", 1).await);
    let (hers, his) = (session(&core, ada, b"hers", false).await, session(&core, bob, b"his", false).await);
    assert!(matches!(links::sign_in(&core, &client(), &identity("a")).await, Err(OidcError::Unlinked)));
    links::link(&core, By::user(&client()), ada, hers, &identity("a")).await.unwrap();
    let linked_at = core.now();
    clock.advance(Duration::MINUTE);
    assert_eq!(links::sign_in(&core, &client(), &identity("a")).await.unwrap(), ada);
    let found = links::find(&core, ada, ISSUER).await.unwrap().unwrap();
    assert_eq!((found.label.as_str(), found.linked_at), ("a@id.example", rfc3339(linked_at)));
    assert_eq!(found.last_used_at, Some(rfc3339(clock.now())));

    assert!(matches!(
        links::link(&core, By::user(&client()), bob, his, &identity("a")).await,
        Err(OidcError::Taken)
    ));
    assert_eq!(links::sign_in(&core, &client(), &identity("a")).await.unwrap(), ada);
    assert_eq!(links::find(&core, bob, ISSUER).await.unwrap(), None);
    let elsewhere = Identity { issuer: "https://other.example".into(), ..identity("a") };
    assert!(
        matches!(links::sign_in(&core, &client(), &elsewhere).await, Err(OidcError::Unlinked)),
        "same subject"
    );
    assert_eq!(links::find(&core, ada, &elsewhere.issuer).await.unwrap(), None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn only_a_session_that_holds_links(pool: PgPool) {
    let (core, clock) = at(pool);
    let (ada, bob) = (testing::user(&core.pool, "ada", 1).await, testing::user(&core.pool, "bob", 1).await);
    let hers = session(&core, ada, b"hers", false).await;
    assert!(matches!(
        links::link(&core, By::user(&client()), bob, hers, &identity("a")).await,
        Err(OidcError::Expired)
    ));
    clock.advance(Duration::hours(2));
    assert!(
        matches!(
            links::link(&core, By::user(&client()), ada, hers, &identity("a")).await,
            Err(OidcError::Expired)
        ),
        "idle"
    );
    let next = session(&core, ada, b"next", false).await;
    session::delete(&core.pool, b"next").await.unwrap();
    assert!(
        matches!(
            links::link(&core, By::user(&client()), ada, next, &identity("a")).await,
            Err(OidcError::Expired)
        ),
        "ended"
    );
    assert_eq!(links::find(&core, ada, ISSUER).await.unwrap(), None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn another_identity_takes_the_place_of_the_first(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = testing::user(&core.pool, "ada", 1).await;
    let hers = session(&core, ada, b"hers", false).await;
    links::link(&core, By::user(&client()), ada, hers, &identity("a")).await.unwrap();
    session(&core, ada, b"opened by a", true).await;
    let renamed = Identity { label: "Ada".into(), ..identity("a") };
    links::link(&core, By::user(&client()), ada, hers, &renamed).await.unwrap();
    assert_eq!(links::find(&core, ada, ISSUER).await.unwrap().unwrap().label, "Ada");
    assert!(is_open(&core, b"opened by a").await, "it is the same");
    links::link(&core, By::user(&client()), ada, hers, &identity("b")).await.unwrap();
    assert!(matches!(links::sign_in(&core, &client(), &identity("a")).await, Err(OidcError::Unlinked)));
    assert_eq!(links::sign_in(&core, &client(), &identity("b")).await.unwrap(), ada);
    assert!(!is_open(&core, b"opened by a").await && is_open(&core, b"hers").await);
    let expected = [
        ("identity_linked", json!({ "name": "a@id.example" })),
        ("identity_linked", json!({ "name": "Ada" })),
        ("identity_unlinked", json!({ "name": "Ada" })),
        ("identity_linked", json!({ "name": "b@id.example" })),
        ("signed_in", json!({ "by": "identity" })),
    ];
    assert_eq!(recorded(&core, ada).await, expected.map(|(action, details)| (action.to_owned(), details)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn unlinking_ends_what_the_identity_opened_but_not_where_one_is(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (testing::user(&core.pool, "ada", 1).await, testing::user(&core.pool, "bob", 1).await);
    let by_code = session(&core, ada, b"by code", false).await;
    let here = session(&core, ada, b"here", true).await;
    session(&core, ada, b"there", true).await;
    session(&core, bob, b"bob", true).await;
    links::link(&core, By::user(&client()), ada, by_code, &identity("a")).await.unwrap();
    assert!(!links::unlink(&core, By::user(&client()), bob, ISSUER, None).await.unwrap());
    assert!(links::unlink(&core, By::user(&client()), ada, ISSUER, Some(here)).await.unwrap());
    assert!(matches!(links::sign_in(&core, &client(), &identity("a")).await, Err(OidcError::Unlinked)));
    assert!(is_open(&core, b"by code").await && is_open(&core, b"here").await);
    assert!(!is_open(&core, b"there").await, "opened by the identity");
    assert!(!links::unlink(&core, By::user(&client()), ada, ISSUER, Some(here)).await.unwrap());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_two_who_link_one_identity_at_once_one_has_it(pool: PgPool) {
    let (core, _) = at(pool);
    let mut people = Vec::new();
    for name in ["ada", "bob", "cyd", "dan"] {
        let user = testing::user(&core.pool, name, 1).await;
        people.push((user, session(&core, user, name.as_bytes(), false).await));
    }
    let identity = identity("a");
    let client = client();
    let by = By::user(&client);
    let tries = people.iter().map(|(user, session)| links::link(&core, by, *user, *session, &identity));
    let outcomes = futures::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Ok(()) | Err(OidcError::Taken))), "{outcomes:?}");
}
