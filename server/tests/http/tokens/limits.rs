//! How often a token may be used, for how large files, and for how long.

use http::Method;
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

use super::Desk;
use crate::support::{Answer, App, Form, pictures};

async fn me(app: &App, token: &str) -> Answer {
    app.get("/api/v1/me").token(token).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_minute_is_counted_down_and_refuses_what_is_too_much(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let wanted = json!({ "name": "x", "scopes": ["read"], "requests_per_minute": 3 });
    let (_, token) = desk.made(wanted.clone()).await;
    for left in [2, 1] {
        let answer = me(&desk.app, &token).await;
        assert_eq!(answer.header("ratelimit-policy"), "\"token\";q=3;w=60");
        assert_eq!(
            (answer.status.as_u16(), answer.header("ratelimit")),
            (200, &*format!("\"token\";r={left};t=60"))
        );
    }
    desk.app.wait(Duration::seconds(20));
    let refused = desk.app.call(Method::DELETE, "/api/v1/images/01890000-0000-7000-8000-000000000000");
    let refused = refused.token(&token).await;
    refused.refuses(403, "insufficient-scope");
    assert_eq!(refused.header("ratelimit"), "\"token\";r=0;t=40", "what was refused counts as well");
    let answer = me(&desk.app, &token).await;
    let problem = answer.refuses(429, "too-many-attempts");
    assert_eq!((&problem["retry_after"], answer.header("retry-after")), (&40.into(), "40"));
    assert_eq!(answer.header("ratelimit"), "\"token\";r=0;t=40");
    let (_, other) = desk.made(wanted).await;
    me(&desk.app, &other).await.gives(200);
    desk.app.wait(Duration::seconds(40));
    assert_eq!(me(&desk.app, &token).await.header("ratelimit"), "\"token\";r=2;t=60");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whoever_has_no_token_is_told_of_no_limit(pool: PgPool) {
    let desk = Desk::new(pool).await;
    for answer in [me(&desk.app, "rfl_wrong").await, desk.call(Method::GET, "me").await] {
        assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""), "{answer:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_is_as_large_as_token_and_instance_allow(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let picture = pictures::png(60, 60);
    let form = || Form::new().file("a.png", &picture);
    let size = picture.len();
    for (limit, status) in [(json!(size - 1), 413), (json!(size), 201), (json!("4 GiB"), 200)] {
        let wanted = json!({ "name": "x", "scopes": ["upload"], "max_upload": limit });
        let (_, token) = desk.made(wanted).await;
        let answer = desk.app.call(Method::POST, "/api/v1/images").token(&token).form(form()).await;
        if status == 413 {
            assert_eq!(answer.refuses(status, "file-too-large")["limit"], limit);
        } else {
            answer.gives(status);
        }
    }
    let wanted = json!({ "name": "x", "scopes": ["upload"], "max_upload": "4 GiB" });
    let (_, token) = desk.made(wanted).await;
    let large = Form::new().file("a.png", &vec![0; 20 * 1024 * 1024 + 1]);
    let answer = desk.app.call(Method::POST, "/api/v1/images").token(&token).form(large).await;
    assert_eq!(answer.refuses(413, "file-too-large")["limit"], 20 * 1024 * 1024, "the instance's own holds");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_ends_to_the_second(pool: PgPool) {
    let desk = Desk::new(pool).await;
    let (_, token) = desk.made(json!({ "name": "x", "scopes": ["read"], "expires_in_days": "1" })).await;
    desk.app.wait(Duration::DAY - Duration::SECOND);
    me(&desk.app, &token).await.gives(200);
    desk.app.wait(Duration::SECOND);
    me(&desk.app, &token).await.refuses(401, "invalid-token");
}
