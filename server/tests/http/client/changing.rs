//! `reflect list`, `reflect link`, `reflect rm`

use model::types::Scope;
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

use super::Machine;
use crate::support::{App, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_uploaded_is_listed_linked_and_removed(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let machine = Machine::using(app.listen().await, &ada.token);
    machine.file("a cat.png", &pictures::png(8, 6));
    machine.file("dog & co.png", &pictures::png(6, 8));
    let said = machine.reflect(&["upload", "a cat.png"]).await;
    let [cat] = said.lines()[..] else { panic!("{said:?}") };
    app.wait(Duration::SECOND);
    let said = machine.reflect(&["upload", "dog & co.png"]).await;
    let [dog] = said.lines()[..] else { panic!("{said:?}") };
    let images = app.images(&ada).await;
    let [newest, oldest] = [0, 1].map(|at| images[at]["slug"].as_str().unwrap());

    // Newest first.
    let said = machine.reflect(&["list"]).await;
    let [first, second] = said.lines()[..] else { panic!("{said:?}") };
    assert!(first.starts_with(newest) && first.ends_with("  6x8  dog & co.png"), "{first}");
    assert!(second.starts_with(&format!("{oldest}  2026-11-20  ")), "{second}");
    let said = machine.reflect(&["list", "--search", "dog &", "--as", "url"]).await;
    assert_eq!(said.lines(), [dog]);
    let said = machine.reflect(&["list", "--limit", "1", "--json"]).await;
    let document: Value = serde_json::from_str(said.lines()[0]).unwrap();
    assert_eq!(document["images"], Value::from(vec![images[0].clone()]));

    // By slug, by id, by addresses.
    let id = images[1]["id"].as_str().unwrap();
    let page = format!("http://localhost/p/{newest}");
    let said = machine.reflect(&["link", "--as", "bbcode", newest, id, &page]).await;
    let [of_dog, of_cat] = [dog, cat].map(|link| format!("[img]{link}[/img]"));
    assert_eq!(said.lines(), [&of_dog, &of_cat, &of_dog]);

    let said = machine.reflect(&["rm", dog, id]).await;
    assert_eq!(said.lines().len(), 2);
    assert_eq!(app.images(&ada).await, Vec::<Value>::new());
    assert_eq!(machine.reflect(&["list"]).await.lines(), Vec::<&str>::new());
    for command in ["link", "rm"] {
        let said = machine.reflect(&[command, dog, id]).await;
        let err = said.refusal(1);
        assert_eq!(err.matches("there is no such image of yours").count(), 2, "{err}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_list_has_as_many_pages_as_it_takes(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let machine = Machine::using(app.listen().await, &ada.token);
    app.upload(&ada, "a.png", &pictures::png(8, 6)).await;
    // More than the API gives at once.
    sqlx::query(
        "INSERT INTO images SELECT (jsonb_populate_record(images, jsonb_build_object(
             'id', overlay(images.id::text placing lpad(n::text, 12, '0') from 25),
             'slug', 'x' || lpad(n::text, 14, '0')))).* FROM images, generate_series(1, 449) AS n",
    )
    .execute(app.pool())
    .await
    .unwrap();
    let slugs = async |call: &[&str]| -> Vec<String> {
        let said = machine.reflect(call).await;
        said.lines().into_iter().map(|line| line[..15].to_owned()).collect()
    };
    assert_eq!(slugs(&["list"]).await.len(), 50);
    assert_eq!(slugs(&["list", "--limit", "401"]).await.len(), 401);
    let mut all = slugs(&["list", "--all"]).await;
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 450);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_missing_scope_is_named(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(8, 6)).await;
    let (id, slug) = (image["id"].as_str().unwrap(), image["slug"].as_str().unwrap());
    let address = app.listen().await;
    let deletes = Machine::using(address, &app.token(ada.id, [Scope::Delete]).await);
    for call in [["link", id], ["link", slug], ["rm", slug]] {
        let said = deletes.reflect(&call).await;
        assert!(said.refusal(3).contains("lacks the scope `read`"), "{said:?}");
    }
    let reads = Machine::using(address, &app.token(ada.id, [Scope::Read]).await);
    let said = reads.reflect(&["rm", slug]).await;
    assert!(said.refusal(3).contains("lacks the scope `delete`"), "{said:?}");
    assert_eq!(deletes.reflect(&["rm", id]).await.lines(), [format!("In the bin: {id}")]);
}
