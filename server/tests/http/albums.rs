//! Albums, by the JSON API and by the app's own functions.

use http::Method;
use model::types::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{Answer, App, Form, Person, pictures};

/// Somebody with three images.
pub(crate) async fn with_images(pool: PgPool) -> (App, Person, Vec<Value>) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut images = Vec::new();
    for width in 40..43 {
        images.push(app.upload(&ada, &format!("{width}.png"), &pictures::png(width, 30)).await);
    }
    (app, ada, images)
}

async fn call(app: &App, person: &Person, method: Method, path: &str, body: Value) -> Answer {
    let call = app.call(method, &format!("/api/v1/albums{path}")).token(&person.token);
    if body.is_null() { call.await } else { call.json(&body).await }
}

/// Puts images into the album at `path`.
async fn put(app: &App, person: &Person, path: &str, ids: Value) -> Answer {
    let request = json!({ "ids": ids, "action": { "album": path.trim_start_matches('/') } });
    app.call(Method::POST, "/api/v1/images/bulk").token(&person.token).json(&request).await
}

async fn make(app: &App, person: &Person, draft: Value) -> String {
    let made = call(app, person, Method::POST, "", draft).await.gives(201);
    format!("/{}", made["id"].as_str().unwrap())
}

fn keys(list: &Value) -> Vec<&Value> {
    list.as_array().unwrap().iter().map(|image| &image["id"]).collect()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_album_is_made_filled_ordered_and_deleted(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let [a, b, c] = [0, 1, 2].map(|n| &images[n]["id"]);
    let draft = json!({ "name": " Trips ", "description": "By train" });
    let made = call(&app, &ada, Method::POST, "", draft).await.gives(201);
    let fields = json!({ "name": "Trips", "description": "By train", "parent": null, "count": 0, "cover": null,
        "created_at": "2026-11-20T12:00:00Z" });
    for (name, value) in fields.as_object().unwrap() {
        assert_eq!(&made[name], value, "{name}");
    }
    let path = format!("/{}", made["id"].as_str().unwrap());
    let inside = format!("{path}/images");

    let added = put(&app, &ada, &path, json!([a, b, c])).await.gives(200);
    assert_eq!(added, json!({ "done": [a, b, c], "unchanged": [], "missing": [] }));
    let last = format!("{inside}/{}", c.as_str().unwrap());
    assert_eq!(call(&app, &ada, Method::PATCH, &last, json!({ "before": a })).await.status, 204);
    let first = call(&app, &ada, Method::GET, &format!("{inside}?limit=2"), Value::Null).await.gives(200);
    assert_eq!(keys(&first["images"]), [c, a]);
    assert!(first["images"][0]["links"]["url"].is_string(), "{first}");
    let next = format!("{inside}?limit=2&cursor={}", first["next_cursor"].as_str().unwrap());
    let rest = call(&app, &ada, Method::GET, &next, Value::Null).await.gives(200);
    assert_eq!((keys(&rest["images"]), &rest["next_cursor"]), (vec![b], &Value::Null));

    let change = json!({ "name": "Journeys", "description": null, "cover": b });
    let changed = call(&app, &ada, Method::PATCH, &path, change).await.gives(200);
    assert_eq!((&changed["name"], &changed["description"]), (&"Journeys".into(), &Value::Null));
    assert_eq!((&changed["cover"]["id"], &changed["count"]), (b, &3.into()));
    assert_eq!(changed["cover"]["links"], images[1]["links"]);
    assert_eq!(call(&app, &ada, Method::GET, "", Value::Null).await.gives(200)["albums"], json!([changed]));

    let both = format!("{inside}?ids={},{}", b.as_str().unwrap(), a.as_str().unwrap());
    let removed = call(&app, &ada, Method::DELETE, &both, Value::Null).await.gives(200);
    assert_eq!(removed["removed"].as_array().unwrap().len(), 2);
    assert_eq!(call(&app, &ada, Method::GET, &path, Value::Null).await.gives(200)["cover"]["id"], *c);
    assert_eq!(call(&app, &ada, Method::DELETE, &path, Value::Null).await.status, 204);
    call(&app, &ada, Method::GET, &path, Value::Null).await.refuses(404, "not-found");
    assert_eq!(app.images(&ada).await.len(), 3);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_can_not_be_is_named_and_changes_nothing(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let top = make(&app, &ada, json!({ "name": "top" })).await;
    let below = make(&app, &ada, json!({ "name": "below", "parent": top[1..] })).await;
    for (draft, name) in [
        (json!({ "name": " " }), "name"),
        (json!({ "name": "x".repeat(101) }), "name"),
        (json!({ "name": "x", "description": "x".repeat(5001) }), "description"),
        (json!({ "name": "x", "parent": below[1..] }), "parent"),
        (json!({ "nam": "x" }), "body"),
    ] {
        let refusal = call(&app, &ada, Method::POST, "", draft).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], name, "{refusal}");
    }
    for (change, name) in [
        (json!({ "name": "x", "parent": below[1..] }), "parent"),
        (json!({ "name": "x", "before": top[1..] }), "before"),
        (json!({ "name": "x", "cover": images[0]["id"] }), "cover"),
        (json!({ "name": null }), "body"),
    ] {
        let refusal = call(&app, &ada, Method::PATCH, &top, change).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], name, "{refusal}");
    }
    let many = vec![images[0]["id"].as_str().unwrap(); 201].join(",");
    for ids in ["", "?ids=", "?ids=x", &format!("?ids={many}")] {
        let answer = call(&app, &ada, Method::DELETE, &format!("{top}/images{ids}"), Value::Null).await;
        assert_eq!(answer.refuses(400, "invalid-parameter")["name"], "ids");
    }
    let cursor = call(&app, &ada, Method::GET, &format!("{top}/images?cursor=x"), Value::Null).await;
    assert_eq!(cursor.refuses(400, "invalid-parameter")["name"], "cursor");
    assert_eq!(call(&app, &ada, Method::GET, &top, Value::Null).await.gives(200)["name"], "top");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_album_is_its_owners_alone(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let bob = app.person("bob").await;
    let path = make(&app, &ada, json!({ "name": "Trips" })).await;
    let (inside, id) = (format!("{path}/images"), images[0]["id"].as_str().unwrap());
    put(&app, &ada, &path, json!([id])).await.gives(200);
    put(&app, &bob, &path, json!([id])).await.refuses(404, "not-found");
    for (method, path, body) in [
        (Method::GET, path.clone(), Value::Null),
        (Method::PATCH, path.clone(), json!({ "name": "mine" })),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::GET, inside.clone(), Value::Null),
        (Method::DELETE, format!("{inside}?ids={id}"), Value::Null),
        (Method::PATCH, format!("{inside}/{id}"), json!({ "before": null })),
    ] {
        call(&app, &bob, method, &path, body).await.refuses(404, "not-found");
    }
    let bobs = make(&app, &bob, json!({ "name": "mine" })).await;
    let added = put(&app, &bob, &bobs, json!([id])).await.gives(200);
    assert_eq!(added["missing"], json!([id]));
    assert_eq!(call(&app, &ada, Method::GET, &path, Value::Null).await.gives(200)["count"], 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_apps_functions_do_the_same(pool: PgPool) {
    let app = App::new(pool);
    let account = app.enrol("ada").await;
    let cookie = app.sign_in(&account).await;
    let ada = app.with_token(account.user_id).await;
    let image = app.upload(&ada, "cat.png", &pictures::png(40, 30)).await;
    let ask = async |name: &str, arguments: Value| app.function(name, arguments).cookie(&cookie).await;
    let made = ask("create-album", json!({ "draft": { "name": "Trips" } })).await.gives(200);
    let id = &made["id"];
    let request = json!({ "ids": [image["id"]], "action": { "album": id } });
    let added = ask("bulk", json!({ "request": request })).await.gives(200);
    assert_eq!(added["done"], json!([image["id"]]));
    let page = ask("album-images", json!({ "id": id, "cursor": null })).await.gives(200);
    assert_eq!(keys(&page["items"]), [&image["id"]]);
    let moved = ask("place-in-album", json!({ "id": id, "image": image["id"], "before": null })).await;
    moved.gives(200);
    let change = json!({ "id": id, "change": { "name": "Journeys", "cover": image["id"] } });
    assert_eq!(ask("change-album", change).await.gives(200)["name"], "Journeys");
    assert_eq!(ask("albums", json!({})).await.gives(200)[0]["cover"]["id"], image["id"]);
    let removed = ask("remove-from-album", json!({ "id": id, "images": [image["id"]] })).await.gives(200);
    assert_eq!(removed, json!([image["id"]]));
    ask("delete-album", json!({ "id": id })).await.gives(200);
    ask("album-images", json!({ "id": id, "cursor": null })).await.fails(404, "not-found");
    app.function("albums", json!({})).await.fails(401, "signed-out");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_goes_into_the_album_that_it_names(pool: PgPool) {
    let (app, ada, _) = with_images(pool).await;
    let bob = app.person("bob").await;
    let path = make(&app, &ada, json!({ "name": "Trips" })).await;
    let [bytes, second, third] = [(); 3].map(|()| pictures::png(20, 20));
    // An upload token is enough, wherever the field stands.
    let uploader = Person { id: ada.id, token: app.token(ada.id, [Scope::Upload]).await };
    let first = Form::new().text("album", &path[1..]).file("a.png", &bytes).file("b.png", &second);
    app.upload_form(&uploader, first).await.gives(201);
    let last = Form::new().file("c.png", &third).text("album", &path[1..]);
    app.upload_form(&uploader, last).await.gives(201);
    let inside = call(&app, &ada, Method::GET, &format!("{path}/images"), Value::Null).await.gives(200);
    let names = inside["images"].as_array().unwrap().iter().map(|image| image["filename"].as_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["a.png", "b.png", "c.png"]);

    let bobs = make(&app, &bob, json!({ "name": "his" })).await;
    for wrong in ["holidays", "", &bobs[1..], &"x".repeat(65)] {
        let bytes = pictures::png(20, 20);
        let before = Form::new().text("album", wrong).file("d.png", &bytes);
        let refusal = app.upload_form(&ada, before).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], "album", "{refusal}");
        let behind = Form::new().file("d.png", &bytes).text("album", wrong);
        let report = app.upload_form(&ada, behind).await.gives(207);
        assert_eq!(
            (&report["errors"][0]["code"], &report["images"][0]["filename"]),
            (&"invalid-parameter".into(), &"d.png".into())
        );
    }
    assert_eq!(app.images(&ada).await.len(), 3 + 3 + 4);
}
