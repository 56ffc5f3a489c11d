//! `/api/v1/audit`, its file, and the server function behind the page.

use model::types::{Action, AuditDetails, UserId};
use reflect_core::{
    audit::{By, Event, record},
    auth::enrolment::EnrolledNow,
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::App;

/// What the log doesn't take, and what it calls that.
pub const WRONG_PARAMETERS: [(&str, &str); 9] = [
    ("limit=0", "limit"),
    ("limit=201", "limit"),
    ("cursor=x", "cursor"),
    ("group=all", "group"),
    ("action=flew", "action"),
    ("outcome=maybe", "outcome"),
    ("from=yesterday", "from"),
    ("to=2026-02-30", "to"),
    ("to=1&to=2", "query"),
];

fn actions(list: &Value) -> Vec<&str> {
    list["entries"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

async fn note(app: &App, user: UserId, name: &str) {
    let mut transaction = app.pool().begin().await.unwrap();
    let event =
        Event::new(By::COMMAND_LINE, Some(user), Action::TokenCreated).with(AuditDetails::named(name));
    record(&mut transaction, app.core(), &event).await.unwrap();
    transaction.commit().await.unwrap();
}

/// Somebody who came in, which is three entries; the cookie.
async fn came_in(app: &App, name: &str) -> (UserId, String) {
    let account = app.enrol(name).await;
    (account.user_id, app.sign_in_as(name, &account).await)
}

async fn get(app: &App, cookie: &str, query: &str) -> Value {
    app.get(&format!("/api/v1/audit{query}")).cookie(cookie).await.gives(200)
}

/// Somebody who failed once, came in and went.
async fn came_and_went(app: &App) -> EnrolledNow {
    let ada = app.enrol("ada").await;
    let wrong = json!({ "name": "ada", "code": app.wrong_code(&ada.secret) });
    app.function("sign-in", wrong).header("user-agent", "PicGo/2.3.1").await.fails(401, "wrong-code");
    app.wait(Duration::DAY);
    let cookie = app.sign_in_as("ada", &ada).await;
    app.function("sign-out", json!({})).cookie(&cookie).await.gives(200);
    app.wait(Duration::seconds(30));
    ada
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_one_did_is_listed_newest_first(pool: PgPool) {
    let app = App::new(pool);
    let ada = came_and_went(&app).await;
    let cookie = app.sign_in(&ada).await;
    let list = app.get("/api/v1/audit").cookie(&cookie).await.gives(200);
    let all = ["signed_in", "signed_out", "signed_in", "sign_in_failed", "enrolled", "account_created"];
    assert_eq!(actions(&list), all);
    assert_eq!(list["next_cursor"], Value::Null);
    let mut failed = list["entries"][3].clone();
    assert!(failed["id"].take().is_string());
    let expected = json!({
        "sequence": 3,
        "id": null,
        "at": "2026-11-20T12:00:00Z",
        "user": ada.user_id,
        "name": "ada",
        "actor": "visitor",
        "actor_name": null,
        "action": "sign_in_failed",
        "outcome": "failure",
        "address": "127.0.0.1",
        "device": "PicGo",
        "details": { "by": "code" },
    });
    assert_eq!(failed, expected);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn signing_out_is_told_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for _ in 0..2 {
        app.function("sign-out", json!({})).cookie(&cookie).await.gives(200);
    }
    app.function("sign-out", json!({})).await.gives(200);
    assert_eq!(app.count("audit_log WHERE action = 'signed_out'").await, 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nobody_sees_anothers_entries(pool: PgPool) {
    let app = App::new(pool);
    let ((ada, _), (bob, cookie)) = (came_in(&app, "ada").await, came_in(&app, "bob").await);
    note(&app, ada, "adas secret laptop").await;
    note(&app, bob, "bobs").await;
    for (query, found) in
        [("", 4), ("?action=token_created", 1), ("?group=account", 2), ("?from=2026-11-20", 4)]
    {
        let list = get(&app, &cookie, query).await;
        let names: Vec<_> = list["entries"].as_array().unwrap().iter().map(|entry| &entry["name"]).collect();
        assert_eq!(names, vec!["bob"; found], "{query}");
    }
    let file = app.get("/api/v1/audit.csv").cookie(&cookie).await;
    assert!(file.text().contains("bob") && !file.text().contains("ada"), "{file:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_list_is_narrowed_by_kind_outcome_and_day(pool: PgPool) {
    let app = App::new(pool);
    let ada = came_and_went(&app).await;
    let cookie = app.sign_in(&ada).await;
    for (query, found) in [
        ("group=means", vec!["enrolled"]),
        ("outcome=failure", vec!["sign_in_failed"]),
        ("action=signed_out", vec!["signed_out"]),
        ("from=2026-11-21", vec!["signed_in", "signed_out", "signed_in"]),
        ("to=2026-11-20&group=sign_in&outcome=", vec!["sign_in_failed"]),
        ("from=2026-11-22", vec![]),
    ] {
        let list = app.get(&format!("/api/v1/audit?{query}")).cookie(&cookie).await.gives(200);
        assert_eq!(actions(&list), found, "{query}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_walk_by_cursor_meets_each_entry_once(pool: PgPool) {
    let app = App::new(pool);
    let (ada, cookie) = came_in(&app, "ada").await;
    for number in 0..6 {
        note(&app, ada, &number.to_string()).await;
    }
    let (mut query, mut numbers) = ("?limit=3".to_owned(), Vec::new());
    loop {
        let list = get(&app, &cookie, &query).await;
        numbers.extend(
            list["entries"].as_array().unwrap().iter().map(|entry| entry["sequence"].as_i64().unwrap()),
        );
        let Some(cursor) = list["next_cursor"].as_str() else { break };
        query = format!("?limit=3&cursor={cursor}");
    }
    assert_eq!(numbers, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_parameter_is_named_with_what_it_takes(pool: PgPool) {
    let app = App::new(pool);
    let (_, cookie) = came_in(&app, "ada").await;
    for (query, name) in WRONG_PARAMETERS {
        let problem = app.get(&format!("/api/v1/audit?{query}")).cookie(&cookie).await;
        assert_eq!(problem.refuses(400, "invalid-parameter")["name"], name, "{query}");
    }
    let problem = app.get("/api/v1/audit?outcome=maybe").cookie(&cookie).await.gives(400);
    assert_eq!(problem["expected"], "one of success, failure");
    app.get("/api/v1/audit.csv?from=x").cookie(&cookie).await.refuses(400, "invalid-parameter");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_file_has_everything_however_long_it_is(pool: PgPool) {
    let app = App::new(pool);
    let (ada, cookie) = came_in(&app, "ada").await;
    for number in 0..450 {
        note(&app, ada, &format!("token {number}")).await;
    }
    let file = app.get("/api/v1/audit.csv").cookie(&cookie).await;
    assert_eq!(file.status, 200);
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"reflect-activity-2026-11-20.csv\""
    );
    assert_eq!(file.header("cache-control"), "no-store");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    let lines: Vec<&str> = file.text().strip_prefix('\u{feff}').unwrap().split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 3 + 450);
    assert_eq!(
        lines[0],
        "number,time,user,actor,administrator,action,outcome,by,used_before,address,device,name,before,after,count,token"
    );
    assert_eq!(
        lines[1],
        "453,2026-11-20T12:00:00Z,ada,command_line,,token_created,success,,,,,token 449,,,,"
    );
    let narrowed = app.get("/api/v1/audit.csv?outcome=failure").cookie(&cookie).await;
    assert_eq!(narrowed.text().lines().count(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_name_in_the_file_is_neither_formula_nor_row(pool: PgPool) {
    let app = App::new(pool);
    let (ada, cookie) = came_in(&app, "ada").await;
    note(&app, ada, "=HYPERLINK(\"http://evil.example\",\"x\")\r\nfake,row").await;
    let file = app.get("/api/v1/audit.csv").cookie(&cookie).await;
    let cell = "\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"x\"\")\r\nfake,row\"";
    assert!(file.text().contains(cell), "{file:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_page_has_the_first_entries_in_it(pool: PgPool) {
    let app = App::new(pool);
    let ada = came_and_went(&app).await;
    let cookie = app.sign_in(&ada).await;
    let page = app.get("/settings/activity").cookie(&cookie).await;
    let text = page.page(200);
    assert!(text.contains("Sign-in with a wrong code") && text.contains("Authenticator set up"), "{text}");
    let page = app.get("/settings/activity?outcome=failure").cookie(&cookie).await;
    let text = page.page(200);
    assert!(text.contains("Sign-in with a wrong code") && !text.contains("Authenticator set up"), "{text}");
    assert!(text.contains("/api/v1/audit.csv?outcome=failure"), "{text}");
    let page = app.get("/settings/activity?from=never").cookie(&cookie).await;
    assert!(page.page(400).contains("a day such as 2026-11-20"));
    let chinese = app.get("/settings/activity").cookie(&cookie).header("accept-language", "zh").await;
    assert!(chinese.page(200).contains("登录时验证码错误"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_function_of_the_page_answers_its_own_person(pool: PgPool) {
    let app = App::new(pool);
    let ada = came_and_went(&app).await;
    let ask = |filter: Value| app.function("activity", json!({ "filter": filter, "cursor": null }));
    ask(json!({})).await.fails(401, "signed-out");
    let cookie = app.sign_in(&ada).await;
    let page = ask(json!({ "outcome": "failure" })).cookie(&cookie).await.gives(200);
    assert_eq!((page["items"].as_array().unwrap().len(), &page["items"][0]["name"]), (1, &"ada".into()));
    ask(json!({ "group": "all" })).cookie(&cookie).await.fails(400, "invalid-parameter");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn reading_is_not_recorded(pool: PgPool) {
    let app = App::new(pool);
    let (_, cookie) = came_in(&app, "ada").await;
    let before = app.count("audit_log").await;
    for path in ["/api/v1/me", "/api/v1/audit", "/api/v1/audit.csv", "/api/v1/images", "/gallery"] {
        assert_eq!(app.get(path).cookie(&cookie).await.status, 200);
    }
    assert_eq!(app.count("audit_log").await, before);
}
