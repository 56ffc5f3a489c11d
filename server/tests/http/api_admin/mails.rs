//! Mail.

use http::Method;
use serde_json::json;
use sqlx::PgPool;

use super::{Office, done, refuses_parameter, walk};

/// With three invites in the outbox, of which the second has failed.
async fn posted(pool: PgPool) -> Office {
    let office = Office::with(pool, |setup| {
        setup.settings.mail = Some("reflect <no-reply@pictures.example>".parse().unwrap());
    })
    .await;
    for name in ["one", "two", "three"] {
        let terms = json!({ "mail_to": format!("{name}@mail.example") });
        office.post("invites", terms).await.gives(201);
        office.app.wait(time::Duration::SECOND);
    }
    sqlx::query(
        "UPDATE mail_outbox SET state = 'failed', tries = 9, next_at = NULL, last_error = '550 no such user', \
         finished_at = created_at WHERE recipient = 'two@mail.example'",
    )
    .execute(office.app.pool())
    .await
    .unwrap();
    office
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn they_are_listed_newest_first_by_state_and_kind(pool: PgPool) {
    let office = posted(pool).await;
    let to =
        |names: &[&str]| names.iter().map(|name| json!(format!("{name}@mail.example"))).collect::<Vec<_>>();
    assert_eq!(walk(&office, "mails?", "mails", "to").await, to(&["three", "two", "one"]));
    assert_eq!(walk(&office, "mails?state=queued&", "mails", "to").await, to(&["three", "one"]));
    assert_eq!(walk(&office, "mails?state=failed&kind=invite&", "mails", "to").await, to(&["two"]));
    assert_eq!(walk(&office, "mails?kind=welcome&", "mails", "to").await, to(&[]));
    let all = office.list("mails?state=").await;
    assert_eq!(all["counts"], json!({ "queued": 2, "sending": 0, "sent": 0, "failed": 1 }));
    assert_eq!(all["mails"][1]["last_error"], "550 no such user");
    for (query, name) in
        [("state=lost", "state"), ("kind=letter", "kind"), ("cursor=x", "cursor"), ("limit=x", "limit")]
    {
        refuses_parameter(&office.get(&format!("mails?{query}")).await, name);
    }
    let told = refuses_parameter(&office.get("mails?state=lost").await, "state");
    assert_eq!(told, "one of queued, sending, sent, failed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_failed_one_is_sent_again_once(pool: PgPool) {
    let office = posted(pool).await;
    let failed = office.list("mails?state=failed").await;
    let again = format!("mails/{}/retry", failed["mails"][0]["id"].as_str().unwrap());
    done(&office.call(Method::POST, &again).await);
    assert_eq!(office.list("mails?state=queued").await["mails"].as_array().unwrap().len(), 3);
    let told = refuses_parameter(&office.call(Method::POST, &again).await, "id");
    assert!(told.contains("failed mail"), "{told}");
    let none = "mails/01890000-0000-7000-8000-000000000000/retry";
    office.call(Method::POST, none).await.refuses(404, "not-found");
}
