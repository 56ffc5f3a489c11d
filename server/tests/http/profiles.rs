//! Pages of what people have made public.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{App, Person, pictures};

/// Somebody with an image of each kind of visibility, in the order unlisted, private, public.
struct Home {
    app: App,
    ada: Person,
    images: Vec<Value>,
}

impl Home {
    async fn new(pool: PgPool) -> Self {
        let app = App::new(pool);
        let ada = app.person("Ada").await;
        let mut images = Vec::new();
        for visibility in ["unlisted", "private", "public"] {
            let name = format!("<{visibility}>.png");
            let image = app.upload(&ada, &name, &pictures::png(400, 300)).await;
            let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
            let change = json!({ "visibility": visibility });
            app.call(Method::PATCH, &one).token(&ada.token).json(&change).await.gives(200);
            images.push(image);
        }
        Self { app, ada, images }
    }

    async fn set(&self, change: Value) -> Value {
        self.app
            .call(Method::PATCH, "/api/v1/me/profile")
            .token(&self.ada.token)
            .json(&change)
            .await
            .gives(200)
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_is_there_once_it_is_switched_on_and_shows_public_images_alone(pool: PgPool) {
    let home = Home::new(pool).await;
    let nobody = home.app.get("/u/nobody").await;
    let missing = nobody.page(404);
    assert_eq!(home.app.get("/u/Ada").await.page(404), missing);
    home.app.get("/api/v1/users/ada").await.refuses(404, "not-found");
    let own = home.app.get("/api/v1/me/profile").token(&home.ada.token).await.gives(200);
    assert_eq!(own, json!({ "is_on": false, "bio": null }));
    assert_eq!(home.set(json!({ "is_on": true, "bio": "Trains & <more>" })).await["is_on"], true);

    let answer = home.app.get("/u/ada").await;
    let html = answer.page(200);
    assert!(html.contains("<h1>Ada</h1>") && html.contains("Trains &amp; &lt;more&gt;"), "{html}");
    assert!(html.contains("<meta property=\"og:url\" content=\"http://localhost/u/Ada\">"), "{html}");
    assert!(
        html.contains("<meta property=\"og:description\" content=\"Trains &amp; &lt;more&gt;\">"),
        "{html}"
    );
    assert!(!html.contains("<script"), "{html}");
    let slugs = home.images.iter().map(|image| image["slug"].as_str().unwrap());
    assert_eq!(slugs.map(|slug| html.contains(slug)).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!((answer.header("cache-control"), answer.header("x-robots-tag")), ("no-store", "noindex"));
    let told = home.app.get("/api/v1/users/ADA").await.gives(200);
    assert_eq!((&told["name"], &told["url"]), (&"Ada".into(), &"http://localhost/u/Ada".into()));
    assert_eq!(told["images"].as_array().unwrap().len(), 1);
    assert_eq!(told["images"][0]["id"], home.images[2]["id"]);

    sqlx::query("UPDATE users SET suspended_at = now()").execute(home.app.pool()).await.unwrap();
    assert_eq!(home.app.get("/u/ada").await.page(404), missing);
    sqlx::query("UPDATE users SET suspended_at = NULL").execute(home.app.pool()).await.unwrap();
    home.set(json!({ "is_on": false })).await;
    assert_eq!(home.app.get("/u/ada").await.page(404), missing);
    home.app.get("/api/v1/users/ada").await.refuses(404, "not-found");
    let chinese = home.app.get("/u/..").header("accept-language", "zh-CN").await;
    assert!(!chinese.text().contains("Ada"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_read_page_by_page_and_changed_by_its_owner_alone(pool: PgPool) {
    let home = Home::new(pool).await;
    home.set(json!({ "is_on": true })).await;
    home.app.upload(&home.ada, "more.png", &pictures::png(40, 30)).await;
    sqlx::query("UPDATE images SET visibility = 'public'").execute(home.app.pool()).await.unwrap();
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = home.app.get(&format!("/api/v1/users/ada?limit=3{cursor}")).await.gives(200);
        seen.extend(page["images"].as_array().unwrap().iter().map(|image| image["id"].clone()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(seen.len(), 4);
    home.app.get("/api/v1/users/ada?cursor=x").await.refuses(400, "invalid-parameter");
    home.app.get("/u/ada?cursor=x").await.page(404);
    let long = json!({ "bio": "x".repeat(501) });
    let refused = home.app.call(Method::PATCH, "/api/v1/me/profile").token(&home.ada.token).json(&long).await;
    assert_eq!(refused.refuses(400, "invalid-parameter")["name"], "bio");
    let unknown =
        home.app.call(Method::PATCH, "/api/v1/me/profile").same_origin().json(&json!({ "is_on": true }));
    unknown.await.refuses(401, "signed-out");
}
