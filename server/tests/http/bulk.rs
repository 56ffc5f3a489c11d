//! Many images at once, by the JSON API.

use http::Method;
use model::types::Scope;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    albums::with_images,
    support::{Answer, App},
};

async fn bulk(app: &App, token: &str, request: Value) -> Answer {
    app.call(Method::POST, "/api/v1/images/bulk").token(token).json(&request).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_action_is_answered_for_each_image(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let [a, b, c] = [0, 1, 2].map(|n| &images[n]["id"]);
    let nobodys = "01890000-0000-7000-8000-000000000000";
    let call = async |request| bulk(&app, &ada.token, request).await.gives(200);
    let done = call(json!({ "ids": [b], "action": { "visibility": "private" } })).await;
    assert_eq!(done, json!({ "done": [b], "unchanged": [], "missing": [] }));
    let done = call(json!({ "ids": [a, b, nobodys, a], "action": { "visibility": "private" } })).await;
    assert_eq!(done, json!({ "done": [a], "unchanged": [b], "missing": [nobodys] }));
    app.get(images[0]["links"]["url"].as_str().unwrap().trim_start_matches("http://localhost"))
        .await
        .refuses(404, "not-found");
    let done = call(json!({ "search": "visibility=private", "action": { "tags": { "add": ["x"] } } })).await;
    assert_eq!(done["done"].as_array().unwrap().len(), 2);
    let done = call(json!({ "search": "tag=X", "action": { "expires_at": "2027-01-31T18:00:00Z" } })).await;
    assert_eq!(done["done"].as_array().unwrap().len(), 2);
    let details =
        app.get(&format!("/api/v1/images/{}", a.as_str().unwrap())).token(&ada.token).await.gives(200);
    assert_eq!(details["expires_at"], "2027-01-31T18:00:00Z");
    let done = call(json!({ "search": "", "action": "delete" })).await;
    assert_eq!(done["done"].as_array().unwrap().len(), 3);
    assert!(app.images(&ada).await.is_empty());
    let done = call(json!({ "ids": [c, b], "action": "restore" })).await;
    assert_eq!(done["done"], json!([c, b]));
    assert_eq!(app.images(&ada).await.len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_action_needs_the_scope_of_what_it_does(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let ids = json!([images[0]["id"]]);
    for (scope, action) in [
        (Scope::Delete, json!("delete")),
        (Scope::Delete, json!("restore")),
        (Scope::Edit, json!({ "visibility": "private" })),
        (Scope::Edit, json!({ "expires_at": null })),
        (Scope::Edit, json!({ "tags": { "add": ["x"] } })),
    ] {
        let request = json!({ "ids": ids, "action": action });
        let others = app
            .token(ada.id, Scope::ALL.iter().copied().filter(|one| ![scope, Scope::Admin].contains(one)))
            .await;
        let refused = bulk(&app, &others, request.clone()).await.refuses(403, "insufficient-scope");
        assert_eq!(refused["scope"], scope.as_str(), "{action}");
        let own = app.token(ada.id, [scope]).await;
        bulk(&app, &own, request).await.gives(200);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_not_meant_is_refused_whole(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let id = &images[0]["id"];
    let nowhere = "01890000-0000-7000-8000-000000000000";
    for (request, name) in [
        (json!({ "action": "delete" }), "ids"),
        (json!({ "ids": [id], "search": "", "action": "delete" }), "ids"),
        (json!({ "search": "typ=png", "action": "delete" }), "typ"),
        (json!({ "search": "type=bmp", "action": "delete" }), "type"),
        (json!({ "search": "", "action": "restore" }), "search"),
        (json!({ "ids": [id], "action": "remove" }), "body"),
        (json!({ "ids": ["x"], "action": "delete" }), "body"),
        (json!({ "ids": [id], "action": { "expires_at": "2001-01-01T00:00:00Z" } }), "expires_at"),
        (json!({ "ids": [id], "action": { "tags": { "add": [""] } } }), "add"),
        (
            json!({ "ids": vec![nowhere; 10_001].iter().enumerate().map(|(n, _)| format!("01890000-0000-7000-8000-{n:012}")).collect::<Vec<_>>(), "action": "delete" }),
            "images",
        ),
    ] {
        let refused = bulk(&app, &ada.token, request).await.refuses(400, "invalid-parameter");
        assert_eq!(refused["name"], name, "{refused}");
    }
    let refused = bulk(&app, &ada.token, json!({ "ids": [id], "action": { "album": nowhere } })).await;
    refused.refuses(404, "not-found");
    assert_eq!(app.images(&ada).await.len(), 3);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_list_is_searched_by_all_that_an_image_has(pool: PgPool) {
    let (app, ada, images) = with_images(pool).await;
    let found = async |query: &str| {
        let list = app.get(&format!("/api/v1/images?limit=2&{query}")).token(&ada.token).await.gives(200);
        list["images"].as_array().unwrap().len()
    };
    let request = json!({ "ids": [images[0]["id"]], "action": { "tags": { "add": ["Meer", "a b"] } } });
    bulk(&app, &ada.token, request).await.gives(200);
    for (query, count) in [
        ("type=png", 2),
        ("type=gif", 0),
        ("tag=meer", 1),
        ("tag=meer,a%20b", 1),
        ("tag=meer&type=gif", 0),
        ("min_size=1%20MiB", 0),
        ("max_size=1%20MiB&from=2026-11-20&to=2026-11-20", 2),
        ("to=2026-11-19", 0),
        ("favourite=true", 0),
    ] {
        assert_eq!(found(query).await, count, "{query}");
    }
    let refused = app.get("/api/v1/images?colour=red").token(&ada.token).await;
    assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "colour");
}
