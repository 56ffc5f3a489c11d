//! Words that images are searched by.

use super::*;

async fn names(core: &Core, owner: UserId, search: &str) -> Vec<String> {
    let search = Search { words: Some(search.into()), ..Search::default() };
    let query = ListQuery { limit: 200, search, ..ListQuery::default() };
    list(core, owner, &query).await.unwrap().items.into_iter().map(|image| image.filename).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn search_finds_words_of_any_length_far_and_near(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    let all =
        ["西湖日落 1.png", "日出.png", "落日.png", "Été à Köln.png", "a.png", "b.png", "c.png", "日落 2.png"];
    for (i, name) in (0..).zip(all) {
        put(&pool, ada, i, name, 1).await;
    }
    for (search, expected) in [
        ("日落", &["日落 2.png", "西湖日落 1.png"][..]),
        ("日", &["日落 2.png", "落日.png", "日出.png", "西湖日落 1.png"]),
        ("落 日 1", &["西湖日落 1.png"]),
        ("ÉTÉ köLN", &["Été à Köln.png"]),
        ("b", &["b.png"]),
        ("月", &[]),
    ] {
        assert_eq!(names(&core, ada, search).await, expected, "{search}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn search_takes_every_word_literally_in_any_case(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    for (i, name) in (0..).zip(["Summer Cat.png", "cat_1.png", "cat 100%.png", "dog.png", "Ärger\\x.png"]) {
        put(&pool, ada, i, name, 1).await;
    }
    assert_eq!(names(&core, ada, "CAT summer").await, ["Summer Cat.png"]);
    assert_eq!(names(&core, ada, "%").await, ["cat 100%.png"]);
    assert_eq!(names(&core, ada, "t_").await, ["cat_1.png"]);
    assert_eq!(names(&core, ada, "\\").await, ["Ärger\\x.png"]);
    assert_eq!(names(&core, ada, "ärger").await, ["Ärger\\x.png"]);
    assert_eq!(names(&core, ada, "  ").await.len(), 5);
    assert!(names(&core, ada, "cat dog").await.is_empty());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn search_looks_at_all_that_is_said_of_an_image(pool: PgPool) {
    let core = testing::core(pool.clone());
    let (ada, bob) = (user(&pool, "ada", 1000).await, user(&pool, "bob", 1000).await);
    let mut ids = Vec::new();
    for number in 0..8 {
        ids.push(put(&pool, ada, number, &format!("{number}.png"), 1).await);
    }
    let bobs = put(&pool, bob, 20, "bobs.png", 2).await;
    let said = Change {
        title: Some(Some("Zu\u{308}rich at dawn".parse().unwrap())),
        description: Some(Some("The lake,\nand a swan".parse().unwrap())),
        alt_text: Some(Some("Water and hills".parse().unwrap())),
        ..Change::default()
    };
    change(&core, ada, ids[1], &said).await.unwrap();
    let tag = |name: &str| Bulk::Tags { add: vec![name.parse().unwrap()], remove: vec![] };
    for (owner, id, name) in [
        (ada, ids[0], "Swanky places"),
        (ada, ids[2], "water"),
        (ada, ids[2], "西湖"),
        (ada, ids[7], "water"),
        (bob, bobs, "swan"),
    ] {
        bulk(&core, By::SYSTEM, owner, Which::Ids(&[id]), &tag(name)).await.unwrap();
    }
    bulk(&core, By::SYSTEM, ada, Which::Ids(&[ids[5]]), &tag("swan")).await.unwrap();
    delete(&core, By::SYSTEM, ada, &[ids[5]]).await.unwrap();
    for (search, expected) in [
        ("zürich", &["1.png"][..]),
        ("LAKE hills png", &["1.png"]),
        ("swan", &["1.png", "0.png"]),
        ("water", &["7.png", "2.png", "1.png"]),
        ("water 7", &["7.png"]),
        ("water swan", &["1.png"]),
        ("water 湖", &["2.png"]),
        ("places", &["0.png"]),
        // No text goes on in the next one.
        ("pngZürich", &[]),
        ("dawnThe", &[]),
        ("water dog", &[]),
    ] {
        assert_eq!(names(&core, ada, search).await, expected, "{search}");
        let total = Search { words: Some(search.into()), ..Search::default() };
        assert_eq!(count(&core, ada, &total).await.unwrap(), expected.len() as u64, "{search}");
        let query = NumberedQuery { per_page: 9, search: Some(search.into()), ..NumberedQuery::default() };
        let page = numbered(&core, ada, &query).await.unwrap();
        assert_eq!(page.total, expected.len() as u64, "{search}");
        assert!(page.items.iter().map(|image| &image.filename).eq(expected), "{search}");
    }
    let gone = Change { description: Some(None), ..Change::default() };
    change(&core, ada, ids[1], &gone).await.unwrap();
    assert_eq!(names(&core, ada, "swan").await, ["0.png"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn texts_from_before_they_were_composed_are_found(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    for number in [1, 2] {
        put(&pool, ada, number, &format!("{number}.png"), 1).await;
    }
    sqlx::query("UPDATE images SET title = E'Zu\\u0308rich', alt_text = 'Lake' WHERE filename = '1.png'")
        .execute(&pool)
        .await
        .unwrap();
    assert!(names(&core, ada, "z\u{fc}rich").await.is_empty());
    let migration = crate::db::MIGRATOR.iter().find(|migration| migration.version == 52).unwrap();
    let sql = migration.sql.as_str();
    let normalising = &sql[sql.find("DO $$").unwrap()..sql.find("$$;").unwrap() + 3];
    sqlx::raw_sql(sqlx::AssertSqlSafe(normalising.to_owned())).execute(&pool).await.unwrap();
    assert_eq!(names(&core, ada, "z\u{fc}rich lake").await, ["1.png"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_longest_text_is_indexed(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    let ids = [put(&pool, ada, 1, "a.png", 1).await, put(&pool, ada, 2, "b.png", 1).await];
    let text: String = (0..4990).filter_map(|n| char::from_u32(0x4e00 + n)).collect();
    let said =
        Change { description: Some(Some(format!("{text} end").parse().unwrap())), ..Change::default() };
    change(&core, ada, ids[0], &said).await.unwrap();
    assert_eq!(names(&core, ada, "丏丐 end").await, ["a.png"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn names_from_before_they_were_composed_are_found(pool: PgPool) {
    let core = testing::core(pool.clone());
    let ada = user(&pool, "ada", 1000).await;
    put(&pool, ada, 1, "Zu\u{308}rich.png", 1).await;
    put(&pool, ada, 2, "Bern.png", 2).await;
    let migration = crate::db::MIGRATOR.iter().find(|migration| migration.version == 38).unwrap();
    sqlx::raw_sql(migration.sql.clone()).execute(&pool).await.unwrap();
    assert_eq!(names(&core, ada, "z\u{fc}rich").await, ["Z\u{fc}rich.png"]);
    assert_eq!(names(&core, ada, "bern").await, ["Bern.png"]);
}
