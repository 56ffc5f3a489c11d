//! `/oembed`: how to show the page of an image.

use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{App, SITE, pictures};

async fn with_image(pool: PgPool) -> (App, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "my cat.png", &pictures::png(1000, 500)).await;
    (app, image)
}

fn address(image: &Value, more: &str) -> String {
    format!(
        "/oembed?url={}{more}",
        image["links"]["page"].as_str().unwrap().replace(':', "%3A").replace('/', "%2F")
    )
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_is_a_photo_with_its_size(pool: PgPool) {
    let (app, image) = with_image(pool).await;
    for more in ["", "&format=json", "&maxwidth=1000&maxheight=500", "&unknown=1"] {
        let answer = app.get(&address(&image, more)).await;
        assert_eq!(answer.header("content-type"), "application/json");
        let expected = json!({
            "version": "1.0",
            "type": "photo",
            "provider_name": "reflect",
            "provider_url": SITE,
            "title": "my cat",
            "url": image["links"]["url"],
            "width": 1000,
            "height": 500,
            "thumbnail_url": image["links"]["thumbnail"],
            "thumbnail_width": 320,
            "thumbnail_height": 160,
            "cache_age": 86400,
        });
        assert_eq!(answer.gives(200), expected, "{more}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_bound_chooses_the_widest_variant_within(pool: PgPool) {
    let (app, image) = with_image(pool).await;
    for (more, width, height) in [
        ("&maxwidth=999", 640, 320),
        ("&maxwidth=639", 320, 160),
        ("&maxheight=200", 320, 160),
        ("&maxwidth=5000&maxheight=100", 160, 80),
        // Nothing is smaller than the smallest there is.
        ("&maxwidth=10", 160, 80),
    ] {
        let photo = app.get(&address(&image, more)).await.gives(200);
        assert_eq!((&photo["width"], &photo["height"]), (&width.into(), &height.into()), "{more}");
        assert_eq!(photo["url"], format!("{}?w={width}", image["links"]["url"].as_str().unwrap()));
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn only_pages_of_this_instance_are_described(pool: PgPool) {
    let (app, image) = with_image(pool).await;
    let slug = image["slug"].as_str().unwrap();
    for url in [
        format!("https://elsewhere.example/p/{slug}"),
        format!("{SITE}.evil.example/p/{slug}"),
        format!("{SITE}/p/abcDEF012345678"),
        format!("{SITE}/gallery"),
        image["links"]["url"].as_str().unwrap().to_owned(),
        String::new(),
    ] {
        app.get(&format!("/oembed?url={url}")).await.refuses(404, "not-found");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_missing_or_no_number_is_told(pool: PgPool) {
    let (app, image) = with_image(pool).await;
    assert_eq!(app.get("/oembed").await.refuses(400, "invalid-parameter")["name"], "url");
    for (more, name) in
        [("&maxwidth=0", "maxwidth"), ("&maxwidth=wide", "maxwidth"), ("&maxheight=-1", "maxheight")]
    {
        let problem = app.get(&address(&image, more)).await.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], name, "{more}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_format_than_json_is_not_implemented(pool: PgPool) {
    let (app, image) = with_image(pool).await;
    assert_eq!(app.get(&address(&image, "&format=xml")).await.status, 501);
}
