//! What administrators decide for all.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Office, done, refuses_parameter};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn several_are_decided_at_once_and_taken_back_one_by_one(pool: PgPool) {
    let office = Office::new(pool).await;
    let before = office.list("settings").await;
    assert_eq!((&before["now"], &before["decided"]), (&before["at_start"], &json!([])));
    let wanted = json!({
        "sign_up": "open",
        "email_required": true,
        "quota": "2 GiB",
        "challenge": "slider",
        "session_hours": 8,
        "session_idle_minutes": "90",
        "max_upload": 1024,
    });
    done(&office.patch("settings", wanted).await);
    let now = office.list("settings").await;
    let expected = json!({
        "sign_up": "open",
        "email_required": true,
        "quota": 2_u64 << 30,
        "challenge": "slider",
        "session_hours": 8,
        "session_idle_minutes": 90,
        "max_upload": 1024,
    });
    assert_eq!((&now["now"], &now["at_start"]), (&expected, &before["at_start"]));
    assert_eq!(now["decided"].as_array().unwrap().len(), 7);
    assert_eq!(office.last_acts(7).await, vec![("setting_changed".to_owned(), Value::Null); 7]);
    // What is told is taken.
    done(&office.patch("settings", now["now"].clone()).await);
    assert_eq!(office.list("settings").await["now"], expected);

    let names: Vec<&str> = expected.as_object().unwrap().keys().map(String::as_str).collect();
    for name in names {
        done(&office.delete(&format!("settings/{name}")).await);
    }
    assert_eq!(office.list("settings").await, before);
    done(&office.delete("settings/sign_up").await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn it_holds_at_once(pool: PgPool) {
    let office = Office::new(pool).await;
    let sign_up = async || office.app.post("/api/v1/auth/sign-up", &json!({})).await;
    sign_up().await.refuses(403, "sign-up-closed");
    done(&office.patch("settings", json!({ "sign_up": "open" })).await);
    assert!(sign_up().await.gives(201)["token"].is_string());
    done(&office.delete("settings/sign_up").await);
    sign_up().await.refuses(403, "sign-up-closed");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_wrong_value_is_named_with_its_limit_and_nothing_changes(pool: PgPool) {
    let office = Office::new(pool).await;
    for (name, value, expected) in [
        ("sign_up", json!("maybe"), "open, invite or closed"),
        ("email_required", json!("on"), "true or false"),
        ("quota", json!("2048 TiB"), "from 0 B to 1024.0 TiB"),
        ("challenge", json!("recaptcha"), "pow, image, slider, off"),
        ("session_hours", json!(25), "from 1 to 24"),
        ("session_hours", json!(1.5), "from 1 to 24"),
        ("session_idle_minutes", json!(4), "from 5 to 1440"),
        ("max_upload", json!(0), "from 1 B to 4.0 GiB"),
    ] {
        let mut body = json!({ "sign_up": "open", "max_upload": "1 MiB" });
        body[name] = value;
        let told = refuses_parameter(&office.patch("settings", body).await, name);
        assert!(told.contains(expected), "{told}");
    }
    for (body, expected) in [
        (json!({}), "at least one"),
        (json!({ "signup": "open" }), "session_idle_minutes"),
        (json!({ "sign_up": null }), "a string, a number, true or false"),
        (json!({ "sign_up": ["open"] }), "a string, a number, true or false"),
    ] {
        let told = refuses_parameter(&office.patch("settings", body).await, "body");
        assert!(told.contains(expected), "{told}");
    }
    office.delete("settings/signup").await.refuses(404, "not-found");
    assert_eq!(office.list("settings").await["decided"], json!([]));
    assert_eq!(office.app.count("audit_log WHERE action = 'setting_changed'").await, 0);
}
