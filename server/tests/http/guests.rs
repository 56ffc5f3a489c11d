//! Links by which people without an account put images into an album.

use http::Method;
use model::types::{ByteSize, Scope};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Call, Form, Person, path, pictures};

/// Somebody with an album.
struct Party {
    app: App,
    ada: Person,
    links: String,
    album: Value,
}

impl Party {
    async fn new(pool: PgPool) -> Self {
        Self::of(App::new(pool)).await
    }

    async fn of(app: App) -> Self {
        let ada = app.person("ada").await;
        let draft = json!({ "name": "Party & <more>" });
        let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&draft).await.gives(201);
        let links = format!("/api/v1/albums/{}/guest-links", album["id"].as_str().unwrap());
        Self { app, ada, links, album }
    }

    fn make(&self, terms: &Value) -> Call<'_> {
        self.app.call(Method::POST, &self.links).token(&self.ada.token).json(terms)
    }

    /// Makes a link; the address of its door.
    async fn door(&self, terms: Value) -> String {
        let made = self.make(&terms).await.gives(201);
        door(&made)
    }

    /// The album's images.
    async fn contents(&self) -> Vec<Value> {
        let path = format!("/api/v1/albums/{}/images", self.album["id"].as_str().unwrap());
        let mut list = self.app.get(&path).token(&self.ada.token).await.gives(200);
        serde_json::from_value(list["images"].take()).unwrap()
    }

    fn send(&self, door: &str, form: Form) -> Call<'_> {
        self.app.call(Method::POST, &format!("{door}/images")).form(form)
    }
}

fn door(link: &Value) -> String {
    let page = path(&link["url"]);
    format!("/api/v1/guest-links/{}", page.strip_prefix("/g/").unwrap())
}

