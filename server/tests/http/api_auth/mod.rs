//! `/api/v1/auth/…` and what it guards: the JSON API's door to signing in.

mod account;
mod doors;
mod own;
mod reset;
mod sign_in;
mod status;

use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::{Value, json};

use crate::support::{Answer, App};

/// With a mail server that takes what nobody sends.
fn posting(pool: sqlx::PgPool) -> App {
    App::with(pool, |setup| {
        setup.settings.mail = Some("reflect <no-reply@pictures.example>".parse().unwrap());
    })
}

async fn post(app: &App, cookie: &str, path: &str, body: Value) -> Answer {
    app.post(path, &body).cookie(cookie).await
}

/// The secret of a step that offers one.
fn secret(step: &Value) -> String {
    assert_eq!(step["status"], "need_code", "{step}");
    step["secret"]["groups"].as_array().unwrap().iter().map(|group| group.as_str().unwrap()).collect()
}

/// The first code of what a step offers.
async fn confirm(app: &App, cookie: &str, step: &Value) -> Answer {
    let body = json!({ "ticket": step["ticket"], "code": app.code(&secret(step)) });
    post(app, cookie, "/api/v1/auth/totp/registration-verify", body).await
}

/// Goes from a step that offers a secret to the account.
async fn finish(app: &App, step: &Value) -> Answer {
    let codes = confirm(app, "", step).await.gives(200);
    assert_eq!(codes["status"], "need_recovery_code");
    assert_eq!(codes["codes"].as_array().unwrap().len(), 10);
    let body = json!({ "ticket": codes["ticket"], "recovery_code": codes["codes"][3] });
    post(app, "", "/api/v1/auth/totp/registration-verify", body).await
}

/// Somebody signed in whose code isn't fresh any more.
async fn stale(app: &App) -> (EnrolledNow, String) {
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    app.wait(time::Duration::minutes(10));
    (ada, cookie)
}
