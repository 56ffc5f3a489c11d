//! People.

use http::Method;
use model::types::Action;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Office, done, refuses_parameter, user, walk};
use crate::support::{path, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn they_are_found_by_name_and_state_page_by_page(pool: PgPool) {
    let office = Office::new(pool).await;
    office.app.enrol("Bobby").await;
    office.app.enrol("carol").await;
    let all = office.list("users").await;
    let bob = &all["users"][1];
    assert_eq!(
        (&bob["id"], &bob["name"], &bob["is_admin"]),
        (&json!(office.bob.user_id), &json!("bob"), &json!(false))
    );
    assert_eq!(bob["usage"], json!({ "used": 0, "quota": 1_u64 << 30, "images": 0 }));
    assert_eq!(walk(&office, "users?", "users", "name").await, ["ada", "bob", "Bobby", "carol"]);
    assert_eq!(walk(&office, "users?q=BOB&", "users", "name").await, ["bob", "Bobby"]);
    assert_eq!(walk(&office, "users?filter=administrators&", "users", "name").await, ["ada"]);
    assert_eq!(walk(&office, "users?filter=&", "users", "name").await.len(), 4);
    done(&office.patch(&user(office.bob.user_id), json!({ "suspended": true })).await);
    assert_eq!(walk(&office, "users?filter=suspended&", "users", "name").await, ["bob"]);
    assert_eq!(office.list("users?q=nobody").await, json!({ "users": [], "next_cursor": null }));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_is_shown_with_what_is_behind_them(pool: PgPool) {
    let office = Office::new(pool).await;
    let ada = office.list(&user(office.ada.user_id)).await;
    let expected = json!({
        "id": office.ada.user_id,
        "name": "ada",
        "email": null,
        "is_admin": true,
        "suspended_at": null,
        "is_going": false,
        "usage": { "used": 0, "quota": 1_u64 << 30, "images": 0 },
        "created_at": "2026-11-20T12:00:00Z",
        "last_sign_in_at": "2026-11-20T12:00:00Z",
        "email_verified": false,
        "is_last_admin": true,
        "authenticators": 1,
        "recovery_codes_left": 10,
        "devices": 0,
        "sessions": 1,
        "tokens": 0,
    });
    assert_eq!(ada, expected);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn space_role_and_suspension_are_changed_together_or_not_at_all(pool: PgPool) {
    let office = Office::new(pool).await;
    let (ada, bob) = (user(office.ada.user_id), user(office.bob.user_id));
    let all = json!({ "quota": 1_048_576, "is_admin": true, "suspended": true });
    done(&office.patch(&bob, all).await);
    let changed = office.list(&bob).await;
    assert_eq!((&changed["usage"]["quota"], &changed["is_admin"]), (&json!(1_048_576), &json!(true)));
    assert_eq!(changed["suspended_at"], "2026-11-20T12:00:00Z");
    let acts = [Action::UserSuspended, Action::RoleChanged, Action::QuotaChanged];
    let acts = acts.map(|action| (action.as_str().to_owned(), json!("bob")));
    assert_eq!(office.last_acts(3).await, acts);

    done(&office.patch(&bob, json!({ "suspended": false, "quota": "2 GiB" })).await);
    let back = office.list(&bob).await;
    assert_eq!((&back["suspended_at"], &back["is_admin"]), (&Value::Null, &json!(true)));
    done(&office.patch(&bob, json!({ "is_admin": false })).await);

    let last = office.patch(&ada, json!({ "quota": 0, "is_admin": false })).await;
    assert!(refuses_parameter(&last, "account").contains("last administrator"));
    assert_eq!(office.list(&ada).await["usage"]["quota"], 1_u64 << 30, "nothing was done");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_last_administrator_stays(pool: PgPool) {
    let office = Office::new(pool).await;
    let ada = user(office.ada.user_id);
    for body in [json!({ "is_admin": false }), json!({ "suspended": true })] {
        refuses_parameter(&office.patch(&ada, body).await, "account");
    }
    refuses_parameter(&office.delete(&format!("{ada}?name=ada")).await, "account");
    assert_eq!(office.list(&ada).await["is_last_admin"], true);
    done(&office.patch(&user(office.bob.user_id), json!({ "is_admin": true })).await);
    done(&office.patch(&ada, json!({ "is_admin": false })).await);
    office.get("overview").await.refuses(403, "forbidden");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_not_taken_is_named_with_what_would_be(pool: PgPool) {
    let office = Office::new(pool).await;
    let bob = user(office.bob.user_id);
    for (query, name, expected) in [
        ("limit=0", "limit", "1 to 200"),
        ("limit=201", "limit", "1 to 200"),
        ("filter=robots", "filter", "administrators or suspended"),
        ("cursor=!", "cursor", "a page"),
        ("q=a&q=b", "query", "at most once"),
    ] {
        let told = refuses_parameter(&office.get(&format!("users?{query}")).await, name);
        assert!(told.contains(expected), "{told}");
    }
    for (quota, expected) in [
        (json!("lots"), "such as 512 KiB"),
        (json!("1025 TiB"), "1024.0 TiB"),
        (json!(-1), "0 B"),
        (json!(1.5), "0 B"),
    ] {
        let told = refuses_parameter(&office.patch(&bob, json!({ "quota": quota })).await, "quota");
        assert!(told.contains(expected), "{told}");
    }
    for body in [
        json!({}),
        json!({ "is_admin": "yes" }),
        json!({ "role": "admin" }),
        json!({ "quota": [] }),
        json!([]),
    ] {
        refuses_parameter(&office.patch(&bob, body).await, "body");
    }
    let large = json!({ "quota": "0".repeat(17 * 1024) });
    refuses_parameter(&office.patch(&bob, large).await, "body");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_reset_is_forced_where_that_is_asked(pool: PgPool) {
    let office = Office::new(pool).await;
    let (ada, bob) = (user(office.ada.user_id), user(office.bob.user_id));
    let reset = async |address: &str| office.call(Method::POST, address).await;
    refuses_parameter(&reset(&format!("{bob}/reset?force=maybe")).await, "force");
    reset(&format!("{bob}/reset?force=false")).await.gives(201);
    assert_eq!(office.list(&bob).await["suspended_at"], Value::Null);
    let made = reset(&format!("{bob}/reset?force=true")).await.gives(201);
    assert!(made["link"].as_str().unwrap().contains("/enrol/") && made["mailed_to"].is_null(), "{made}");
    assert_ne!(office.list(&bob).await["suspended_at"], Value::Null);
    reset(&format!("{bob}/reset")).await.refuses(403, "forbidden");
    refuses_parameter(&reset(&format!("{ada}/reset?force=true")).await, "account");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn whoever_is_not_there_is_not_found(pool: PgPool) {
    let office = Office::new(pool).await;
    for id in ["01890000-0000-7000-8000-000000000000", "bob"] {
        let one = format!("users/{id}");
        office.get(&one).await.refuses(404, "not-found");
        office.patch(&one, json!({ "suspended": true })).await.refuses(404, "not-found");
        office.delete(&format!("{one}?name=bob")).await.refuses(404, "not-found");
        office.call(Method::POST, &format!("{one}/reset")).await.refuses(404, "not-found");
        office.delete(&format!("{one}/sessions")).await.refuses(404, "not-found");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_account_goes_by_its_name_with_its_images(pool: PgPool) {
    let office = Office::new(pool).await;
    let person = office.app.with_token(office.bob.user_id).await;
    let image = office.app.upload(&person, "a.png", &pictures::png(8, 8)).await;
    let bob = user(office.bob.user_id);
    for slip in ["", "?name=bo", "?name="] {
        refuses_parameter(&office.delete(&format!("{bob}{slip}")).await, "name");
    }
    done(&office.delete(&format!("{bob}?name=Bob")).await);
    office.get(&bob).await.refuses(404, "not-found");
    office.delete(&format!("{bob}?name=bob")).await.refuses(404, "not-found");
    assert_eq!(office.app.get(path(&image["links"]["url"])).await.status, 404);
    let told = office.list("audit?action=account_deleted").await;
    assert_eq!(
        (&told["entries"][0]["name"], &told["entries"][0]["actor_name"]),
        (&json!("bob"), &json!("ada"))
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_way_back_is_made_unless_they_are_suspended(pool: PgPool) {
    let office = Office::new(pool).await;
    let bob = user(office.bob.user_id);
    let made = office.call(Method::POST, &format!("{bob}/reset")).await.gives(201);
    assert_eq!(made["mailed_to"], Value::Null);
    let token = made["link"].as_str().unwrap().strip_prefix("http://localhost/enrol/").unwrap();
    let info = office.app.post("/api/v1/auth/reset-totp/verify", &json!({ "token": token })).await.gives(200);
    assert_eq!(info["name"], "bob");
    done(&office.patch(&bob, json!({ "suspended": true })).await);
    office.call(Method::POST, &format!("{bob}/reset")).await.refuses(403, "forbidden");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sessions_end_but_not_the_one_that_asks(pool: PgPool) {
    let office = Office::new(pool).await;
    let member = office.app.sign_in_as("bob", &office.bob).await;
    let ended = office.delete(&format!("{}/sessions", user(office.bob.user_id))).await;
    assert_eq!(ended.gives(200), json!({ "ended": 1 }));
    assert!(!office.app.is_signed_in(&member).await);
    let own = office.delete(&format!("{}/sessions", user(office.ada.user_id))).await;
    assert_eq!(own.gives(200), json!({ "ended": 0 }));
    assert!(office.app.is_signed_in(&office.cookie).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_overview_counts_them(pool: PgPool) {
    let office = Office::new(pool).await;
    done(&office.patch(&user(office.bob.user_id), json!({ "suspended": true })).await);
    let overview = office.list("overview").await;
    assert_eq!(
        (&overview["accounts"], &overview["suspended"], &overview["administrators"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let days = overview["days"].as_array().unwrap();
    let today = json!({ "date": "2026-11-20", "stored": 0, "images": 0, "sign_ins": 1, "failures": 0 });
    assert_eq!((days.len(), days.last()), (30, Some(&today)));
}
