//! A whole account as one file.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use http::Method;
use model::types::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;
use zip::ZipArchive;

use crate::support::{Answer, App, Person, pictures};

/// The files of an export by their paths.
pub fn files(answer: &Answer) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let mut archive = ZipArchive::new(Cursor::new(answer.body.clone())).unwrap();
    let mut files = BTreeMap::new();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// What is said of the export, and of each image in it.
pub fn described(files: &BTreeMap<String, Vec<u8>>) -> (Value, Vec<Value>) {
    let lines = files.iter().filter(|(path, _)| path.starts_with("metadata/"));
    let lines = lines.flat_map(|(_, text)| std::str::from_utf8(text).unwrap().lines());
    let images = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    (serde_json::from_slice(&files["reflect.json"]).unwrap(), images)
}

pub async fn export(app: &App, person: &Person, query: &str) -> Answer {
    app.get(&format!("/api/v1/export{query}")).token(&person.token).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn all_that_is_said_of_an_image_is_beside_its_bytes(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let plain = app.upload(&ada, "cat.png", &pictures::png(40, 30)).await;
    app.wait(time::Duration::MINUTE);
    let told = app.upload(&ada, "cat.png", &pictures::png(30, 40)).await;
    let gone = app.upload(&ada, "gone.png", &pictures::png(20, 20)).await;
    app.upload(&bob, "bob.png", &pictures::png(4, 4)).await;
    let call = |method, path: String, body: Value| app.call(method, &path).token(&ada.token).json(&body);
    let change = json!({
        "title": "Cat", "description": "One.\nTwo.", "alt_text": "A cat", "favourite": true, "visibility": "private",
        "expires_at": "2027-01-01T00:00:00Z", "max_views": 7, "tags": ["sea", "Holiday"],
    });
    let address = |image: &Value| format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    call(Method::PATCH, address(&told), change).await.gives(200);
    app.call(Method::DELETE, &address(&gone)).token(&ada.token).await;
    let outer =
        call(Method::POST, "/api/v1/albums".into(), json!({ "name": "Outer", "description": "All" })).await;
    let outer = outer.gives(201)["id"].take();
    let inner = json!({ "name": "Inner", "parent": outer });
    let inner = call(Method::POST, "/api/v1/albums".into(), inner).await.gives(201)["id"].take();
    let into = json!({ "ids": [plain["id"], told["id"]], "action": { "album": inner } });
    call(Method::POST, "/api/v1/images/bulk".into(), into).await.gives(200);
    let cover = json!({ "cover": told["id"] });
    call(Method::PATCH, format!("/api/v1/albums/{}", inner.as_str().unwrap()), cover).await.gives(200);

    let answer = export(&app, &ada, "").await;
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"reflect export 2026-11-20.zip\""
    );
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let files = files(&answer);
    let (summary, images) = described(&files);
    let paths = ["images/cat (2).png", "images/cat.png", "metadata/000001.jsonl", "reflect.json"];
    assert_eq!(files.keys().collect::<Vec<_>>(), paths);
    let bytes = [&told, &plain].map(|image| image["byte_size"].as_u64().unwrap());
    assert_eq!(
        summary,
        json!({
            "format": "reflect-export", "version": 1, "created_at": "2026-11-20T12:01:00Z", "images": 2,
            "bytes": bytes[0] + bytes[1],
            "tags": [{ "name": "Holiday", "color": "grey" }, { "name": "sea", "color": "grey" }],
            "albums": [
                { "id": outer, "name": "Outer", "description": "All", "parent": null },
                { "id": inner, "name": "Inner", "description": null, "parent": outer },
            ],
        })
    );
    let [first, second] = <[Value; 2]>::try_from(images).unwrap();
    assert!(first["albums"][0]["place"].as_i64() > second["albums"][0]["place"].as_i64());
    for (line, image, path) in [(&first, &told, "images/cat.png"), (&second, &plain, "images/cat (2).png")] {
        let stored = app.stored(image).await;
        assert_eq!(files[path], stored);
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&stored);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!((&line["file"], &line["hash"]), (&json!(path), &json!(hash)));
        for same in ["slug", "created_at", "filename", "media_type", "byte_size"] {
            assert_eq!(line[same], image[same], "{same}");
        }
        assert_eq!((&line["url"], &line["page"]), (&image["links"]["url"], &image["links"]["page"]));
        assert_eq!(line["albums"][0]["album"], inner);
        assert_eq!(line["albums"][0]["cover"], *path == *"images/cat.png");
    }
    for (member, value) in [
        ("title", json!("Cat")),
        ("description", json!("One.\nTwo.")),
        ("alt_text", json!("A cat")),
        ("favourite", json!(true)),
        ("visibility", json!("private")),
        ("expires_at", json!("2027-01-01T00:00:00Z")),
        ("max_views", json!(7)),
        ("views", json!(0)),
        ("tags", json!(["Holiday", "sea"])),
    ] {
        assert_eq!(first[member], value, "{member}");
    }
    assert_eq!((&second["title"], &second["tags"]), (&json!(null), &json!([])));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn of_many_images_each_is_described_and_a_search_narrows_it(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    assert_eq!(files(&export(&app, &ada, "").await).keys().collect::<Vec<_>>(), ["reflect.json"]);
    let cat = app.upload(&ada, "cat.png", &pictures::png(40, 30)).await;
    sqlx::query(
        "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, color, hash, \
         created_at) SELECT gen_random_uuid(), owner_id, lpad(n::text, 15, '0'), 'cat.png', media_type, byte_size, \
         width, height, frames, color, hash, created_at FROM images, generate_series(1, 450) AS n",
    )
    .execute(app.pool())
    .await
    .unwrap();
    let files_of_all = files(&export(&app, &ada, "").await);
    let (summary, images) = described(&files_of_all);
    assert_eq!((images.len(), &summary["images"]), (451, &json!(451)));
    assert_eq!(files_of_all.keys().filter(|path| path.starts_with("metadata/")).count(), 3);
    assert!(images.iter().all(|image| files_of_all.contains_key(image["file"].as_str().unwrap())));
    assert_eq!(described(&files(&export(&app, &ada, "?type=gif").await)).1, [json!(null); 0]);
    // Who is given some is told of no other album or tag; parts of everything have them all.
    for name in ["empty", "cats"] {
        app.call(Method::POST, "/api/v1/albums")
            .token(&ada.token)
            .json(&json!({ "name": name }))
            .await
            .gives(201);
    }
    let albums = app.get("/api/v1/albums").token(&ada.token).await.gives(200)["albums"].take();
    let one = json!({ "ids": [cat["id"]], "action": { "album": albums[1]["id"] } });
    app.call(Method::POST, "/api/v1/images/bulk").token(&ada.token).json(&one).await.gives(200);
    for (query, expected) in [("?type=png", 1), ("?type=gif", 0), ("?from=2001-01-01", 2), ("", 2)] {
        let (summary, _) = described(&files(&export(&app, &ada, query).await));
        assert_eq!(summary["albums"].as_array().unwrap().len(), expected, "{query}");
    }
    assert_eq!(export(&app, &ada, "?typ=png").await.refuses(400, "invalid-parameter")["name"], "typ");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_had_by_who_may_read(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    app.get("/api/v1/export").await.refuses(401, "signed-out");
    let token = app.token(ada.id, [Scope::Upload, Scope::Edit]).await;
    app.get("/api/v1/export").token(&token).await.refuses(403, "insufficient-scope");
    assert_eq!(app.count("audit_log WHERE action = 'account_exported'").await, 0);
    // Whoever has it has everything, so its owner can see that it was had.
    app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let token = app.token(ada.id, [Scope::Read]).await;
    assert_eq!(app.call(Method::HEAD, "/api/v1/export").token(&token).await.status, 200);
    assert_eq!(app.get("/api/v1/export").token(&token).await.status, 200);
    let recorded = "audit_log WHERE action = 'account_exported' AND details ->> 'count' = '1' \
                    AND details ->> 'token' = 'test'";
    assert_eq!(app.count(recorded).await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_says_what_it_will_hold(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let page = app.get("/settings/export").cookie(&cookie).await;
    assert!(page.page(200).contains("There are no images yet."));
    let image = app.upload(&app.with_token(ada.user_id).await, "cat.png", &pictures::png(40, 30)).await;
    let bytes = image["byte_size"].as_u64().unwrap();
    let page = app.get("/settings/export").cookie(&cookie).await;
    assert!(page.page(200).contains(&format!("Images: 1, {bytes} B")), "{}", page.text());
    assert!(page.text().contains("href=\"/api/v1/export\""));
}
