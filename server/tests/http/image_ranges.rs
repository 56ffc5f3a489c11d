//! Parts of an image, from memory and from the database.

use bytes::Bytes;
use model::types::ByteSize;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{App, path, pictures};

/// Where the bytes come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Kept after a first request.
    Memory,
    /// Never kept: larger than the largest entry.
    Store,
}

/// An instance with one image of some 1.5 MB: more than one window of one mebibyte, which is
/// itself more than one chunk of 256 KiB.
async fn large(pool: PgPool, source: Source) -> (App, Value, Bytes) {
    let app = App::with(pool, |setup| {
        if matches!(source, Source::Store) {
            setup.serve.cache_bytes = ByteSize(64 * 1024);
        }
    });
    let ada = app.person("ada").await;
    let bytes = pictures::noise(720, 720, 5);
    assert!(bytes.len() > 1_400_000, "{}", bytes.len());
    let image = app.upload(&ada, "a.png", &bytes).await;
    if matches!(source, Source::Memory) {
        assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
        // Nothing can come from the database now.
        sqlx::query("DELETE FROM blob_chunks").execute(app.pool()).await.unwrap();
    }
    (app, image, bytes.into())
}

async fn parts_are_cut_from(pool: PgPool, source: Source) {
    let (app, image, bytes) = large(pool, source).await;
    let url = path(&image["links"]["url"]);
    let size = bytes.len();
    let etag = app.head(url).await.header("etag").to_owned();
    for (range, start, end) in [
        ("bytes=0-0", 0, 1),
        ("bytes=0-99", 0, 100),
        ("bytes=100-", 100, size),
        ("bytes=-100", size - 100, size),
        ("bytes=-99999999", 0, size),
        ("bytes=0-99999999", 0, size),
        ("bytes=0-", 0, size),
        // Over the edge of a chunk, of a window, and of several.
        ("bytes=262140-262150", 262_140, 262_151),
        ("bytes=262144-524287", 262_144, 524_288),
        ("bytes=1048570-1048580", 1_048_570, 1_048_581),
        ("bytes=1048576-1048576", 1_048_576, 1_048_577),
        ("bytes=200000-1300000", 200_000, 1_300_001),
        (&format!("bytes={}-", size - 1), size - 1, size),
        (&format!("bytes=5-{}", size - 1), 5, size),
    ] {
        let answer = app.get(url).header("range", range).await;
        assert_eq!(answer.status, 206, "{range} {source:?}");
        assert_eq!(answer.header("content-range"), format!("bytes {start}-{}/{size}", end - 1));
        assert_eq!(answer.header("content-length"), (end - start).to_string());
        assert_eq!((answer.header("content-type"), answer.header("etag")), ("image/png", &*etag));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert!(answer.body == bytes.slice(start..end), "{range} {source:?}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn parts_are_cut_from_memory(pool: PgPool) {
    parts_are_cut_from(pool, Source::Memory).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn parts_are_cut_from_the_store(pool: PgPool) {
    parts_are_cut_from(pool, Source::Store).await;
}

async fn ranges_nobody_can_serve_are_ignored_or_refused(pool: PgPool, source: Source) {
    let (app, image, bytes) = large(pool, source).await;
    let url = path(&image["links"]["url"]);
    let size = bytes.len();
    for range in ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,4-5", "bytes=-", "nonsense"] {
        let answer = app.get(url).header("range", range).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-range")), (200, ""), "{range}");
        assert!(answer.body == bytes, "{range} {source:?}");
    }
    for range in [format!("bytes={size}-"), "bytes=99999999999999999999-".into(), "bytes=-0".into()] {
        let answer = app.get(url).header("range", &range).await;
        let problem = answer.refuses(416, "range-not-satisfiable");
        assert_eq!(problem["size"], size, "{range} {source:?}");
        assert_eq!(answer.header("content-range"), format!("bytes */{size}"));
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn ranges_nobody_can_serve_from_memory(pool: PgPool) {
    ranges_nobody_can_serve_are_ignored_or_refused(pool, Source::Memory).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn ranges_nobody_can_serve_from_the_store(pool: PgPool) {
    ranges_nobody_can_serve_are_ignored_or_refused(pool, Source::Store).await;
}

async fn a_part_of_something_else_is_all_of_it(pool: PgPool, source: Source) {
    let (app, image, bytes) = large(pool, source).await;
    let url = path(&image["links"]["url"]);
    let etag = app.head(url).await.header("etag").to_owned();
    let part = |if_range: &str| app.get(url).header("range", "bytes=0-9").header("if-range", if_range);
    assert_eq!(part(&etag).await.status, 206);
    for other in ["\"other\"", &format!("W/{etag}"), "Fri, 20 Nov 2026 12:00:00 GMT"] {
        let answer = part(other).await;
        assert_eq!(answer.status, 200, "{other} {source:?}");
        assert!(answer.body == bytes);
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_part_of_something_else_is_all_of_it_from_memory(pool: PgPool) {
    a_part_of_something_else_is_all_of_it(pool, Source::Memory).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_part_of_something_else_is_all_of_it_from_the_store(pool: PgPool) {
    a_part_of_something_else_is_all_of_it(pool, Source::Store).await;
}

async fn a_head_has_no_range(pool: PgPool, source: Source) {
    let (app, image, bytes) = large(pool, source).await;
    // RFC 9110 §14.2: a range is ignored for every method but GET.
    for range in ["bytes=0-9", "bytes=99999999-"] {
        let answer = app.head(path(&image["links"]["url"])).header("range", range).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (200, 0), "{range} {source:?}");
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_head_has_no_range_from_memory(pool: PgPool) {
    a_head_has_no_range(pool, Source::Memory).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_head_has_no_range_from_the_store(pool: PgPool) {
    a_head_has_no_range(pool, Source::Store).await;
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_too_large_to_keep_is_whole_each_time(pool: PgPool) {
    let (app, image, bytes) = large(pool, Source::Store).await;
    let url = path(&image["links"]["url"]);
    for _ in 0..2 {
        let answer = app.get(url).await;
        assert_eq!(answer.header("content-length"), bytes.len().to_string());
        assert!(answer.status == 200 && answer.body == bytes);
    }
    let unchanged = app.get(url).header("if-none-match", app.head(url).await.header("etag")).await;
    assert_eq!(unchanged.status, 304);
    // It was not kept: without its chunks there is nothing to send.
    sqlx::query("DELETE FROM blob_chunks").execute(app.pool()).await.unwrap();
    let request = http::Request::get(url).body(axum::body::Body::empty()).unwrap();
    let broken = app.respond(request).await.into_body();
    assert!(axum::body::to_bytes(broken, usize::MAX).await.is_err(), "a broken body must not look whole");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_part_of_a_variant_is_cut_from_the_variant(pool: PgPool) {
    let (app, image, _) = large(pool, Source::Store).await;
    let url = format!("{}?w=320&f=jpeg", path(&image["links"]["url"]));
    let whole = app.get(&url).await;
    let answer = app.get(&url).header("range", "bytes=10-19").await;
    assert_eq!(answer.status, 206);
    assert_eq!(answer.header("content-range"), format!("bytes 10-19/{}", whole.body.len()));
    assert_eq!(answer.body, whole.body.slice(10..20));
    let beyond = app.get(&url).header("range", "bytes=9999999-").await;
    assert_eq!(beyond.refuses(416, "range-not-satisfiable")["size"], whole.body.len());
}
