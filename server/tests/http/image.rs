//! `/i/{yyyy}/{mm}/{dd}/{slug}.{ext}`: the bytes as they were stored.

use http::Method;
use reflect_core::images::variants;
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, path, pictures};

/// An instance with one image.
async fn with_image(pool: PgPool, name: &str) -> (App, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, name, &pictures::png(400, 300)).await;
    (app, image)
}

#[track_caller]
fn is_hardened(answer: &Answer) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(answer.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_format_comes_out_as_it_was_stored(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for (media_type, _, bytes) in pictures::samples() {
        let image = app.upload(&ada, "a", &bytes).await;
        let answer = app.get(path(&image["links"]["url"])).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, media_type));
        assert_eq!(answer.body, app.stored(&image).await);
        assert_eq!(answer.body.len(), image["byte_size"]);
        let again = app.get(path(&image["links"]["url"])).await;
        assert_eq!((again.body, again.headers), (answer.body, answer.headers), "from memory");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_has_nothing_to_hide_is_stored_byte_for_byte(pool: PgPool) {
    let app = App::new(pool);
    let bytes = pictures::png(400, 300);
    let image = app.upload(&app.person("ada").await, "a.png", &bytes).await;
    assert_eq!(app.get(path(&image["links"]["url"])).await.body, bytes);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_may_be_kept_for_ever_and_embedded_anywhere_and_does_nothing(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    let answer = app.get(path(&image["links"]["url"])).await;
    is_hardened(&answer);
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("accept-ranges"), "bytes");
    assert_eq!(answer.header("content-length"), image["byte_size"].to_string());
    assert_eq!(answer.header("content-disposition"), "inline; filename=\"a.png\"");
    let etag = answer.header("etag");
    assert!(etag.len() > 20 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");
    for none in ["vary", "set-cookie", "content-encoding"] {
        assert_eq!(answer.header(none), "", "{none}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_name_in_any_script_survives_saving(pool: PgPool) {
    let (app, image) = with_image(pool, "猫 \u{e9}t\u{e9}; 100%.jpeg").await;
    let answer = app.get(path(&image["links"]["url"])).await;
    assert_eq!(
        answer.header("content-disposition"),
        "inline; filename=\"_ _t_; 100_.png\"; filename*=UTF-8''%E7%8C%AB%20%C3%A9t%C3%A9%3B%20100%25.png"
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_head_has_the_headers_of_a_get_and_no_body(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    for link in ["url", "thumbnail"] {
        let path = path(&image["links"][link]);
        let cold = app.head(path).await;
        let get = app.get(path).await;
        let warm = app.head(path).await;
        for head in [cold, warm] {
            assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
            assert_eq!(head.headers, get.headers);
        }
        assert_eq!(get.header("content-length"), get.body.len().to_string());
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_has_the_image_is_told_that_it_is_unchanged(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    for link in ["url", "thumbnail"] {
        let path = path(&image["links"][link]);
        // Known from the facts alone: no bytes are read for it.
        let cold = app.get(path).header("if-none-match", "*").await;
        assert_eq!(cold.status, 304);
        let etag = app.get(path).await.header("etag").to_owned();
        for tag in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}"), "*".into()] {
            let answer = app.get(path).header("if-none-match", &tag).await;
            assert_eq!((answer.status.as_u16(), answer.body.len()), (304, 0), "{tag}");
            assert_eq!((answer.header("etag"), answer.header("content-type")), (&*etag, ""));
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(answer.headers, cold.headers);
            is_hardened(&answer);
        }
        assert_eq!(app.get(path).header("if-none-match", "\"other\"").await.status, 200);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn equal_bytes_have_equal_tags_and_other_bytes_others(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (same, other) = (pictures::png(30, 30), pictures::png(30, 30));
    let mut tags = Vec::new();
    for (owner, bytes) in [(&ada, &same), (&bob, &same), (&bob, &other)] {
        let image = app.upload(owner, "a", bytes).await;
        tags.push(app.get(path(&image["links"]["url"])).await.header("etag").to_owned());
    }
    assert!(tags[0] == tags[1] && tags[1] != tags[2], "{tags:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_the_whole_address_names_an_image(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    let slug = image["slug"].as_str().unwrap();
    let other_case: String = slug
        .chars()
        .map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() })
        .collect();
    for path in [
        format!("/i/2026/11/21/{slug}.png"),
        format!("/i/2026/11/20/{slug}.jpg"),
        format!("/i/2026/11/20/{slug}.PNG"),
        format!("/i/2026/11/20/{slug}"),
        format!("/i/2026/11/20/{slug}.png/"),
        format!("/i/2026/11/20/{slug}.png.png"),
        format!("/i/2026/11/{slug}.png"),
        format!("/i/{slug}.png"),
        format!("/i/2026/11/20/{other_case}1.png"),
        format!("/i/2026/11/20/{other_case}.png"),
        "/i/2026/11/20/abcDEF012345678.png".into(),
        "/i/2026/11/20/%2e%2e%2f%2e%2e%2fetc%2fpasswd.png".into(),
        "/i/%FF".into(),
        "/i/x".into(),
    ] {
        let answer = app.get(&path).await;
        answer.refuses(404, "not-found");
        is_hardened(&answer);
    }
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_missing_is_there_once_it_is_restored(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    let url = path(&image["links"]["url"]);
    sqlx::query("UPDATE images SET deleted_at = now()").execute(app.pool()).await.unwrap();
    app.get(url).await.refuses(404, "not-found");
    sqlx::query("UPDATE images SET deleted_at = NULL").execute(app.pool()).await.unwrap();
    assert_eq!(app.get(url).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_address_keeps_its_date_whatever_day_it_is(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    app.wait(Duration::days(400));
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_are_only_read(pool: PgPool) {
    let (app, image) = with_image(pool, "a.png").await;
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = app.call(method, path(&image["links"]["url"])).same_origin().await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET,HEAD"));
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_session_is_neither_read_nor_renewed_for_an_image(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let person = app.with_token(ada.user_id).await;
    let image = app.upload(&person, "a.png", &pictures::png(4, 4)).await;
    app.wait(Duration::minutes(30));
    let answer = app.get(path(&image["links"]["url"])).cookie(&cookie).await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (200, ""));
    let sql = "SELECT count(*) FROM sessions WHERE last_seen_at = created_at";
    let untouched: i64 = sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap();
    assert_eq!(untouched, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_answered_from_memory_is_wanted_too(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.jpg", &pictures::jpeg(900, 600)).await;
    let thumbnail = path(&image["links"]["thumbnail"]);
    assert_eq!(app.get(thumbnail).header("accept", "image/webp").await.status, 200);
    let days = async || -> Vec<String> {
        app.state.images.note_variants(app.core());
        variants::write_used(app.core()).await.unwrap();
        let sql = "SELECT DISTINCT used_on::text FROM variants ORDER BY 1";
        sqlx::query_scalar(sql).fetch_all(app.pool()).await.unwrap()
    };
    assert_eq!(days().await, ["2026-11-20"]);
    app.clock.advance(Duration::DAY);
    assert_eq!(days().await, ["2026-11-20", "2026-11-21"], "one is in memory");
}
