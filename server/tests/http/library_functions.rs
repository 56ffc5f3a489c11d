//! The server functions of gallery and bin.

use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Form, path, pictures};

/// Somebody signed in with one image.
struct Visitor {
    app: App,
    cookie: String,
    image: Value,
}

impl Visitor {
    async fn new(pool: PgPool) -> Self {
        let app = App::new(pool);
        let ada: EnrolledNow = app.enrol("ada").await;
        let cookie = app.sign_in(&ada).await;
        let image = upload(&app, &cookie, "cat.png").await;
        Self { app, cookie, image }
    }

    async fn call(&self, name: &str, arguments: Value) -> Answer {
        self.app.function(name, arguments).cookie(&self.cookie).await
    }

    async fn gallery(&self) -> Vec<Value> {
        let page = self.call("list-images", json!({ "place": "Newest", "search": "" })).await.gives(200);
        page["images"].as_array().unwrap().clone()
    }

    async fn bin(&self) -> Vec<Value> {
        let page = self.call("list-bin", json!({ "cursor": null })).await.gives(200);
        page["items"].as_array().unwrap().clone()
    }
}

async fn upload(app: &App, cookie: &str, name: &str) -> Value {
    let form = Form::new().file(name, &pictures::png(40, 30));
    let call = app.call(http::Method::POST, "/api/v1/images").cookie(cookie).same_origin().form(form);
    call.await.gives(201)["images"][0].take()
}

