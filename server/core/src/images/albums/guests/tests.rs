//! What guests may send, what becomes of it, and that no limit is passed by sending at once.

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use model::{GuestProblem, types::ImageId};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::{rates, *};
use crate::{
    Clock as _, ManualClock,
    auth::AuthError,
    images::{
        ImageError,
        albums::{self, NewAlbum},
        containers::fixtures::{quarters, stored_png},
        intake::{Accepted, Terms, accept, accept_by_guest, accept_on, once},
        library,
    },
    testing::{self, user},
};

/// Somebody with an album, and a clock.
struct House {
    core: Core,
    clock: Arc<ManualClock>,
    ada: UserId,
    album: AlbumId,
}

impl House {
    async fn new(pool: &PgPool, quota: i64) -> Self {
        let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
        let core = testing::core_at(pool.clone(), Arc::clone(&clock));
        let ada = user(pool, "ada", quota).await;
        let new = NewAlbum { name: "Party".parse().unwrap(), description: None, parent: None };
        let album = albums::create(&core, ada, &new).await.unwrap().id;
        Self { core, clock, ada, album }
    }

    async fn link(&self, change: impl FnOnce(&mut NewGuestLink)) -> GuestLink {
        let name = "Guests".parse().unwrap();
        let mut new = NewGuestLink { name, expires_at: None, max_images: None, max_bytes: None };
        change(&mut new);
        make(&self.core, By::COMMAND_LINE, self.ada, self.album, &new).await.unwrap()
    }

    async fn pass(&self, link: &GuestLink) -> GuestPass {
        open(&self.core, &link.slug).await.unwrap().pass
    }

    async fn send(&self, pass: &GuestPass, file: Bytes) -> Result<Accepted, ImageError> {
        accept_by_guest(&self.core, pass, "guest.png", file, None).await
    }

    /// What came by the link, as its owner sees it.
    async fn came(&self, link: &GuestLink) -> (u32, u64) {
        let found = list(&self.core, self.ada, self.album).await.unwrap();
        let found = found.into_iter().find(|one| one.id == link.id).unwrap();
        (found.images, found.bytes.0)
    }

    async fn contents(&self) -> Vec<ImageId> {
        let page = albums::images(&self.core, self.ada, self.album, 200, None).await.unwrap();
        page.items.into_iter().map(|image| image.id).collect()
    }

    async fn used(&self) -> u64 {
        library::usage(&self.core, self.ada).await.unwrap().unwrap().used.0
    }
}

/// A file like no other, as large as all others.
fn file(number: u8) -> Bytes {
    let mut picture = quarters(16, 16);
    picture.put_pixel(0, 0, image::Rgb([number, 255 - number, 7]));
    stored_png(&picture).into()
}

