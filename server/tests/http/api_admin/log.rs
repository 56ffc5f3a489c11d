//! What happened, to everybody.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Office, done, refuses_parameter, user, walk};
use crate::audit::WRONG_PARAMETERS;

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_is_everybodys_or_ones_also_when_they_are_gone(pool: PgPool) {
    let office = Office::new(pool).await;
    let everything =
        ["signed_in", "enrolled", "account_created", "enrolled", "account_created"].map(Value::from);
    assert_eq!(walk(&office, "audit?", "entries", "action").await, everything);
    assert_eq!(walk(&office, "audit?user=&", "entries", "action").await, everything);
    done(&office.delete(&format!("{}?name=bob", user(office.bob.user_id))).await);
    let bobs = format!("audit?user={}&", office.bob.user_id);
    assert_eq!(
        walk(&office, &bobs, "entries", "action").await,
        ["account_deleted", "enrolled", "account_created"]
    );
    let narrowed = office.list(&format!("{bobs}group=means")).await;
    assert_eq!((&narrowed["entries"][0]["name"], &narrowed["next_cursor"]), (&json!("bob"), &Value::Null));
    assert_eq!(narrowed["entries"].as_array().unwrap().len(), 1);
    assert_eq!(walk(&office, "audit?outcome=failure&", "entries", "action").await, [] as [Value; 0]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_parameter_is_named(pool: PgPool) {
    let office = Office::new(pool).await;
    let own = [("user=bob", "user"), ("user=1&user=2", "query")];
    for (query, name) in WRONG_PARAMETERS.into_iter().chain(own) {
        refuses_parameter(&office.get(&format!("audit?{query}")).await, name);
        if !matches!(name, "limit" | "cursor") {
            refuses_parameter(&office.get(&format!("audit.csv?{query}")).await, name);
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_file_has_what_the_list_has(pool: PgPool) {
    let office = Office::new(pool).await;
    let rows = async |query: &str| {
        let file = office.get(&format!("audit.csv{query}")).await;
        assert_eq!((file.status.as_u16(), file.header("cache-control")), (200, "no-store"));
        let name = "attachment; filename=\"reflect-audit-log-2026-11-20.csv\"";
        assert_eq!(file.header("content-disposition"), name);
        let lines = file.text().split_terminator("\r\n").skip(1).map(str::to_owned);
        lines.collect::<Vec<_>>()
    };
    let all = rows("").await;
    assert_eq!(all.len(), 5);
    assert!(
        all.iter().any(|row| row.contains(",bob,")) && all.iter().any(|row| row.contains(",ada,")),
        "{all:?}"
    );
    let bobs = rows(&format!("?user={}&group=account", office.bob.user_id)).await;
    assert_eq!(bobs.len(), 1);
    assert!(bobs[0].contains(",bob,") && bobs[0].contains(",account_created,"), "{bobs:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_offers_the_file_as_it_is_narrowed(pool: PgPool) {
    let office = Office::new(pool).await;
    let page = office.app.get("/admin/audit?group=means").cookie(&office.cookie).await;
    assert!(page.page(200).contains("href=\"/api/v1/admin/audit.csv?group=means\""), "{page:?}");
}
