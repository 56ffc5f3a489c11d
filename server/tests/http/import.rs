//! An export coming back.

use std::collections::BTreeMap;

use axum::body::Body;
use http::Method;
use model::types::{Scope, TokenTerms};
use reflect_core::{audit::By, testing};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    export::{described, export, files},
    support::{Answer, App, Form, Person, pictures},
};

/// Everything of an export, to be sent.
pub struct Export {
    pub files: BTreeMap<String, Vec<u8>>,
    pub summary: Value,
    pub images: Vec<Value>,
}

impl Export {
    pub async fn of(app: &App, person: &Person) -> Self {
        let files = files(&export(app, person, "").await);
        let (summary, images) = described(&files);
        Self { files, summary, images }
    }

    /// An image of it is sent as it is.
    pub async fn send(&self, app: &App, person: &Person, index: usize) -> Answer {
        let image = &self.images[index];
        send(app, person, image, &self.files[image["file"].as_str().unwrap()]).await
    }

    /// What the browser does with it: albums and tags, then what isn't there; the answers' outcomes.
    async fn import(&self, app: &App, person: &Person) -> Vec<String> {
        let start = json!({ "tags": self.summary["tags"], "albums": self.summary["albums"] });
        let started = post(app, person, "import", &start).await.gives(200);
        let mut outcomes = Vec::new();
        for image in &self.images {
            let mut image = image.clone();
            for place in image["albums"].as_array_mut().unwrap() {
                let albums = self.summary["albums"].as_array().unwrap();
                let index = albums.iter().position(|album| album["id"] == place["album"]).unwrap();
                place["album"] = started["albums"][index].clone();
            }
            let answer = send(app, person, &image, &self.files[image["file"].as_str().unwrap()]).await;
            outcomes.push(answer.json()["outcome"].as_str().unwrap_or_default().to_owned());
        }
        outcomes
    }
}

async fn post(app: &App, person: &Person, address: &str, body: &Value) -> Answer {
    app.call(Method::POST, &format!("/api/v1/{address}")).token(&person.token).json(body).await
}

pub async fn send(app: &App, person: &Person, image: &Value, bytes: &[u8]) -> Answer {
    let form = Form::new().text("metadata", &image.to_string()).file("x.png", bytes);
    app.call(Method::POST, "/api/v1/import/images").token(&person.token).form(form).await
}

pub async fn change(app: &App, person: &Person, image: &Value, change: Value) {
    let address = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    app.call(Method::PATCH, &address).token(&person.token).json(&change).await.gives(200);
}

/// Deletes everything for good.
pub async fn empty(app: &App, person: &Person) {
    bulk(app, person, json!({ "search": "", "action": "delete" })).await;
    reflect_core::images::library::purge(app.core(), By::SYSTEM, person.id, None).await.unwrap();
    sqlx::query("DELETE FROM albums WHERE owner_id = $1")
        .bind(person.id.0)
        .execute(app.pool())
        .await
        .unwrap();
    sqlx::query("DELETE FROM tags WHERE owner_id = $1").bind(person.id.0).execute(app.pool()).await.unwrap();
}

pub async fn bulk(app: &App, person: &Person, request: Value) {
    post(app, person, "images/bulk", &request).await.gives(200);
}

/// Somebody with three images, tags, and an album in an album.
pub async fn ada(app: &App) -> (Person, Vec<Value>) {
    let ada = app.person("ada").await;
    let mut images = Vec::new();
    for name in ["a.png", "b.png", "c.png"] {
        images.push(app.upload(&ada, name, &pictures::png(40, 30)).await);
        app.wait(time::Duration::days(1));
    }
    let said = json!({
        "title": "Cat", "description": "One.\nTwo.", "alt_text": "A cat", "favourite": true, "visibility": "private",
        "max_views": 7, "tags": ["sea", "Holiday"],
    });
    change(app, &ada, &images[0], said).await;
    change(app, &ada, &images[1], json!({ "expires_at": "2027-01-01T00:00:00Z" })).await;
    let outer = post(app, &ada, "albums", &json!({ "name": "Same", "description": "All" })).await.gives(201);
    let inner = post(app, &ada, "albums", &json!({ "name": "Same", "parent": outer["id"] })).await.gives(201);
    for n in [2, 0, 1] {
        bulk(app, &ada, json!({ "ids": [images[n]["id"]], "action": { "album": inner["id"] } })).await;
    }
    let cover = json!({ "cover": images[0]["id"] });
    let address = format!("/api/v1/albums/{}", inner["id"].as_str().unwrap());
    app.call(Method::PATCH, &address).token(&ada.token).json(&cover).await.gives(200);
    (ada, images)
}

