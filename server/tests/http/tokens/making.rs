//! Tokens are made, seen and revoked by people.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::Desk;
use crate::support::App;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_is_told_once_and_listed_with_what_it_opens(pool: PgPool) {
    let desk = Desk::new(pool).await;
    assert_eq!(desk.list().await, [] as [Value; 0]);
    let (id, token) = desk
        .made(json!({
            "name": " PicGo ", "scopes": ["read", "upload", "read"], "expires_in_days": 30,
            "requests_per_minute": "120", "max_upload": "5 MiB",
        }))
        .await;
    desk.app.wait(Duration::SECOND);
    let (plain, _) = desk.made(json!({ "name": "curl", "scopes": ["delete"] })).await;
    let called = desk.app.get("/api/v1/me").token(&token).header("user-agent", "PicGo/2.3.1").await;
    assert_eq!(called.gives(200)["name"], "ada");
    let [second, first] = desk.list().await.try_into().unwrap();
    let expected = json!({
        "id": id, "name": "PicGo", "scopes": ["upload", "read"],
        "created_at": "2026-11-20T12:00:00Z", "expires_at": "2026-12-20T12:00:00Z", "expired": false,
        "last_used_at": "2026-11-20T12:00:01Z", "network": "127.0.0.0/24", "agent": "PicGo",
        "requests_per_minute": 120, "max_upload": 5 << 20,
    });
    assert_eq!(first, expected);
    let expected = json!({
        "id": plain, "name": "curl", "scopes": ["delete"],
        "created_at": "2026-11-20T12:00:01Z", "expires_at": null, "expired": false,
        "last_used_at": null, "network": null, "agent": null,
        "requests_per_minute": 6000, "max_upload": null,
    });
    assert_eq!(second, expected);
    let listed = desk.call(Method::GET, "tokens").await;
    assert!(!listed.text().contains("rfl_"), "{listed:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_token_is_refused_by_the_name_of_what_is_wrong(pool: PgPool) {
    let desk = Desk::new(pool).await;
    for (wanted, name, expected) in [
        (json!({ "name": "", "scopes": ["read"] }), "name", "1 to 64 characters"),
        (json!({ "name": "x", "scopes": [] }), "scopes", "at least one"),
        (json!({ "name": "x", "scopes": ["read", "fly"] }), "scopes", "upload, read, edit, delete, admin"),
        (
            json!({ "name": "x", "scopes": ["read"], "expires_in_days": 0 }),
            "expires_in_days",
            "from 1 to 3650",
        ),
        (
            json!({ "name": "x", "scopes": ["read"], "requests_per_minute": 60_001 }),
            "requests_per_minute",
            "60000",
        ),
        (json!({ "name": "x", "scopes": ["read"], "max_upload": "much" }), "max_upload", "5 GiB"),
        (json!({ "name": "x", "scopes": ["admin"] }), "expires_in_days", "1 to 90 days"),
        (
            json!({ "name": "x", "scopes": ["admin"], "expires_in_days": 91 }),
            "expires_in_days",
            "1 to 90 days",
        ),
        (json!({ "name": "x" }), "body", "scopes"),
        (json!({ "name": "x", "scopes": ["read"], "album": "y" }), "body", "album"),
    ] {
        let problem = desk.make(wanted.clone()).await.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], name, "{wanted}");
        assert!(problem["expected"].as_str().unwrap().contains(expected), "{problem}");
    }
    assert_eq!(desk.list().await.len(), 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_administrators_make_one_that_administers(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let wanted = json!({ "name": "x", "scopes": ["admin"], "expires_in_days": 90 });
    desk.make(wanted.clone()).await.refuses(403, "forbidden");
    sqlx::query("UPDATE users SET is_admin = true").execute(desk.app.pool()).await.unwrap();
    let (_, token) = desk.made(wanted).await;
    desk.app.get("/api/v1/admin/overview").token(&token).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_fifty_first_is_refused(pool: PgPool) {
    let desk = Desk::new(pool).await;
    for _ in 0..50 {
        desk.app.token(desk.ada.user_id, [model::types::Scope::Read]).await;
    }
    let refused = desk.make(json!({ "name": "x", "scopes": ["read"] })).await;
    assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "tokens");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn revoked_ones_open_nothing_any_more(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let wanted = json!({ "name": "x", "scopes": ["read"] });
    let (mut ids, mut tokens) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let (id, token) = desk.made(wanted.clone()).await;
        ids.push(id);
        tokens.push(token);
    }
    let opens = async |token: &str| desk.app.get("/api/v1/images").token(token).await.status == 200;
    assert!(opens(&tokens[0]).await);
    assert_eq!(desk.call(Method::DELETE, &format!("tokens/{}", ids[0])).await.status, 204);
    desk.app.get("/api/v1/images").token(&tokens[0]).await.refuses(401, "invalid-token");
    desk.call(Method::DELETE, &format!("tokens/{}", ids[0])).await.refuses(404, "not-found");
    assert!(opens(&tokens[1]).await);
    assert_eq!(desk.call(Method::DELETE, "tokens").await.status, 204);
    assert!(!opens(&tokens[1]).await && !opens(&tokens[2]).await);
    assert_eq!(desk.list().await.len(), 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_persons_is_neither_seen_nor_revoked(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let bob = desk.app.person("bob").await;
    assert_eq!(desk.list().await.len(), 0);
    let id: sqlx::types::Uuid =
        sqlx::query_scalar("SELECT id FROM api_tokens").fetch_one(desk.app.pool()).await.unwrap();
    desk.call(Method::DELETE, &format!("tokens/{id}")).await.refuses(404, "not-found");
    assert_eq!(desk.call(Method::DELETE, "tokens").await.status, 204);
    desk.app.get("/api/v1/me").token(&bob.token).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_apps_own_door_asks_for_a_fresh_code_too(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let wanted = json!({
        "name": "x", "scopes": ["read"], "expires_in_days": "", "requests_per_minute": "", "max_upload": "",
    });
    let function = |name: &str, body: Value| desk.app.function(name, body).cookie(&desk.cookie);
    let made = function("create-token", wanted.clone()).await.gives(200);
    desk.app.get("/api/v1/me").token(made["token"].as_str().unwrap()).await.gives(200);
    desk.app.wait(Duration::minutes(10));
    for (name, body) in [
        ("create-token", wanted),
        ("revoke-token", json!({ "id": made["id"] })),
        ("revoke-tokens", json!({})),
    ] {
        function(name, body).await.fails(403, "fresh-code-needed");
    }
    let listed = function("tokens", json!({})).await.gives(200);
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_settings_have_a_page_for_them(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let empty = app.get("/settings/tokens").cookie(&cookie).await;
    assert!(empty.page(200).contains("No program has a token yet"));
    app.token(ada.user_id, [model::types::Scope::Read]).await;
    let page = app.get("/settings/tokens").cookie(&cookie).await;
    assert!(page.page(200).contains("Not used yet") && !page.text().contains("No program has"));
}
