//! Other bytes for an image whose address stays: `/api/v1/images/{id}/file` and `…/versions`, and how it is served.

use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use http::Method;
use model::types::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App, Person, path, pictures};

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_NOW: &str = "public, max-age=60";

fn one(image: &Value) -> String {
    format!("/api/v1/images/{}", image["id"].as_str().unwrap())
}

async fn with_image(pool: PgPool) -> (App, Person, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "cat.jpg", &pictures::jpeg(400, 300)).await;
    (app, ada, image)
}

async fn put(app: &App, person: &Person, image: &Value, bytes: &[u8]) -> Answer {
    let path = format!("{}/file", one(image));
    app.call(Method::PUT, &path).token(&person.token).body(bytes.to_vec()).await
}

async fn versions(app: &App, person: &Person, image: &Value) -> Value {
    app.get(&format!("{}/versions", one(image))).token(&person.token).await.gives(200)
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_link_shows_the_new_file_and_versions_are_kept(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let url = path(&image["links"]["url"]);
    let before = app.get(url).await;
    assert_eq!(before.header("cache-control"), FOR_EVER);
    let bytes = pictures::png(120, 80);
    let changed = put(&app, &ada, &image, &bytes).await.gives(200);
    let expected = json!({ "id": image["id"], "slug": image["slug"], "created_at": image["created_at"],
        "version": 2, "media_type": "image/png", "width": 120, "height": 80, "filename": "cat.png" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&changed[name], value, "{name}");
    }

    let after = app.get(url).await;
    assert_eq!((after.body.as_ref(), after.header("content-type")), (bytes.as_slice(), "image/png"));
    assert_eq!(after.header("cache-control"), FOR_NOW);
    assert_ne!(after.header("etag"), before.header("etag"));
    let new = path(&changed["links"]["url"]);
    assert!(new.ends_with(".png?v=2"), "{new}");
    let named = app.get(new).await;
    assert_eq!((&named.body, named.header("cache-control")), (&after.body, FOR_EVER));
    // From memory as from the database, and whether or not it is asked for by its tag.
    for (query, cache) in [("", FOR_NOW), ("?v=1", FOR_NOW), ("?v=2", FOR_EVER), ("?v=3", FOR_NOW)] {
        let address = format!("{url}{query}");
        let (whole, head) = (app.get(&address).await, app.head(&address).await);
        assert_eq!((whole.header("cache-control"), head.headers), (cache, whole.headers.clone()), "{query}");
        let same = app.get(&address).header("if-none-match", after.header("etag")).await;
        assert_eq!((same.status.as_u16(), same.header("cache-control")), (304, cache), "{query}");
        let old = app.get(&address).header("if-none-match", before.header("etag")).await;
        assert_eq!(old.status, 200, "{query}");
        let part = app.get(&address).header("range", "bytes=0-9");
        let part = part.header("if-range", before.header("etag")).await;
        assert_eq!((part.status.as_u16(), part.body.len()), (200, bytes.len()), "not a part of another file");
        let part = app.get(&address).header("range", "bytes=0-9");
        let part = part.header("if-range", after.header("etag")).await;
        assert_eq!((part.status.as_u16(), part.body.len()), (206, 10));
        assert_eq!(part.header("cache-control"), cache);
    }
    let small = app.get(path(&changed["links"]["thumbnail"])).await;
    assert_eq!(pictures::facts(&small.body).0, 120);
    assert_eq!(small.header("cache-control"), FOR_EVER);

    let kept = versions(&app, &ada, &image).await;
    assert_eq!(kept["most"], 20);
    let told: Vec<_> =
        kept["versions"].as_array().unwrap().iter().map(|v| (&v["number"], &v["made"])).collect();
    assert_eq!(told, [(&json!(2), &json!("replaced")), (&json!(1), &json!("uploaded"))]);
    let old = path(&kept["versions"][1]["url"]);
    let answer = app.get(old).token(&ada.token).await;
    assert_eq!((answer.body, answer.status.as_u16()), (before.body, 200));
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "private, no-store"),
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "inline; filename=\"cat.jpg\""),
    ] {
        assert_eq!(answer.headers[name], value, "{name}");
    }
    let small = app.get(&format!("{old}?w=160")).token(&ada.token).await;
    assert_eq!((pictures::facts(&small.body).0, small.header("content-type")), (160, "image/webp"));
    app.get(&format!("{old}?w=161")).token(&ada.token).await.refuses(400, "invalid-parameter");
    app.get(old).await.refuses(401, "signed-out");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_it_was_comes_back_or_goes(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    put(&app, &ada, &image, &pictures::png(120, 80)).await.gives(200);
    let version = |number: &str| format!("{}/versions/{number}", one(&image));
    let call = |method, path: String| app.call(method, &path).token(&ada.token);
    let back = call(Method::POST, format!("{}/restore", version("1"))).await.gives(200);
    for name in ["media_type", "width", "filename", "byte_size", "color", "thumbhash"] {
        assert_eq!(back[name], image[name], "{name}");
    }
    assert_eq!(back["version"], 3);
    let url = path(&image["links"]["url"]);
    assert_eq!(app.get(url).await.body, app.stored(&image).await);
    assert_eq!(call(Method::DELETE, version("1")).await.status, 204);
    for none in ["1", "3", "9"] {
        call(Method::DELETE, version(none)).await.refuses(404, "not-found");
    }
    for path in [version("x"), format!("{}/restore", version("1")), format!("{}/restore", version("-1"))] {
        let method = if path.ends_with("restore") { Method::POST } else { Method::DELETE };
        call(method, path).await.refuses(404, "not-found");
    }
    let numbers = |all: Value| -> Vec<i64> {
        all["versions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|version| version["number"].as_i64().unwrap())
            .collect()
    };
    assert_eq!(numbers(versions(&app, &ada, &image).await), [3, 2]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_picture_or_too_large_changes_nothing(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    put(&app, &ada, &image, b"").await.refuses(400, "file-empty");
    put(&app, &ada, &image, b"<svg/>").await.refuses(415, "unsupported-format");
    put(&app, &ada, &image, &pictures::jpeg(400, 300)[..2000]).await.refuses(422, "broken-image");
    let most = app.core().policy().await.unwrap().max_upload.size().bytes();
    let path = format!("{}/file", one(&image));
    let announced = app.call(Method::PUT, &path).token(&ada.token);
    announced.header("content-length", (most + 5000).to_string()).await.refuses(413, "file-too-large");
    sqlx::query("UPDATE users SET quota_bytes = used_bytes + 10").execute(app.pool()).await.unwrap();
    put(&app, &ada, &image, &pictures::png(120, 80)).await.refuses(413, "quota-exceeded");
    assert_eq!(versions(&app, &ada, &image).await["versions"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_for_nothing_is_not_taken(pool: PgPool) {
    let (app, _, image) = with_image(pool).await;
    let bob = app.person("bob").await;
    let call = app.call(Method::PUT, &format!("{}/file", one(&image))).token(&bob.token);
    // Nothing ever comes.
    let endless = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    call.header("expect", "100-continue").body(endless).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_tokens_do_to_pictures_is_in_the_log(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    put(&app, &ada, &image, &pictures::png(120, 80)).await.gives(200);
    edit(&app, &ada, &image, json!({ "rotate": 90 })).await.gives(200);
    let version = format!("{}/versions/1", one(&image));
    app.call(Method::POST, &format!("{version}/restore")).token(&ada.token).await.gives(200);
    assert_eq!(app.call(Method::DELETE, &version).token(&ada.token).await.status, 204);
    let sql = "SELECT action FROM audit_log WHERE details ? 'token' AND actor = 'user' AND user_id = $1 ORDER BY sequence";
    let told: Vec<String> = sqlx::query_scalar(sql).bind(ada.id.0).fetch_all(app.pool()).await.unwrap();
    assert_eq!(told, ["picture_changed", "picture_changed", "picture_changed", "version_deleted"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nobody_else_and_no_token_without_the_scope(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let bob = app.person("bob").await;
    put(&app, &ada, &image, &pictures::png(120, 80)).await.gives(200);
    let first = format!("{}/versions/1", one(&image));
    let doors = [
        (Method::PUT, format!("{}/file", one(&image)), Scope::Edit),
        (Method::POST, format!("{}/edit", one(&image)), Scope::Edit),
        (Method::GET, format!("{}/versions", one(&image)), Scope::Read),
        (Method::GET, format!("{first}/file"), Scope::Read),
        (Method::POST, format!("{first}/restore"), Scope::Edit),
        (Method::DELETE, first.clone(), Scope::Delete),
    ];
    for (method, path, scope) in doors {
        let call = || app.call(method.clone(), &path).body(pictures::png(9, 9));
        call().same_origin().await.refuses(401, "signed-out");
        let call = || if path.ends_with("edit") { call().json(&json!({ "rotate": 90 })) } else { call() };
        call().token(&bob.token).await.refuses(404, "not-found");
        let others = Scope::ALL.iter().copied().filter(|one| *one != scope && *one != Scope::Admin);
        let token = app.token(ada.id, others).await;
        call().token(&token).await.refuses(403, "insufficient-scope");
        if method != Method::GET {
            call().cookie("reflect=x").await.refuses(403, "cross-site");
        }
    }
    assert_eq!(versions(&app, &ada, &image).await["versions"].as_array().unwrap().len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_for_others_show_the_new_picture(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let page = path(&image["links"]["page"]);
    assert!(!app.get(page).await.page(200).contains("v=2"));
    put(&app, &ada, &image, &pictures::png(700, 500)).await.gives(200);
    let html = app.get(page).await.page(200).to_owned();
    let address = format!("{}.png", image["slug"].as_str().unwrap());
    let shown: Vec<_> = html.match_indices(&address).map(|(at, _)| &html[at + address.len()..]).collect();
    assert!(shown.len() > 2, "{html}");
    for rest in shown {
        let query = rest.split(['"', ' ']).next().unwrap();
        assert!(query.contains("v=2"), "{query}");
    }
    let asked = format!("/oembed?url={}", image["links"]["page"].as_str().unwrap());
    let embedded = app.get(&asked).await.gives(200);
    assert!(embedded["url"].as_str().unwrap().ends_with(".png?v=2"), "{embedded}");
    assert_eq!((&embedded["width"], &embedded["height"]), (&json!(700), &json!(500)));
}

async fn edit(app: &App, person: &Person, image: &Value, edit: Value) -> Answer {
    app.call(Method::POST, &format!("{}/edit", one(image))).token(&person.token).json(&edit).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_picture_is_turned_and_cut(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let size = |image: &Value| (image["width"].as_i64().unwrap(), image["height"].as_i64().unwrap());
    let turned = edit(&app, &ada, &image, json!({ "rotate": 90, "version": 1 })).await.gives(200);
    assert_eq!(
        (size(&turned), &turned["version"], &turned["media_type"]),
        ((300, 400), &json!(2), &json!("image/jpeg"))
    );
    let small = app.get(&format!("{}&w=160", path(&turned["links"]["url"]))).await;
    let (width, height, _) = pictures::facts(&small.body);
    assert_eq!((width, height), (160, 213), "upright");
    edit(&app, &ada, &image, json!({ "rotate": 270 })).await.gives(200);
    assert_eq!(
        app.get(path(&image["links"]["url"])).await.body,
        app.stored(&image).await,
        "and back without a loss"
    );
    edit(&app, &ada, &image, json!({ "flip": "horizontal" })).await.gives(200);
    let part = json!({ "x": 10, "y": 20, "width": 100, "height": 50 });
    let cut = edit(&app, &ada, &image, json!({ "crop": part })).await.gives(200);
    assert_eq!((size(&cut), &cut["version"]), ((100, 50), &json!(5)));
    let made: Vec<_> = versions(&app, &ada, &image).await["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| version["made"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(made, ["cropped", "flipped", "rotated", "rotated", "uploaded"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_can_not_be_done_to_a_picture_is_named(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let refused = async |image: &Value, asked: Value, name: &str| {
        let refusal = edit(&app, &ada, image, asked).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], name, "{refusal}");
    };
    let area = |x, y, width, height| json!({ "crop": { "x": x, "y": y, "width": width, "height": height } });
    for (asked, name) in [
        (json!({}), "edit"),
        (json!({ "rotate": 90, "flip": "vertical" }), "edit"),
        (json!({ "rotate": 45 }), "rotate"),
        (json!({ "flip": "diagonal" }), "body"),
        (json!({ "turn": 90 }), "body"),
        (json!({ "crop": { "x": -1, "y": 0, "width": 5, "height": 5 } }), "body"),
        (area(0, 0, 0, 5), "crop"),
        (area(399, 0, 2, 5), "crop"),
        (json!({ "rotate": 90, "version": 2 }), "version"),
    ] {
        refused(&image, asked, name).await;
    }
    for bytes in [pictures::animation(3), pictures::AVIF.to_vec()] {
        let other = app.upload(&ada, "b", &bytes).await;
        refused(&other, json!({ "rotate": 90 }), "image").await;
        refused(&other, area(0, 0, 2, 2), "image").await;
    }
    assert_eq!(versions(&app, &ada, &image).await["versions"].as_array().unwrap().len(), 1);
}
