use std::sync::Arc;

use futures::future::join_all;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use time::macros::datetime;

use super::*;
use crate::{
    ManualClock,
    images::{
        containers::fixtures::{png, quarters},
        intake::once::{Claim, Claimed, Part},
        verify::verify,
    },
    testing::{self, user},
};

const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

fn new(length: usize) -> NewUpload<'static> {
    let length = ByteSize(length as u64);
    NewUpload {
        length,
        most: None,
        filename: "cat.png",
        terms: Terms::default(),
        album: None,
        metadata: None,
    }
}

async fn count(pool: &PgPool, rows: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {rows}"));
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

/// An upload of which all is here.
async fn whole(core: &Core, owner: UserId, bytes: &[u8]) -> Upload {
    let upload = create(core, owner, &new(bytes.len())).await.unwrap();
    begin(core, owner, upload.id, 0).await.unwrap().add(core, bytes).await.unwrap();
    let upload = find(core, owner, upload.id).await.unwrap();
    assert_eq!(upload.state, UploadState::Whole);
    upload
}

async fn ours(core: &Core, upload: &Upload) -> Claim {
    match once::claim(core, upload.owner, upload.id.key()).await.unwrap() {
        Claimed::Ours(claim) => claim,
        other => panic!("{other:?}"),
    }
}

async fn finish(core: &Core, upload: &Upload) -> Result<UploadState, Problem> {
    let claim = ours(core, upload).await;
    let sent = bytes(core, upload).await.unwrap();
    let taken = take(core, upload, sent, Some(Part::of_file(&claim, 0))).await;
    claim.release(core).await.unwrap();
    taken
}

/// Bytes that say by themselves where they belong.
fn noise(length: usize) -> Vec<u8> {
    (0..length as u64).map(|i| (i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn however_it_is_cut_and_broken_it_is_what_was_sent(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let mut runner = TestRunner::deterministic();
    for _ in 0..12 {
        let cuts = prop::collection::vec((1..300_000_usize, any::<bool>()), 1..12);
        let cuts = cuts.new_tree(&mut runner).unwrap().current();
        let sent = noise(cuts.iter().map(|(length, _)| length).sum());
        let id = create(&core, ada, &new(sent.len())).await.unwrap().id;
        let mut turn = begin(&core, ada, id, 0).await.unwrap();
        let mut rest = &sent[..];
        for (length, breaks) in cuts {
            if breaks {
                // Whoever had it brings some more, which doesn't count any more.
                let mut late = turn;
                turn = begin(&core, ada, id, late.at()).await.unwrap();
                let brought = late.add(&core, &[0; 7]).await;
                assert!(matches!(brought, Err(PieceError::TakenOver)), "{brought:?}");
            }
            let (piece, after) = rest.split_at(length);
            turn.add(&core, piece).await.unwrap();
            rest = after;
            assert_eq!(turn.missing(), rest.len() as u64);
        }
        let upload = find(&core, ada, id).await.unwrap();
        assert_eq!(upload.state, UploadState::Whole);
        assert!(bytes(&core, &upload).await.unwrap() == sent);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_many_who_send_at_once_the_bytes_are_one_s(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let length = 2 * PIECE + 5;
    let id = create(&core, ada, &new(length)).await.unwrap().id;
    let senders = (0..20_u8).map(|mine| {
        let core = core.clone();
        tokio::spawn(async move {
            let mut turn = begin(&core, ada, id, 0).await?;
            turn.add(&core, &vec![mine; length]).await
        })
    });
    let ended: Vec<_> = join_all(senders).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(ended.iter().filter(|ended| ended.is_ok()).count(), 1, "{ended:?}");
    for refused in ended.iter().filter_map(|ended| ended.as_ref().err()) {
        assert!(matches!(refused, PieceError::TakenOver | PieceError::Elsewhere(_)), "{refused}");
    }
    let all = bytes(&core, &find(&core, ada, id).await.unwrap()).await.unwrap();
    assert_eq!(all.len(), length);
    assert!(all.iter().all(|byte| *byte == all[0]));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_goes_on_where_it_is_and_nowhere_else(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1 << 30).await, user(&pool, "bob", 1 << 30).await);
    let id = create(&core, ada, &new(10)).await.unwrap().id;
    begin(&core, ada, id, 0).await.unwrap().add(&core, b"1234").await.unwrap();
    for offset in [0, 3, 5, 10, u64::MAX] {
        let refused = begin(&core, ada, id, offset).await;
        assert!(matches!(refused, Err(PieceError::Elsewhere(4))), "{offset}: {refused:?}");
    }
    assert!(matches!(begin(&core, bob, id, 4).await, Err(PieceError::NotFound)));
    assert!(matches!(find(&core, bob, id).await, Err(PieceError::NotFound)));
    assert!(matches!(forget(&core, bob, id).await, Err(PieceError::NotFound)));
    let mut turn = begin(&core, ada, id, 4).await.unwrap();
    // Nothing is nothing.
    turn.add(&core, b"").await.unwrap();
    // More than it has would be a mistake of ours, which the table refuses.
    assert!(turn.add(&core, b"5678901").await.is_err());
    turn.add(&core, b"567890").await.unwrap();
    assert!(matches!(begin(&core, ada, id, 10).await, Err(PieceError::Elsewhere(10))));
    forget(&core, ada, id).await.unwrap();
    assert_eq!((count(&pool, "uploads").await, count(&pool, "upload_chunks").await), (0, 0));
    assert!(matches!(begin(&core, ada, id, 0).await, Err(PieceError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_too_large_or_empty_is_not_begun(pool: PgPool) {
    let mut core = testing::core(pool.clone());
    Arc::make_mut(&mut core.settings).policy.max_upload = ByteSize(5000).try_into().unwrap();
    let ada = user(&pool, "ada", 4500).await;
    let refused = async |length: usize, most: Option<u64>| {
        let new = NewUpload { most: most.map(ByteSize), ..new(length) };
        match create(&core, ada, &new).await {
            Err(PieceError::Image(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    assert!(matches!(refused(0, None).await, ImageError::Empty));
    assert!(matches!(refused(5001, None).await, ImageError::TooLarge(ByteSize(5000))));
    assert!(matches!(refused(5001, Some(9000)).await, ImageError::TooLarge(ByteSize(5000))));
    assert!(matches!(refused(101, Some(100)).await, ImageError::TooLarge(ByteSize(100))));
    let full = refused(4501, None).await;
    assert!(matches!(full, ImageError::QuotaExceeded { quota: ByteSize(4500), needed: ByteSize(4501), .. }));
    assert_eq!(count(&pool, "uploads").await, 0);
    let nobody = create(&core, UserId(Uuid::nil()), &new(5)).await;
    assert!(matches!(nobody, Err(PieceError::Image(ImageError::NotFound))));
    create(&core, ada, &new(4500)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_begun_at_once_has_room_in_the_quota_together(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 3500).await;
    let begun = (0..10).map(|_| {
        let core = core.clone();
        tokio::spawn(async move { create(&core, ada, &new(1000)).await })
    });
    let (begun, refused): (Vec<_>, Vec<_>) =
        join_all(begun).await.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert_eq!((begun.len(), refused.len()), (3, 7));
    assert!(refused.iter().all(|refused| matches!(refused, Err(PieceError::TooMany))), "{refused:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn so_many_may_be_unfinished_and_no_more(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(NOW));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let (ada, bob) = (user(&pool, "ada", 1 << 40).await, user(&pool, "bob", 1 << 40).await);
    for _ in 0..MOST {
        create(&core, ada, &new(10)).await.unwrap();
    }
    assert!(matches!(create(&core, ada, &new(10)).await, Err(PieceError::TooMany)));
    create(&core, bob, &new(10)).await.unwrap();
    // What is finished doesn't count, whatever became of it.
    sqlx::query(
        "UPDATE uploads SET problem = '{\"code\": \"broken-image\"}' WHERE id = (SELECT min(id::text)::uuid FROM uploads \
         WHERE owner_id = $1)",
    )
    .bind(ada.0)
    .execute(&pool)
    .await
    .unwrap();
    create(&core, ada, &new(10)).await.unwrap();
    assert!(matches!(create(&core, ada, &new(10)).await, Err(PieceError::TooMany)));
    clock.advance(KEPT);
    create(&core, ada, &new(10)).await.unwrap();

    // In bytes: one is always begun, others as long as they are few.
    let most = i64::try_from(MOST_BYTES).unwrap();
    sqlx::query("DELETE FROM uploads").execute(&pool).await.unwrap();
    create(&core, ada, &new(1000)).await.unwrap();
    sqlx::query("UPDATE uploads SET length = $1").bind(most - 500).execute(&pool).await.unwrap();
    assert!(matches!(create(&core, ada, &new(501)).await, Err(PieceError::TooMany)));
    create(&core, ada, &new(500)).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_becomes_an_image_once(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(NOW));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let ada = user(&pool, "ada", 1 << 30).await;
    let upload = whole(&core, ada, &png(&quarters(30, 20), 1)).await;
    // A process is killed when the image is stored, before anything else is.
    let claim = ours(&core, &upload).await;
    let sent = bytes(&core, &upload).await.unwrap();
    let part = Some(Part::of_file(&claim, 0));
    let first = accept_on(&core, ada, &upload.filename, sent, Terms::default(), part).await.unwrap();
    assert!(matches!(once::claim(&core, ada, upload.id.key()).await.unwrap(), Claimed::Taken(30)));
    // It is none of the keys of guests, who have room of their own for these.
    assert_eq!(count(&pool, "upload_keys WHERE strpos(key, ' ') > 0").await, 0);
    clock.advance(Duration::seconds(30));
    // Its owner has changed it meanwhile: nothing is to be found by its bytes alone.
    sqlx::query("UPDATE images SET visibility = 'private'").execute(&pool).await.unwrap();
    let taken = finish(&core, &upload).await.unwrap();
    assert_eq!(taken, UploadState::Taken { image: first.image.id, existing: false, problem: None });
    assert_eq!(find(&core, ada, upload.id).await.unwrap().state, taken);
    assert_eq!((count(&pool, "images").await, count(&pool, "upload_chunks").await), (1, 0));
    assert_eq!(image(&core, ada, first.image.id).await.unwrap().filename, "cat.png");
    assert_eq!(verify(&core, |_| {}).await.unwrap().damage, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_was_taken_for_dead_and_isn_t_stores_nothing_twice(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(NOW));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let ada = user(&pool, "ada", 1 << 30).await;
    let upload = whole(&core, ada, &png(&quarters(30, 20), 1)).await;
    let mut claims = Vec::new();
    for _ in 0..5 {
        claims.push(ours(&core, &upload).await);
        clock.advance(Duration::seconds(30));
    }
    let sent = bytes(&core, &upload).await.unwrap();
    let takes = claims.iter().map(|claim| take(&core, &upload, sent.clone(), Some(Part::of_file(claim, 0))));
    let taken: Vec<_> = join_all(takes).await.into_iter().map(Result::unwrap).collect();
    let first = taken[0].clone();
    assert!(taken.iter().all(|taken| *taken == first), "{taken:?}");
    assert_eq!(count(&pool, "images").await, 1);
    assert_eq!(verify(&core, |_| {}).await.unwrap().damage, []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_no_image_leaves_nothing_but_the_reason(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let mut cut = png(&quarters(30, 20), 1);
    cut.truncate(cut.len() - 30);
    for (bytes, problem) in [
        (cut, Problem::BrokenImage),
        (b"%PDF-1.7".to_vec(), Problem::UnsupportedFormat { found: Some("PDF".into()) }),
    ] {
        let upload = whole(&core, ada, &bytes).await;
        let refused = UploadState::Refused(problem);
        assert_eq!(finish(&core, &upload).await.unwrap(), refused);
        assert_eq!(find(&core, ada, upload.id).await.unwrap().state, refused);
    }
    for table in ["images", "blobs", "blob_chunks", "variants", "upload_chunks"] {
        assert_eq!(count(&pool, table).await, 0, "{table}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_has_no_space_any_more_waits_for_some(pool: PgPool) {
    let core = testing::core(pool.clone());
    let bytes = png(&quarters(30, 20), 1);
    let quota = i64::try_from(bytes.len()).unwrap();
    let ada = user(&pool, "ada", quota).await;
    let upload = whole(&core, ada, &bytes).await;
    let used = "UPDATE users SET used_bytes = $1";
    sqlx::query(used).bind(quota - 1).execute(&pool).await.unwrap();
    let full = finish(&core, &upload).await;
    assert!(matches!(full, Err(Problem::QuotaExceeded { .. })), "{full:?}");
    assert_eq!(find(&core, ada, upload.id).await.unwrap(), upload);
    sqlx::query(used).bind(0_i64).execute(&pool).await.unwrap();
    assert!(matches!(finish(&core, &upload).await, Ok(UploadState::Taken { existing: false, .. })));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_album_that_is_gone_by_then_is_told_of(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1 << 30).await;
    let sent = png(&quarters(30, 20), 1);
    let album = Some(AlbumId(Uuid::nil()));
    let upload = create(&core, ada, &NewUpload { album, ..new(sent.len()) }).await.unwrap();
    begin(&core, ada, upload.id, 0).await.unwrap().add(&core, &sent).await.unwrap();
    let taken = finish(&core, &find(&core, ada, upload.id).await.unwrap()).await.unwrap();
    assert!(matches!(&taken, UploadState::Taken { problem: Some(Problem::NotFound), .. }), "{taken:?}");
    assert_eq!(find(&core, ada, upload.id).await.unwrap().state, taken);
    assert_eq!(count(&pool, "images").await, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn after_a_day_it_is_forgotten(pool: PgPool) {
    let clock = Arc::new(ManualClock::new(NOW));
    let core = testing::core_at(pool.clone(), Arc::clone(&clock));
    let ada = user(&pool, "ada", 1 << 30).await;
    let old = whole(&core, ada, b"1234").await;
    clock.advance(Duration::seconds(1));
    let young = whole(&core, ada, b"1234").await;
    clock.advance(KEPT - Duration::seconds(2));
    assert_eq!(sweep(&pool, core.now()).await.unwrap(), 0);
    find(&core, ada, old.id).await.unwrap();
    clock.advance(Duration::seconds(1));
    assert!(matches!(find(&core, ada, old.id).await, Err(PieceError::NotFound)));
    assert!(matches!(begin(&core, ada, old.id, 4).await, Err(PieceError::NotFound)));
    assert_eq!(sweep(&pool, core.now()).await.unwrap(), 1);
    find(&core, ada, young.id).await.unwrap();
    assert_eq!((count(&pool, "uploads").await, count(&pool, "upload_chunks").await), (1, 1));
    // With the account goes what it has begun.
    sqlx::query("DELETE FROM users").execute(&pool).await.unwrap();
    assert_eq!(count(&pool, "upload_chunks").await, 0);
}
