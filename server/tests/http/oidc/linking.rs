//! Linking an identity to an account, and unlinking it.

use reflect_core::{audit::By, auth::enrolment};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{Way, instance, linked, location, refused};
use crate::enrolment::{begin, confirm};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_who_typed_a_code_lately_links_and_only_from_our_pages(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let ada = app.enrol("ada").await;
    let link = || app.function("link-identity", json!({}));
    link().await.fails(401, "signed-out");
    let session = app.sign_in(&ada).await;
    let foreign = app.call(http::Method::POST, "/api/app/link-identity").json(&json!({})).cookie(&session);
    foreign.header("sec-fetch-site", "cross-site").await.refuses(403, "cross-site");
    app.wait(Duration::minutes(10));
    link().cookie(&session).await.fails(403, "fresh-code-needed");
    let answer =
        app.function("confirm-code", json!({ "code": app.code(&ada.secret) })).cookie(&session).await;
    answer.gives(200);
    let session = answer.session_cookie().map_or(session, |(cookie, _)| cookie);
    let answer = Way::to_link(&app, &home, &session, "a").await.back(&app).await;
    assert_eq!(location(&answer), "/settings/linked-account?provider=linked");
    assert_eq!(answer.session_cookie(), None, "the session stays the one that it is");
    let identity = app.function("linked-identity", json!({})).cookie(&session).await.gives(200);
    assert_eq!(identity["label"], "a@home.example");
    assert_eq!(identity["last_used_at"], Value::Null);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_identity_is_linked_to_one_account(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let (ada, _) = linked(&app, &home, "a").await;
    let bob = app.enrol("bob").await;
    let session = app.sign_in_as("bob", &bob).await;
    let answer = Way::to_link(&app, &home, &session, "a").await.back(&app).await;
    assert_eq!(location(&answer), "/settings/linked-account?provider=taken");
    let page = app.get("/settings/linked-account?provider=taken").cookie(&session).await;
    assert!(page.page(200).contains("linked to somebody else’s account here"), "{page:?}");
    let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
    let info = app.function("session", json!({})).cookie(&answer.session_cookie().unwrap().0).await;
    assert_eq!(info.gives(200)["me"]["id"], json!(ada.user_id));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_signed_out_meanwhile_links_nothing(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let ada = app.enrol("ada").await;
    let session = app.sign_in(&ada).await;
    let way = Way::to_link(&app, &home, &session, "a").await;
    app.function("sign-out", json!({})).cookie(&session).await.gives(200);
    assert_eq!(location(&way.back(&app).await), "/settings/linked-account?provider=expired");
    assert_eq!(app.count("oidc_links").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn unlinking_shuts_the_door_and_ends_what_was_opened_by_it(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let (_, session) = linked(&app, &home, "a").await;
    let answer = Way::to_sign_in(&app, &home, "a").await.back(&app).await;
    let (opened, _) = answer.session_cookie().unwrap();
    assert!(app.is_signed_in(&opened).await);
    app.function("unlink-identity", json!({})).cookie(&session).await.gives(200);
    assert!(!app.is_signed_in(&opened).await && app.is_signed_in(&session).await);
    refused(&Way::to_sign_in(&app, &home, "a").await.back(&app).await, "unlinked");
    let identity = app.function("linked-identity", json!({})).cookie(&session).await.gives(200);
    assert_eq!(identity, Value::Null);
    app.function("unlink-identity", json!({})).cookie(&session).await.fails(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_enrols_anew_has_nothing_linked_any_more(pool: PgPool) {
    let (app, home) = instance(pool).await;
    linked(&app, &home, "a").await;
    let link =
        enrolment::reset_link(app.core(), By::COMMAND_LINE, &"ada".parse().unwrap()).await.unwrap().unwrap();
    let offer = begin(&app, &link, "ada").await;
    let codes = confirm(&app, &offer).await;
    let arguments = json!({ "ticket": offer["ticket"], "code": codes[0] });
    assert_eq!(app.count("oidc_links").await, 1, "nothing has changed yet");
    app.function("finish-enrolment", arguments).await.gives(200);
    refused(&Way::to_sign_in(&app, &home, "a").await.back(&app).await, "unlinked");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_person_knows_an_identity_by_the_best_name_there_is(pool: PgPool) {
    let (app, home) = instance(pool).await;
    let ada = app.enrol("ada").await;
    let session = app.sign_in(&ada).await;
    for (claims, userinfo, label) in [
        (json!({ "email": "ada@home.example", "name": "Ada L." }), None, "ada@home.example"),
        (json!({ "email": null, "preferred_username": "ada" }), None, "ada"),
        (json!({ "email": null }), Some(json!({ "email": "asked@home.example" })), "asked@home.example"),
        (json!({ "email": null }), Some(json!({ "sub": "somebody else", "name": "Mallory" })), "a"),
        (json!({ "email": null }), Some(json!({})), "a"),
        (json!({ "email": null }), None, "a"),
    ] {
        home.manners().claims = claims.as_object().unwrap().clone();
        home.manners().userinfo = userinfo;
        let answer = Way::to_link(&app, &home, &session, "a").await.back(&app).await;
        assert_eq!(location(&answer), "/settings/linked-account?provider=linked");
        let identity = app.function("linked-identity", json!({})).cookie(&session).await.gives(200);
        assert_eq!(identity["label"], label);
    }
    let page = app.get("/settings/linked-account").cookie(&session).await;
    assert!(page.page(200).contains("<strong>a<"), "{page:?}");
}
