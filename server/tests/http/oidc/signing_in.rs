//! In, with an identity that is linked.

use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{Way, instance, linked, location, refused, way_cookie};
use crate::support::App;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_linked_identity_signs_in_but_is_no_fresh_code(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let (ada, _) = linked(&app, &home, "ada-at-home").await;
    let answer = Way::to_sign_in(&app, &home, "ada-at-home").await.back(&app).await;
    assert_eq!(location(&answer), "/gallery");
    let (session, mut attributes) = answer.session_cookie().unwrap();
    attributes.sort();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict"]);
    assert!(app.is_signed_in(&session).await);
    let info = app.function("session", json!({})).cookie(&session).await.gives(200);
    assert_eq!(info["me"]["id"], json!(ada.user_id));
    for function in ["link-identity", "unlink-identity", "trust-device", "revoke-devices"] {
        app.function(function, json!({})).cookie(&session).await.fails(403, "fresh-code-needed");
    }
    let (way, attributes) = way_cookie(&answer);
    assert_eq!(way, "reflect-provider=");
    assert!(attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_ways_cookie_comes_back_from_the_provider_and_is_out_of_reach_of_scripts(pool: PgPool) {
    let home = crate::support::Home::start().await;
    for (site, name, secure) in [
        ("http://localhost", "reflect-provider=", false),
        ("https://pictures.example", "__Host-reflect-provider=", true),
    ] {
        let app = App::with(pool.clone(), |setup| {
            setup.settings.origins.site = site.into();
            setup.provider = Some(home.provider());
        });
        let answer = app.get("/auth/oidc/start").await;
        assert!(location(&answer).contains(&format!(
            "redirect_uri={}",
            format!("{site}/auth/oidc/callback").replace(':', "%3A").replace('/', "%2F")
        )));
        let (pair, attributes) = way_cookie(&answer);
        assert!(pair.starts_with(name) && pair.len() > 200, "{pair}");
        for attribute in ["HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(attributes.contains(&attribute.to_owned()), "{attributes:?}");
        }
        assert_eq!(attributes.contains(&"Secure".to_owned()), secure, "{attributes:?}");
        assert_eq!(answer.session_cookie(), None);
    }
    assert_eq!(home.asked("metadata"), 2, "once for each instance");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_identity_that_nobody_has_linked_makes_no_account_and_finds_none_by_its_address(pool: PgPool) {
    let (app, home) = instance(pool).await;
    app.enrol("ada").await;
    sqlx::query("UPDATE users SET email = 'ada@home.example'").execute(app.pool()).await.unwrap();
    let more = json!({ "email": "ada@home.example", "email_verified": true, "preferred_username": "ada" });
    home.manners().claims = more.as_object().unwrap().clone();
    refused(&Way::to_sign_in(&app, &home, "ada").await.back(&app).await, "unlinked");
    assert_eq!((app.count("users").await, app.count("sessions").await), (1, 0));
    assert_eq!(app.count("oidc_links").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_sign_in_page_says_what_came_of_it_in_the_persons_language(pool: PgPool) {
    let (app, _home) = instance(pool).await;
    app.enrol("ada").await;
    for (outcome, english, chinese) in [
        ("denied", "You were not let in at Home", "你未能通过 Home 的授权"),
        ("expired", "That took too long", "用时过长"),
        ("failed", "Home cannot be reached", "无法连接 Home"),
        (
            "unlinked",
            "No account here is linked to the one you have at Home",
            "没有账户与你在 Home 的账户关联",
        ),
    ] {
        let path = format!("/sign-in?provider={outcome}");
        let page = app.get(&path).header("accept-language", "en").await;
        assert!(page.page(200).contains(english), "{outcome}");
        let page = app.get(&path).header("accept-language", "zh-CN").await;
        assert!(page.page(200).contains(chinese), "{outcome}");
    }
    let page = app.get("/sign-in?provider=%3Cscript%3Ealert(1)").await;
    assert!(page.page(200).contains("Sign in with Home") && !page.text().contains("alert(1)"));
    assert!(page.text().contains("href=\"/auth/oidc/start\""));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_a_provider_there_is_no_trace_of_one(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    for path in ["/auth/oidc/start", "/auth/oidc/callback?code=x&state=y"] {
        app.get(path).await.page(404);
    }
    for path in ["/sign-in", "/sign-in?provider=failed"] {
        let page = app.get(path).await;
        assert!(!page.page(200).contains("/auth/oidc") && !page.text().contains("notice-error"));
    }
    let session = app.sign_in(&ada).await;
    let info = app.function("session", json!({})).cookie(&session).await.gives(200);
    assert_eq!(info["sign_in"]["provider"], Value::Null);
    for function in ["link-identity", "linked-identity", "unlink-identity"] {
        app.function(function, json!({})).cookie(&session).await.fails(404, "not-found");
    }
    let page = app.get("/settings/linked-account").cookie(&session).await;
    assert!(!page.text().contains("Linked account"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_provider_that_is_down_keeps_nobody_from_signing_in_by_a_code(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let ada = app.enrol("ada").await;
    home.manners().is_up = false;
    for _ in 0..3 {
        refused(&app.get("/auth/oidc/start").await, "failed");
    }
    assert_eq!(home.asked("metadata"), 1, "it is left alone for a while");
    let session = app.sign_in(&ada).await;
    let address = app.function("link-identity", json!({})).cookie(&session).await.gives(200);
    assert_eq!(address, "/settings/linked-account?provider=failed");
    home.manners().is_up = true;
    app.wait(Duration::seconds(10));
    location(&app.get("/auth/oidc/start").await);
    refused(&Way::to_sign_in(&app, &home, "ada").await.back(&app).await, "unlinked");
    assert_eq!(home.asked("metadata"), 2, "and what it says is kept");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_known_of_a_provider_outlives_an_outage(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    app.wait(Duration::HOUR);
    home.manners().is_up = false;
    let answer = app.get("/auth/oidc/start").await;
    assert!(location(&answer).starts_with(&home.issuer()));
    assert_eq!(home.asked("metadata"), 2);
    home.manners().is_up = true;
    let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
    assert_eq!(location(&answer), "/gallery");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_issuer_that_is_written_otherwise_is_not_taken(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let issuer = format!("{}/", home.issuer());
    home.manners().metadata.insert("issuer".into(), issuer.into());
    refused(&app.get("/auth/oidc/start").await, "failed");
}
