//! What people say of their images: `GET` and `PATCH /api/v1/images/{id}`, and where it shows.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App, Person, between, path, pictures};

fn one(image: &Value) -> String {
    format!("/api/v1/images/{}", image["id"].as_str().unwrap())
}

async fn patch(app: &App, person: &Person, image: &Value, change: Value) -> Answer {
    app.call(Method::PATCH, &one(image)).token(&person.token).json(&change).await
}

async fn with_image(pool: PgPool) -> (App, Person, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "dsc1.png", &pictures::png(400, 300)).await;
    (app, ada, image)
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_not_named_stays_and_what_is_null_goes(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let fresh = app.get(&one(&image)).token(&ada.token).await.gives(200);
    let nothing = json!({ "title": null, "description": null, "alt_text": null, "favourite": false,
        "visibility": "unlisted", "expires_at": null, "max_views": null, "views": 0, "removed": 0, "tags": [] });
    for (name, value) in nothing.as_object().unwrap() {
        assert_eq!(&fresh[name], value, "{name}");
    }
    assert_eq!((&fresh["alt"], &fresh["links"]), (&"dsc1".into(), &image["links"]));

    let said = json!({ "title": " Mia\non a roof ", "description": "Line\r\nby line", "alt_text": "A \"cat\"",
        "favourite": true, "filename": "mia.png", "expires_at": "2026-12-01T13:00:00+01:00", "max_views": 9 });
    let changed = patch(&app, &ada, &image, said).await.gives(200);
    let expected = json!({ "title": "Mia on a roof", "description": "Line\nby line", "alt_text": "A \"cat\"",
        "alt": "A \"cat\"", "favourite": true, "filename": "mia.png", "visibility": "unlisted",
        "expires_at": "2026-12-01T12:00:00Z", "max_views": 9, "views": 0 });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&changed[name], value, "{name}");
    }
    assert!(changed["links"]["html"].as_str().unwrap().ends_with(r#"alt="A &quot;cat&quot;">"#), "{changed}");
    assert!(changed["links"]["markdown"].as_str().unwrap().starts_with("![A \"cat\"]("), "{changed}");
    assert_eq!(app.get(&one(&image)).token(&ada.token).await.gives(200), changed);
    assert_eq!(app.images(&ada).await[0]["alt"], "A \"cat\"");

    let less = json!({ "alt_text": null, "description": "  ", "expires_at": null, "max_views": null });
    let changed = patch(&app, &ada, &image, less).await.gives(200);
    assert_eq!((&changed["alt"], &changed["title"]), (&"Mia on a roof".into(), &"Mia on a roof".into()));
    for gone in ["alt_text", "description", "expires_at", "max_views"] {
        assert_eq!(changed[gone], Value::Null, "{gone}");
    }
    assert_eq!(patch(&app, &ada, &image, json!({})).await.gives(200), changed);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_can_not_be_is_named_and_changes_nothing(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    for (name, value) in [
        ("title", json!("x".repeat(201))),
        ("description", json!("x".repeat(5001))),
        ("alt_text", json!("x".repeat(1001))),
        ("filename", json!(" ")),
        ("filename", json!("x".repeat(201))),
        ("expires_at", json!("tomorrow")),
        ("expires_at", json!("2026-11-20T12:00:00Z")),
        ("expires_at", json!("9999-12-31T23:59:59-23:00")),
        ("max_views", json!(0)),
        ("max_views", json!(-1)),
        ("max_views", json!(1_000_001)),
    ] {
        let change = json!({ "favourite": true, name: value });
        let refusal = patch(&app, &ada, &image, change).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], name, "{refusal}");
    }
    for bad in
        [json!({ "titel": "a" }), json!({ "visibility": "secret" }), json!({ "favourite": null }), json!("a")]
    {
        let refusal = patch(&app, &ada, &image, bad).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], "body", "{refusal}");
    }
    let after = app.get(&one(&image)).token(&ada.token).await.gives(200);
    assert_eq!((&after["favourite"], &after["filename"]), (&false.into(), &"dsc1.png".into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_the_owner_changes_an_image(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let bob = app.person("bob").await;
    patch(&app, &bob, &image, json!({ "title": "mine" })).await.refuses(404, "not-found");
    app.get(&one(&image)).token(&bob.token).await.refuses(404, "not-found");
    let nobody = app.call(Method::PATCH, &one(&image)).same_origin().json(&json!({ "title": "mine" })).await;
    nobody.refuses(401, "signed-out");
    let elsewhere = app.call(Method::PATCH, &one(&image)).json(&json!({ "title": "mine" })).await;
    elsewhere.refuses(403, "cross-site");
    app.call(Method::DELETE, &one(&image)).token(&ada.token).await;
    patch(&app, &ada, &image, json!({ "title": "late" })).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn two_changes_at_once_both_hold(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let (a, b) = futures::join!(
        patch(&app, &ada, &image, json!({ "title": "Mia" })),
        patch(&app, &ada, &image, json!({ "alt_text": "A cat" }))
    );
    assert_eq!((a.status.as_u16(), b.status.as_u16()), (200, 200));
    let after = app.get(&one(&image)).token(&ada.token).await.gives(200);
    assert_eq!((&after["title"], &after["alt_text"]), (&"Mia".into(), &"A cat".into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_name_is_saved_under_at_once(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let (url, small) = (path(&image["links"]["url"]), path(&image["links"]["thumbnail"]));
    for _ in 0..2 {
        assert_eq!(app.get(url).await.header("content-disposition"), "inline; filename=\"dsc1.png\"");
        app.get(small).await;
    }
    patch(&app, &ada, &image, json!({ "filename": "../roof.jpeg" })).await.gives(200);
    assert_eq!(app.get(url).await.header("content-disposition"), "inline; filename=\"roof.png\"");
    assert!(app.get(small).await.header("content-disposition").contains("\"roof."));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_and_its_description_say_what_the_owner_says(pool: PgPool) {
    let (app, ada, image) = with_image(pool).await;
    let said = json!({ "title": "Mia <3", "alt_text": "A cat", "description": "On\na roof" });
    patch(&app, &ada, &image, said).await.gives(200);
    let answer = app.get(path(&image["links"]["page"])).await;
    let html = answer.page(200);
    let meta = |property: &str| between(html, &format!("<meta property=\"{property}\" content=\""), "\"");
    assert_eq!((meta("og:image:alt"), meta("og:description")), ("A cat", "On\na roof"));
    assert!(between(html, "<h1>", "</h1>").starts_with("Mia &lt;3"), "{html}");
    assert!(between(html, "<figure>", "</figure>").contains("alt=\"A cat\""), "{html}");
    let photo =
        app.get(&format!("/oembed?url={}", image["links"]["page"].as_str().unwrap())).await.gives(200);
    assert_eq!(photo["title"], "Mia <3");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_removed_on_the_way_in_is_known(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut bytes = pictures::png(40, 30);
    bytes.extend([0; 1000]);
    let image = app.upload(&ada, "a.png", &bytes).await;
    assert_eq!(app.get(&one(&image)).token(&ada.token).await.gives(200)["removed"], 1000);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_viewer_has_a_door_of_its_own(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let image = app.upload(&app.with_token(ada.user_id).await, "a.png", &pictures::png(40, 30)).await;
    let (id, change) = (&image["id"], json!({ "alt_text": "A cat", "max_views": null }));
    let changed =
        app.function("change-image", json!({ "id": id, "change": change })).cookie(&cookie).await.gives(200);
    assert_eq!(
        (&changed["image"]["alt"], &changed["details"]["alt_text"]),
        (&"A cat".into(), &"A cat".into())
    );
    assert_eq!(app.function("image-details", json!({ "id": id })).cookie(&cookie).await.gives(200), changed);
    let wrong = json!({ "id": id, "change": { "max_views": 0 } });
    let refusal =
        app.function("change-image", wrong.clone()).cookie(&cookie).await.fails(400, "invalid-parameter");
    assert_eq!(refusal["name"], "max_views");
    app.function("image-details", json!({ "id": id })).await.fails(401, "signed-out");
    app.function("change-image", wrong).await.fails(401, "signed-out");
}
