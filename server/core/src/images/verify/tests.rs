use sqlx::PgPool;
use time::macros::datetime;

use super::{super::store, *};
use crate::testing;

fn hash_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Somebody with these files, each an image of its own.
async fn library(pool: &PgPool, files: &[&[u8]]) {
    let owner = testing::user(pool, "ada", 1 << 30).await;
    let now = datetime!(2026-11-20 12:00 UTC);
    for (number, bytes) in (0_u128..).zip(files) {
        let hash = hash_of(bytes);
        let mut transaction = pool.begin().await.unwrap();
        store::add(&mut transaction, &hash, bytes, 1, now).await.unwrap();
        let size = i64::try_from(bytes.len()).unwrap();
        sqlx::query(
            "INSERT INTO images (id, owner_id, slug, filename, media_type, byte_size, width, height, frames, \
             color, hash, created_at) VALUES ($1, $2, $3, 'a.png', 'image/png', $4, 1, 1, 1, 0, $5, $6)",
        )
        .bind(uuid::Uuid::from_u128(number))
        .bind(owner.0)
        .bind(format!("slug-{number}"))
        .bind(size)
        .bind(&hash[..])
        .bind(now)
        .execute(&mut *transaction)
        .await
        .unwrap();
        sqlx::query("UPDATE users SET used_bytes = used_bytes + $1")
            .bind(size)
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }
}

async fn run(pool: &PgPool, statement: &str) {
    sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(pool).await.unwrap();
}

async fn checked(pool: &PgPool) -> Report {
    verify(&testing::core(pool.clone()), |_| {}).await.unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_was_stored_is_in_order(pool: PgPool) {
    assert_eq!(checked(&pool).await, Report::default());
    let large = vec![7; store::CHUNK * 2 + 1];
    let many: Vec<Vec<u8>> = (0..600_u32).map(|n| n.to_be_bytes().to_vec()).collect();
    let mut files: Vec<&[u8]> = many.iter().map(Vec::as_slice).collect();
    files.extend([&large[..], &large[..]]);
    library(&pool, &files).await;
    let mut steps = Vec::new();
    let report = verify(&testing::core(pool.clone()), |report| steps.push(report.blobs)).await.unwrap();
    assert_eq!((report.damaged, report.damage), (0, vec![]));
    assert_eq!((report.blobs, report.bytes.0), (601, 600 * 4 + large.len() as u64), "the same bytes once");
    assert_eq!(steps, [256, 512, 601]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn other_bytes_show_with_the_images_that_have_them(pool: PgPool) {
    library(&pool, &[b"first", b"second", b"second"]).await;
    run(&pool, "UPDATE blob_chunks SET data = 'secont' WHERE data = 'second'").await;
    let report = checked(&pool).await;
    let images = vec!["slug-1".to_owned(), "slug-2".to_owned()];
    assert_eq!(report.damage, [Damage::Changed { hash: BlobHash(hash_of(b"second").to_vec()), images }]);
    let told = report.damage[0].to_string();
    assert!(told.contains("16367aacb67a4a01") && told.ends_with("(image slug-1, slug-2)"), "{told}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn chunks_that_are_missing_or_not_in_order_show(pool: PgPool) {
    let (c, size) = (store::CHUNK, 3 * store::CHUNK as i64);
    let file: Vec<u8> = (0..3 * c).map(|n| (n / c) as u8).collect();
    library(&pool, &[&file, b"gone"]).await;
    let incomplete = |hash: [u8; 32], size, found, image: &str| Damage::Incomplete {
        hash: BlobHash(hash.to_vec()),
        size,
        found,
        images: vec![image.to_owned()],
    };
    run(&pool, "DELETE FROM blob_chunks WHERE number = 1 OR data = 'gone'").await;
    let mut damage = checked(&pool).await.damage;
    damage.sort_by_key(|damage| damage.to_string().contains("slug-1"));
    let rest = size - c as i64;
    assert_eq!(
        damage,
        [incomplete(hash_of(&file), size, rest, "slug-0"), incomplete(hash_of(b"gone"), 4, 0, "slug-1")]
    );
    run(&pool, "UPDATE blobs SET size = 524288 WHERE size > 4").await;
    run(&pool, "UPDATE images SET byte_size = 524288 WHERE byte_size > 4").await;
    run(&pool, "UPDATE users SET used_bytes = 524292").await;
    let damage = checked(&pool).await.damage;
    assert!(damage.contains(&incomplete(hash_of(&file), rest, rest, "slug-0")), "{damage:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn counts_that_are_wrong_show(pool: PgPool) {
    library(&pool, &[b"first", b"second"]).await;
    run(&pool, "UPDATE blobs SET refs = 0 WHERE size = 5").await;
    run(&pool, "UPDATE images SET byte_size = 7 WHERE byte_size = 6").await;
    run(&pool, "UPDATE image_days SET images = 3").await;
    let report = checked(&pool).await;
    assert_eq!(
        report.damage,
        [
            Damage::References { hash: BlobHash(hash_of(b"first").to_vec()), counted: 0, images: 1 },
            Damage::Size { slug: "slug-1".into(), said: 7, size: 6 },
            Damage::Space { name: "ada".into(), counted: 11, taken: 12 },
            Damage::Day { name: "ada".into(), day: "2026-11-20".into(), counted: 3, images: 2 },
        ]
    );
    assert_eq!(
        report.damage.iter().map(Damage::code).collect::<Vec<_>>(),
        ["references", "size", "space", "day"]
    );
}
