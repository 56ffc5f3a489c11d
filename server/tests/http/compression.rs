//! What is compressed on its way, and what isn't.

use sqlx::PgPool;

use crate::support::{App, path, pictures};

const ALL: &str = "gzip, deflate, br, zstd";

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn answers_of_the_api_and_pages_are_compressed_when_asked(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for n in 0..5 {
        app.upload(&ada, "a.png", &pictures::png(4, 4 + n)).await;
    }
    for path in ["/api/v1/images", "/"] {
        let plain = app.get(path).token(&ada.token).await;
        assert_eq!(plain.header("content-encoding"), "", "{path}");
        for (takes, encoding) in [("gzip", "gzip"), ("br", "br"), (ALL, "br"), ("br;q=0, gzip", "gzip")] {
            let answer = app.get(path).token(&ada.token).header("accept-encoding", takes).await;
            assert_eq!(
                (answer.status.as_u16(), answer.header("content-encoding")),
                (200, encoding),
                "{path}"
            );
            assert!(answer.header("vary").to_ascii_lowercase().contains("accept-encoding"), "{answer:?}");
            assert!(answer.body.len() < plain.body.len() / 2, "{path} {takes}");
            if encoding == "gzip" {
                assert!(answer.body.starts_with(b"\x1f\x8b"));
            }
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_are_sent_as_they_are(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(400, 300)).await;
    for link in ["url", "thumbnail"] {
        let plain = app.get(path(&image["links"][link])).await;
        let answer = app.get(path(&image["links"][link])).header("accept-encoding", ALL).await;
        assert_eq!((&answer.headers, &answer.body), (&plain.headers, &plain.body));
        assert_eq!(answer.header("content-encoding"), "");
    }
}
