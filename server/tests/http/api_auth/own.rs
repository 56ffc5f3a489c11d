//! A person's authenticators, recovery codes, devices, sessions and address.

use http::Method;
use reflect_core::mail::Queued;
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use super::{confirm, post, posting, secret};
use crate::support::{Answer, App, path, pictures};

async fn call(app: &App, cookie: &str, method: Method, path: &str, body: Value) -> Answer {
    app.call(method, path).same_origin().cookie(cookie).json(&body).await
}

async fn list(app: &App, cookie: &str, what: &str) -> Vec<Value> {
    let mut answer = app.get(&format!("/api/v1/{what}")).cookie(cookie).await.gives(200);
    serde_json::from_value(answer[what].take()).unwrap()
}

async fn options(app: &App, cookie: &str, body: Value) -> Answer {
    post(app, cookie, "/api/v1/auth/totp/registration-options", body).await
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn authenticators_are_added_renamed_renewed_and_removed(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let step = options(&app, &cookie, json!({ "name": " Work phone " })).await.gives(200);
    assert_eq!((&step["name"], &step["account"]), (&json!("Work phone"), &json!("ada")));
    let wrong = json!({ "ticket": step["ticket"], "code": app.wrong_code(&secret(&step)) });
    post(&app, &cookie, "/api/v1/auth/totp/registration-verify", wrong).await.refuses(401, "wrong-code");
    confirm(&app, "", &step).await.refuses(410, "enrolment-expired");
    let done = confirm(&app, &cookie, &step).await.gives(200);
    assert_eq!(done["status"], "done");

    let at = |id: &Value| format!("/api/v1/authenticators/{}", id.as_str().unwrap());
    let (patch, delete) = (Method::PATCH, Method::DELETE);
    let rename = async |name: &str| {
        call(&app, &cookie, patch.clone(), &at(&done["id"]), json!({ "name": name })).await
    };
    rename("authenticator").await.refuses(409, "name-taken");
    rename(" ").await.refuses(400, "invalid-parameter");
    assert_eq!(rename("Pocket").await.status, 204);

    let step = options(&app, &cookie, json!({ "replaces": done["id"] })).await.gives(200);
    let renewed = confirm(&app, &cookie, &step).await.gives(200);
    options(&app, &cookie, json!({ "replaces": done["id"] })).await.refuses(404, "not-found");
    let all = list(&app, &cookie, "authenticators").await;
    let first = all.iter().find(|one| one["name"] == "Authenticator").unwrap();
    assert!(all.len() == 2 && all.iter().any(|one| one["name"] == "Pocket"), "{all:?}");

    let disable =
        async |id: &Value| post(&app, &cookie, "/api/v1/auth/totp/disable", json!({ "id": id })).await;
    assert_eq!(disable(&first["id"]).await.status, 204);
    disable(&first["id"]).await.refuses(404, "not-found");
    disable(&renewed["id"]).await.refuses(409, "authenticator-limit");
    let last = call(&app, &cookie, delete.clone(), &at(&renewed["id"]), json!({})).await;
    last.refuses(409, "authenticator-limit");
    let step = options(&app, &cookie, json!({ "name": "third" })).await.gives(200);
    let third = confirm(&app, &cookie, &step).await.gives(200);
    assert_eq!(call(&app, &cookie, delete, &at(&third["id"]), json!({})).await.status, 204);
    assert_eq!(list(&app, &cookie, "authenticators").await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn anothers_are_not_there(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.enrol("ada").await, app.enrol("bob").await);
    let (mine, theirs) = (app.sign_in_as("ada", &ada).await, app.sign_in_as("bob", &bob).await);
    post(&app, &mine, "/api/v1/devices", json!({})).await.gives(201);
    for what in ["authenticators", "devices", "sessions"] {
        let id = list(&app, &mine, what).await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/{what}/{id}");
        call(&app, &theirs, Method::DELETE, &path, json!({})).await.refuses(404, "not-found");
        if what != "sessions" {
            let renamed = call(&app, &theirs, Method::PATCH, &path, json!({ "name": "x" })).await;
            renamed.refuses(404, "not-found");
        }
        assert_eq!(list(&app, &mine, what).await.len(), 1);
    }
    let step = options(&app, &mine, json!({ "name": "x" })).await.gives(200);
    confirm(&app, &theirs, &step).await.refuses(410, "enrolment-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn recovery_codes_are_told_by_their_ends_and_made_anew(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let codes = async || app.get("/api/v1/auth/totp/recovery-codes").cookie(&cookie).await.gives(200);
    let before = codes().await;
    assert_eq!(before["codes"].as_array().unwrap().len(), 10);
    for code in &ada.recovery_codes {
        assert!(!before.to_string().contains(&code.reveal()));
    }
    let regenerate =
        async |body: Value| post(&app, &cookie, "/api/v1/auth/totp/recovery-codes/regenerate", body).await;
    let offer = regenerate(json!({})).await.gives(200);
    assert_eq!(offer["status"], "need_recovery_code");
    let typed = |code: &Value| json!({ "ticket": offer["ticket"], "recovery_code": code });
    regenerate(typed(&json!("0000-0000-0000-0000"))).await.refuses(401, "wrong-recovery-code");
    assert_eq!(codes().await, before, "nothing has changed yet");
    assert_eq!(regenerate(typed(&offer["codes"][0])).await.gives(200), json!({ "status": "done" }));
    assert_ne!(codes().await["codes"], before["codes"]);
    regenerate(typed(&offer["codes"][0])).await.refuses(410, "enrolment-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_device_is_trusted_named_and_revoked(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let trusted = post(&app, &cookie, "/api/v1/devices", json!({})).await;
    let id = trusted.gives(201)["id"].clone();
    let (device, attributes) = trusted.device_cookie().unwrap();
    assert_eq!(attributes, ["HttpOnly", "Max-Age=7776000", "Path=/", "SameSite=Strict"]);
    let one = format!("/api/v1/devices/{}", id.as_str().unwrap());
    call(&app, &cookie, Method::PATCH, &one, json!({ "name": "" })).await.refuses(400, "invalid-parameter");
    assert_eq!(call(&app, &cookie, Method::PATCH, &one, json!({ "name": "Desk" })).await.status, 204);
    let listed = list(&app, &cookie, "devices").await;
    assert_eq!((&listed[0]["name"], &listed[0]["current"]), (&json!("Desk"), &json!(true)));

    let resumed = post(&app, &device, "/api/v1/auth/sign-in", json!({})).await;
    assert_eq!(resumed.gives(200)["session"]["me"]["name"], "ada");
    let (next, _) = resumed.device_cookie().unwrap();
    assert!(next != device && app.is_signed_in(&resumed.session_cookie().unwrap().0).await);

    let revoked = call(&app, &cookie, Method::DELETE, &one, json!({})).await;
    assert_eq!((revoked.status.as_u16(), &*revoked.device_cookie().unwrap().0), (204, "reflect-device="));
    call(&app, &cookie, Method::DELETE, &one, json!({})).await.refuses(404, "not-found");
    let refused = post(&app, &next, "/api/v1/auth/sign-in", json!({})).await;
    assert_eq!(refused.gives(200), json!({ "status": "need_code" }));
    assert!(refused.session_cookie().is_none());

    post(&app, &cookie, "/api/v1/devices", json!({})).await.gives(201);
    assert_eq!(call(&app, &cookie, Method::DELETE, "/api/v1/devices", json!({})).await.status, 204);
    assert!(list(&app, &cookie, "devices").await.is_empty());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn sessions_are_listed_and_ended(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let mut cookies = Vec::new();
    for _ in 0..3 {
        cookies.push(app.sign_in(&ada).await);
        app.wait(Duration::seconds(30));
    }
    let [one, two, three] = cookies.try_into().unwrap();
    let listed = list(&app, &one, "sessions").await;
    assert_eq!((listed.len(), listed.iter().filter(|entry| entry["current"] == true).count()), (3, 1));
    let other = listed.iter().find(|entry| entry["current"] == false).unwrap();
    let newest = format!("/api/v1/sessions/{}", other["id"].as_str().unwrap());
    assert_eq!(call(&app, &one, Method::DELETE, &newest, json!({})).await.status, 204);
    call(&app, &one, Method::DELETE, &newest, json!({})).await.refuses(404, "not-found");
    assert!(!app.is_signed_in(&three).await && app.is_signed_in(&two).await);
    let ended = call(&app, &one, Method::DELETE, "/api/v1/sessions", json!({})).await;
    assert_eq!(ended.gives(200), json!({ "ended": 1 }));
    assert!(!app.is_signed_in(&two).await && app.is_signed_in(&one).await);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_address_is_taken_once_its_code_comes_back(pool: PgPool) {
    let app = posting(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let send = async |body: Value| post(&app, &cookie, "/api/v1/auth/email-code", body).await;
    send(json!({ "email": "nowhere" })).await.refuses(400, "email-invalid");
    let asked = send(json!({ "email": "ada@mail.example" })).await.gives(200);
    assert_eq!(asked["status"], "need_email_code");
    send(json!({ "email": "ada@mail.example" })).await.refuses(429, "too-many-attempts");
    let code = Queued::all(app.core()).await.pop().unwrap().code();
    let back = json!({ "ticket": asked["ticket"], "code": code });
    assert_eq!(send(back.clone()).await.gives(200), json!({ "status": "done" }));
    assert_eq!(app.get("/api/v1/me").cookie(&cookie).await.gives(200)["email"], "ada@mail.example");
    send(back).await.refuses(410, "sign-in-expired");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_account_goes_by_its_name_with_all_that_is_its_own(pool: PgPool) {
    let app = App::new(pool);
    let (admin, ada) = (app.enrol_admin("root").await, app.enrol("ada").await);
    let cookie = app.sign_in_as("ada", &ada).await;
    let image = app.upload(&app.with_token(ada.user_id).await, "a.png", &pictures::png(8, 8)).await;
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200, "and is in memory from now on");
    let remove = async |cookie: &str, query: &str| {
        app.call(Method::DELETE, &format!("/api/v1/me{query}")).same_origin().cookie(cookie).await
    };
    for slip in ["", "?name=root", "?name="] {
        assert_eq!(remove(&cookie, slip).await.refuses(400, "invalid-parameter")["name"], "name");
    }
    let gone = remove(&cookie, "?name=Ada").await;
    assert_eq!(gone.status, 204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"), "{gone:?}");
    assert!(!app.is_signed_in(&cookie).await);
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 404);
    assert_eq!(app.count("users WHERE name = 'ada'").await, 0);
    app.get("/api/v1/me").cookie(&cookie).await.refuses(401, "signed-out");

    let last = app.sign_in_as("root", &admin).await;
    assert_eq!(remove(&last, "?name=root").await.refuses(400, "invalid-parameter")["name"], "account");
    assert!(app.is_signed_in(&last).await);
}