/// An export without what isn't the same in another account, or once albums were made anew.
pub fn comparable(export: &Export) -> (Value, Vec<Value>, BTreeMap<String, Vec<u8>>) {
    let (mut summary, mut images) = (export.summary.clone(), export.images.clone());
    let albums: Vec<Value> =
        summary["albums"].as_array().unwrap().iter().map(|album| album["id"].clone()).collect();
    let number = |id: &Value| albums.iter().position(|album| album == id);
    for album in summary["albums"].as_array_mut().unwrap().iter_mut() {
        album["id"] = json!(null);
        album["parent"] = json!(number(&album["parent"]));
    }
    summary["created_at"] = json!(null);
    for place in images.iter_mut().flat_map(|image| image["albums"].as_array_mut().unwrap()) {
        place["album"] = json!(number(&place["album"]));
    }
    let files = export.files.iter().filter(|(path, _)| path.starts_with("images/"));
    (summary, images, files.map(|(path, bytes)| (path.clone(), bytes.clone())).collect())
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_deleted_for_good_comes_back_as_it_was(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let before = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    assert_eq!(before.import(&app, &ada).await, ["taken"; 3]);
    let after = Export::of(&app, &ada).await;
    assert_eq!(comparable(&after), comparable(&before));
    let address = images[1]["links"]["url"].as_str().unwrap().replace("http://localhost", "");
    assert_eq!(app.get(&address).await.body, before.files["images/b.png"]);
    // Once more: nothing is there twice.
    assert_eq!(before.import(&app, &ada).await, ["existing"; 3]);
    assert_eq!(comparable(&Export::of(&app, &ada).await), comparable(&before));
    let used = app.get("/api/v1/me").token(&ada.token).await.gives(200)["usage"]["used"].take();
    assert_eq!(used, before.summary["bytes"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_in_the_bin_comes_out_of_it(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let before = Export::of(&app, &ada).await;
    bulk(&app, &ada, json!({ "ids": [images[1]["id"]], "action": "delete" })).await;
    // As by hand: not for a token that may not delete.
    let token = app.token(ada.id, [Scope::Upload, Scope::Edit]).await;
    let some = Person { id: ada.id, token };
    before.send(&app, &some, 1).await.refuses(403, "insufficient-scope");
    assert_eq!(app.images(&ada).await.len(), 2);
    assert_eq!(before.import(&app, &ada).await, ["existing", "restored", "existing"]);
    assert_eq!(comparable(&Export::of(&app, &ada).await), comparable(&before));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn in_an_album_that_has_images_already_those_that_come_keep_their_order(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    let start = json!({ "tags": [], "albums": export.summary["albums"] });
    let inner = post(&app, &ada, "import", &start).await.gives(200)["albums"][1].take();
    let mut there = Vec::new();
    for name in ["x.png", "y.png", "z.png"] {
        let image = app.upload(&ada, name, &pictures::png(20, 30)).await;
        bulk(&app, &ada, json!({ "ids": [image["id"]], "action": { "album": inner } })).await;
        there.push(name);
    }
    assert_eq!(export.import(&app, &ada).await, ["taken"; 3]);
    let address = format!("/api/v1/albums/{}/images", inner.as_str().unwrap());
    let page = app.get(&address).token(&ada.token).await.gives(200);
    let names: Vec<_> =
        page["images"].as_array().unwrap().iter().map(|image| image["filename"].as_str().unwrap()).collect();
    let came: Vec<_> = names.iter().copied().filter(|name| !there.contains(name)).collect();
    assert_eq!((names.len(), came), (6, vec!["c.png", "a.png", "b.png"]));
}

/// A link never comes to show what somebody else put there, even after its image is gone.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn somebody_elses_names_are_not_taken(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let bob = app.person("bob").await;
    let export = Export::of(&app, &ada).await;
    assert_eq!(export.import(&app, &bob).await, ["taken-elsewhere"; 3]);
    assert_eq!(export.import(&app, &bob).await, ["existing"; 3]);
    let strip = |export: &Export| {
        let (summary, mut images, files) = comparable(export);
        for image in &mut images {
            assert_ne!(image["slug"].take(), json!(null));
            (image["url"], image["page"]) = (json!(null), json!(null));
        }
        (summary, images, files)
    };
    assert_eq!(strip(&Export::of(&app, &bob).await), strip(&export));
    empty(&app, &ada).await;
    empty(&app, &bob).await;
    assert_eq!(export.import(&app, &bob).await, ["taken-elsewhere"; 3]);
    assert_eq!(export.import(&app, &ada).await, ["taken"; 3]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn names_that_were_a_deleted_accounts_are_nobodys(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let bob = app.person("bob").await;
    let export = Export::of(&app, &ada).await;
    reflect_core::admin::remove(app.core(), By::COMMAND_LINE, ada.id, "ada", None).await.unwrap();
    assert_eq!(app.count("spent_slugs WHERE owner_id IS NULL").await, 3);
    assert_eq!(export.import(&app, &bob).await, ["taken-elsewhere"; 3]);
    let again = app.person("ada").await;
    assert_eq!(export.import(&app, &again).await, ["taken-elsewhere"; 3]);
}

/// What went before names were written down may have had any name.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_not_all_names_are_known_only_ones_own_are_kept(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let mut export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    for image in &mut export.images[..2] {
        let slug: String = image["slug"].as_str().unwrap().chars().rev().collect();
        image["slug"] = json!(slug);
    }
    assert_eq!(export.send(&app, &ada, 0).await.gives(201)["outcome"], "taken");
    sqlx::query("INSERT INTO settings VALUES ('spent_slugs_from', 'true', now())")
        .execute(app.pool())
        .await
        .unwrap();
    assert_eq!(export.send(&app, &ada, 1).await.gives(201)["outcome"], "taken-elsewhere");
    assert_eq!(export.send(&app, &ada, 2).await.gives(201)["outcome"], "taken");
}

/// It would be thrown away at once, and nobody told.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_over_comes_as_its_owners_alone(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let mut export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    (export.images[1]["visibility"], export.images[1]["expires_at"]) =
        (json!("unlisted"), json!("2026-11-20T12:00:00Z"));
    let image = export.send(&app, &ada, 1).await.gives(201)["image"].take();
    assert_eq!(reflect_core::images::library::bin_lapsed(app.core()).await.unwrap(), 0);
    let address = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let found = app.get(&address).token(&ada.token).await.gives(200);
    assert_eq!((&found["visibility"], &found["expires_at"]), (&json!("private"), &json!(null)));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_here_is_told_before_it_is_sent(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let bob = app.person("bob").await;
    let export = Export::of(&app, &ada).await;
    bulk(&app, &ada, json!({ "ids": [images[2]["id"]], "action": "delete" })).await;
    let mut asked = export
        .images
        .iter()
        .map(|image| json!({ "hash": image["hash"], "created_at": image["created_at"] }))
        .collect::<Vec<_>>();
    asked.push(json!({ "hash": asked[1]["hash"], "created_at": asked[2]["created_at"] }));
    asked.push(json!({ "hash": asked[1]["hash"], "created_at": "yesterday" }));
    let question = json!({ "images": asked });
    let known = post(&app, &ada, "import/known", &question).await.gives(200);
    assert_eq!(known["known"], json!([false, true, true, false, false]));
    let known = post(&app, &bob, "import/known", &question).await.gives(200);
    assert_eq!(known["known"], json!(vec![false; 5]));
    let many = json!({ "images": vec![&asked[0]; 1001] });
    post(&app, &ada, "import/known", &many).await.refuses(400, "invalid-parameter");
}

/// Of an export from before a picture was changed as of one from after it.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_changed_since_is_here(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let before = Export::of(&app, &ada).await;
    let edit = format!("images/{}/edit", images[1]["id"].as_str().unwrap());
    post(&app, &ada, &edit, &json!({ "rotate": 90 })).await.gives(200);
    let after = Export::of(&app, &ada).await;
    assert_ne!(after.images[1]["hash"], before.images[1]["hash"]);
    for export in [&before, &after] {
        let asked = json!({ "hash": export.images[1]["hash"], "created_at": export.images[1]["created_at"] });
        let known = post(&app, &ada, "import/known", &json!({ "images": [asked] })).await.gives(200);
        assert_eq!(known["known"], json!([true]));
        assert_eq!(export.import(&app, &ada).await, ["existing"; 3]);
    }
    // What is exported is what is shown. It has its number where it comes back, and no address of another version.
    empty(&app, &ada).await;
    assert_eq!(after.import(&app, &ada).await, ["taken"; 3]);
    assert_eq!(app.count("image_versions").await, 0);
    let address = images[1]["links"]["url"].as_str().unwrap().replace("http://localhost", "");
    let answer = app.get(&address).await;
    assert_eq!(answer.body, after.files["images/b.png"]);
    assert_eq!(
        answer.header("cache-control"),
        "public, max-age=60",
        "whoever has the first keeps it no longer"
    );
    assert_eq!(app.get(&address.replace(".png", ".gif")).await.status, 200, "it may have been one");
    let page = app.get("/api/v1/images").token(&ada.token).await.gives(200);
    assert_eq!(page["images"][1]["version"], 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_cannot_be_is_refused_and_changes_nothing(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    let (image, bytes) = (&export.images[2], &export.files["images/a.png"]);
    let with = |member: &str, value: Value| {
        let mut image = image.clone();
        image[member] = value;
        image
    };
    for (member, value, named) in [
        ("hash", export.images[1]["hash"].clone(), "hash"),
        ("hash", json!("0"), "metadata"),
        ("slug", json!("../../etc/passwd"), "metadata"),
        ("created_at", json!("2030-01-01T00:00:00Z"), "created_at"),
        ("created_at", json!("1900-01-01T00:00:00Z"), "created_at"),
        ("expires_at", json!("never"), "expires_at"),
        ("expires_at", json!("9999-01-01T00:00:00Z"), "expires_at"),
        ("max_views", json!(0), "metadata"),
        ("title", json!("x".repeat(300)), "metadata"),
        ("tags", json!(vec!["a"; 51]), "tags"),
        ("tags", json!(["a,b"]), "tags"),
        ("description", json!("x".repeat(300_000)), "metadata"),
    ] {
        let answer = send(&app, &ada, &with(member, value), bytes).await;
        assert_eq!(answer.refuses(400, "invalid-parameter")["name"], named, "{member}");
    }
    let mut text = with("hash", json!(format!("{:064x}", 0)));
    send(&app, &ada, &text, b"#!/bin/sh").await.refuses(415, "unsupported-format");
    text["albums"] = json!([{ "album": "00000000-0000-0000-0000-000000000000", "place": i64::MAX }]);
    let form = |form: Form| app.call(Method::POST, "/api/v1/import/images").token(&ada.token).form(form);
    form(Form::new().file("a.png", bytes)).await.refuses(400, "invalid-parameter");
    form(Form::new().text("metadata", &image.to_string())).await.refuses(400, "no-file");
    assert_eq!([app.count("images").await, app.count("blobs").await, app.count("tags").await], [0; 3]);

    // Names of files are made harmless, albums of nobody's passed over, and of one album twice only one place is taken.
    let mine = post(&app, &ada, "albums", &json!({ "name": "Mine" })).await.gives(201)["id"].take();
    let mut odd = with("filename", json!("../../a\u{0}.png"));
    odd["albums"] = json!([
        { "album": "00000000-0000-0000-0000-000000000000", "place": 1 },
        { "album": mine, "place": i64::MAX, "cover": true }, { "album": mine, "place": 1 },
    ]);
    odd["views"] = json!(4_000_000_000_u32);
    let answer = send(&app, &ada, &odd, bytes).await.gives(201);
    assert_eq!((&answer["outcome"], &answer["image"]["filename"]), (&json!("taken"), &json!("a.png")));
    bulk(&app, &ada, json!({ "ids": [answer["image"]["id"]], "action": { "album": mine } })).await;
    let mut another = export.images[1].clone();
    another["albums"] = json!([{ "album": mine, "place": i64::MAX, "cover": true }]);
    let answer = send(&app, &ada, &another, &export.files["images/b.png"]).await.gives(201);
    assert_eq!(answer["outcome"], "taken");
    let album = format!("/api/v1/albums/{}", mine.as_str().unwrap());
    let found = app.get(&album).token(&ada.token).await.gives(200);
    assert_eq!((&found["count"], &found["cover"]["filename"]), (&json!(2), &json!("a.png")));
    // Whatever the number of its place, it is listed.
    let mut first = export.images[0].clone();
    first["albums"] = json!([{ "album": mine, "place": i64::MIN }]);
    send(&app, &ada, &first, &export.files[first["file"].as_str().unwrap()]).await.gives(201);
    let listed = app.get(&format!("{album}/images")).token(&ada.token).await.gives(200);
    let listed = listed["images"].as_array().unwrap();
    assert_eq!((listed.len(), &listed[0]["filename"]), (3, &first["filename"]));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn quota_size_and_scopes_hold(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    let (image, bytes) = (&export.images[2], &export.files["images/a.png"]);
    let poor = app.person_with("poor", bytes.len() as i64 - 1).await;
    send(&app, &poor, image, bytes).await.refuses(413, "quota-exceeded");
    assert_eq!(app.images(&poor).await, [json!(null); 0]);
    for scopes in [[Scope::Upload, Scope::Read], [Scope::Edit, Scope::Read]] {
        let token = app.token(ada.id, scopes).await;
        let some = Person { id: ada.id, token };
        send(&app, &some, image, bytes).await.refuses(403, "insufficient-scope");
        post(&app, &some, "import", &json!({})).await.refuses(403, "insufficient-scope");
    }
    let known = json!({ "images": [{ "hash": image["hash"], "created_at": image["created_at"] }] });
    let reader = Person { id: ada.id, token: app.token(ada.id, [Scope::Edit, Scope::Read]).await };
    post(&app, &reader, "import/known", &known).await.refuses(403, "insufficient-scope");
    let uploader = Person { id: ada.id, token: app.token(ada.id, [Scope::Upload]).await };
    assert_eq!(post(&app, &uploader, "import/known", &known).await.gives(200)["known"], json!([true]));

    let terms = TokenTerms {
        max_upload: Some("16 KiB".parse().unwrap()),
        ..testing::terms("less", [Scope::Upload, Scope::Edit])
    };
    let less = Person { id: ada.id, token: testing::token(app.core(), ada.id, &terms).await.token };
    let problem = send(&app, &less, image, &[0; 16_385]).await.refuses(413, "file-too-large");
    assert_eq!(problem["limit"], 16_384);
    // What announces more isn't read; what is said of the image may be longer than the file.
    let unread = Body::from_stream(futures::stream::pending::<Result<&[u8], std::io::Error>>());
    let call = app.call(Method::POST, "/api/v1/import/images").token(&less.token);
    let call = call.header("content-type", Form::TYPE).header("content-length", "300000").body(unread);
    assert_eq!(call.await.refuses(413, "file-too-large")["limit"], 16_384);
    let mut long = image.clone();
    long["unknown"] = json!("x".repeat(200_000));
    assert_eq!(send(&app, &less, &long, bytes).await.gives(200)["outcome"], "existing");

    let nobody = Form::new().text("metadata", &image.to_string()).file("a.png", bytes);
    let call = app.call(Method::POST, "/api/v1/import/images").same_origin().form(nobody);
    call.await.refuses(401, "signed-out");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn albums_and_tags_are_made_once_and_not_without_end(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let key = |n: u32| format!("00000000-0000-0000-0000-{n:012}");
    let album = |n: u32, parent: Option<u32>| json!({ "id": key(n), "name": format!("{n}"), "parent": parent.map(key) });
    // One lies in one that comes later, one in itself, one in nothing that there is, one in one that lies in another.
    let albums = [album(1, Some(2)), album(2, None), album(3, Some(3)), album(4, Some(9)), album(5, Some(1))];
    let start = json!({ "tags": [{ "name": "Sea", "color": "blue" }, { "name": "sea", "color": "red" }], "albums": albums });
    let made = post(&app, &ada, "import", &start).await.gives(200)["albums"].take();
    assert_eq!(made.as_array().unwrap().len(), 5);
    assert_eq!(post(&app, &ada, "import", &start).await.gives(200)["albums"], made);
    let list = app.get("/api/v1/albums").token(&ada.token).await.gives(200);
    let list: Vec<_> =
        list["albums"].as_array().unwrap().iter().map(|album| (&album["name"], &album["parent"])).collect();
    let none = json!(null);
    let names = ["1", "2", "3", "4", "5"].map(|name| json!(name));
    let parents = [&made[1], &none, &none, &none, &none];
    assert_eq!(list, names.iter().zip(parents).collect::<Vec<_>>());
    assert_eq!(app.get("/api/v1/tags").token(&ada.token).await.gives(200)["tags"][0]["color"], "blue");
    let many: Vec<_> = (1000..2000).map(|n| album(n, None)).collect();
    post(&app, &ada, "import", &json!({ "albums": many })).await.refuses(400, "invalid-parameter");
    assert_eq!(app.count("albums").await, 5);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_kept_of_a_file_comes_back(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let picture = pictures::telling_jpeg(40, 30, "taken at home");
    app.upload_form(&ada, Form::new().text("metadata", "kept").file("a.jpg", &picture)).await.gives(201);
    let all = Export::of(&app, &ada).await;
    // Its name is the first one's still.
    assert_eq!(all.import(&app, &bob).await, ["taken-elsewhere"]);
    let image = app.images(&bob).await.remove(0);
    assert_eq!(app.stored(&image).await, picture);
}
