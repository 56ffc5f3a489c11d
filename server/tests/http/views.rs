//! What is counted as a view of an image.

use http::Method;
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

use crate::support::{App, Call, Person, path, pictures};

/// An instance with an image that has variants, and whose it is.
async fn with_image(pool: PgPool) -> (App, Person, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(800, 600)).await;
    (app, ada, image)
}

/// How many views there are in all, once those in memory are written down.
pub async fn views(app: &App) -> i64 {
    app.state.images.write_views(app.core()).await.unwrap();
    let sql = "SELECT coalesce(sum(views), 0)::bigint FROM image_view_totals";
    sqlx::query_scalar(sql).fetch_one(app.pool()).await.unwrap()
}

/// How many views a request makes, with the status that it is answered with.
async fn made(app: &App, call: Call<'_>, status: u16) -> i64 {
    let before = views(app).await;
    assert_eq!(call.await.status, status);
    views(app).await - before
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn bytes_for_others_are_a_view_and_nothing_else_is(pool: PgPool) {
    let (app, _, image) = with_image(pool).await;
    for link in ["url", "thumbnail"] {
        let path = path(&image["links"][link]);
        let etag = app.head(path).await.header("etag").to_owned();
        // From the database, and from memory.
        for _ in 0..2 {
            assert_eq!(made(&app, app.head(path), 200).await, 0, "HEAD");
            assert_eq!(made(&app, app.get(path).header("if-none-match", &etag), 304).await, 0, "304");
            assert_eq!(made(&app, app.get(path), 200).await, 1, "{link}");
        }
        for (range, views) in [("0-", 1), ("0-9", 1), ("10-", 0), ("-5", 0)] {
            let call = app.get(path).header("range", format!("bytes={range}"));
            assert_eq!(made(&app, call, 206).await, views, "{range}");
        }
        assert_eq!(made(&app, app.get(path).header("range", "bytes=99999999-"), 416).await, 0);
        assert_eq!(made(&app, app.call(Method::POST, path), 405).await, 0);
    }
    let url = path(&image["links"]["url"]);
    assert_eq!(made(&app, app.get(&format!("{url}?w=1")), 400).await, 0);
    assert_eq!(made(&app, app.get(&url.replace("2026", "2025")), 404).await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_of_ones_own_count_nothing_and_all_others_do(pool: PgPool) {
    let (app, _, image) = with_image(pool).await;
    let url = path(&image["links"]["url"]);
    for (site, views) in [("cross-site", 1), ("same-site", 1), ("none", 1), ("same-origin", 0)] {
        assert_eq!(made(&app, app.get(url).header("sec-fetch-site", site), 200).await, views, "{site}");
    }
    let public =
        app.get(url).header("sec-fetch-site", "same-origin").header("referer", "http://localhost/p/x");
    assert_eq!(made(&app, public, 200).await, 1, "a page for others says that it is one");
}

/// The tags of pictures in a page, those of its links left out.
fn pictures_of(html: &str) -> Vec<&str> {
    let tags = html.split("<img ").skip(1).filter_map(|rest| rest.split_once('>'));
    tags.map(|(tag, _)| tag).filter(|tag| tag.contains("decoding=")).collect()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_for_others_send_a_referrer_with_their_pictures(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token);
    let album = album.json(&serde_json::json!({ "name": "a" })).await.gives(201);
    let add = serde_json::json!({ "ids": [image["id"]], "action": { "album": album["id"] } });
    app.call(Method::POST, "/api/v1/images/bulk").token(&ada.token).json(&add).await.gives(200);
    let album = format!("/api/v1/albums/{}", album["id"].as_str().unwrap());
    let share = app.call(Method::PATCH, &album).token(&ada.token);
    let shared = share.json(&serde_json::json!({ "share": {} })).await.gives(200);
    for page in [&image["links"]["page"], &shared["share"]["url"]] {
        let html = app.get(path(page)).await.text().to_owned();
        let pictures = pictures_of(&html);
        assert!(!pictures.is_empty(), "{html}");
        for picture in pictures {
            assert!(picture.contains("referrerpolicy=\"same-origin\""), "{picture}");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn of_images_that_not_everybody_sees_views_of_others_count(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let url = path(&image["links"]["url"]);
    let change = async |change: Value| {
        let id = image["id"].as_str().unwrap();
        let call = app.call(Method::PATCH, &format!("/api/v1/images/{id}")).token(&ada.token);
        call.json(&change).await.gives(200);
    };
    change(serde_json::json!({ "max_views": 2 })).await;
    assert_eq!(made(&app, app.get(url).token(&ada.token), 200).await, 0, "the owner's own");
    assert_eq!(made(&app, app.get(url), 200).await, 1);
    assert_eq!(made(&app, app.get(url), 200).await, 1);
    assert_eq!(made(&app, app.get(url), 404).await, 0, "used up");
    change(serde_json::json!({ "max_views": null, "expires_at": "2026-11-21T12:00:00Z" })).await;
    assert_eq!(made(&app, app.get(url), 200).await, 1);
    change(serde_json::json!({ "expires_at": null, "visibility": "private" })).await;
    assert_eq!(made(&app, app.get(url), 404).await, 0);
    assert_eq!(made(&app, app.get(url).token(&ada.token), 200).await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_forgotten_meanwhile_was_seen_all_the_same(pool: PgPool) {
    let (app, _, image) = with_image(pool).await;
    let url = path(&image["links"]["url"]);
    for _ in 0..3 {
        assert_eq!(app.get(url).await.status, 200);
        app.state.images.forget_all();
    }
    // Nothing is kept in memory for as long as nobody is heard.
    app.state.images.doubt();
    assert_eq!(app.get(url).await.status, 200);
    assert_eq!(views(&app).await, 4);
    assert_eq!(app.get(url).await.status, 200);
    app.wait(Duration::days(1));
    assert_eq!(views(&app).await, 5, "days go on");
    assert_eq!(app.count("image_views").await, 2);
}
