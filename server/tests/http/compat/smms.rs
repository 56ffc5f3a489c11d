//! sm.ms v2 and S.EE.

use http::Method;
use model::types::{ByteSize, Scope};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{post, upload};
use crate::support::{Answer, App, Form, Person, SITE, between, path, pictures};

const UPLOAD: &str = "/api/v2/upload";

/// The body of a failure: the transport says that all is well.
#[track_caller]
fn fails(answer: &Answer, code: impl Into<Value>, message: &str) {
    let body = answer.gives(200);
    assert_eq!((&body["success"], &body["code"]), (&false.into(), &code.into()), "{body}");
    assert!(body["message"].as_str().unwrap().contains(message), "{body}");
    assert_eq!(body["RequestId"].as_str().unwrap().len(), 36);
}

async fn store(app: &App, person: &Person, seed: u32) -> Value {
    let answer = upload(app, UPLOAD, "smfile", &person.token, &pictures::png(40, 30 + seed)).await;
    answer.gives(200)["data"].take()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_is_answered_so_that_every_client_takes_it_for_one(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file_in("smfile", "my cat.png", &pictures::png(400, 300)).text("ssl", "true");
    let call = post(&app, UPLOAD, &ada.token).header("x-request-id", "0123456789abcdef");
    let body = call.form(form).await.gives(200);

    let stored = &app.images(&ada).await[0];
    let slug = stored["slug"].as_str().unwrap();
    let hash = body["data"]["hash"].as_str().unwrap();
    let expected = json!({
        "success": true,
        "code": "success",
        "message": "success",
        "data": {
            "file_id": 0, "width": 400, "height": 300,
            "filename": "my cat.png",
            "storename": format!("{slug}.png"),
            "size": stored["byte_size"],
            "path": format!("/i/2026/11/20/{slug}.png"),
            "hash": hash,
            "url": format!("{SITE}/i/2026/11/20/{slug}.png"),
            "delete": format!("{SITE}/delete/{hash}"),
            "page": format!("{SITE}/p/{slug}"),
            "created_at": 1_795_176_000,
        },
        "RequestId": "00000000-0000-0000-0123-456789ABCDEF",
    });
    assert_eq!(body, expected);
    assert!(hash.starts_with(slug) && hash.len() == 58, "{hash}");
    assert_eq!(app.get(path(&body["data"]["url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_same_bytes_again_are_no_failure(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::png(40, 30);
    let first = upload(&app, UPLOAD, "smfile", &ada.token, &bytes).await.gives(200)["data"].take();
    let second = upload(&app, UPLOAD, "smfile", &ada.token, &bytes).await.gives(200)["data"].take();
    assert_eq!(first, second);
    let uploads = app.token(ada.id, [Scope::Upload]).await;
    let third = upload(&app, UPLOAD, "smfile", &uploads, &bytes).await.gives(200)["data"].take();
    assert_eq!((&third["url"], &third["hash"], &third["delete"]), (&first["url"], &"".into(), &"".into()));
    assert_eq!((app.count("images").await, app.count("blobs").await), (1, 1));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_refused_is_said_with_status_200(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(9_000).try_into().unwrap());
    let ada = app.person("ada").await;
    let poor = app.person_with("poor", 10).await;
    let picture = pictures::png(40, 30);
    let send = |token: &str, bytes: &[u8]| upload(&app, UPLOAD, "smfile", token, bytes);
    let form = |form: Form| post(&app, UPLOAD, &ada.token).form(form);

    fails(&app.call(Method::POST, UPLOAD).form(Form::new()).await, "unauthorized", "Access Denied.");
    fails(&send("rfl_wrong", &picture).await, "unauthorized", "unknown, revoked or expired");
    fails(&send(&ada.token, b"").await, "file_empty", "File is empty.");
    fails(
        &send(&ada.token, b"%PDF-1.7 and so on").await,
        "unsupported_format",
        "File has an invalid extension.",
    );
    fails(&send(&ada.token, &picture[..60]).await, "broken_image", "damaged or cut off");
    fails(&send(&ada.token, &pictures::noise(90, 90, 1)).await, "file_too_large", "larger than 8.8 KiB");
    fails(&send(&poor.token, &picture).await, "quota_exceeded", "of 10 B are used");
    fails(&form(Form::new().text("smfile_", "x")).await, "no_file", "`smfile`");
    let two = Form::new().file_in("smfile", "a.png", &picture).file_in("smfile", "b.png", &picture);
    fails(&form(two).await, "too_many_files", "Upload file count limit.");
    let xml = Form::new().file_in("smfile", "a.png", &picture).text("format", "xml");
    fails(&form(xml).await, "invalid_parameter", "`format` must be json");
    let slug = Form::new().text("custom_slug", "cat").file_in("smfile", "a.png", &picture);
    fails(&form(slug).await, "invalid_parameter", "`custom_slug` must be left out");
    let broken = post(&app, UPLOAD, &ada.token).header("content-type", Form::TYPE).body("no part");
    fails(&broken.await, "bad_multipart", "multipart/form-data");
    fails(&app.get(UPLOAD).await, "method_not_allowed", "method");
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_larger_announced_upload_is_refused_before_it_is_read(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(9_000).try_into().unwrap());
    let ada = app.person("ada").await;
    let call = post(&app, UPLOAD, &ada.token).header("content-type", Form::TYPE);
    fails(&call.header("content-length", "30000").await, "file_too_large", "8.8 KiB");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nobody_changes_a_password_for_a_token(pool: PgPool) {
    let app = App::new(pool);
    let call = app.call(Method::POST, "/api/v2/token");
    let call = call.header("content-type", "application/x-www-form-urlencoded").body("username=a&password=b");
    fails(&call.await, "unauthorized", "Create a token in Settings > API tokens.");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_profile_tells_name_and_space(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let used = store(&app, &ada, 0).await["size"].take();
    let body = post(&app, "/api/v2/profile", &format!("Basic {}", ada.token)).await.gives(200);
    let shown = format!("{:.2} KB", used.as_f64().unwrap() / 1024.0);
    let expected = json!({
        "username": "ada", "email": "", "role": "user", "group_expire": "0000-00-00", "email_verified": 0,
        "disk_usage": shown, "disk_limit": "1.00 GB", "disk_usage_raw": used, "disk_limit_raw": 1 << 30,
    });
    assert_eq!((&body["data"], &body["message"]), (&expected, &"Get user profile success.".into()));
    fails(&app.call(Method::POST, "/api/v2/profile").await, "unauthorized", "Access Denied.");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_history_has_thirty_on_a_page_newest_first(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    store(&app, &bob, 0).await;
    let mut sent = Vec::new();
    for seed in 0..31 {
        app.wait(Duration::SECOND);
        sent.push(store(&app, &ada, seed).await);
    }
    sent.reverse();
    let history =
        |query: &str| app.get(&format!("/api/v2/upload_history{query}")).header("authorization", &ada.token);
    let first = history("").await.gives(200);
    assert_eq!(first["data"], json!(sent[..30]));
    let paging =
        |body: &Value| ["CurrentPage", "TotalPages", "PerPage", "Count"].map(|name| body[name].clone());
    assert_eq!(paging(&first), [1, 2, 30, 31].map(Value::from));
    let second = history("?page=2").await.gives(200);
    assert_eq!((&second["data"], &second["CurrentPage"]), (&json!(sent[30..]), &2.into()));
    assert_eq!(history("?page=3").await.gives(200)["data"], json!([]));
    for first_too in ["?page=0", "?page=x", "?page="] {
        assert_eq!(history(first_too).await.gives(200)["CurrentPage"], 1, "{first_too}");
    }
    fails(&app.get("/api/v2/upload_history").await, "unauthorized", "Access Denied.");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_strangers_uploaded_is_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    store(&app, &ada, 0).await;
    for address in ["/api/v2/history", "/api/v2/clear"] {
        let body = app.get(address).await.gives(200);
        assert_eq!((&body["success"], &body["data"]), (&true.into(), &json!([])));
    }
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_program_deletes_by_the_hash_alone(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (image, other) = (store(&app, &ada, 0).await, store(&app, &ada, 1).await);
    let address = format!("/api/v2/delete/{}", image["hash"].as_str().unwrap());
    let body = app.get(&address).header("accept", "application/json, text/plain, */*").await.gives(200);
    let said = (&body["success"], &body["code"], &body["message"], &body["data"]);
    assert_eq!(said, (&true.into(), &"success".into(), &"File delete success.".into(), &json!([])));
    assert_eq!(app.get(path(&image["url"])).await.status, 404);
    let again = app.get(&address).await.gives(200);
    assert_eq!((&again["success"], &again["message"]), (&true.into(), &"File already deleted.".into()));

    let hash = other["hash"].as_str().unwrap();
    let slug = &hash[..15];
    for wrong in [slug, "x", &hash[..57], &format!("{slug}{}", "A".repeat(43)), "..%2F..%2Fa"] {
        fails(&app.get(&format!("/api/v2/delete/{wrong}")).await, "not_found", "nothing at this address");
    }
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn neither_a_browser_nor_a_preview_deletes_by_looking(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let hash = store(&app, &ada, 0).await["hash"].as_str().unwrap().to_owned();
    for address in [format!("/api/v2/delete/{hash}"), format!("/api/v1/file/delete/{hash}")] {
        for (name, value) in [("accept", "text/html,*/*;q=0.8"), ("sec-fetch-mode", "navigate")] {
            let answer = app.get(&address).header(name, value).await;
            assert_eq!(answer.status, 303, "{answer:?}");
            assert_eq!(answer.header("location"), format!("{SITE}/delete/{hash}"));
        }
        assert_eq!(app.head(&address).await.status, 200);
    }
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn see_says_the_same_with_numbers(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let body =
        upload(&app, "/api/v1/file/upload", "smfile", &ada.token, &pictures::png(40, 30)).await.gives(200);
    assert_eq!(
        (&body["code"], &body["message"], &body["success"]),
        (&200.into(), &"success".into(), &true.into())
    );
    assert_eq!((&body["data"]["width"], &body["data"]["upload_status"]), (&40.into(), &2.into()));

    let list = app.get("/api/v1/files?page=1").header("authorization", &ada.token).await.gives(200);
    assert_eq!((&list["code"], &list["data"]), (&200.into(), &json!([body["data"]])));
    fails(&app.get("/api/v1/files").await, 401, "Access Denied.");
    let wrong = upload(&app, "/api/v1/file/upload", "smfile", &ada.token, b"no picture").await;
    fails(&wrong, 415, "File has an invalid extension.");

    let hash = body["data"]["hash"].as_str().unwrap();
    let deleted = app.get(&format!("/api/v1/file/delete/{hash}")).await.gives(200);
    assert_eq!((&deleted["code"], &deleted["success"]), (&200.into(), &true.into()));
    fails(&app.get("/api/v1/file/delete/x").await, 404, "nothing");
    assert_eq!(app.count("images WHERE deleted_at IS NULL").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_of_an_upload_is_there(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = store(&app, &ada, 0).await;
    let page = app.get(path(&image["page"])).await;
    assert!(between(page.page(200), "<h1>", "</h1>").starts_with("my cat"));
}
