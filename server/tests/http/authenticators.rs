//! A person's authenticators and recovery codes.

use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App};

fn secret(offer: &Value) -> String {
    offer["secret"]["groups"].as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect()
}

async fn ask(app: &App, cookie: &str, function: &str, arguments: Value) -> Answer {
    app.function(function, arguments).cookie(cookie).await
}

async fn list(app: &App, cookie: &str) -> Vec<Value> {
    let list = ask(app, cookie, "authenticators", json!({})).await.gives(200);
    list.as_array().unwrap().clone()
}

async fn confirm(app: &App, cookie: &str, offer: &Value) -> Answer {
    let arguments = json!({ "ticket": offer["ticket"], "code": app.code(&secret(offer)) });
    ask(app, cookie, "confirm-authenticator", arguments).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_is_added_renamed_rotated_and_removed(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let elsewhere = app.sign_in(&ada).await;
    app.wait(Duration::seconds(30));
    let cookie = app.sign_in(&ada).await;
    let offer = ask(&app, &cookie, "begin-authenticator", json!({ "name": " Work phone " })).await.gives(200);
    assert_eq!(
        (&offer["name"], &offer["account"], &offer["expires_in"]),
        (&json!("Work phone"), &json!("ada"), &json!(600))
    );
    let wrong = json!({ "ticket": offer["ticket"], "code": app.wrong_code(&secret(&offer)) });
    ask(&app, &cookie, "confirm-authenticator", wrong).await.fails(401, "wrong-code");
    assert!(app.is_signed_in(&elsewhere).await);
    let id = confirm(&app, &cookie, &offer).await.gives(200);
    assert!(app.is_signed_in(&cookie).await && !app.is_signed_in(&elsewhere).await);

    let named = |name: &str| json!({ "id": id, "name": name });
    ask(&app, &cookie, "rename-authenticator", named("AUTHENTICATOR")).await.fails(409, "name-taken");
    ask(&app, &cookie, "rename-authenticator", named(" ")).await.fails(400, "invalid-parameter");
    ask(&app, &cookie, "rename-authenticator", named("Pocket")).await.gives(200);
    let offer = ask(&app, &cookie, "rotate-authenticator", json!({ "id": id })).await.gives(200);
    assert_eq!(offer["name"], "Pocket");
    confirm(&app, &cookie, &offer).await.gives(200);
    confirm(&app, &cookie, &offer).await.fails(410, "enrolment-expired");
    ask(&app, &cookie, "rotate-authenticator", json!({ "id": id })).await.fails(404, "not-found");

    let all = list(&app, &cookie).await;
    assert_eq!(all.len(), 2);
    let pocket = all.iter().find(|one| one["name"] == "Pocket").unwrap();
    let first = all.iter().find(|one| one["name"] == "Authenticator").unwrap();
    assert_eq!((&pocket["rotation"], &pocket["last_used_at"]), (&json!("fresh"), &Value::Null));
    ask(&app, &cookie, "remove-authenticator", json!({ "id": first["id"] })).await.gives(200);
    ask(&app, &cookie, "remove-authenticator", json!({ "id": first["id"] })).await.fails(404, "not-found");
    let last = json!({ "id": pocket["id"] });
    ask(&app, &cookie, "remove-authenticator", last).await.fails(409, "authenticator-limit");
    app.wait(Duration::seconds(30));
    let code = app.code(&secret(&offer));
    app.function("sign-in", json!({ "name": "", "code": code })).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_sixth_is_refused_and_a_name_is_taken_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    for name in ["two", "three", "four", "five"] {
        let begun = ask(&app, &cookie, "begin-authenticator", json!({ "name": name })).await;
        confirm(&app, &cookie, &begun.gives(200)).await.gives(200);
        if name == "two" {
            let again = ask(&app, &cookie, "begin-authenticator", json!({ "name": "Two" })).await;
            again.fails(409, "name-taken");
        }
    }
    let sixth = ask(&app, &cookie, "begin-authenticator", json!({ "name": "six" })).await;
    sixth.fails(409, "authenticator-limit");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn anothers_are_not_there(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let bob = app.enrol("bob").await;
    let (mine, theirs) = (app.sign_in_as("ada", &ada).await, app.sign_in_as("bob", &bob).await);
    let id = list(&app, &mine).await[0]["id"].clone();
    for (function, arguments) in [
        ("rename-authenticator", json!({ "id": id, "name": "x" })),
        ("rotate-authenticator", json!({ "id": id })),
        ("remove-authenticator", json!({ "id": id })),
    ] {
        ask(&app, &theirs, function, arguments).await.fails(404, "not-found");
    }
    let offer = ask(&app, &mine, "begin-authenticator", json!({ "name": "x" })).await.gives(200);
    confirm(&app, &theirs, &offer).await.fails(410, "enrolment-expired");
    let codes = ask(&app, &mine, "begin-recovery-codes", json!({})).await.gives(200);
    let stolen = json!({ "ticket": codes["ticket"], "code": codes["codes"][0] });
    ask(&app, &theirs, "confirm-recovery-codes", stolen).await.fails(410, "enrolment-expired");
    assert_eq!((list(&app, &mine).await.len(), list(&app, &theirs).await.len()), (1, 1));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_was_begun_with_a_fresh_code_is_confirmed_without_another(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    // Somebody without their phone, who takes their time.
    let arguments = json!({ "name": "", "code": ada.recovery_codes[0].reveal() });
    let cookie = app.function("sign-in-with-recovery-code", arguments).await.session_cookie().unwrap().0;
    app.wait(Duration::minutes(9));
    let id = list(&app, &cookie).await[0]["id"].clone();
    let offer = ask(&app, &cookie, "rotate-authenticator", json!({ "id": id })).await.gives(200);
    let codes = ask(&app, &cookie, "begin-recovery-codes", json!({})).await.gives(200);
    app.wait(Duration::minutes(9));
    ask(&app, &cookie, "begin-recovery-codes", json!({})).await.fails(403, "fresh-code-needed");
    app.function("confirm-authenticator", json!({ "ticket": offer["ticket"], "code": "000000" }))
        .await
        .fails(401, "signed-out");
    let back = json!({ "ticket": codes["ticket"], "code": codes["codes"][0] });
    app.function("confirm-recovery-codes", back.clone()).await.fails(401, "signed-out");
    ask(&app, &cookie, "confirm-recovery-codes", back).await.gives(200);
    // Last, since it voids whatever else is on offer.
    confirm(&app, &cookie, &offer).await.gives(200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_recovery_code_is_a_fresh_code_for_who_has_lost_their_phone(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let bob = app.enrol("bob").await;
    let cookie = app.sign_in_as("ada", &ada).await;
    app.wait(Duration::minutes(10));
    let with = |code: String| json!({ "code": code });
    for wrong in ["no code".to_owned(), bob.recovery_codes[0].reveal()] {
        let refused = ask(&app, &cookie, "confirm-recovery-code", with(wrong)).await;
        refused.fails(401, "wrong-recovery-code");
    }
    let right = with(ada.recovery_codes[0].reveal());
    app.function("confirm-recovery-code", right.clone()).await.fails(401, "signed-out");
    let answer = ask(&app, &cookie, "confirm-recovery-code", right.clone()).await;
    answer.gives(200);
    let (fresh, _) = answer.session_cookie().unwrap();
    assert!(fresh != cookie && !app.is_signed_in(&cookie).await, "more rights, another id");
    ask(&app, &fresh, "begin-recovery-codes", json!({})).await.gives(200);
    ask(&app, &fresh, "confirm-recovery-code", right).await.fails(401, "wrong-recovery-code");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn recovery_codes_are_told_by_their_ends_and_made_anew(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let arguments = json!({ "name": "", "code": ada.recovery_codes[2].reveal() });
    let cookie = app.function("sign-in-with-recovery-code", arguments).await.session_cookie().unwrap().0;
    let status = async || ask(&app, &cookie, "recovery-codes", json!({})).await.gives(200);
    let before = status().await;
    let codes = before["codes"].as_array().unwrap();
    assert_eq!((codes.len(), codes.iter().filter(|code| !code["used_at"].is_null()).count()), (10, 1));
    assert_eq!(before["created_at"], "2026-11-20T12:00:00Z");
    for code in &ada.recovery_codes {
        assert!(!before.to_string().contains(&code.reveal()));
    }
    let offer = ask(&app, &cookie, "begin-recovery-codes", json!({})).await.gives(200);
    for wrong in ["0000-0000-0000-0000", "no code"] {
        let typed = json!({ "ticket": offer["ticket"], "code": wrong });
        ask(&app, &cookie, "confirm-recovery-codes", typed).await.fails(401, "wrong-recovery-code");
    }
    assert_eq!(status().await, before, "nothing has changed yet");
    let typed = json!({ "ticket": offer["ticket"], "code": offer["codes"][9] });
    ask(&app, &cookie, "confirm-recovery-codes", typed).await.gives(200);
    let after = status().await;
    assert!(after["codes"].as_array().unwrap().iter().all(|code| code["used_at"].is_null()));
    let me = app.function("session", json!({})).cookie(&cookie).await.gives(200);
    assert_eq!(me["me"]["recovery_codes_left"], 10);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn old_secrets_are_told_after_the_days_that_are_set(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.rotation = reflect_core::auth::authenticator::RotationPolicy::after_days(1, 2);
    });
    let ada = app.enrol("ada").await;
    for expected in ["fresh", "due", "overdue"] {
        let cookie = app.sign_in(&ada).await;
        assert_eq!(list(&app, &cookie).await[0]["rotation"], expected);
        app.wait(Duration::DAY);
    }
}
