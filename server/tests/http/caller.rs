//! Who calls the API: a token or a session.

use http::Method;
use model::types::Scope;
use reflect_core::{audit::By, auth::token, testing};
use serde_json::json;
use sqlx::PgPool;

use crate::support::{App, Form, pictures};

const ADDRESSES: [(Method, &str); 5] = [
    (Method::GET, "/api/v1/me"),
    (Method::GET, "/api/v1/images"),
    (Method::POST, "/api/v1/images"),
    (Method::GET, "/api/v1/images/019aa000-0000-7000-8000-000000000000"),
    (Method::DELETE, "/api/v1/images/019aa000-0000-7000-8000-000000000000"),
];

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_told_to_somebody_unknown(pool: PgPool) {
    let app = App::new(pool);
    for (method, path) in ADDRESSES {
        let answer = app.call(method, path).same_origin().await;
        answer.refuses(401, "signed-out");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_that_is_none_of_ours_is_refused_everywhere(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let gone = testing::token(app.core(), ada.id, &testing::terms("old", [Scope::Read])).await;
    assert!(token::revoke(app.core(), By::COMMAND_LINE, ada.id, gone.id).await.unwrap());
    let mistyped = ada.token.replace("rfl_", "rfl-");
    for bad in [gone.token.as_str(), &mistyped, "", "x"] {
        for (method, path) in ADDRESSES {
            let answer = app.call(method, path).token(bad).await;
            answer.refuses(401, "invalid-token");
            assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_scheme_than_bearer_is_no_token(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let answer = app.get("/api/v1/me").header("authorization", format!("Basic {}", ada.token)).await;
    answer.refuses(401, "signed-out");
    let answer = app.get("/api/v1/me").header("authorization", format!("bEARER {}", ada.token)).await;
    assert_eq!(answer.gives(200)["name"], "ada");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn me_tells_name_space_and_codes(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let me = app.get("/api/v1/me").token(&ada.token).await.gives(200);
    let expected = json!({
        "id": ada.id,
        "name": "ada",
        "email": null, "email_verified": false,
        "is_admin": false,
        "usage": { "used": image["byte_size"], "quota": 1 << 30, "images": 1 },
        "recovery_codes_left": 0,
    });
    assert_eq!(me, expected);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_reads_and_uploads(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let me = app.get("/api/v1/me").cookie(&cookie).await.gives(200);
    assert_eq!((&me["name"], &me["recovery_codes_left"]), (&"ada".into(), &10.into()));
    let form = Form::new().file("a.png", &pictures::png(4, 4));
    let answer = app.call(Method::POST, "/api/v1/images").cookie(&cookie).same_origin().form(form).await;
    answer.gives(201);
    assert_eq!(app.count("images").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_beside_a_session_is_judged_alone(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let bob = app.person("bob").await;
    let me = app.get("/api/v1/me").cookie(&cookie).token(&bob.token).await.gives(200);
    assert_eq!(me["name"], "bob");
    app.get("/api/v1/me").cookie(&cookie).token("rfl_wrong").await.refuses(401, "invalid-token");
}
