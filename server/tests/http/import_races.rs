//! Imports beside others, and beside whatever else is done to the same images.

use std::pin::pin;

use http::Method;
use serde_json::{Value, json};
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use crate::{
    import::{Export, ada, bulk, change, empty},
    sign_in::until,
    support::{Answer, App, pictures},
};

/// Somebody waits for what somebody else has locked.
const WAITS: &str = "SELECT EXISTS (SELECT FROM pg_stat_activity \
                     WHERE datname = current_database() AND wait_event_type = 'Lock')";

/// What is done elsewhere to an image meanwhile: its row is locked, and then it is deleted for good.
async fn lock(purge: &mut Transaction<'_, Postgres>, image: &Value) -> Uuid {
    let id: Uuid = image["id"].as_str().unwrap().parse().unwrap();
    sqlx::query("SELECT FROM images WHERE id = $1 FOR UPDATE").bind(id).execute(&mut **purge).await.unwrap();
    id
}

async fn delete(purge: &mut Transaction<'_, Postgres>, id: Uuid) {
    sqlx::query("DELETE FROM images WHERE id = $1").bind(id).execute(&mut **purge).await.unwrap();
}

fn outcome(answer: &Answer) -> String {
    answer.json()["outcome"].as_str().unwrap_or_default().to_owned()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_of_one_day_come_at_once_with_and_without_tags(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for n in 0..12 {
        let image = app.upload(&ada, &format!("{n}.png"), &pictures::png(40, 30 + n)).await;
        if n % 2 == 0 {
            change(&app, &ada, &image, json!({ "tags": ["sea"] })).await;
        }
    }
    let export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    let sent = (0..12).map(|index| export.send(&app, &ada, index));
    let outcomes: Vec<String> = futures::future::join_all(sent).await.iter().map(outcome).collect();
    assert_eq!(outcomes, ["taken"; 12]);
}

/// Who did wait would have the day's row, for which one with tags waits.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_has_no_tags_waits_for_no_tags(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    assert_eq!(export.images[0]["tags"], json!([]));
    let mut others = app.pool().begin().await.unwrap();
    let name = [b"tags".as_slice(), ada.id.0.as_bytes()].concat();
    reflect_core::db::lock(&mut others, &name).await.unwrap();
    tokio::select! {
        answer = export.send(&app, &ada, 0) => assert_eq!(outcome(&answer), "taken"),
        () = until(&app, WAITS) => panic!("it waits"),
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_same_image_sent_twice_at_once_is_there_once(pool: PgPool) {
    let app = App::new(pool);
    let (ada, _) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    empty(&app, &ada).await;
    for index in 0..3 {
        let (one, other) = tokio::join!(export.send(&app, &ada, index), export.send(&app, &ada, index));
        let mut outcomes = [&one, &other].map(outcome);
        outcomes.sort();
        assert_eq!(outcomes, ["existing", "taken"]);
    }
    assert_eq!(app.images(&ada).await.len(), 3);
    let used = app.get("/api/v1/me").token(&ada.token).await.gives(200)["usage"]["used"].take();
    assert_eq!(used, export.summary["bytes"]);
}

/// Whoever deletes an image for good locks it, and then its bytes: who imports the same must not have these meanwhile.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_copies_what_is_just_deleted_for_good_waits_with_nothing_in_hand(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let bob = app.person("bob").await;
    let export = Export::of(&app, &ada).await;
    let index = export.images.iter().position(|image| image["slug"] == images[0]["slug"]).unwrap();
    let mut purge = app.pool().begin().await.unwrap();
    let id = lock(&mut purge, &images[0]).await;
    delete(&mut purge, id).await;
    let mut sent = pin!(export.send(&app, &bob, index));
    tokio::select! {
        answer = &mut sent => panic!("{answer:?}"),
        () = until(&app, WAITS) => {}
    }
    let taken = sqlx::query("SELECT FROM blobs FOR UPDATE NOWAIT").execute(&mut *purge).await.unwrap();
    assert!(taken.rows_affected() > 0);
    purge.commit().await.unwrap();
    assert_eq!(outcome(&sent.await), "taken-elsewhere");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_goes_from_the_bin_before_it_comes_out_comes_as_new(pool: PgPool) {
    let app = App::new(pool);
    let (ada, images) = ada(&app).await;
    let export = Export::of(&app, &ada).await;
    let index = export.images.iter().position(|image| image["slug"] == images[1]["slug"]).unwrap();
    bulk(&app, &ada, json!({ "ids": [images[1]["id"]], "action": "delete" })).await;
    let mut purge = app.pool().begin().await.unwrap();
    let id = lock(&mut purge, &images[1]).await;
    let mut sent = pin!(export.send(&app, &ada, index));
    tokio::select! {
        answer = &mut sent => panic!("{answer:?}"),
        () = until(&app, WAITS) => {}
    }
    delete(&mut purge, id).await;
    purge.commit().await.unwrap();
    assert_eq!(outcome(&sent.await), "taken");
    let found = app.call(Method::GET, "/api/v1/images").token(&ada.token).await.gives(200);
    assert_eq!(found["images"].as_array().unwrap().len(), 3);
}
