use std::sync::Arc;

use model::types::ByteSize;
use sqlx::PgPool;

use super::*;
use crate::{
    audit::By,
    images::{
        containers::fixtures::{self, avif, gif, jpeg, png, quarters, samples},
        library, store,
    },
    testing::{self, user},
};

async fn count(pool: &PgPool, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

async fn used(pool: &PgPool, owner: UserId) -> i64 {
    sqlx::query_scalar("SELECT used_bytes FROM users WHERE id = $1")
        .bind(owner.0)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_format_comes_in_and_is_there_stripped(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let mut total = 0;
    for (kind, bytes) in samples() {
        let image = accept(&core, owner, "../a\\pic.xyz", bytes.clone().into()).await.unwrap();
        let expected = containers::strip(kind, &bytes).unwrap();
        let stored = library::by_slug(&core, &image.slug).await.unwrap().unwrap();
        assert_eq!(stored.image, image);
        assert_eq!(image.filename, "pic.xyz");
        assert_eq!(image.media_type, kind);
        assert_eq!(image.byte_size, ByteSize(expected.len() as u64));
        let facts = containers::facts(kind, &bytes).unwrap();
        assert_eq!(((image.width, image.height), image.frames), (facts.shown(), facts.frames));
        assert_eq!(stored.hash, <[u8; 32]>::from(Sha256::digest(&expected)));
        assert_eq!(store::read(&pool, &stored.hash).await.unwrap().unwrap(), expected);
        for width in [VariantWidth::THUMBNAIL, VariantWidth::GALLERY] {
            let variant = store::variant(&pool, &stored.hash, width, MediaType::WebP).await.unwrap().unwrap();
            let drawn = image::load_from_memory(&variant).unwrap();
            assert_eq!((drawn.width(), drawn.height()), (image.width, image.height));
        }
        total += image.byte_size.0;
    }
    assert_eq!(used(&pool, owner).await.cast_unsigned(), total);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_same_bytes_are_stored_once_and_counted_twice(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let first = accept(&core, owner, "a.png", bytes.clone()).await.unwrap();
    let second = accept(&core, owner, "b.png", bytes).await.unwrap();
    assert_ne!(first.slug, second.slug);
    assert_eq!((count(&pool, "blobs").await, count(&pool, "images").await), (1, 2));
    assert_eq!(used(&pool, owner).await.cast_unsigned(), 2 * first.byte_size.0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_not_taken_leaves_nothing(pool: PgPool) {
    let mut core = testing::core(pool.clone());
    let settings = Arc::make_mut(&mut core.settings);
    settings.policy.max_upload = ByteSize(5000).try_into().unwrap();
    settings.intake = IntakeLimits { pixels: 3000, side: 100, frames: 3 };
    let owner = user(&pool, "ada", 1 << 30).await;
    let send = |bytes: Vec<u8>| accept(&core, owner, "x", bytes.into());
    assert!(matches!(send(vec![]).await, Err(ImageError::Empty)));
    assert!(matches!(send(vec![0; 5001]).await, Err(ImageError::TooLarge(ByteSize(5000)))));
    assert!(matches!(send(b"%PDF-1.7".to_vec()).await, Err(ImageError::Unsupported(Some("PDF")))));
    let long = png(&quarters(101, 2), 1);
    assert!(matches!(send(long).await, Err(ImageError::SideTooLong { limit: 100, found: 101 })));
    let big = png(&quarters(60, 51), 1);
    assert!(matches!(send(big).await, Err(ImageError::TooManyPixels { limit: 3000, found: 3060 })));
    assert!(matches!(send(gif(4)).await, Err(ImageError::TooManyFrames(3))));
    assert!(matches!(send(gif(3)).await, Err(ImageError::TooManyPixels { found: 3600, .. })));
    let mut cut = jpeg(&quarters(40, 30), 1);
    cut.truncate(cut.len() - 60);
    assert!(matches!(send(cut).await, Err(ImageError::Broken(_))));
    let nobody = UserId(uuid::Uuid::nil());
    let image = Bytes::from(png(&quarters(4, 4), 1));
    assert!(matches!(accept(&core, nobody, "x", image).await, Err(ImageError::NotFound)));
    for table in ["images", "blobs", "blob_chunks", "variants"] {
        assert_eq!(count(&pool, table).await, 0, "{table}");
    }
    assert_eq!(used(&pool, owner).await, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_bomb_is_refused_by_what_it_announces(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let mut bomb = png(&quarters(4, 4), 1);
    bomb[16..24].copy_from_slice(&[0, 0, 0x3e, 0x80, 0, 0, 0x3e, 0x80]);
    let refused = accept(&core, owner, "x", bomb.into()).await;
    assert!(matches!(refused, Err(ImageError::TooManyPixels { found: 256_000_000, .. })));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_uploads_exactly_those_that_fit_are_taken(pool: PgPool) {
    let core = testing::core(pool.clone());
    let files: Vec<Bytes> = (0..50_u8)
        .map(|i| {
            let mut image = quarters(16, 16);
            image.put_pixel(0, 0, image::Rgb([i, 255 - i, 7]));
            fixtures::stored_png(&image).into()
        })
        .collect();
    let size = containers::strip(MediaType::Png, &files[0]).unwrap().len();
    assert!(files.iter().all(|file| containers::strip(MediaType::Png, file).unwrap().len() == size));
    let fit = 17;
    let quota = i64::try_from(size * fit + size / 2).unwrap();
    let owner = user(&pool, "ada", quota).await;
    let jobs = files.into_iter().map(|file| {
        let core = core.clone();
        tokio::spawn(async move { accept(&core, owner, "x.png", file).await })
    });
    let mut taken = 0;
    for result in futures::future::join_all(jobs).await {
        match result.unwrap() {
            Ok(_) => taken += 1,
            Err(ImageError::QuotaExceeded { quota: limit, .. }) => {
                assert_eq!(limit, ByteSize(quota.cast_unsigned()));
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(taken, fit);
    assert_eq!(used(&pool, owner).await, i64::try_from(size * fit).unwrap());
    assert_eq!(count(&pool, "images").await, i64::try_from(fit).unwrap());
    assert_eq!(count(&pool, "blobs").await, i64::try_from(fit).unwrap());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn uploading_again_while_the_same_bytes_are_purged_keeps_them(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let bytes = Bytes::from(avif::GRID);
    for _ in 0..20 {
        let first = accept(&core, owner, "a", bytes.clone()).await.unwrap();
        library::delete(&core, By::SYSTEM, owner, &[first.id]).await.unwrap();
        let (again, purged) = tokio::join!(
            accept(&core, owner, "b", bytes.clone()),
            library::purge(&core, By::SYSTEM, owner, None)
        );
        let again = again.unwrap();
        assert_eq!(purged.unwrap(), 1);
        let stored = library::by_slug(&core, &again.slug).await.unwrap().unwrap();
        let there = store::read(&pool, &stored.hash).await.unwrap().unwrap();
        assert_eq!(there.len() as u64, again.byte_size.0);
        library::delete(&core, By::SYSTEM, owner, &[again.id]).await.unwrap();
        assert_eq!(library::purge(&core, By::SYSTEM, owner, None).await.unwrap(), 1);
        assert_eq!((count(&pool, "blobs").await, count(&pool, "blob_chunks").await), (0, 0));
        assert_eq!(used(&pool, owner).await, 0);
    }
}
