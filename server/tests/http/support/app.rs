//! An instance.

use std::{
    borrow::Cow,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use clap::Parser;
use http::{Method, Request};
use model::types::{InviteTerms, Language, Scope, Scopes, UserId, Within};
use reflect_core::{
    Clock as _, Core, ManualClock, Settings,
    audit::By,
    auth::{
        Stretching,
        enrolment::{self, EnrolledNow},
    },
    fetch::{Patience, Resolver},
    images::{library, store},
    oidc::Provider,
    testing,
};
use reflect_server::{AppState, Front, Site, config::ServeConfig, listen};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::{Duration, macros::datetime};
use tokio::net::TcpListener;

use super::{Answer, Form, call::Call};

/// Where the instance is reached, unless a test says otherwise.
pub const SITE: &str = "http://localhost";

/// Where requests come from.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 50_000);

/// What a test may change before the server starts.
pub struct Setup {
    pub settings: Settings,
    pub serve: ServeConfig,
    pub provider: Option<Provider>,
    pub stretching: Stretching,
    pub resolver: Option<Box<dyn Resolver>>,
    pub patience: Option<Patience>,
}

/// Somebody with an API token and a gibibyte of space.
pub struct Person {
    pub id: UserId,
    pub token: String,
}

/// The server over a test's own database, and the clock by which it goes.
pub struct App {
    pub front: Front,
    pub state: AppState,
    pub clock: Arc<ManualClock>,
}

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    serve: ServeConfig,
}

impl App {
    pub fn new(pool: PgPool) -> Self {
        Self::with(pool, |_| {})
    }

    /// With settings that `change` changes.
    pub fn with(pool: PgPool, change: impl FnOnce(&mut Setup)) -> Self {
        let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
        let mut core = testing::core_at(pool, Arc::clone(&clock));
        let serve = Defaults::parse_from(["reflect"]).serve;
        let (settings, stretching) = (Settings::clone(&core.settings), core.stretching);
        let mut setup = Setup { settings, serve, provider: None, stretching, resolver: None, patience: None };
        change(&mut setup);
        (core.settings, core.stretching) = (Arc::new(setup.settings), setup.stretching);
        let mut state = AppState::new(core, site(), &setup.serve);
        if let Some(resolver) = setup.resolver {
            state.fetcher = state.fetcher.resolving(resolver);
        }
        if let Some(patience) = setup.patience {
            state.fetcher = state.fetcher.patient(patience);
        }
        if let Some(provider) = setup.provider {
            state = state.with_provider(provider);
        }
        Self { front: Front::new(state.clone()), state, clock }
    }

    pub fn core(&self) -> &Core {
        self.state.core()
    }

    pub fn pool(&self) -> &PgPool {
        &self.core().pool
    }

    pub async fn respond(&self, request: Request<Body>) -> Response {
        self.front.clone().answer(request, PEER).await.map(Body::new)
    }

