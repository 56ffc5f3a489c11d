use std::{collections::BTreeSet, sync::Arc};

use model::types::{ByteSize, MaxViews, Visibility};
use sqlx::PgPool;

use super::*;
use crate::{
    audit::By,
    images::{
        containers::fixtures::{self, avif, gif, jpeg, png, quarters, samples},
        library,
        likeness::scene,
        store,
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
        let image = accept(&core, owner, "../a\\pic.xyz", bytes.clone().into()).await.unwrap().image;
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
            let variant = variants::read(&core, &stored.hash, width, MediaType::WebP).await.unwrap().unwrap();
            let drawn = image::load_from_memory(&variant).unwrap();
            assert_eq!((drawn.width(), drawn.height()), (image.width, image.height));
        }
        total += image.byte_size.0;
    }
    assert_eq!(used(&pool, owner).await.cast_unsigned(), total);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_same_bytes_of_two_people_are_stored_once_and_counted_twice(pool: PgPool) {
    let core = testing::core(pool.clone());
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let (ada, bob) = (user(&pool, "ada", 1 << 30).await, user(&pool, "bob", 1 << 30).await);
    let first = accept(&core, ada, "a.png", bytes.clone()).await.unwrap();
    let second = accept(&core, bob, "b.png", bytes).await.unwrap();
    assert!(!first.existing && !second.existing);
    assert_ne!(first.image.slug, second.image.slug);
    assert_eq!((count(&pool, "blobs").await, count(&pool, "images").await), (1, 2));
    assert_eq!(used(&pool, ada).await, used(&pool, bob).await);
    assert_eq!(used(&pool, ada).await.cast_unsigned(), first.image.byte_size.0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_same_bytes_again_are_the_image_that_is_there(pool: PgPool) {
    let core = testing::core(pool.clone());
    // Space for one.
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let owner = user(&pool, "ada", i64::try_from(bytes.len()).unwrap()).await;
    let first = accept(&core, owner, "a.png", bytes.clone()).await.unwrap();
    assert!(!first.existing);
    let again = accept(&core, owner, "b.png", bytes.clone()).await.unwrap();
    assert_eq!(again, Accepted { image: first.image.clone(), existing: true });
    // What differs in nothing but what is taken out is the same.
    let tagged = Bytes::from([&bytes[..], b"SECRET"].concat());
    assert_eq!(accept(&core, owner, "c.png", tagged).await.unwrap(), again);
    let refs: i32 = sqlx::query_scalar("SELECT refs FROM blobs").fetch_one(&pool).await.unwrap();
    assert_eq!((count(&pool, "images").await, refs), (1, 1));
    assert_eq!(used(&pool, owner).await.cast_unsigned(), first.image.byte_size.0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn images_that_are_seen_otherwise_are_not_answered_for_the_same_bytes(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let mut known = Vec::new();
    for change in [
        "deleted_at = now()",
        "visibility = 'private'",
        "visibility = 'public'",
        "expires_at = now() + interval '1 day'",
        "max_views = 3",
    ] {
        let Accepted { image, existing, .. } = accept(&core, owner, "a.png", bytes.clone()).await.unwrap();
        assert!(!existing && !known.contains(&image.id), "before {change}");
        let sql = sqlx::AssertSqlSafe(format!("UPDATE images SET {change} WHERE id = $1"));
        sqlx::query(sql).bind(image.id.0).execute(&pool).await.unwrap();
        known.push(image.id);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_image_is_on_its_terms_from_the_start_and_the_same_bytes_on_the_same_are_it(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let send =
        async |terms: Terms| accept_on(&core, owner, "a.png", bytes.clone(), terms, None).await.unwrap();
    let hidden = Terms { visibility: Visibility::Private, ..Terms::default() };
    let ending = Terms { expires_at: Some(core.now() + time::Duration::hours(1)), ..Terms::default() };
    let counted = Terms { max_views: MaxViews::try_from(3).ok(), ..Terms::default() };
    let mut known = BTreeSet::new();
    for terms in [hidden, Terms::default(), ending, ending, counted, counted] {
        let Accepted { image, existing } = send(terms).await;
        assert!(!existing && known.insert(image.id), "{terms:?}");
        let said = library::details(&core, owner, image.id).await.unwrap().details;
        assert_eq!((said.visibility, said.max_views), (terms.visibility, terms.max_views));
        assert_eq!(said.expires_at, terms.expires_at.map(crate::rfc3339));
    }
    for terms in [hidden, Terms::default()] {
        let Accepted { image, existing } = send(terms).await;
        assert!(existing && known.contains(&image.id), "{terms:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_the_same_bytes_sent_at_once_one_image_comes(pool: PgPool) {
    let core = testing::core(pool.clone());
    let owner = user(&pool, "ada", 1 << 30).await;
    let bytes = Bytes::from(png(&quarters(30, 20), 1));
    let jobs = (0..20).map(|_| {
        let (core, bytes) = (core.clone(), bytes.clone());
        tokio::spawn(async move { accept(&core, owner, "x.png", bytes).await })
    });
    let taken = futures::future::join_all(jobs).await.into_iter().map(|taken| taken.unwrap().unwrap());
    let taken: Vec<Accepted> = taken.collect();
    assert_eq!(taken.iter().filter(|taken| !taken.existing).count(), 1);
    assert!(taken.iter().all(|other| other.image == taken[0].image));
    assert_eq!(used(&pool, owner).await.cast_unsigned(), taken[0].image.byte_size.0);
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
        let first = accept(&core, owner, "a", bytes.clone()).await.unwrap().image;
        library::delete(&core, By::SYSTEM, owner, &[first.id]).await.unwrap();
        let (again, purged) = tokio::join!(
            accept(&core, owner, "b", bytes.clone()),
            library::purge(&core, By::SYSTEM, owner, None)
        );
        let again = again.unwrap().image;
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

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn other_bytes_that_show_the_same_are_told_of_and_found(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1 << 30).await, user(&pool, "bob", 1 << 30).await);
    let send = async |owner, bytes: Vec<u8>| {
        let Accepted { image, existing } = accept(&core, owner, "x", bytes.into()).await.unwrap();
        assert!(!existing);
        let similar = library::similar(&core, owner, image.id).await.unwrap();
        (image, similar)
    };
    let (first, alone) = send(ada, png(&scene(1, 400, 300), 1)).await;
    assert_eq!(alone, []);
    let (other, _) = send(ada, png(&scene(2, 400, 300), 1)).await;
    let (plain, _) = send(ada, png(&image::RgbImage::new(40, 30), 1)).await;
    // Coded lying on its side.
    let turned = image::imageops::rotate270(&scene(1, 300, 225));
    let (again, similar) = send(ada, jpeg(&turned, 6)).await;
    assert_eq!(similar, std::slice::from_ref(&first));
    assert_eq!(send(bob, png(&scene(1, 200, 150), 1)).await.1, [], "others' images are theirs");
    assert_eq!(library::similar(&core, bob, again.id).await.unwrap(), []);
    assert_eq!(library::similar(&core, ada, plain.id).await.unwrap(), []);

    let like = async |owner, image: &Image| {
        let search = library::Search { similar: Some(image.slug.clone()), ..Default::default() };
        let query = library::ListQuery { limit: 10, search, ..Default::default() };
        let found = library::list(&core, owner, &query).await.unwrap();
        // Keys of one millisecond are in any order.
        found.items.into_iter().map(|image| image.id).collect::<BTreeSet<_>>()
    };
    assert_eq!(like(ada, &first).await, [again.id, first.id].into());
    assert_eq!(like(ada, &other).await, [other.id].into());
    assert_eq!(like(ada, &plain).await, [].into());
    assert_eq!(like(bob, &first).await, [].into());
    library::delete(&core, By::SYSTEM, ada, &[first.id]).await.unwrap();
    assert_eq!(like(ada, &again).await, [again.id].into());
    assert_eq!(like(ada, &first).await, [].into(), "it is in the bin");
    assert_eq!(send(ada, png(&scene(1, 200, 150), 1)).await.1, [again]);
}