fn refused(outcome: Result<Accepted, ImageError>) -> GuestProblem {
    match outcome {
        Err(ImageError::Guest(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_guest_sends_is_the_owners_and_lies_in_the_album(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let link = house.link(|_| {}).await;
    let opened = open(&house.core, &link.slug).await.unwrap();
    assert_eq!((opened.door.album.as_str(), opened.door.owner.to_string()), ("Party", "ada".to_owned()));
    assert_eq!((opened.door.images_left, opened.door.bytes_left), (None, None));
    let Accepted { image, existing } = house.send(&opened.pass, file(1)).await.unwrap();
    assert!(!existing);
    assert_eq!(house.contents().await, [image.id]);
    assert_eq!(house.used().await, image.byte_size.0);
    assert_eq!(house.came(&link).await, (1, image.byte_size.0));
    let details = library::details(&house.core, house.ada, image.id).await.unwrap().details;
    assert_eq!(details.guest_link.as_deref(), Some("Guests"));

    // The owner's own file isn't a guest's, wherever it lies.
    let own = accept(&house.core, house.ada, "own.png", file(2)).await.unwrap().image;
    library::add_to_album(&house.core, house.ada, house.album, &[own.id]).await.unwrap();
    assert_eq!(library::details(&house.core, house.ada, own.id).await.unwrap().details.guest_link, None);
    // Nor is a guest's file the owner's: the guest may take it back.
    let same = accept(&house.core, house.ada, "same.png", file(1)).await.unwrap();
    assert!(!same.existing && same.image.id != image.id);
    // What has come stays what it is when the link has ended, and the album is gone.
    end(&house.core, By::COMMAND_LINE, house.ada, house.album, link.id).await.unwrap();
    albums::delete(&house.core, By::COMMAND_LINE, house.ada, house.album).await.unwrap();
    let details = library::details(&house.core, house.ada, image.id).await.unwrap().details;
    assert_eq!(details.guest_link.as_deref(), Some("Guests"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn guests_learn_nothing_of_what_else_there_is(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let own = accept(&house.core, house.ada, "own.png", file(1)).await.unwrap().image;
    let (link, other) = (house.link(|_| {}).await, house.link(|_| {}).await);
    let (pass, other) = (house.pass(&link).await, house.pass(&other).await);
    let first = house.send(&pass, file(1)).await.unwrap();
    assert!(!first.existing && first.image.id != own.id, "the owner's own");
    // By the same link it is the same image, and counts once.
    let again = house.send(&pass, file(1)).await.unwrap();
    assert_eq!((again.existing, again.image.id), (true, first.image.id));
    assert_eq!(house.came(&link).await, (1, first.image.byte_size.0));
    let elsewhere = house.send(&other, file(1)).await.unwrap();
    assert!(!elsewhere.existing && elsewhere.image.id != first.image.id, "another link's");
    let stored: i64 = sqlx::query_scalar("SELECT count(*) FROM blobs").fetch_one(&pool).await.unwrap();
    assert_eq!(stored, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_many_at_once_as_many_come_as_the_link_takes(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let link = house.link(|new| new.max_images = Some(GuestImages::nearest(3))).await;
    let pass = house.pass(&link).await;
    let jobs = (0..20_u8).map(|number| {
        let (core, pass) = (house.core.clone(), pass.clone());
        tokio::spawn(async move { accept_by_guest(&core, &pass, "x.png", file(number), None).await })
    });
    let outcomes = futures::future::join_all(jobs).await.into_iter().map(Result::unwrap);
    let (taken, refusals): (Vec<_>, Vec<_>) = outcomes.partition(Result::is_ok);
    assert_eq!((taken.len(), refusals.len()), (3, 17));
    for outcome in refusals {
        assert_eq!(refused(outcome), GuestProblem::GuestImagesUsedUp);
    }
    let size = taken[0].as_ref().unwrap().image.byte_size.0;
    assert_eq!(house.came(&link).await, (3, 3 * size));
    assert_eq!((house.contents().await.len(), house.used().await), (3, 3 * size));
    for table in ["images", "blobs", "guest_images"] {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        assert_eq!(sqlx::query_scalar::<_, i64>(sql).fetch_one(&pool).await.unwrap(), 3, "{table}");
    }
    assert_eq!(open(&house.core, &link.slug).await.unwrap().door.images_left, Some(0));
    // What has come is had again by whoever lost the answer, though the link takes nothing more.
    let sent: Vec<Bytes> = (0..20).map(file).collect();
    let mut known = 0;
    for file in sent {
        known += usize::from(house.send(&pass, file).await.is_ok_and(|taken| taken.existing));
    }
    assert_eq!(known, 3);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_last_place_is_one_files_however_often_it_is_sent_at_once(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let link = house.link(|new| new.max_images = Some(GuestImages::nearest(1))).await;
    let pass = house.pass(&link).await;
    let jobs = (0..8).map(|_| {
        let (core, pass) = (house.core.clone(), pass.clone());
        tokio::spawn(async move { accept_by_guest(&core, &pass, "x.png", file(1), None).await })
    });
    let outcomes = futures::future::join_all(jobs).await.into_iter().map(Result::unwrap);
    // Whoever looked before the first was stored, and was refused before it could be found, is told that it is full.
    let taken: Vec<Accepted> = outcomes.filter_map(Result::ok).collect();
    assert_eq!(taken.iter().filter(|taken| !taken.existing).count(), 1);
    assert!(taken.iter().all(|other| other.image.id == taken[0].image.id));
    assert_eq!(house.came(&link).await.0, 1);
    assert_eq!(house.contents().await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_many_at_once_as_many_bytes_come_as_the_link_takes(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let size = accept(&house.core, house.ada, "x", file(0)).await.unwrap().image.byte_size.0;
    let limit = ByteSize(5 * size + size / 2);
    let link = house.link(|new| new.max_bytes = Some(limit.try_into().unwrap())).await;
    let pass = house.pass(&link).await;
    let jobs = (1..=20_u8).map(|number| {
        let (core, pass) = (house.core.clone(), pass.clone());
        tokio::spawn(async move { accept_by_guest(&core, &pass, "x.png", file(number), None).await })
    });
    let outcomes = futures::future::join_all(jobs).await.into_iter().map(Result::unwrap);
    let (taken, refusals): (Vec<_>, Vec<_>) = outcomes.partition(Result::is_ok);
    assert_eq!(taken.len(), 5);
    for outcome in refusals {
        assert_eq!(refused(outcome), GuestProblem::GuestSpaceUsedUp);
    }
    assert_eq!(house.came(&link).await, (5, 5 * size));
    assert_eq!(open(&house.core, &link.slug).await.unwrap().door.bytes_left, Some(ByteSize(size / 2)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_owners_space_ends_it_too_and_nothing_is_counted(pool: PgPool) {
    let house = House::new(&pool, 1000).await;
    let link = house.link(|_| {}).await;
    let pass = house.pass(&link).await;
    let first = house.send(&pass, file(1)).await.unwrap().image;
    assert_eq!(refused(house.send(&pass, file(2)).await), GuestProblem::GuestSpaceUsedUp);
    assert_eq!(house.came(&link).await, (1, first.byte_size.0));
    assert_eq!((house.used().await, house.contents().await), (first.byte_size.0, vec![first.id]));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_link_that_is_over_takes_nothing_even_of_who_came_before(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let hour = house.clock.now() + Duration::HOUR;
    let lapsing = house.link(|new| new.expires_at = Some(hour)).await;
    let ended = house.link(|_| {}).await;
    let (late, ousted) = (house.pass(&lapsing).await, house.pass(&ended).await);
    end(&house.core, By::COMMAND_LINE, house.ada, house.album, ended.id).await.unwrap();
    house.clock.advance(Duration::HOUR);
    for (link, pass) in [(&lapsing, &late), (&ended, &ousted)] {
        assert!(matches!(open(&house.core, &link.slug).await, Err(AlbumError::NotFound)));
        assert_eq!(refused(house.send(pass, file(1)).await), GuestProblem::GuestLinkEnded);
    }
    let open_still = house.link(|_| {}).await;
    let pass = house.pass(&open_still).await;
    for state in ["suspended_at", "removed_at"] {
        let set = |value: &str| sqlx::AssertSqlSafe(format!("UPDATE users SET {state} = {value}"));
        sqlx::query(set("now()")).execute(&pool).await.unwrap();
        assert!(matches!(open(&house.core, &open_still.slug).await, Err(AlbumError::NotFound)), "{state}");
        assert_eq!(refused(house.send(&pass, file(1)).await), GuestProblem::GuestLinkEnded, "{state}");
        sqlx::query(set("NULL")).execute(&pool).await.unwrap();
    }
    albums::delete(&house.core, By::COMMAND_LINE, house.ada, house.album).await.unwrap();
    assert_eq!(refused(house.send(&pass, file(1)).await), GuestProblem::GuestLinkEnded);
    assert_eq!(house.used().await, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn links_are_the_album_owners_and_told_in_the_log(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let (core, by) = (&house.core, By::COMMAND_LINE);
    let link = house.link(|_| {}).await;
    house.send(&house.pass(&link).await, file(1)).await.unwrap();
    let bob = user(&pool, "bob", 1000).await;
    let terms =
        NewGuestLink { name: "x".parse().unwrap(), expires_at: None, max_images: None, max_bytes: None };
    for refused in [
        list(core, bob, house.album).await.map(drop),
        make(core, by, bob, house.album, &terms).await.map(drop),
        end(core, by, bob, house.album, link.id).await,
        end(core, by, house.ada, house.album, GuestLinkId(house.album.0)).await,
    ] {
        assert!(matches!(refused, Err(AlbumError::NotFound)), "{refused:?}");
    }
    end(core, by, house.ada, house.album, link.id).await.unwrap();
    assert!(matches!(end(core, by, house.ada, house.album, link.id).await, Err(AlbumError::NotFound)));
    for _ in 0..MOST {
        make(core, by, house.ada, house.album, &terms).await.unwrap();
    }
    let more = make(core, by, house.ada, house.album, &terms).await;
    assert!(matches!(more, Err(AlbumError::TooManyLinks)), "{more:?}");

    let told: Vec<(String, String, Option<i64>)> = sqlx::query_as(
        "SELECT action, details->>'name', (details->>'count')::int8 FROM audit_log WHERE user_id = $1 \
         ORDER BY sequence LIMIT 2",
    )
    .bind(house.ada.0)
    .fetch_all(&pool)
    .await
    .unwrap();
    let entry = |action: &str, count| (action.to_owned(), "Guests".to_owned(), count);
    assert_eq!(told, [entry("guest_link_made", None), entry("guest_link_ended", Some(1))]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_guests_key_is_none_of_the_owners(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let link = house.link(|_| {}).await;
    let pass = house.pass(&link).await;
    let key = || "k".parse::<once::UploadKey>().unwrap();
    let once::Claimed::Ours(claim) = once::claim(&house.core, house.ada, key()).await.unwrap() else {
        panic!()
    };
    let part = Some(once::Part::of_file(&claim, 0));
    let own = once_accepted(&house, part, file(1)).await;
    let named = key().of_guest(link.id);
    let once::Claimed::Ours(claim) = once::claim(&house.core, house.ada, named).await.unwrap() else {
        panic!()
    };
    let part = Some(once::Part::of_file(&claim, 0));
    let first = accept_by_guest(&house.core, &pass, "x.png", file(1), part).await.unwrap();
    assert!(!first.existing && first.image.id != own);
    // Sent again before there was an answer, it is answered as new, and counted once.
    let again = accept_by_guest(&house.core, &pass, "x.png", file(1), part).await.unwrap();
    assert_eq!(again, first);
    assert_eq!(house.came(&link).await.0, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn however_many_keys_guests_use_the_owners_are_kept(pool: PgPool) {
    let house = House::new(&pool, 1 << 30).await;
    let link = house.link(|_| {}).await;
    let keys = || async {
        let count = sqlx::query_scalar("SELECT count(*) FROM upload_keys WHERE strpos(key, ' ') = 0");
        let count: i64 = count.fetch_one(&pool).await.unwrap();
        count
    };
    let claim = async |key: once::UploadKey| {
        once::claim(&house.core, house.ada, key).await.unwrap();
        house.clock.advance(Duration::minutes(5));
    };
    claim("mine".parse().unwrap()).await;
    sqlx::query(
        "INSERT INTO upload_keys (owner_id, key, created_at, holder, held_until) \
         SELECT $1, $2 || ' ' || n, now(), gen_random_uuid(), $3 FROM generate_series(1, 1100) AS n",
    )
    .bind(house.ada.0)
    .bind(link.id.to_string())
    .bind(house.core.now())
    .execute(&pool)
    .await
    .unwrap();
    claim("theirs".parse::<once::UploadKey>().unwrap().of_guest(link.id)).await;
    claim("mine-too".parse().unwrap()).await;
    assert_eq!(keys().await, 2);
}

async fn once_accepted(house: &House, part: Option<once::Part<'_>>, file: Bytes) -> ImageId {
    let accepted = accept_on(&house.core, house.ada, "own.png", file, Terms::default(), part).await;
    accepted.unwrap().image.id
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_address_sends_so_many_files_in_an_hour(pool: PgPool) {
    let house = House::new(&pool, 1000).await;
    let core = &house.core;
    let here: IpAddr = "2001:db8:1:2::1".parse().unwrap();
    // Of one network, as many as of one address.
    let neighbour: IpAddr = "2001:db8:1:2:ffff::9".parse().unwrap();
    count_file(core, here).await.unwrap();
    house.clock.advance(Duration::minutes(10));
    sqlx::query("UPDATE guest_rates SET files = $1").bind(rates::MOST - 1).execute(&pool).await.unwrap();
    count_file(core, neighbour).await.unwrap();
    let refused = count_file(core, here).await;
    assert!(matches!(refused, Err(AuthError::TooManyAttempts { retry_after: 3000 })), "{refused:?}");
    count_file(core, "192.0.2.1".parse().unwrap()).await.unwrap();
    assert_eq!(sweep(core).await.unwrap(), 0);
    house.clock.advance(Duration::minutes(50));
    count_file(core, here).await.unwrap();
    let files: i32 = sqlx::query_scalar("SELECT files FROM guest_rates WHERE address LIKE '2001%'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(files, 1, "another hour");
    house.clock.advance(Duration::HOUR);
    assert_eq!(sweep(core).await.unwrap(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_many_at_once_from_an_address_as_many_are_let_in_as_may(pool: PgPool) {
    let house = House::new(&pool, 1000).await;
    let here: IpAddr = "192.0.2.1".parse().unwrap();
    count_file(&house.core, here).await.unwrap();
    sqlx::query("UPDATE guest_rates SET files = $1").bind(rates::MOST - 5).execute(&pool).await.unwrap();
    let jobs = (0..20).map(|_| {
        let core = house.core.clone();
        tokio::spawn(async move { count_file(&core, here).await.is_ok() })
    });
    let let_in = futures::future::join_all(jobs).await.into_iter().filter(|done| *done.as_ref().unwrap());
    assert_eq!(let_in.count(), 5);
}