    /// Serves it on a port of this machine, for as long as the runtime lives.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(listen::serve(listener, self.front.clone(), std::future::pending()));
        address
    }

    pub fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(self, method, path)
    }

    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub fn head(&self, path: &str) -> Call<'_> {
        self.call(Method::HEAD, path)
    }

    /// A call of the API, as our own pages make it.
    pub fn post(&self, path: &str, body: &Value) -> Call<'_> {
        self.call(Method::POST, path).same_origin().json(body)
    }

    /// A server function, called by one of our pages.
    pub fn function(&self, name: &str, arguments: Value) -> Call<'_> {
        self.post(&format!("/api/app/{name}"), &arguments)
    }

    /// Somebody who can't sign in, but has a token.
    pub async fn person(&self, name: &str) -> Person {
        self.person_with(name, 1 << 30).await
    }

    pub async fn person_with(&self, name: &str, quota: i64) -> Person {
        self.with_token(testing::user(self.pool(), name, quota).await).await
    }

    /// Somebody there is, with a token.
    pub async fn with_token(&self, id: UserId) -> Person {
        Person { id, token: self.token(id, Scopes::IMAGES.iter()).await }
    }

    /// A token of somebody that opens these scopes.
    pub async fn token(&self, id: UserId, scopes: impl IntoIterator<Item = Scope>) -> String {
        testing::token(self.core(), id, &testing::terms("test", scopes)).await.token
    }

    /// Somebody with an authenticator app.
    pub async fn enrol(&self, name: &str) -> EnrolledNow {
        enrolment::enrol_now(self.core(), name.parse().unwrap(), None, false).await.unwrap()
    }

    /// The same, who administers.
    pub async fn enrol_admin(&self, name: &str) -> EnrolledNow {
        enrolment::enrol_now(self.core(), name.parse().unwrap(), None, true).await.unwrap()
    }

    /// What an app with this secret shows now.
    pub fn code(&self, secret: &str) -> String {
        let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
        totp.generate(self.clock.now().unix_timestamp().try_into().unwrap()).to_string()
    }

    /// Six digits that no app with this secret shows around now.
    pub fn wrong_code(&self, secret: &str) -> String {
        let right: u32 = self.code(secret).parse().unwrap();
        format!("{:06}", (right + 500_000) % 1_000_000)
    }

    /// A link to a new account.
    pub async fn invite(&self) -> String {
        let terms = InviteTerms { note: None, quota: None, days: Within::nearest(7), mail_to: None };
        enrolment::invite(self.core(), By::COMMAND_LINE, &terms, Language::English).await.unwrap().1
    }

    /// Signs in with the only account there is; the cookie.
    pub async fn sign_in(&self, account: &EnrolledNow) -> String {
        self.sign_in_as("", account).await
    }

    pub async fn sign_in_as(&self, name: &str, account: &EnrolledNow) -> String {
        let code = self.code(&account.secret);
        let answer = self.function("sign-in", json!({ "name": name, "code": code })).await;
        answer.gives(200);
        answer.session_cookie().unwrap().0
    }

    /// Whether the session of this cookie is somebody's.
    pub async fn is_signed_in(&self, cookie: &str) -> bool {
        self.get("/api/v1/me").cookie(cookie).await.status == 200
    }

    pub fn wait(&self, duration: Duration) {
        self.clock.advance(duration);
    }

    pub fn upload_form(&self, person: &Person, form: Form) -> Call<'_> {
        self.call(Method::POST, "/api/v1/images").token(&person.token).form(form)
    }

    /// Stores one file; the image as the API answers it.
    pub async fn upload(&self, person: &Person, name: &str, bytes: &[u8]) -> Value {
        let answer: Answer = self.upload_form(person, Form::new().file(name, bytes)).await;
        answer.gives(201)["images"][0].take()
    }

    /// The person's images, as the API lists them.
    pub async fn images(&self, person: &Person) -> Vec<Value> {
        let mut list = self.get("/api/v1/images").token(&person.token).await.gives(200);
        serde_json::from_value(list["images"].take()).unwrap()
    }

    /// The bytes that are kept of an image.
    pub async fn stored(&self, image: &Value) -> Bytes {
        let slug = image["slug"].as_str().unwrap().parse().unwrap();
        let found = library::by_slug(self.core(), &slug).await.unwrap().unwrap();
        store::read(self.pool(), &found.hash).await.unwrap().unwrap()
    }

    /// Rows of a table.
    pub async fn count(&self, table: &'static str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        sqlx::query_scalar(sql).fetch_one(self.pool()).await.unwrap()
    }
}

/// A small build of the site.
fn site() -> Site {
    const MANIFEST: &str = r#"{"js":"pkg/app.1.js","wasm":"pkg/app.2.wasm","css":"pkg/app.3.css",
        "files":{"preview-worker.js":"pkg/worker.4.js","work-worker.js":"pkg/work.5.js"}}"#;
    let files = [
        ("assets.json", MANIFEST),
        ("pkg/app.1.js", "the script"),
        ("pkg/app.1.js.br", "the script in Brotli"),
        ("pkg/app.1.js.gz", "the script in gzip"),
        ("pkg/app.2.wasm", "the module"),
        ("pkg/app.3.css", "the style"),
        ("pkg/worker.4.js", "the worker"),
        ("pkg/work.5.js", "the other worker"),
        ("robots.txt", "User-agent: *\nDisallow:\n"),
    ];
    Site::new(files.map(|(path, text)| (path.to_owned(), Cow::Borrowed(text.as_bytes())))).unwrap()
}
