//! Tags, by the JSON API and by the app's own functions.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    albums::with_images,
    support::{Answer, App, Person, pictures},
};

async fn call(app: &App, person: &Person, method: Method, path: &str, body: Value) -> Answer {
    let call = app.call(method, &format!("/api/v1/{path}")).token(&person.token);
    if body.is_null() { call.await } else { call.json(&body).await }
}

/// What asks for tags on images.
fn tagging(ids: Value, tags: Value) -> Value {
    json!({ "ids": ids, "action": { "tags": tags } })
}

async fn tags(app: &App, person: &Person, query: &str) -> Vec<Value> {
    let list = call(app, person, Method::GET, &format!("tags{query}"), Value::Null).await.gives(200);
    list["tags"].as_array().unwrap().clone()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_get_tags_which_are_renamed_painted_merged_and_deleted(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let (a, b) = (&images[0]["id"], &images[1]["id"]);
    let nobodys = "01890000-0000-7000-8000-000000000000";
    let tagged = tagging(json!([a, b, nobodys]), json!({ "add": ["Cat", " night  sky "] }));
    let done = call(&app, &ada, Method::POST, "images/bulk", tagged).await.gives(200);
    assert_eq!(done, json!({ "done": [a, b], "unchanged": [], "missing": [nobodys] }));
    let all = tags(&app, &ada, "").await;
    let [cat, sky] = [0, 1].map(|n| format!("tags/{}", all[n]["id"].as_str().unwrap()));
    assert_eq!(all[1], json!({ "id": sky[5..], "name": "night sky", "color": "grey", "count": 2 }));
    assert_eq!(tags(&app, &ada, "?q=CA").await, all[..1]);

    let taken = call(&app, &ada, Method::PATCH, &sky, json!({ "name": "CAT" })).await;
    taken.refuses(409, "name-taken");
    let painted = json!({ "name": "Kitten", "color": "orange" });
    let painted = call(&app, &ada, Method::PATCH, &cat, painted).await.gives(200);
    assert_eq!((&painted["name"], &painted["color"]), (&"Kitten".into(), &"orange".into()));
    let remove = tagging(json!([b]), json!({ "remove": ["KITTEN"] }));
    call(&app, &ada, Method::POST, "images/bulk", remove).await.gives(200);
    assert_eq!(tags(&app, &ada, "?q=kit").await[0]["count"], 1);
    let merged = json!({ "name": "kitten", "merge": true });
    let merged = call(&app, &ada, Method::PATCH, &sky, merged).await.gives(200);
    assert_eq!(
        (&merged["id"], &merged["name"], &merged["count"]),
        (&cat[5..].into(), &"Kitten".into(), &2.into())
    );
    assert_eq!(call(&app, &ada, Method::DELETE, &cat, Value::Null).await.status, 204);
    assert!(tags(&app, &ada, "").await.is_empty());
    call(&app, &ada, Method::DELETE, &cat, Value::Null).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_images_tags_are_among_what_is_said_of_it(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let path = format!("images/{}", images[0]["id"].as_str().unwrap());
    let changed = call(&app, &ada, Method::PATCH, &path, json!({ "tags": ["b", "A", "a"] })).await.gives(200);
    assert_eq!(changed["tags"].as_array().unwrap().len(), 2, "{changed}");
    let changed =
        call(&app, &ada, Method::PATCH, &path, json!({ "title": "x", "tags": ["B"] })).await.gives(200);
    assert_eq!((&changed["tags"], &changed["title"]), (&json!(["b"]), &"x".into()));
    for (tags, why) in [(json!([""]), "empty"), (json!(["a,b"]), "comma"), (json!(["x".repeat(51)]), "long")]
    {
        let change = json!({ "title": "y", "tags": tags });
        let refusal = call(&app, &ada, Method::PATCH, &path, change).await.refuses(400, "invalid-parameter");
        assert_eq!(refusal["name"], "tags", "{why}");
    }
    let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
    let refusal = call(&app, &ada, Method::PATCH, &path, json!({ "title": "y", "tags": many })).await;
    assert_eq!(refusal.refuses(400, "invalid-parameter")["name"], "tags");
    let same = call(&app, &ada, Method::GET, &path, Value::Null).await.gives(200);
    assert_eq!((&same["tags"], &same["title"]), (&json!(["b"]), &"x".into()));
    let none = call(&app, &ada, Method::PATCH, &path, json!({ "tags": null })).await.gives(200);
    assert_eq!(none["tags"], json!([]));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn tags_are_their_owners_alone(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let bob = app.person("bob").await;
    let id = &images[0]["id"];
    let tagged = tagging(json!([id]), json!({ "add": ["cat"] }));
    call(&app, &ada, Method::POST, "images/bulk", tagged).await.gives(200);
    let tag = format!("tags/{}", tags(&app, &ada, "").await[0]["id"].as_str().unwrap());
    call(&app, &bob, Method::PATCH, &tag, json!({ "name": "his" })).await.refuses(404, "not-found");
    call(&app, &bob, Method::DELETE, &tag, Value::Null).await.refuses(404, "not-found");
    let tagged = tagging(json!([id]), json!({ "remove": ["cat"] }));
    let done = call(&app, &bob, Method::POST, "images/bulk", tagged).await.gives(200);
    assert_eq!(done["missing"], json!([id]));
    let image = format!("images/{}", id.as_str().unwrap());
    call(&app, &bob, Method::PATCH, &image, json!({ "tags": [] })).await.refuses(404, "not-found");
    assert_eq!(tags(&app, &ada, "").await[0]["count"], 1);
    assert!(tags(&app, &bob, "").await.is_empty());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_apps_functions_do_the_same(pool: PgPool) {
    let app = App::new(pool);
    let account = app.enrol("ada").await;
    let cookie = app.sign_in(&account).await;
    let ada = app.with_token(account.user_id).await;
    let image = app.upload(&ada, "cat.png", &pictures::png(40, 30)).await;
    let ask = async |name: &str, arguments: Value| app.function(name, arguments).cookie(&cookie).await;
    let tagged = json!({ "request": tagging(json!([image["id"]]), json!({ "add": ["cat"] })) });
    assert_eq!(ask("bulk", tagged).await.gives(200)["done"], json!([image["id"]]));
    let id = ask("tags", json!({})).await.gives(200)[0]["id"].take();
    let change = json!({ "id": id, "change": { "color": "red", "merge": false } });
    assert_eq!(ask("change-tag", change).await.gives(200)["color"], "red");
    ask("delete-tag", json!({ "id": id })).await.gives(200);
    assert_eq!(ask("tags", json!({})).await.gives(200), json!([]));
    app.function("tags", json!({})).await.fails(401, "signed-out");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn more_names_than_an_image_may_have_are_refused_before_any_is_made(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let names: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    let tagged = tagging(json!([image["id"]]), json!({ "add": names }));
    let refused = call(&app, &ada, Method::POST, "images/bulk", tagged).await;
    assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "add");
    assert!(tags(&app, &ada, "").await.is_empty());
}
