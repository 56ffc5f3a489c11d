//! `/delete/{secret}`: the page that asks before a delete link deletes.

use http::Method;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{Answer, App, Form, SITE, between, path, pictures};

/// An image and its delete link, as an upload answers them.
async fn store(app: &App, name: &str) -> (Value, String) {
    let ada = app.person("ada").await;
    let image = app.upload(&ada, name, &pictures::png(400, 300)).await;
    let link = path(&image["delete_url"]).to_owned();
    (image, link)
}

async fn post(app: &App, link: &str) -> Answer {
    // As browsers send a form of a page with `Referrer-Policy: no-referrer`.
    let call = app.call(Method::POST, link).header("origin", "null");
    call.header("content-type", "application/x-www-form-urlencoded").await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_shows_the_image_and_deletes_nothing(pool: PgPool) {
    let app = App::new(pool);
    let (image, link) = store(&app, "a<b>.png").await;
    let answer = app.get(&link).await;
    let page = answer.page(200);
    assert_eq!(between(page, "<h1>", "</h1>"), "Delete this image?");
    assert!(page.contains("a&lt;b&gt;.png") && page.contains("400 × 300"), "{page}");
    assert!(page.contains("<form method=\"post\"") && !page.contains("<script"), "{page}");
    let url = image["links"]["url"].as_str().unwrap();
    assert_eq!(between(page, "<img class=\"preview\" src=\"", "\""), format!("{url}?w=320"));
    assert!(answer.header("content-security-policy").contains("form-action 'self'"));
    assert_eq!((answer.header("x-robots-tag"), answer.header("cache-control")), ("noindex", "no-store"));
    assert_eq!(app.head(&link).await.status, 200);
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_button_puts_it_into_its_owners_bin(pool: PgPool) {
    let app = App::new(pool);
    let (image, link) = store(&app, "a.png").await;
    let answer = post(&app, &link).await;
    assert_eq!(between(answer.page(200), "<h1>", "</h1>"), "The image is deleted");
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 404);
    assert_eq!(app.count("images WHERE deleted_at IS NOT NULL").await, 1);
    for answer in [post(&app, &link).await, app.get(&link).await] {
        assert_eq!(between(answer.page(410), "<h1>", "</h1>"), "Deleted already");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_link_that_was_never_made_deletes_nothing(pool: PgPool) {
    let app = App::new(pool);
    let (image, link) = store(&app, "a.png").await;
    let slug = image["slug"].as_str().unwrap();
    let longer = format!("{link}A");
    let guessed = format!("/delete/{slug}{}", "A".repeat(43));
    for wrong in ["/delete/x", &longer, &guessed, &format!("/delete/{slug}")] {
        for answer in [app.get(wrong).await, post(&app, wrong).await] {
            assert_eq!(between(answer.page(404), "<h1>", "</h1>"), "This link deletes nothing", "{wrong}");
        }
    }
    assert_eq!(app.count("images WHERE deleted_at IS NOT NULL").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_speaks_chinese(pool: PgPool) {
    let app = App::new(pool);
    let (_, link) = store(&app, "a.png").await;
    let answer = app.get(&link).header("accept-language", "zh-CN,zh;q=0.9").await;
    assert!(answer.page(200).starts_with("<!DOCTYPE html><html lang=\"zh\">"));
    assert_eq!(between(answer.text(), "<h1>", "</h1>"), "删除这张图片？");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_whoever_uploads_is_told_the_link(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file("a.png", &pictures::png(4, 4)).file("b.png", &pictures::png(5, 4));
    let report = app.upload_form(&ada, form).await.gives(201);
    let link = |n: usize| report["images"][n]["delete_url"].as_str().unwrap().to_owned();
    assert!(link(0).starts_with(&format!("{SITE}/delete/")) && link(0) != link(1));
    assert!(app.images(&ada).await.iter().all(|image| image["delete_url"].is_null()));
}
