//! Many images as one zip file, read by a reader that isn't ours.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use axum::body::Body;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use model::types::Scope;
use reflect_core::images::store;
use serde_json::{Value, json};
use sqlx::PgPool;
use zip::{CompressionMethod, ZipArchive};

use crate::support::{Answer, App, Person, pictures};

async fn zipped(app: &App, person: &Person, ids: &str) -> Answer {
    let call = app.call(Method::POST, "/api/v1/images/zip").token(&person.token);
    call.header("content-type", "application/x-www-form-urlencoded").body(format!("ids={ids}")).await
}

/// Names and bytes, each checked against its checksum by the reader.
fn files(answer: &Answer) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut archive = ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        assert_eq!(file.compression(), CompressionMethod::Stored);
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        assert!(files.insert(file.name().unwrap().into_owned(), bytes).is_none());
    }
    files
}

fn keys(images: &[&Value]) -> String {
    images.iter().map(|image| image["id"].as_str().unwrap()).collect::<Vec<_>>().join(",")
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_selection_comes_back_byte_for_byte_each_with_a_name_of_its_own(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    // Of several windows of chunks.
    let large = pictures::noise(1200, 900, 1);
    assert!(large.len() > 5 * store::CHUNK);
    let mut images = Vec::new();
    for (name, bytes) in
        [("猫.png", &large), ("CAT.png", &pictures::png(40, 30)), ("cat.png", &pictures::png(30, 40))]
    {
        // Keys of one moment are in no order.
        app.wait(time::Duration::MILLISECOND);
        images.push(app.upload(&ada, name, bytes).await);
    }
    let private = json!({ "ids": [images[1]["id"]], "action": { "visibility": "private" } });
    app.call(Method::POST, "/api/v1/images/bulk").token(&ada.token).json(&private).await.gives(200);
    let bobs = app.upload(&bob, "bob.png", &pictures::png(4, 4)).await;
    let answer = zipped(&app, &ada, &keys(&[&images[0], &images[1], &images[2], &bobs])).await;
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"reflect 2026-11-20.zip\"");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let mut expected = BTreeMap::new();
    for (name, image) in [("猫.png", &images[0]), ("CAT (2).png", &images[1]), ("cat.png", &images[2])] {
        expected.insert(name.to_owned(), app.stored(image).await.to_vec());
    }
    assert_eq!(files(&answer), expected);

    zipped(&app, &ada, &keys(&[&bobs])).await.refuses(404, "not-found");
    for wrong in ["", "x", "&ids="] {
        assert_eq!(zipped(&app, &ada, wrong).await.refuses(400, "invalid-parameter")["name"], "ids");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_search_and_an_album_of_more_than_a_page_are_whole(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let first = app.upload(&ada, "cat.png", &pictures::png(40, 30)).await;
    // More rows of the same bytes.
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, hash, \
         created_at) SELECT gen_random_uuid(), owner_id, lpad(n::text, 15, '0'), 'cat.png', media_type, byte_size, \
         width, height, frames, color, hash, created_at FROM images, generate_series(1, 450) AS n",
    )
    .execute(app.pool())
    .await
    .unwrap();
    let get = async |query: &str| app.get(&format!("/api/v1/images/zip{query}")).token(&ada.token).await;
    let all = files(&get("").await);
    assert_eq!(all.len(), 451);
    let bytes = app.stored(&first).await;
    assert!(all.values().all(|file| *file == bytes) && all.contains_key("cat (451).png"));

    let album = json!({ "name": "Ferien/猫" });
    let made = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&album).await.gives(201);
    let into = json!({ "search": "", "action": { "album": made["id"] } });
    app.call(Method::POST, "/api/v1/images/bulk").token(&ada.token).json(&into).await.gives(200);
    let answer = get(&format!("?album={}&type=png", made["id"].as_str().unwrap())).await;
    assert_eq!(files(&answer).len(), 451);
    let expected = "attachment; filename=\"Ferien__.zip\"; filename*=UTF-8''Ferien_%E7%8C%AB.zip";
    assert_eq!(answer.header("content-disposition"), expected);
    get("?type=gif").await.refuses(404, "not-found");
    assert_eq!(get("?typ=png").await.refuses(400, "invalid-parameter")["name"], "typ");
}

/// Where bytes are missing, the answer breaks off instead of ending as if it were whole.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_archive_that_cannot_be_ended_is_not(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::noise(1200, 900, 1)).await;
    sqlx::query("DELETE FROM blob_chunks WHERE number = 5").execute(app.pool()).await.unwrap();
    let request = Request::get("/api/v1/images/zip").header("authorization", format!("Bearer {}", ada.token));
    let response = app.respond(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.status(), 200);
    assert!(response.into_body().collect().await.is_err(), "{image}");
}

/// However large the whole is, no more than a window of a file is sent, and so held, at once.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_archive_is_sent_a_window_at_a_time(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for seed in 0..3 {
        app.upload(&ada, "large.png", &pictures::noise(1200, 900, seed)).await;
    }
    let request = Request::get("/api/v1/images/zip").header("authorization", format!("Bearer {}", ada.token));
    let mut body = app.respond(request.body(Body::empty()).unwrap()).await.into_body();
    let (mut parts, mut all) = (0, 0);
    while let Some(part) = body.frame().await {
        let size = part.unwrap().into_data().unwrap().len();
        assert!(size <= 4 * store::CHUNK + 1024, "{size} bytes at once");
        (parts, all) = (parts + 1, all + size);
    }
    assert!(parts >= 12 && all > 9 << 20, "{parts} parts of {all} bytes");
}

/// What is sent after its asker was put out isn't, and the archive breaks off.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_archive_ends_with_the_standing_of_who_asked(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let person = app.with_token(ada.user_id).await;
    for seed in 0..3 {
        app.upload(&person, "large.png", &pictures::noise(1200, 900, seed)).await;
    }
    for how in ["signed out", "suspended", "no token", "a code was typed"] {
        app.wait(time::Duration::MINUTE);
        let cookie = app.sign_in(&ada).await;
        let request = match how {
            "no token" => Request::get("/api/v1/images/zip")
                .header("authorization", format!("Bearer {}", app.token(ada.user_id, [Scope::Read]).await)),
            _ => Request::get("/api/v1/images/zip").header("cookie", &cookie),
        };
        let response = app.respond(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200, "{how}");
        let mut body = response.into_body();
        body.frame().await.unwrap().unwrap();
        match how {
            "signed out" => drop(app.function("sign-out", json!({})).cookie(&cookie).await.gives(200)),
            "suspended" => execute(&app, "UPDATE users SET suspended_at = now()").await,
            "no token" => execute(&app, "DELETE FROM api_tokens").await,
            _ => {
                app.wait(time::Duration::MINUTE);
                let typed = json!({ "code": app.code(&ada.secret) });
                app.function("confirm-code", typed).cookie(&cookie).await.gives(200);
            }
        }
        // A code gives the session another id, and ends nothing.
        assert_eq!(body.collect().await.is_ok(), how == "a code was typed", "{how}");
        execute(&app, "UPDATE users SET suspended_at = NULL").await;
    }
}

async fn execute(app: &App, statement: &'static str) {
    sqlx::query(statement).execute(app.pool()).await.unwrap();
}
