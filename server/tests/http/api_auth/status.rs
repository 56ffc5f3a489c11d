//! How somebody signs in, at a glance, and what looking costs.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use serde_json::json;
use sqlx::PgPool;
use time::Duration;
use tracing::{Event, Subscriber};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt as _},
};

use super::post;
use crate::support::App;

const STATUS: &str = "/api/v1/auth/totp/status";

/// Counts what sqlx says that it has the database do.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Statements that it takes to answer.
async fn cost(app: &App, cookie: &str, path: &str) -> usize {
    let statements = Statements::default();
    // With one dispatcher alone, tracing asks that of whichever thread first comes by an event whether anybody
    // wants it, and so may hear from another test that nobody does.
    let _second = tracing::Dispatch::new(tracing_subscriber::registry());
    let counting = tracing_subscriber::registry().with(statements.clone());
    let counted = tracing::subscriber::set_default(counting);
    let status = app.get(path).cookie(cookie).await.status;
    drop(counted);
    assert_eq!(status, 200, "{path}");
    statements.0.load(Ordering::Relaxed)
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_status_tells_what_there_is(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.rotation = reflect_core::auth::authenticator::RotationPolicy::after_days(1, 2);
    });
    let ada = app.enrol("ada").await;
    app.wait(Duration::DAY);
    let body = json!({ "recovery_code": ada.recovery_codes[0].reveal() });
    let cookie = post(&app, "", "/api/v1/auth/sign-in", body).await.session_cookie().unwrap().0;
    app.wait(Duration::minutes(1));
    let status = app.get(STATUS).cookie(&cookie).await.gives(200);
    let expected = json!({
        "name": "ada",
        "authenticators": 1,
        "rotation": "due",
        "recovery_codes_left": 9,
        "fresh_for": 540,
    });
    assert_eq!(status, expected);
    app.wait(Duration::minutes(9));
    assert_eq!(app.get(STATUS).cookie(&cookie).await.gives(200)["fresh_for"], 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn looking_is_one_statement_and_a_page_takes_two_besides_its_own(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for (path, statements) in [
        (STATUS, 1),
        // The session and the person.
        ("/sign-in", 2),
        // And what the page shows.
        ("/gallery", 3),
    ] {
        assert_eq!(cost(&app, &cookie, path).await, statements, "{path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn looking_keeps_nobody_signed_in(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(Duration::minutes(119));
    app.get(STATUS).cookie(&cookie).await.gives(200);
    app.wait(Duration::minutes(1));
    app.get(STATUS).cookie(&cookie).await.refuses(401, "signed-out");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_that_has_moved_or_ended_has_no_status(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()]);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let moved = app.get(STATUS).cookie(&cookie).header("x-forwarded-for", "203.0.113.5").await;
    moved.refuses(401, "signed-out");
    app.get(STATUS).cookie(&cookie).await.gives(200);
    post(&app, &cookie, "/api/v1/auth/sign-out", json!({})).await;
    app.get(STATUS).cookie(&cookie).await.refuses(401, "signed-out");
}
