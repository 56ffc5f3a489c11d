//! How tokens arrive, and that nothing but a token counts.

use http::Method;
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