/// What asks for `action` of the images in `ids`.
fn bulk(ids: &Value, action: &str) -> Value {
    json!({ "request": { "ids": ids["ids"], "action": action } })
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_goes_to_the_bin_and_comes_back(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let ids = json!({ "ids": [ada.image["id"]] });
    assert_eq!(ada.gallery().await[0]["id"], ada.image["id"]);

    assert_eq!(ada.call("bulk", bulk(&ids, "delete")).await.gives(200)["done"], ids["ids"]);
    assert!(ada.gallery().await.is_empty());
    let binned = &ada.bin().await[0];
    assert_eq!(binned["image"]["id"], ada.image["id"]);
    assert_eq!(binned["deleted_at"], "2026-11-20T12:00:00Z");
    assert_eq!(binned["purge_at"], "2026-11-27T12:00:00Z");
    let url = path(&ada.image["links"]["url"]);
    ada.app.get(url).await.refuses(404, "not-found");

    assert_eq!(ada.call("bulk", bulk(&ids, "restore")).await.gives(200)["done"], ids["ids"]);
    assert_eq!((ada.gallery().await.len(), ada.bin().await.len()), (1, 0));
    assert_eq!(ada.app.get(url).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_purged_frees_its_space_and_never_comes_back(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let ids = json!({ "ids": [ada.image["id"]] });
    // Only what is in the bin can go for good.
    assert_eq!(ada.call("purge-images", ids.clone()).await.gives(200), 0);
    ada.call("bulk", bulk(&ids, "delete")).await.gives(200);
    assert_eq!(ada.call("purge-images", ids.clone()).await.gives(200), 1);
    assert_eq!(ada.call("bulk", bulk(&ids, "restore")).await.gives(200)["done"], json!([]));
    let session = ada.call("session", json!({})).await.gives(200);
    assert_eq!(session["me"]["usage"]["used"], 0);
    assert_eq!((ada.app.count("blobs").await, ada.app.count("variants").await), (0, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn emptying_the_bin_leaves_the_gallery(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let other = upload(&ada.app, &ada.cookie, "dog.png").await;
    ada.call("bulk", bulk(&json!({ "ids": [other["id"]] }), "delete")).await.gives(200);
    assert_eq!(ada.call("empty-bin", json!({})).await.gives(200), 1);
    assert_eq!((ada.gallery().await.len(), ada.bin().await.len()), (1, 0));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_persons_images_are_out_of_reach(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let bob = ada.app.enrol("bob").await;
    let cookie = ada.app.sign_in_as("bob", &bob).await;
    let ids = json!({ "ids": [ada.image["id"]] });
    let as_bob = |name: &'static str, arguments| ada.app.function(name, arguments).cookie(&cookie);
    assert_eq!(as_bob("bulk", bulk(&ids, "delete")).await.gives(200)["missing"], ids["ids"]);
    ada.call("bulk", bulk(&ids, "delete")).await.gives(200);
    assert_eq!(as_bob("bulk", bulk(&ids, "restore")).await.gives(200)["missing"], ids["ids"]);
    assert_eq!(as_bob("purge-images", ids.clone()).await.gives(200), 0);
    assert_eq!(ada.bin().await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_search_narrows_the_gallery(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    upload(&ada.app, &ada.cookie, "dog.png").await;
    let page = ada
        .call("list-images", json!({ "place": "Newest", "search": "?q=DO&utm_source=x" }))
        .await
        .gives(200);
    assert_eq!(page["images"][0]["filename"], "dog.png");
    assert_eq!((page["images"].as_array().unwrap().len(), &page["has_older"]), (1, &false.into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sixty_images_are_a_page_and_the_rest_is_older(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    for _ in 0..60 {
        ada.app.wait(Duration::MILLISECOND);
        upload(&ada.app, &ada.cookie, "more.png").await;
    }
    let first = ada.call("list-images", json!({ "place": "Newest", "search": "" })).await.gives(200);
    assert_eq!((first["images"].as_array().unwrap().len(), &first["has_older"]), (60, &true.into()));
    let place = json!({ "OlderThan": first["images"][59]["id"] });
    let rest = ada.call("list-images", json!({ "place": place, "search": "" })).await.gives(200);
    assert_eq!((rest["images"].as_array().unwrap().len(), &rest["has_older"]), (1, &false.into()));
    assert_eq!(rest["images"][0]["filename"], "cat.png");
    let few = json!({ "place": { "NewerThan": rest["images"][0]["id"] }, "search": "", "most": 5 });
    let few = ada.call("list-images", few).await.gives(200);
    assert_eq!((few["images"].as_array().unwrap().len(), &few["has_newer"]), (5, &true.into()));
    assert_eq!(few["images"][4]["id"], first["images"][59]["id"]);
    let months = ada.call("timeline", json!({})).await.gives(200);
    assert_eq!(months, json!([{ "month": "2026-11", "images": 61, "days": 1 }]));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_place_or_cursor_that_is_none_is_refused(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let problem = ada.call("list-images", json!({ "place": { "At": "x" }, "search": "" })).await;
    assert_eq!(problem.fails(400, "invalid-parameter")["name"], "at");
    let problem = ada.call("list-bin", json!({ "cursor": "x" })).await;
    assert_eq!(problem.fails(400, "invalid-parameter")["name"], "cursor");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_done_for_somebody_unknown(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let ids = json!({ "ids": [ada.image["id"]] });
    for (name, arguments) in [
        ("list-images", json!({ "place": "Newest", "search": "" })),
        ("timeline", json!({})),
        ("list-bin", json!({ "cursor": null })),
        ("bulk", bulk(&ids, "delete")),
        ("count-images", json!({ "search": "" })),
        ("image-range", json!({ "search": "", "ends": null })),
        ("purge-images", ids),
        ("empty-bin", json!({})),
    ] {
        ada.app.function(name, arguments).await.fails(401, "signed-out");
    }
    assert_eq!(ada.gallery().await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn everybody_may_know_a_public_image(pool: PgPool) {
    let ada = Visitor::new(pool).await;
    let asked = |slug: Value| ada.app.function("public-image", json!({ "slug": slug }));
    let image = asked(ada.image["slug"].clone()).await.gives(200);
    assert_eq!((&image["image"]["filename"], &image["title"]), (&"cat.png".into(), &"cat".into()));
    asked("abcDEF012345678".into()).await.fails(404, "not-found");
    asked("../../etc".into()).await.fails(404, "not-found");
}
