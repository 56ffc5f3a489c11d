//! `/p/{slug}`: the page of one image, as forums and messengers read it.

use sqlx::PgPool;

use crate::support::{App, SITE, between, path, pictures};

#[track_caller]
fn meta<'a>(html: &'a str, property: &str) -> &'a str {
    between(html, &format!("<meta property=\"{property}\" content=\""), "\"")
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_small_image_is_described_as_it_is(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "my cat.png", &pictures::png(400, 300)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    let html = answer.page(200);
    assert!(html.contains("<title>my cat · reflect</title>"), "{html}");
    assert_eq!(meta(html, "og:title"), "my cat");
    assert_eq!(meta(html, "og:url"), image["links"]["page"]);
    assert_eq!(meta(html, "og:image"), image["links"]["url"]);
    assert_eq!((meta(html, "og:image:width"), meta(html, "og:image:height")), ("400", "300"));
    assert_eq!(between(html, "<link href=\"", "\" rel=\"canonical\""), image["links"]["page"]);
    assert!(html.contains("name=\"twitter:card\" content=\"summary_large_image\""), "{html}");
    // The links to copy are there without a script.
    assert!(html.contains(&format!("[img]{}[/img]", image["links"]["url"].as_str().unwrap())), "{html}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_large_image_is_described_by_a_smaller_one_that_everybody_can_show(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "wide.png", &pictures::png(2560, 100)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    let html = answer.page(200);
    let card = meta(html, "og:image").replace("&amp;", "&");
    assert_eq!(card, format!("{}?w=1280&f=jpeg", image["links"]["url"].as_str().unwrap()));
    assert_eq!((meta(html, "og:image:width"), meta(html, "og:image:height")), ("1280", "50"));
    let shown = app.get(card.strip_prefix(SITE).unwrap()).await;
    assert_eq!(pictures::facts(&shown.body), (1280, 50, image::ImageFormat::Jpeg));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_leads_to_its_oembed_description(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    let mut tags = answer.page(200).split('<');
    let link = tags.find(|tag| tag.contains("type=\"application/json+oembed\"")).unwrap();
    let href = between(link, "href=\"", "\"").replace("&amp;", "&");
    let photo = app.get(href.strip_prefix(SITE).unwrap()).await.gives(200);
    assert_eq!(photo["url"], image["links"]["url"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_name_is_text_wherever_it_stands(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "'><img src=x onerror=alert(1)><script>.png", &pictures::png(4, 4)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    let title = between(answer.page(200), "<title>", "</title>");
    let html = answer.text().replace(title, "");
    assert!(!html.contains("<img src=x") && !html.contains("<script>.png"), "{html}");
    assert!(html.contains("&lt;img src=x onerror=alert(1)"), "{html}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_name_is_text_in_the_title_too(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a&lt;b<i>.png", &pictures::png(4, 4)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    assert_eq!(between(answer.page(200), "<title>", "</title>"), "a&amp;lt;b&lt;i&gt; · reflect");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_name_cannot_end_the_title(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a</title><script>alert(1)</script>.png", &pictures::png(4, 4)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    assert_eq!(answer.page(200).matches("</title>").count(), 1);
    assert!(!answer.text().contains("<script>alert"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_unknown_image_has_a_page_that_says_so(pool: PgPool) {
    let app = App::new(pool);
    for slug in ["abcDEF012345678", "short", "..%2F..", "%00"] {
        let answer = app.get(&format!("/p/{slug}")).await;
        assert!(answer.page(404).contains("Nothing here"), "{slug}");
        assert!(!answer.text().contains("og:image"));
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pictures_of_an_origin_of_their_own_are_loaded_from_there(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.images = "https://cdn.example".into());
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(40, 30)).await;
    let answer = app.get(path(&image["links"]["page"])).await;
    let html = answer.page(200);
    assert!(html.contains(&format!("src=\"{}\"", image["links"]["url"].as_str().unwrap())), "{html}");
    assert_eq!(meta(html, "og:image"), image["links"]["url"]);
}
