//! Signing in with an OpenID Connect provider.

mod answers;
mod keys;
mod linking;
mod signing_in;

use http::header;
use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::json;
use sqlx::PgPool;

use crate::support::{Answer, App, Home};

/// An instance with a provider.
async fn instance(pool: PgPool) -> (App, Home) {
    let home = Home::start().await;
    let app = App::with(pool, |setup| setup.provider = Some(home.provider()));
    (app, home)
}

/// A cookie that an answer sets: `name=value`, as a request carries it, and its attributes.
#[track_caller]
fn way_cookie(answer: &Answer) -> (String, Vec<String>) {
    let set = answer.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap());
    let set = set.into_iter().find(|text| text.contains("reflect-provider=")).unwrap_or_default();
    let mut parts = set.split("; ").map(str::to_owned);
    (parts.next().unwrap_or_default(), parts.collect())
}

/// The address that an answer sends one on to.
#[track_caller]
fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.header("location").to_owned()
}

/// Somebody on their way back.
struct Way {
    cookie: String,
    query: Vec<(&'static str, String)>,
}

impl Way {
    /// From the sign-in page to the provider.
    async fn to_sign_in(app: &App, home: &Home, subject: &str) -> Self {
        let answer = app.get("/auth/oidc/start").await;
        let (cookie, _) = way_cookie(&answer);
        Self { cookie, query: home.agree(app, &location(&answer), subject) }
    }

    /// From the settings to the provider, of whoever has the session.
    async fn to_link(app: &App, home: &Home, session: &str, subject: &str) -> Self {
        let answer = app.function("link-identity", json!({})).cookie(session).await;
        let address = answer.gives(200).as_str().unwrap().to_owned();
        let (cookie, _) = way_cookie(&answer);
        Self { cookie, query: home.agree(app, &address, subject) }
    }

    /// With another value in the address, or none where it is empty.
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.query.retain(|(there, _)| *there != name);
        if !value.is_empty() {
            self.query.push((name, value.to_owned()));
        }
        self
    }

    /// Comes back, as a browser does that another site has sent: the strict cookie stays at home.
    async fn back(&self, app: &App) -> Answer {
        let text = |value: &str| {
            value
                .replace('%', "%25")
                .replace(' ', "%20")
                .replace('&', "%26")
                .replace('<', "%3C")
                .replace('>', "%3E")
        };
        let query: Vec<_> =
            self.query.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
        let call = app.get(&format!("/auth/oidc/callback?{}", query.join("&")));
        call.cookie(&self.cookie).header("sec-fetch-site", "cross-site").await
    }
}

/// Ada, who has linked an identity; the session in which she did.
async fn linked(app: &App, home: &Home, subject: &str) -> (EnrolledNow, String) {
    let ada = app.enrol("ada").await;
    let session = app.sign_in(&ada).await;
    let answer = Way::to_link(app, home, &session, subject).await.back(app).await;
    assert_eq!(location(&answer), "/settings/linked-account?provider=linked");
    (ada, session)
}

/// The way back ends like this, and nobody is signed in by it.
#[track_caller]
fn refused(answer: &Answer, outcome: &str) {
    assert_eq!(location(answer), format!("/sign-in?provider={outcome}"));
    assert_eq!(answer.session_cookie(), None);
}
