//! Chevereto and imgbb.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use model::types::ByteSize;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App, Call, Form, Person, SITE, path, pictures};

const ADDRESS: &str = "/api/1/upload";
const ENCODED: &str = "application/x-www-form-urlencoded";

fn call<'a>(app: &'a App, person: &Person, query: &str) -> Call<'a> {
    app.call(Method::POST, &format!("{ADDRESS}{query}")).header("x-api-key", &person.token)
}

/// Pairs as a form sends them; the picture's plus signs and slashes encoded.
fn encoded(pairs: &[(&str, &str)]) -> String {
    let mut text = url::form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(pairs).finish()
}

#[track_caller]
fn fails(answer: &Answer, status: u16, code: u16, message: &str) {
    let body = answer.gives(status);
    assert_eq!((&body["status_code"], &body["error"]["code"]), (&status.into(), &code.into()), "{body}");
    assert_eq!(body["status_txt"], answer.status.canonical_reason().unwrap());
    assert!(body["error"]["message"].as_str().unwrap().contains(message), "{body}");
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_is_answered_with_every_member(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file_in("source", "my cat.png", &pictures::png(1000, 500)).text("expiration", "0");
    let answer = call(&app, &ada, "").form(form).await;
    assert_eq!(answer.header("content-type"), "application/json; charset=UTF-8");
    let mut body = answer.gives(200);
    let stored = &app.images(&ada).await[0];
    let (slug, size) = (stored["slug"].as_str().unwrap(), &stored["byte_size"]);
    let file = format!("{slug}.png");
    let (url, page) = (format!("{SITE}/i/2026/11/20/{file}"), format!("{SITE}/p/{slug}"));
    let rendition = |url: String| json!({ "filename": file, "name": slug, "mime": "image/png", "extension": "png", "url": url });
    let mut original = rendition(url.clone());
    original["size"] = size.clone();
    let delete = body["image"]["delete_url"].take();
    let formatted = body["image"]["size_formatted"].take();
    assert!(delete.as_str().unwrap().starts_with(&format!("{SITE}/delete/{slug}")), "{delete}");
    assert!(formatted.as_str().unwrap().ends_with(" KB"), "{formatted}");
    let expected = json!({
        "status_code": 200,
        "success": { "message": "file uploaded", "code": 200 },
        "image": {
            "id": slug, "id_encoded": slug, "name": slug, "extension": "png", "size": size, "width": 1000, "height": 500,
            "date": "2026-11-20 12:00:00", "date_gmt": "2026-11-20 12:00:00", "time": 1_795_176_000,
            "title": "my cat", "description": null, "nsfw": 0, "md5": "", "original_filename": "my cat.png",
            "expiration": 0, "expiration_date_gmt": null, "filename": file, "mime": "image/png", "url": url,
            "size_formatted": null,
            "image": original,
            "thumb": rendition(format!("{url}?w=320")), "medium": rendition(format!("{url}?w=640")),
            "url_viewer": page, "path_viewer": format!("/p/{slug}"), "url_short": page,
            "display_url": url, "display_width": 1000, "display_height": 500,
            "delete_url": null,
        },
        "status_txt": "OK",
    });
    assert_eq!(body, expected);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn imgbbs_field_is_answered_in_imgbbs_form(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let text = STANDARD.encode(pictures::png(40, 30));
    let query = format!("?key={}", ada.token);
    let form = Form::new().text("image", &text).text("name", "holiday");
    let body = app.call(Method::POST, &format!("{ADDRESS}{query}")).form(form).await.gives(200);
    assert_eq!((&body["success"], &body["status"]), (&true.into(), &200.into()));
    let data = &body["data"];
    assert_eq!(
        (&data["title"], &data["width"], &data["height"]),
        (&"holiday".into(), &40.into(), &30.into())
    );
    assert_eq!(data["id"], app.images(&ada).await[0]["slug"]);
    assert_eq!(data["image"]["url"], data["url"]);
    assert_eq!(app.get(path(&data["thumb"]["url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_text_body_brings_key_and_picture(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    // Longer than what is read before it is known whose it is.
    let text = STANDARD.encode(pictures::noise(60, 60, 1));
    assert!(text.len() > 8192);
    let send = |body: String, key: Option<&str>| {
        let call = app.call(Method::POST, ADDRESS).header("content-type", ENCODED);
        let call = key.map_or_else(
            || app.call(Method::POST, ADDRESS).header("content-type", ENCODED),
            |key| call.header("x-api-key", key),
        );
        call.body(body)
    };
    let key = ada.token.as_str();
    for (pairs, header) in [
        (&[("key", key), ("image", text.as_str())][..], None),
        (&[("source", text.as_str()), ("title", "x")], Some(key)),
    ] {
        send(encoded(pairs), header).await.gives(200);
    }
    // Not encoded at all: the form takes its plus signs for blanks.
    send(format!("key={key}&image={text}"), None).await.gives(200);
    let late = encoded(&[("image", &text), ("key", key)]);
    fails(&send(late.clone(), None).await, 400, 100, "before the picture");
    send(late, Some(key)).await.gives(200);
    let short = encoded(&[("image", "AAAA"), ("key", key)]);
    fails(&send(short, None).await, 415, 415, "JPEG");
    assert_eq!(app.images(&ada).await.len(), 1, "each was the same picture");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_key_is_taken_from_a_part_before_the_picture_only(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::png(4, 4);
    let send = |form: Form| app.call(Method::POST, ADDRESS).form(form);
    send(Form::new().text("key", &ada.token).file_in("source", "a.png", &picture)).await.gives(200);
    let late = Form::new().file_in("source", "a.png", &picture).text("key", &ada.token);
    fails(&send(late).await, 400, 100, "before the picture");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_answer_may_be_an_address_or_the_way_to_the_page(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let send = |query: &str| {
        call(&app, &ada, query).form(Form::new().file_in("source", "a.png", &pictures::png(4, 4)))
    };
    let text = send("?format=txt").await;
    let url = Value::from(text.text());
    assert_eq!((text.status.as_u16(), text.header("content-type")), (200, "text/plain; charset=utf-8"));
    assert_eq!(app.get(path(&url)).await.status, 200);
    let redirect = send("?format=redirect").await;
    assert_eq!(redirect.status, 302);
    redirect_leads_to_a_page(&app, &redirect).await;
    fails(&send("?format=xml").await, 400, 100, "json, txt, redirect");
}

async fn redirect_leads_to_a_page(app: &App, redirect: &Answer) {
    let page = redirect.header("location");
    assert!(page.starts_with("/p/"), "{page}");
    app.get(page).await.page(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_failure_has_its_status_and_says_it_again(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(9_000).try_into().unwrap());
    let ada = app.person("ada").await;
    let poor = app.person_with("poor", 10).await;
    let picture = pictures::png(40, 30);
    let file = |bytes: &[u8]| Form::new().file_in("source", "a.png", bytes);
    let send = |form: Form| call(&app, &ada, "").form(form);

    fails(&app.call(Method::POST, ADDRESS).form(file(&picture)).await, 400, 100, "X-API-Key");
    let wrong = app.call(Method::POST, ADDRESS).header("x-api-key", "chv_wrong").form(file(&picture));
    fails(&wrong.await, 400, 100, "unknown, revoked or expired");
    fails(&send(Form::new().text("title", "x")).await, 400, 130, "Empty upload source");
    fails(&send(file(b"")).await, 400, 130, "empty");
    fails(&send(Form::new().text("source", "no base64!")).await, 400, 120, "Base64");
    let address = Form::new().text("source", "http://10.0.0.1/a.png");
    fails(&send(address).await, 400, 120, "public internet");
    fails(&send(file(b"no picture")).await, 415, 415, "JPEG");
    fails(&send(file(&picture[..60])).await, 422, 422, "damaged");
    fails(&send(file(&pictures::noise(90, 90, 1))).await, 413, 413, "8.8 KiB");
    let text = STANDARD.encode(pictures::noise(90, 90, 1));
    fails(&send(Form::new().text("source", &text)).await, 413, 413, "8.8 KiB");
    fails(&call(&app, &poor, "").form(file(&picture)).await, 413, 413, "of 10 B are used");
    for (field, value) in [("expiration", "PT5M"), ("expiration", "600"), ("album_id", "x"), ("width", "100")]
    {
        let form = file(&picture).text(field, value);
        fails(&send(form).await, 400, 100, &format!("`{field}` must be left out"));
    }
    fails(&send(file(&picture).file_in("source", "b.png", &picture)).await, 413, 413, "More than 1 files");
    fails(&app.call(Method::PUT, ADDRESS).await, 405, 405, "method");
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_request_without_a_body_stores_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let get = |query: &str| app.get(&format!("{ADDRESS}?key={}{query}", ada.token));
    fails(&get("&source=http://10.0.0.1/a.png").await, 400, 120, "public internet");
    fails(&get("&source=AAAA").await, 400, 120, "by POST");
    fails(&get("").await, 400, 130, "Empty upload source");
    fails(&app.get(&format!("{ADDRESS}?source=https://x.example")).await, 400, 100, "X-API-Key");
}
