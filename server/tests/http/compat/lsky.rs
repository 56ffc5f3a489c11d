//! Lsky Pro.

use http::Method;
use model::types::ByteSize;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{post, upload};
use crate::support::{Answer, App, Call, Form, Person, SITE, path, pictures};

const BASE: &str = "/compat/lsky/api/v1";

fn get<'a>(app: &'a App, person: &Person, address: &str) -> Call<'a> {
    app.get(&format!("{BASE}{address}")).token(&person.token)
}

async fn store(app: &App, person: &Person, bytes: &[u8]) -> Value {
    let token = format!("Bearer {}", person.token);
    let mut body = upload(app, &format!("{BASE}/upload"), "file", &token, bytes).await.gives(200);
    assert_eq!(body["status"], true, "{body}");
    body["data"].take()
}

#[track_caller]
fn fails(answer: &Answer, status: u16, message: &str) {
    let body = answer.gives(status);
    assert_eq!((&body["status"], &body["data"]), (&false.into(), &json!({})), "{body}");
    assert!(body["message"].as_str().unwrap().contains(message), "{body}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_is_answered_with_every_member(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new()
        .text("ssl", "true")
        .text("strategy_id", "1")
        .text("album_id", "7")
        .text("permission", "0")
        .file("a<b>.png", &pictures::png(400, 300));
    let body = post(&app, &format!("{BASE}/upload"), &ada.token).form(form).await.gives(200);
    let stored = &app.images(&ada).await[0];
    let slug = stored["slug"].as_str().unwrap();
    let url = format!("{SITE}/i/2026/11/20/{slug}.png");
    let name = "a&amp;lt;b&amp;gt;.png";
    let size = (stored["byte_size"].as_f64().unwrap() / 10.24).round() / 100.0;
    let expected = json!({
        "status": true,
        "message": "上传成功",
        "data": {
            "key": slug,
            "name": format!("{slug}.png"),
            "pathname": format!("i/2026/11/20/{slug}.png"),
            "origin_name": "a<b>.png",
            "size": size,
            "mimetype": "image/png", "extension": "png", "md5": "", "sha1": "",
            "links": {
                "url": url,
                "html": format!("&lt;img src=\"{url}\" alt=\"{name}\" title=\"{name}\" /&gt;"),
                "bbcode": format!("[img]{url}[/img]"),
                "markdown": format!(r"![a\<b\>.png]({url})"),
                "markdown_with_link": format!(r"[![a\<b\>.png]({url})]({url})"),
                "thumbnail_url": format!("{url}?w=320"),
            },
        },
    });
    assert_eq!(body, expected);
    assert_eq!(app.get(path(&body["data"]["links"]["thumbnail_url"])).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_an_upload_lacks_is_said_with_status_200(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(9_000).try_into().unwrap());
    let ada = app.person("ada").await;
    let poor = app.person_with("poor", 10).await;
    let picture = pictures::png(40, 30);
    let address = format!("{BASE}/upload");
    let send = |token: &str, bytes: &[u8]| upload(&app, &address, "file", token, bytes);
    let guest = app.call(Method::POST, &address).form(Form::new().file("a.png", &picture));
    fails(&guest.await, 200, "管理员关闭了游客上传");
    fails(&send("Bearer 1|wrong", &picture).await, 200, "unknown, revoked or expired");
    fails(&send(&ada.token, b"no picture").await, 200, "不支持的文件类型: ");
    fails(&send(&ada.token, &pictures::noise(90, 90, 1)).await, 200, "图片大小超出限制: ");
    fails(&send(&poor.token, &picture).await, 200, "储存空间不足: ");
    let strategy = Form::new().file("a.png", &picture).text("strategy_id", "2");
    fails(&post(&app, &address, &ada.token).form(strategy).await, 200, "选定的策略不存在: ");
    fails(&post(&app, &address, &ada.token).form(Form::new()).await, 200, "`file`");
    fails(&app.get(&address).await, 405, "method");
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whoever_is_unknown_gets_401_elsewhere(pool: PgPool) {
    let app = App::new(pool);
    let paths = [
        (Method::GET, "/profile"),
        (Method::GET, "/strategies"),
        (Method::GET, "/images"),
        (Method::GET, "/albums"),
        (Method::DELETE, "/images/abcDEF012345678"),
        (Method::DELETE, "/tokens"),
    ];
    for (method, address) in paths {
        let call = || app.call(method.clone(), &format!("{BASE}{address}"));
        fails(&call().await, 401, "Unauthenticated");
        fails(&call().token("rfl_wrong").await, 401, "Unauthenticated");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn account_strategy_and_albums_are_told(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person_with("ada", 2 << 20).await;
    let size = store(&app, &ada, &pictures::png(40, 30)).await["size"].take();
    let profile = get(&app, &ada, "/profile").await.gives(200);
    let expected = json!({
        "name": "ada", "avatar": "", "email": "", "capacity": 2048.0, "used_capacity": size, "url": SITE,
        "image_num": 1, "album_num": 0, "registered_ip": "",
    });
    assert_eq!(profile, json!({ "status": true, "message": "success", "data": expected }));
    let strategies = |query: &'static str| get(&app, &ada, query);
    let one = json!({ "strategies": [{ "id": 1, "name": "reflect" }] });
    assert_eq!(strategies("/strategies").await.gives(200)["data"], one);
    assert_eq!(strategies("/strategies?keyword=FLEC").await.gives(200)["data"], one);
    assert_eq!(strategies("/strategies?keyword=s3").await.gives(200)["data"], json!({ "strategies": [] }));
    let albums = get(&app, &ada, "/albums").await.gives(200);
    assert_eq!((&albums["data"]["data"], &albums["data"]["total"]), (&json!([]), &0.into()));
    fails(&app.call(Method::DELETE, &format!("{BASE}/albums/1")).token(&ada.token).await, 200, "nothing");
    fails(&get(&app, &ada, "/nothing").await, 200, "nothing");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn albums_have_numbers_by_which_images_go_into_them_and_are_found(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    for (person, name) in [(&ada, "Trips"), (&ada, "Home"), (&bob, "his")] {
        let draft = json!({ "name": name, "description": "By train" });
        app.call(Method::POST, "/api/v1/albums").token(&person.token).json(&draft).await.gives(201);
    }
    let albums = get(&app, &ada, "/albums").await.gives(200)["data"].take();
    assert_eq!((&albums["total"], &albums["data"][0]["name"]), (&2.into(), &"Home".into()));
    let (trips, his) = (albums["data"][1]["id"].as_i64().unwrap(), 3);
    let expected = json!({ "id": trips, "name": "Trips", "intro": "By train", "image_num": 0 });
    assert_eq!(albums["data"][1], expected);
    for (query, first) in [("?order=earliest", "Trips"), ("?keyword=TRI", "Trips"), ("?order=most", "Trips")]
    {
        let found = get(&app, &ada, &format!("/albums{query}")).await.gives(200);
        assert_eq!(found["data"]["data"][0]["name"], first, "{query}");
    }
    fails(&get(&app, &ada, "/albums?order=sideways").await, 200, "`order`");
    assert_eq!(get(&app, &ada, "/profile").await.gives(200)["data"]["album_num"], 2);
    // One that isn't theirs is as if none had been named.
    for album in [trips, his] {
        let form = Form::new().text("album_id", &album.to_string()).file("a.png", &pictures::png(4, 4));
        post(&app, &format!("{BASE}/upload"), &ada.token).form(form).await.gives(200);
    }
    for (album, total) in [(trips, 1), (his, 0)] {
        let images = get(&app, &ada, &format!("/images?album_id={album}")).await.gives(200);
        assert_eq!(images["data"]["total"], total);
    }
    let delete = |album: i64| app.call(Method::DELETE, &format!("{BASE}/albums/{album}")).token(&ada.token);
    fails(&delete(his).await, 200, "nothing");
    assert_eq!(delete(trips).await.gives(200)["status"], true);
    assert_eq!(get(&app, &ada, "/albums").await.gives(200)["data"]["total"], 1);
    assert_eq!(app.images(&ada).await.len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn tokens_are_neither_made_nor_revoked(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let login =
        app.call(Method::POST, &format!("{BASE}/tokens")).json(&json!({ "email": "a", "password": "b" }));
    fails(&login.await, 200, "Create a token in Settings > API tokens.");
    fails(
        &app.call(Method::DELETE, &format!("{BASE}/tokens")).token(&ada.token).await,
        200,
        "not by a token",
    );
    get(&app, &ada, "/profile").await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn forty_images_are_on_a_page(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    store(&app, &bob, &pictures::png(4, 4)).await;
    let mut keys = Vec::new();
    for height in 0..41 {
        app.wait(Duration::SECOND);
        let image = store(&app, &ada, &pictures::noise(4, 4 + height, 1)).await;
        keys.insert(0, image["key"].clone());
    }
    let list = |query: &str| get(&app, &ada, &format!("/images{query}"));
    let page = list("").await.gives(200)["data"].take();
    let found = |page: &Value| -> Vec<Value> {
        page["data"].as_array().unwrap().iter().map(|image| image["key"].clone()).collect()
    };
    assert_eq!(found(&page), keys[..40]);
    let numbers =
        ["current_page", "from", "to", "last_page", "per_page", "total"].map(|name| page[name].clone());
    assert_eq!(numbers, [1, 1, 40, 2, 40, 41].map(Value::from));
    let next = page["next_page_url"].as_str().unwrap();
    assert_eq!(next, format!("{SITE}{BASE}/images?page=2"));
    let second = app.get(path(&page["next_page_url"])).token(&ada.token).await.gives(200)["data"].take();
    assert_eq!((found(&second), &second["next_page_url"]), (keys[40..].to_vec(), &Value::Null));

    let first = &page["data"][0];
    let shape = (&first["width"], &first["height"], &first["date"], &first["human_date"]);
    assert_eq!(shape, (&4.into(), &44.into(), &"2026-11-20 12:00:41".into(), &"1 second ago".into()));
    assert_eq!(list("?order=earliest").await.gives(200)["data"]["data"][0]["key"], keys[40]);
    assert_eq!(list("?order=utmost").await.gives(200)["data"]["data"][0]["key"], keys[0]);
    assert_eq!(list("?order=least").await.gives(200)["data"]["data"][0]["key"], keys[40]);
    fails(&list("?order=sideways").await, 200, "`order`");
    for (none, total) in
        [("?keyword=dog", 0), ("?album_id=1", 0), ("?permission=private", 0), ("?keyword=CAT", 41)]
    {
        assert_eq!(list(none).await.gives(200)["data"]["total"], total, "{none}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_owner_deletes_by_the_key(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let image = store(&app, &ada, &pictures::png(4, 4)).await;
    let delete = |person: &Person, key: &str| {
        app.call(Method::DELETE, &format!("{BASE}/images/{key}")).token(&person.token)
    };
    let key = image["key"].as_str().unwrap();
    fails(&delete(&bob, key).await, 200, "nothing");
    fails(&delete(&ada, "x").await, 200, "nothing");
    assert_eq!(app.images(&ada).await.len(), 1);
    let gone = delete(&ada, key).await.gives(200);
    assert_eq!(gone, json!({ "status": true, "message": "删除成功", "data": {} }));
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 404);
    fails(&delete(&ada, key).await, 200, "nothing");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_breaks_is_500_in_the_same_envelope(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    app.pool().close().await;
    let answer = get(&app, &ada, "/profile").await;
    fails(&answer, 500, "服务异常，请稍后再试");
    assert_eq!(answer.header("retry-after"), "5");
}
