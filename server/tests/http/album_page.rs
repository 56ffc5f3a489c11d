//! The page of a shared album.

use http::Method;
use reflect_core::{auth::Stretching, images::albums};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Call, Person, path, pictures};

/// An album of three images, one of them with a name that must be escaped.
struct Shelf {
    app: App,
    ada: Person,
    album: String,
    images: Vec<Value>,
}

impl Shelf {
    async fn new(pool: PgPool) -> Self {
        let app = App::new(pool);
        let ada = app.person("ada").await;
        let mut images = Vec::new();
        for (width, name) in [(400, "a.png"), (500, "<b>.png"), (100, "c.png")] {
            images.push(app.upload(&ada, name, &pictures::png(width, 100)).await);
        }
        let draft = json!({ "name": "Trips & <more>", "description": "By\ntrain" });
        let made = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&draft).await.gives(201);
        let album = format!("/api/v1/albums/{}", made["id"].as_str().unwrap());
        let shelf = Self { app, ada, album, images };
        let ids: Vec<&Value> = shelf.images.iter().map(|image| &image["id"]).collect();
        let into = json!({ "ids": ids, "action": { "album": made["id"] } });
        shelf
            .app
            .call(Method::POST, "/api/v1/images/bulk")
            .token(&shelf.ada.token)
            .json(&into)
            .await
            .gives(200);
        shelf
    }

    async fn patch(&self, path: &str, change: Value) -> Value {
        self.app.call(Method::PATCH, path).token(&self.ada.token).json(&change).await.gives(200)
    }

    /// Switches the page on, or changes it; its path.
    async fn share(&self, share: Value) -> String {
        let album = self.patch(&self.album, json!({ "share": share })).await;
        path(&album["share"]["url"]).to_owned()
    }

    fn unlock(&self, page: &str, password: &str) -> Call<'_> {
        let form =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("password", password).finish();
        let call = self.app.call(Method::POST, page);
        call.header("content-type", "application/x-www-form-urlencoded").body(form)
    }

    fn is_shown(&self, answer: &Answer, image: usize) -> bool {
        let page = format!("href=\"/p/{}\"", self.images[image]["slug"].as_str().unwrap());
        answer.page(200).contains(&page)
    }

    fn one(&self, image: usize) -> String {
        format!("/api/v1/images/{}", self.images[image]["id"].as_str().unwrap())
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_album_has_no_page_until_it_is_switched_on_and_none_afterwards(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    assert_eq!(shelf.patch(&shelf.album, json!({})).await["share"], Value::Null);
    let page = shelf.share(json!({})).await;
    let answer = shelf.app.get(&page).await;
    let html = answer.page(200);
    assert!(html.contains("<h1>Trips &amp; &lt;more&gt;</h1>") && html.contains("By\ntrain"), "{html}");
    assert!(html.contains("alt=\"&lt;b&gt;\"") && !html.contains("<script"), "{html}");
    assert_eq!([0, 1, 2].map(|n| shelf.is_shown(&answer, n)), [true; 3]);
    assert_eq!(answer.header("x-robots-tag"), "noindex");
    assert_eq!(answer.header("cache-control"), "no-store");
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("script-src"), "{policy}");

    let nowhere = shelf.app.get("/a/abcDEF012345678").await;
    let missing = nowhere.page(404);
    shelf.patch(&shelf.album, json!({ "share": null })).await;
    assert_eq!(shelf.app.get(&page).await.page(404), missing);
    for path in ["/a/x", "/a/abcDEF01234567-"] {
        assert_eq!(shelf.app.get(path).await.page(404), missing);
    }
    assert_eq!(shelf.unlock(&page, "x").await.page(404), missing);
    let anew = shelf.share(json!({})).await;
    assert_ne!(anew, page, "a link that was taken back stays dead");
    assert_eq!(shelf.app.get(&page).await.page(404), missing);
    shelf.app.call(Method::DELETE, &shelf.album).token(&shelf.ada.token).await;
    assert_eq!(shelf.app.get(&anew).await.page(404), missing);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_others_may_not_see_is_not_in_it(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({})).await;
    let shown = async || {
        let answer = shelf.app.get(&page).await;
        [0, 1, 2].map(|n| shelf.is_shown(&answer, n))
    };
    shelf.patch(&shelf.one(0), json!({ "visibility": "private" })).await;
    assert_eq!(shown().await, [false, true, true]);
    shelf.patch(&shelf.one(0), json!({ "visibility": "unlisted" })).await;
    shelf.patch(&shelf.one(1), json!({ "expires_at": "2026-11-20T13:00:00Z" })).await;
    assert_eq!(shown().await, [true; 3]);
    shelf.app.wait(Duration::hours(1));
    assert_eq!(shown().await, [true, false, true]);
    shelf.app.call(Method::DELETE, &shelf.one(0)).token(&shelf.ada.token).await;
    assert_eq!(shown().await, [false, false, true]);
    // A small image has no preview that doesn't count as a view: its page is led to all the same.
    shelf.patch(&shelf.one(2), json!({ "max_views": 1 })).await;
    let answer = shelf.app.get(&page).await;
    assert!(shelf.is_shown(&answer, 2) && !answer.text().contains("<img"), "{answer:?}");
    assert_eq!(shelf.app.get(path(&shelf.images[2]["links"]["url"])).await.status, 200);
    assert_eq!(shown().await, [false; 3]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_lapses(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({ "expires_at": "2026-11-20T13:00:00Z" })).await;
    assert_eq!(shelf.app.get(&page).await.status, 200);
    shelf.app.wait(Duration::hours(1));
    let missing = shelf.app.get("/a/abcDEF012345678").await;
    assert_eq!(shelf.app.get(&page).await.page(404), missing.page(404));
    assert_eq!(shelf.share(json!({ "expires_at": null })).await, page);
    assert_eq!(shelf.app.get(&page).await.status, 200);
    let past = json!({ "share": { "expires_at": "2026-11-20T13:00:00Z" } });
    let refused = shelf.app.call(Method::PATCH, &shelf.album).token(&shelf.ada.token).json(&past).await;
    assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "expires_at");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_password_opens_it_on_one_device_until_it_is_another_one(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({ "password": "open sesame" })).await;
    let locked = shelf.app.get(&page).await;
    assert!(!locked.page(200).contains("Trips") && !locked.text().contains("/p/"), "{locked:?}");
    for wrong in ["", "open", "Open sesame", &"x".repeat(101)] {
        let answer = shelf.unlock(&page, wrong).await;
        assert!(answer.page(403).contains("That is not the password.") && !answer.text().contains("Trips"));
        assert_eq!(answer.header("set-cookie"), "");
    }
    let opened = shelf.unlock(&page, " open sesame ").await;
    assert_eq!((opened.status.as_u16(), opened.header("location")), (303, &*page));
    let cookie = opened.header("set-cookie").to_owned();
    for part in [&*format!("Path={page}"), "HttpOnly", "SameSite=Lax", "Max-Age=604800"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let cookie = cookie.split(';').next().unwrap();
    assert!(shelf.is_shown(&shelf.app.get(&page).cookie(cookie).await, 0));
    let is_locked =
        async |cookie: &str| !shelf.app.get(&page).cookie(cookie).await.page(200).contains("Trips");
    assert!(is_locked(&format!("{cookie}x")).await && is_locked("reflect-album=x").await);
    let stored: String = sqlx::query_scalar("SELECT password_hash FROM album_shares")
        .fetch_one(shelf.app.pool())
        .await
        .unwrap();
    assert!(stored.starts_with("$argon2id$"), "{stored}");
    shelf.app.wait(Duration::days(7));
    assert!(is_locked(cookie).await, "it is good for a week");
    let again = shelf.unlock(&page, "open sesame").await.header("set-cookie").to_owned();
    let again = again.split(';').next().unwrap();
    assert!(!is_locked(again).await);
    assert_eq!(shelf.share(json!({ "password": "another" })).await, page);
    assert!(is_locked(again).await, "a new password ends what the old one opened");
    shelf.share(json!({ "password": null })).await;
    assert!(!is_locked("").await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn passwords_can_not_be_tried_without_end(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({ "password": "open sesame" })).await;
    for _ in 0..10 {
        shelf.unlock(&page, "wrong").await.page(403);
    }
    let refused = shelf.unlock(&page, "open sesame").await;
    assert!(refused.page(429).contains("Too many tries from here."));
    assert_eq!((refused.header("retry-after"), refused.header("set-cookie")), ("3600", ""));
    shelf.app.wait(Duration::hours(1));
    // A right one takes back what failed from there.
    for _ in 0..2 {
        for _ in 0..9 {
            shelf.unlock(&page, "wrong").await.page(403);
        }
        assert_eq!(shelf.unlock(&page, "open sesame").await.status, 303);
    }
    let elsewhere = shelf.unlock(&page, "open sesame").header("sec-fetch-site", "cross-site").await;
    elsewhere.refuses(403, "cross-site");
    let tries = "INSERT INTO album_tries SELECT gen_random_uuid(), album_id, n::text, $1 \
                 FROM album_shares, generate_series(1, 200) AS n";
    sqlx::query(tries).bind(shelf.app.core().now()).execute(shelf.app.pool()).await.unwrap();
    shelf.unlock(&page, "open sesame").await.page(429);
    shelf.app.wait(Duration::DAY);
    assert_eq!(albums::sweep(shelf.app.core()).await.unwrap(), 202, "and two right ones");
    assert_eq!(shelf.unlock(&page, "open sesame").await.status, 303);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn right_passwords_are_counted_too(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({ "password": "open sesame" })).await;
    assert_eq!(shelf.unlock(&page, "open sesame").await.status, 303);
    // As many more from there as may be, for other albums of the hour too, but one.
    let more = "INSERT INTO album_tries SELECT gen_random_uuid(), album_id, address, at, was_right \
                FROM album_tries, generate_series(1, 298)";
    sqlx::query(more).execute(shelf.app.pool()).await.unwrap();
    assert_eq!(shelf.unlock(&page, "open sesame").await.status, 303);
    let refused = shelf.unlock(&page, "open sesame").await;
    assert!(refused.page(429).contains("Too many tries from here."));
    assert_eq!((refused.header("retry-after"), refused.header("set-cookie")), ("3600", ""));
    assert_eq!(shelf.app.count("album_tries").await, 300);
    shelf.app.wait(Duration::hours(1));
    assert_eq!(shelf.unlock(&page, "open sesame").await.status, 303);
    assert_eq!(shelf.app.count("album_tries").await, 1, "none is kept for longer than it counts");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_finds_no_room_has_lost_nothing(pool: PgPool) {
    let shelf = Shelf::new(pool.clone()).await;
    let page = shelf.share(json!({ "password": "open sesame" })).await;
    let full = App::with(pool, |setup| setup.stretching = Stretching::with(0, std::time::Duration::ZERO));
    let full = Shelf { app: full, ..shelf };
    let busy = full.unlock(&page, "open sesame").await;
    assert!(busy.page(503).contains("The server is busy."));
    assert_eq!((busy.header("retry-after"), full.app.count("album_tries").await), ("5", 0));
    let change = json!({ "share": { "password": "another" } });
    let call = full.app.call(Method::PATCH, &full.album).token(&full.ada.token).json(&change);
    call.await.refuses(503, "unavailable");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_null_takes_a_password_away(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({ "password": "open sesame" })).await;
    for blank in ["", "   "] {
        let change = json!({ "share": { "password": blank } });
        let answer = shelf.app.call(Method::PATCH, &shelf.album).token(&shelf.ada.token).json(&change).await;
        assert_eq!(answer.refuses(400, "invalid-parameter")["name"], "password");
    }
    assert!(!shelf.app.get(&page).await.page(200).contains("Trips"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_shares_deletes_or_no_longer_shares_an_album_is_in_the_log(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    shelf.share(json!({ "password": "open sesame" })).await;
    for _ in 0..2 {
        shelf.patch(&shelf.album, json!({ "share": null })).await;
    }
    let gone = shelf.app.call(Method::DELETE, &shelf.album).token(&shelf.ada.token).await;
    assert_eq!(gone.status, 204);
    let told: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT action, details->>'name', details->>'token' FROM audit_log WHERE action LIKE 'album%' ORDER BY sequence",
    )
    .fetch_all(shelf.app.pool())
    .await
    .unwrap();
    let entry = |action: &str| (action.to_owned(), "Trips & <more>".to_owned(), "test".to_owned());
    assert_eq!(told, ["album_shared", "album_unshared", "album_deleted"].map(entry));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_read_in_the_language_of_the_reader_and_page_by_page(pool: PgPool) {
    let shelf = Shelf::new(pool).await;
    let page = shelf.share(json!({})).await;
    let chinese = shelf.app.get("/a/x").header("accept-language", "zh-CN").await;
    assert!(chinese.page(404).contains("这里没有相册"));
    sqlx::query(
        "WITH more AS (INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, \
         frames, color, hash, created_at) SELECT lpad(to_hex(n), 32, '0')::uuid, owner_id, lpad(n::text, 15, '0'), \
         filename, media_type, byte_size, width, height, frames, color, hash, created_at \
         FROM images, generate_series(1, 100) AS n WHERE filename = 'a.png' RETURNING id) \
         INSERT INTO album_images (album_id, image_id, position) \
         SELECT albums.id, more.id, row_number() OVER () FROM albums, more",
    )
    .execute(shelf.app.pool())
    .await
    .unwrap();
    let first = shelf.app.get(&page).await;
    assert_eq!(first.page(200).matches("<li class=\"tile").count(), 100);
    let (_, rest) = first.text().split_once(&format!("href=\"{page}?cursor=")).unwrap();
    let next = format!("{page}?cursor={}", rest.split('"').next().unwrap());
    let second = shelf.app.get(&next).await;
    assert_eq!(second.page(200).matches("<li class=\"tile").count(), 3);
    assert!(!second.text().contains("?cursor="));
    shelf.app.get(&format!("{page}?cursor=x")).await.page(404);
}
