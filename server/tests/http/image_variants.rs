//! `?w=` and `?f=`: smaller renditions and other formats.

use futures::future::join_all;
use image::ImageFormat;
use model::types::ByteSize;
use reflect_core::images::variants;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{Answer, App, path, pictures};

const BROWSER: &str = "image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5";

async fn with_image(pool: PgPool, bytes: &[u8]) -> (App, Value) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "cat.png", bytes).await;
    (app, image)
}

fn address(image: &Value, query: &str) -> String {
    format!("{}?{query}", path(&image["links"]["url"]))
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_width_is_that_wide(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::jpeg(2600, 130)).await;
    let mut tags = Vec::new();
    for (width, height) in [(160, 8), (320, 16), (640, 32), (1280, 64), (1920, 96), (2560, 128)] {
        let answer = app.get(&address(&image, &format!("w={width}"))).header("accept", BROWSER).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/webp"));
        assert_eq!(pictures::facts(&answer.body), (width, height, ImageFormat::WebP));
        assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(answer.header("content-disposition"), "inline; filename=\"cat.webp\"");
        tags.push(answer.header("etag").to_owned());
    }
    tags.sort();
    tags.dedup();
    assert_eq!(tags.len(), 6, "each has a tag of its own");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_format_is_that_format(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(400, 300)).await;
    for (format, media_type, kind) in [
        ("webp", "image/webp", ImageFormat::WebP),
        ("jpeg", "image/jpeg", ImageFormat::Jpeg),
        ("jpg", "image/jpeg", ImageFormat::Jpeg),
        ("png", "image/png", ImageFormat::Png),
    ] {
        // Whatever the client says that it takes.
        for accept in [BROWSER, "image/gif"] {
            let answer =
                app.get(&address(&image, &format!("w=160&f={format}"))).header("accept", accept).await;
            assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, media_type));
            assert_eq!(pictures::facts(&answer.body), (160, 120, kind));
            assert_eq!(answer.header("vary"), "");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_format_alone_keeps_the_size(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(400, 300)).await;
    let answer = app.get(&address(&image, "f=jpeg")).await;
    assert_eq!(pictures::facts(&answer.body), (400, 300, ImageFormat::Jpeg));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_client_decides_the_format_and_caches_know(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::jpeg(400, 300)).await;
    for query in ["w=320", "w=320&f=auto"] {
        for (accept, media_type) in [
            ("image/webp,*/*", "image/webp"),
            ("*/*", "image/jpeg"),
            ("image/webp;q=0", "image/jpeg"),
            ("image/*", "image/jpeg"),
        ] {
            let answer = app.get(&address(&image, query)).header("accept", accept).await;
            assert_eq!((answer.header("content-type"), answer.header("vary")), (media_type, "Accept"));
            let unchanged = app.get(&address(&image, query)).header("accept", accept);
            let unchanged = unchanged.header("if-none-match", answer.header("etag")).await;
            assert_eq!((unchanged.status.as_u16(), unchanged.header("vary")), (304, "Accept"));
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_tag_of_one_format_is_not_that_of_another(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::jpeg(400, 300)).await;
    let webp = app.get(&address(&image, "w=320")).header("accept", BROWSER).await;
    let call = app.get(&address(&image, "w=320")).header("accept", "*/*");
    let jpeg = call.header("if-none-match", webp.header("etag")).await;
    assert_eq!((jpeg.status.as_u16(), jpeg.header("content-type")), (200, "image/jpeg"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_never_asked_for_in_a_format_is_not_changed(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(400, 300)).await;
    let plain = app.get(path(&image["links"]["url"])).await.body;
    for query in ["", "v=7", "utm_source=forum&x", "W=320", "f.x=webp"] {
        let answer = app.get(&address(&image, query)).header("accept", BROWSER).await;
        assert_eq!((answer.header("content-type"), answer.header("vary")), ("image/png", ""), "{query}");
        assert_eq!(answer.body, plain);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nothing_is_scaled_up(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(100, 50)).await;
    let plain = app.get(path(&image["links"]["url"])).await.body;
    assert_eq!(app.get(&address(&image, "w=640&f=png")).await.body, plain);
    let webp = app.get(&address(&image, "w=640&f=webp")).await;
    assert_eq!(pictures::facts(&webp.body), (100, 50, ImageFormat::WebP));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_width_of_an_animation_is_a_still_picture(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::animation(3)).await;
    let answer = app.get(&address(&image, "w=160")).header("accept", "*/*").await;
    assert_eq!((answer.header("content-type"), answer.header("vary")), ("image/png", "Accept"));
    assert_eq!(pictures::facts(&answer.body), (60, 40, ImageFormat::Png));
    let moving = app.get(&address(&image, "f=auto")).header("accept", "*/*").await;
    assert_eq!(moving.header("content-type"), "image/gif");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_does_not_take_avif_gets_something_else(pool: PgPool) {
    let (app, image) = with_image(pool, pictures::AVIF).await;
    for (accept, media_type) in [(BROWSER, "image/avif"), ("image/webp", "image/webp"), ("*/*", "image/png")]
    {
        let answer = app.get(&address(&image, "f=auto")).header("accept", accept).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, media_type));
        assert_eq!(answer.header("vary"), "Accept");
    }
}

#[track_caller]
fn is_avif(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/avif"));
    assert_eq!(answer.body[4..12], *b"ftypavif");
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(answer.header("content-disposition"), "inline; filename=\"cat.avif\"");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_asks_for_the_best_gets_webp_for_a_minute_and_then_avif(pool: PgPool) {
    let (app, image) = with_image(pool.clone(), &pictures::jpeg(400, 300)).await;
    let url = address(&image, "w=160&f=auto");
    let ask = || app.get(&url).header("accept", BROWSER);
    let first = ask().await;
    assert_eq!((first.status.as_u16(), first.header("content-type")), (200, "image/webp"));
    assert_eq!((first.header("cache-control"), first.header("vary")), ("public, max-age=60", "Accept"));
    variants::made(app.core()).await;
    // After that minute it is asked whether that still holds.
    let second = ask().header("if-none-match", first.header("etag")).await;
    is_avif(&second);
    assert_eq!(second.header("vary"), "Accept");
    assert_ne!(second.header("etag"), first.header("etag"));
    let again = ask().await;
    assert_eq!((again.body, again.headers), (second.body.clone(), second.headers.clone()), "from memory");
    let unchanged = ask().header("if-none-match", second.header("etag")).await;
    assert_eq!((unchanged.status.as_u16(), unchanged.header("vary")), (304, "Accept"));
    // For others nothing has changed, nor is their answer this one.
    let other = app.get(&url).header("accept", "image/webp").await;
    assert_eq!((other.header("content-type"), other.header("vary")), ("image/webp", "Accept"));
    assert_eq!((other.header("etag"), &other.body), (first.header("etag"), &first.body));
    assert_eq!(other.header("cache-control"), "public, max-age=31536000, immutable");
    let another_node = App::new(pool).get(&url).header("accept", BROWSER).await;
    assert_eq!((another_node.body, another_node.headers), (second.body, second.headers));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_asks_for_avif_waits_for_it(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(400, 300)).await;
    let answer = app.get(&address(&image, "w=160&f=avif")).header("accept", "*/*").await;
    is_avif(&answer);
    assert_eq!(answer.header("vary"), "");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_width_alone_has_no_avif_made(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::jpeg(400, 300)).await;
    let before = app.count("variants").await;
    let answer = app.get(&address(&image, "w=320")).header("accept", BROWSER).await;
    assert_eq!(answer.header("content-type"), "image/webp");
    variants::made(app.core()).await;
    assert_eq!(app.count("variants").await, before);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_sent_meanwhile_is_kept_no_longer_where_the_image_lapses(pool: PgPool) {
    let (app, image) = with_image(pool.clone(), &pictures::jpeg(400, 300)).await;
    sqlx::query("UPDATE images SET expires_at = '2027-11-20T12:00:00Z'").execute(&pool).await.unwrap();
    let url = address(&image, "w=160&f=auto");
    let first = app.get(&url).header("accept", BROWSER).await;
    assert_eq!(first.header("content-type"), "image/webp");
    assert_eq!(first.header("cache-control"), "public, max-age=60");
    variants::made(app.core()).await;
    let second = app.get(&url).header("accept", BROWSER).await;
    assert_eq!(second.header("content-type"), "image/avif");
    assert_eq!(second.header("cache-control"), "public, max-age=31536000");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn without_room_to_keep_it_no_avif_is_made(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.variant_bytes = ByteSize(1000));
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "cat.png", &pictures::jpeg(400, 300)).await;
    for _ in 0..2 {
        let answer = app.get(&address(&image, "w=160&f=auto")).header("accept", BROWSER).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "image/webp"));
        variants::made(app.core()).await;
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn no_other_width_or_format_is_made_and_the_refusal_lists_those_there_are(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::png(400, 300)).await;
    for width in ["1", "161", "0", "-320", "99999999999", "", "320px", "%33%32%30"] {
        let answer = app.get(&address(&image, &format!("w={width}"))).await;
        let problem = answer.refuses(400, "invalid-parameter");
        assert_eq!(problem["name"], "w");
        assert_eq!(problem["expected"], "160, 320, 640, 1280, 1920 or 2560");
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    }
    for format in ["gif", "bmp", "WEBP", "AVIF", ""] {
        let problem =
            app.get(&address(&image, &format!("f={format}"))).await.refuses(400, "invalid-parameter");
        assert_eq!(
            (&problem["name"], &problem["expected"]),
            (&"f".into(), &"auto, avif, webp, jpeg or png".into())
        );
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn many_first_requests_at_once_get_the_same_bytes(pool: PgPool) {
    let (app, image) = with_image(pool, &pictures::jpeg(1500, 1000)).await;
    let before = app.count("variants").await;
    let url = address(&image, "w=1280&f=webp");
    let answers = join_all((0..24).map(|_| app.get(&url).into_future())).await;
    for answer in &answers {
        assert_eq!(answer.status, 200);
        assert!(answer.body == answers[0].body && answer.headers == answers[0].headers);
    }
    assert_eq!(app.count("variants").await, before + 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_node_sends_the_variant_that_was_made(pool: PgPool) {
    let (app, image) = with_image(pool.clone(), &pictures::jpeg(400, 300)).await;
    let url = address(&image, "w=160&f=jpeg");
    let made = app.get(&url).await;
    // Nothing could be made from the original any more.
    sqlx::query("DELETE FROM blob_chunks").execute(&pool).await.unwrap();
    let other = App::new(pool).get(&url).await;
    assert_eq!((other.status.as_u16(), &other.body, &other.headers), (200, &made.body, &made.headers));
}