fn one(number: u32) -> Form {
    Form::new().file("guest.png", &pictures::noise(40, 30, number))
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_visitor_adds_images_to_the_album(pool: PgPool) {
    let party = Party::new(pool).await;
    let terms = json!({ "name": "Friends", "max_images": 3, "max_bytes": "1 MiB", "expires_at": "2026-11-21T12:00:00Z" });
    let made = party.make(&terms).await.gives(201);
    assert_eq!((&made["images"], &made["max_bytes"]), (&0.into(), &ByteSize::mib(1).0.into()));
    let door = door(&made);
    let seen = party.app.get(&door).await.gives(200);
    assert_eq!(
        seen,
        json!({
            "album": "Party & <more>", "owner": "ada", "expires_at": "2026-11-21T12:00:00Z",
            "max_upload": 20 * 1024 * 1024, "max_images": 3, "images_left": 3,
            "max_bytes": 1024 * 1024, "bytes_left": 1024 * 1024,
        })
    );
    let two =
        Form::new().file("a.png", &pictures::noise(40, 30, 1)).file("b.png", &pictures::noise(41, 30, 2));
    let answer = party.send(&door, two).await.gives(201);
    let images = answer["images"].as_array().unwrap();
    for image in images {
        assert_eq!((&image["existing"], &image["similar"]), (&false.into(), &json!([])));
        assert_eq!(party.app.get(path(&image["links"]["url"])).await.status, 200);
        assert!(image["delete_url"].as_str().unwrap().contains("/delete/"));
    }
    let ids = |images: &[Value]| images.iter().map(|image| image["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&party.contents().await), ids(images));
    let used = party.app.get("/api/v1/me").token(&party.ada.token).await.gives(200)["usage"]["used"].take();
    let came = images.iter().map(|image| image["byte_size"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(used, came);
    let details = format!("/api/v1/images/{}", images[0]["id"].as_str().unwrap());
    let details = party.app.get(&details).token(&party.ada.token).await.gives(200);
    assert_eq!(details["guest_link"], "Friends");
    let known = party.app.get(&party.links).token(&party.ada.token).await.gives(200);
    let known = &known["guest_links"][0];
    assert_eq!((&known["images"], &known["bytes"], &known["url"]), (&2.into(), &came.into(), &made["url"]));
    let seen = party.app.get(&door).await.gives(200);
    assert_eq!((&seen["images_left"], seen["bytes_left"].as_u64().unwrap()), (&1.into(), (1 << 20) - came));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_limit_is_told_and_no_file_beyond_it_is_kept(pool: PgPool) {
    let party = Party::new(pool).await;
    let door = party.door(json!({ "name": "One", "max_images": 1 })).await;
    let both =
        Form::new().file("a.png", &pictures::noise(40, 30, 1)).file("b.png", &pictures::noise(41, 30, 2));
    let partly = party.send(&door, both).await.gives(207);
    assert_eq!(
        (&partly["errors"][0]["filename"], &partly["errors"][0]["code"]),
        (&"b.png".into(), &"guest-images-used-up".into())
    );
    party.send(&door, one(3)).await.refuses(413, "guest-images-used-up");
    assert_eq!(party.app.get(&door).await.gives(200)["images_left"], 0);

    let door = party.door(json!({ "name": "Small", "max_bytes": 100 })).await;
    let refused = party.send(&door, one(4)).await.refuses(413, "guest-space-used-up");
    assert!(refused.get("quota").is_none() && refused.get("used").is_none(), "{refused}");
    let quota = "UPDATE users SET quota_bytes = used_bytes + 10";
    sqlx::query(quota).execute(party.app.pool()).await.unwrap();
    let door = party.door(json!({ "name": "Open" })).await;
    let refused = party.send(&door, one(5)).await.refuses(413, "guest-space-used-up");
    assert!(refused.get("quota").is_none() && refused.get("used").is_none(), "{refused}");
    assert_eq!(party.contents().await.len(), 1);
    assert_eq!(party.app.count("images").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_image_is_refused_as_anybodys_is_and_metadata_go(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = "64 KiB".parse().unwrap());
    let party = Party::of(app).await;
    let door = party.door(json!({ "name": "Friends" })).await;
    assert_eq!(party.app.get(&door).await.gives(200)["max_upload"], 64 * 1024);
    party.send(&door, Form::new().file("a.txt", b"no image")).await.refuses(415, "unsupported-format");
    party.send(&door, Form::new().file("a.png", &[0; 65 * 1024])).await.refuses(413, "file-too-large");
    party.send(&door, Form::new()).await.refuses(400, "no-file");
    let secret = [&pictures::noise(40, 30, 1)[..], b"SECRET"].concat();
    let stored =
        party.send(&door, Form::new().file("../a\\b.png", &secret)).await.gives(201)["images"][0].take();
    assert_eq!(stored["filename"], "b.png");
    assert!(!party.app.stored(&stored).await.windows(6).any(|bytes| bytes == b"SECRET"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn guests_send_files_alone_and_into_no_other_album(pool: PgPool) {
    let party = Party::new(pool).await;
    let door = party.door(json!({ "name": "Friends" })).await;
    let address = Form::new().text("url", "https://pictures.example/a.png");
    let refused = party.send(&door, address).await.refuses(400, "guest-files-only");
    assert_eq!(refused["errors"][0]["filename"], "https://pictures.example/a.png");
    let draft = json!({ "name": "Other" });
    let call = party.app.call(Method::POST, "/api/v1/albums").token(&party.ada.token).json(&draft);
    let other = call.await.gives(201)["id"].as_str().unwrap().to_owned();
    let form = Form::new().text("album", &other).file("a.png", &pictures::noise(40, 30, 1));
    party.send(&door, form).await.gives(201);
    assert_eq!(party.contents().await.len(), 1);
    let path = format!("/api/v1/albums/{other}/images");
    assert_eq!(party.app.get(&path).token(&party.ada.token).await.gives(200)["images"], json!([]));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_link_that_ended_lapsed_or_never_was_answers_the_same(pool: PgPool) {
    let party = Party::new(pool).await;
    let made = party.make(&json!({ "name": "Friends" })).await.gives(201);
    let lapsing = party.door(json!({ "name": "Brief", "expires_at": "2026-11-20T13:00:00Z" })).await;
    let never = "/api/v1/guest-links/abcDEF012345678";
    let (open, id) = (door(&made), made["id"].as_str().unwrap());
    party.send(&open, one(1)).await.gives(201);
    let gone = party.app.call(Method::DELETE, &format!("{}/{id}", party.links)).token(&party.ada.token).await;
    assert_eq!(gone.status, 204);
    party.app.wait(Duration::hours(1));
    let missing = party.app.get(never).await;
    missing.refuses(404, "guest-link-ended");
    for path in [&open, &lapsing, "/api/v1/guest-links/x"] {
        assert_eq!(party.app.get(path).await.body, missing.body, "{path}");
        party.send(path, one(2)).await.refuses(404, "guest-link-ended");
    }
    assert_eq!(party.contents().await.len(), 1, "what came stays");
    let again =
        party.app.call(Method::DELETE, &format!("{}/{id}", party.links)).token(&party.ada.token).await;
    again.refuses(404, "not-found");
    let told: Vec<(String, String)> = sqlx::query_as(
        "SELECT action, details->>'token' FROM audit_log WHERE details->>'name' = 'Friends' ORDER BY sequence",
    )
    .fetch_all(party.app.pool())
    .await
    .unwrap();
    let entry = |action: &str| (action.to_owned(), "test".to_owned());
    assert_eq!(told, ["guest_link_made", "guest_link_ended"].map(entry));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn links_are_for_whoever_may_change_the_album(pool: PgPool) {
    let party = Party::new(pool).await;
    let made = party.make(&json!({ "name": "Friends" })).await.gives(201);
    let one = format!("{}/{}", party.links, made["id"].as_str().unwrap());
    let bob = party.app.person("bob").await;
    let reader = party.app.token(party.ada.id, [Scope::Read, Scope::Upload]).await;
    for (method, path) in [(Method::GET, &party.links), (Method::POST, &party.links), (Method::DELETE, &one)]
    {
        let call =
            |token: &str| party.app.call(method.clone(), path).token(token).json(&json!({ "name": "Mine" }));
        call(&bob.token).await.refuses(404, "not-found");
        assert_eq!(call(&reader).await.gives(403)["code"], "insufficient-scope");
        party
            .app
            .call(method.clone(), path)
            .same_origin()
            .json(&json!({ "name": "x" }))
            .await
            .refuses(401, "signed-out");
    }
    for (terms, name) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "a", "expires_at": "2026-11-20T11:00:00Z" }), "expires_at"),
        (json!({ "name": "a", "max_images": 0 }), "max_images"),
        (json!({ "name": "a", "max_images": "many" }), "max_images"),
        (json!({ "name": "a", "max_bytes": -1 }), "max_bytes"),
        (json!({ "name": "a", "max_image": 1 }), "body"),
    ] {
        assert_eq!(party.make(&terms).await.refuses(400, "invalid-parameter")["name"], name, "{terms}");
    }
    assert_eq!(
        party.app.get(&party.links).token(&party.ada.token).await.gives(200)["guest_links"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_that_is_sent_again_is_taken_once(pool: PgPool) {
    let party = Party::new(pool).await;
    let door = party.door(json!({ "name": "Friends", "max_images": 1 })).await;
    let send = async |key: &str, number| -> Answer {
        party.send(&door, one(number)).header("idempotency-key", key).await
    };
    // The owner's keys are others.
    party.app.upload_form(&party.ada, one(7)).header("idempotency-key", "k").await.gives(201);
    let first = send("k", 1).await;
    first.gives(201);
    let again = send("k", 1).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.header("idempotency-replayed"), "true");
    send("k", 2).await.refuses(422, "idempotency-key-reused");
    // Under another key they are the same bytes again, for which there is room though the link is used up.
    assert_eq!(send("j", 1).await.gives(200)["images"][0]["existing"], true);
    assert_eq!(party.contents().await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_address_that_sends_too_much_waits(pool: PgPool) {
    let party = Party::new(pool).await;
    let door = party.door(json!({ "name": "Friends" })).await;
    party.send(&door, one(1)).await.gives(201);
    sqlx::query("UPDATE guest_rates SET files = 998").execute(party.app.pool()).await.unwrap();
    let three = Form::new()
        .file("a.png", &pictures::noise(40, 30, 2))
        .file("b.png", &pictures::noise(41, 30, 3))
        .file("c.png", &pictures::noise(42, 30, 4));
    let partly = party.send(&door, three).await.gives(207);
    assert_eq!(
        (&partly["errors"][0]["filename"], &partly["errors"][0]["code"]),
        (&"c.png".into(), &"too-many-attempts".into())
    );
    let refused = party.send(&door, one(5)).await;
    refused.refuses(429, "too-many-attempts");
    assert_eq!(refused.header("retry-after"), "3600");
    party.app.upload(&party.ada, "own.png", &pictures::noise(40, 30, 6)).await;
    party.app.wait(Duration::hours(1));
    party.send(&door, one(5)).await.gives(201);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn other_sites_do_not_send_in_their_visitors_name(pool: PgPool) {
    let party = Party::new(pool).await;
    let door = party.door(json!({ "name": "Friends" })).await;
    party.send(&door, one(1)).header("sec-fetch-site", "cross-site").await.refuses(403, "cross-site");
    party.send(&door, one(1)).same_origin().await.gives(201);
    party
        .app
        .call(Method::PUT, &format!("{door}/images"))
        .same_origin()
        .await
        .refuses(405, "method-not-allowed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_tells_what_it_is_for(pool: PgPool) {
    let party = Party::new(pool).await;
    let made = party.make(&json!({ "name": "Secret name", "max_images": 12 })).await.gives(201);
    let page = party.app.get(path(&made["url"])).await;
    let html = page.page(200);
    assert!(html.contains("Party &amp; &lt;more&gt;") && html.contains("ada"), "{html}");
    assert!(html.contains("12") && html.contains("noindex") && !html.contains("Secret name"), "{html}");
    let chinese = party.app.get(path(&made["url"])).header("accept-language", "zh-CN").await;
    assert!(chinese.page(200).contains("收集图片"));
    for missing in ["/g/abcDEF012345678", "/g/x"] {
        assert!(party.app.get(missing).await.page(404).contains("This link has ended"), "{missing}");
    }
}
