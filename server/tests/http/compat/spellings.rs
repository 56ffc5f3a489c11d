//! How tokens arrive, and that nothing but a token counts.

use http::Method;
use model::types::{Scope, TokenTerms};
use reflect_core::testing;
use sqlx::PgPool;

use crate::support::{App, Form, pictures};

const UPLOADS: [(&str, &str); 4] = [
    ("/api/v2/upload", "smfile"),
    ("/api/v1/file/upload", "smfile"),
    ("/compat/lsky/api/v1/upload", "file"),
    ("/api/1/upload", "source"),
];

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_spelling_of_a_token_opens_each_dialect(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let token = &ada.token;
    let mut taken = 0;
    for (address, field) in UPLOADS {
        let form = || Form::new().file_in(field, "a.png", &pictures::png(4, 4));
        let post = || app.call(Method::POST, address);
        for spelling in [
            token.clone(),
            format!("Bearer {token}"),
            format!("Basic {token}"),
            format!("bearer Bearer {token}"),
        ] {
            post().header("authorization", spelling).form(form()).await.gives(200);
        }
        post().header("x-api-key", token).form(form()).await.gives(200);
        let query = format!("{address}?key={token}");
        app.call(Method::POST, &query).form(form()).await.gives(200);
        let field = Form::new().text("key", token).file_in(field, "a.png", &pictures::png(4, 4));
        post().form(field).await.gives(200);
        taken += 7;
        assert_eq!(app.count("images").await, taken, "{address}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_opens_none_of_them(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for (address, field) in UPLOADS {
        let form = Form::new().file_in(field, "a.png", &pictures::png(4, 4));
        app.call(Method::POST, address).cookie(&cookie).same_origin().form(form).await;
    }
    for address in ["/api/v2/upload_history", "/api/v1/files"] {
        assert_eq!(app.get(address).cookie(&cookie).await.gives(200)["success"], false, "{address}");
    }
    app.get("/compat/lsky/api/v1/images").cookie(&cookie).await.gives(401);
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_suspended_owners_token_opens_none_of_them(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    sqlx::query("UPDATE users SET suspended_at = now()").execute(app.pool()).await.unwrap();
    for (address, field) in UPLOADS {
        let form = Form::new().file_in(field, "a.png", &pictures::png(4, 4));
        app.call(Method::POST, address).token(&ada.token).form(form).await;
    }
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_opens_no_more_than_its_scopes(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol_admin("ada").await.user_id;
    let all = |scope| Scope::ALL.iter().copied().filter(move |other| *other != scope);
    let token = app.token(ada, all(Scope::Upload)).await;
    for (address, field) in UPLOADS {
        let file = || Form::new().file_in(field, "a.png", &pictures::png(4, 4));
        let post = || app.call(Method::POST, address);
        let beside = post().form(Form::new().text("key", &token).file_in(field, "a.png", b"x")).await;
        for answer in [post().token(&token).form(file()).await, beside] {
            assert!(answer.text().contains("one with the scope `upload`"), "{address} {answer:?}");
            assert!(answer.header("ratelimit").starts_with("\"token\";r="), "{address}");
        }
    }
    assert_eq!(app.count("images").await, 0);
    let token = app.token(ada, all(Scope::Read)).await;
    for address in ["/api/v2/upload_history", "/api/v1/files", "/compat/lsky/api/v1/images"] {
        let answer = app.get(address).token(&token).await;
        assert!(answer.text().contains("one with the scope `read`"), "{address} {answer:?}");
    }
    let token = app.token(ada, all(Scope::Delete)).await;
    let answer = app.call(Method::DELETE, "/compat/lsky/api/v1/images/aaaaaaaaaaaa").token(&token).await;
    assert!(answer.text().contains("one with the scope `delete`"), "{answer:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_may_only_read_gets_no_delete_links(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file_in("smfile", "a.png", &pictures::png(4, 4));
    app.call(Method::POST, "/api/v2/upload").token(&ada.token).form(form).await.gives(200);
    let reader = app.token(ada.id, [Scope::Read]).await;
    for (token, tells) in [(&reader, false), (&ada.token, true)] {
        for address in ["/api/v2/upload_history", "/api/v1/files"] {
            let history = app.get(address).token(token).await.gives(200);
            for member in ["hash", "delete"] {
                assert_eq!(history["data"][0][member] != "", tells, "{address} {history}");
            }
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_tokens_own_size_limit_holds_in_each_dialect(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::png(60, 60);
    let limit = picture.len() - 1;
    let terms = TokenTerms {
        max_upload: Some(limit.to_string().parse().unwrap()),
        ..testing::terms("small", [Scope::Upload])
    };
    let token = testing::token(app.core(), ada.id, &terms).await.token;
    for (address, field) in UPLOADS {
        let post = |form: Form| app.call(Method::POST, address).form(form);
        let by_head = post(Form::new().file_in(field, "a.png", &picture)).token(&token).await;
        let by_field = post(Form::new().text("key", &token).file_in(field, "a.png", &picture)).await;
        for answer in [by_head, by_field] {
            assert!(answer.text().contains("is larger than"), "{address} {answer:?}");
        }
        let small = Form::new().file_in(field, "a.png", &pictures::png(4, 4));
        post(small).token(&token).await.gives(200);
    }
    assert_eq!(app.count("images").await, 4);
}
