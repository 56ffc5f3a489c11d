//! `/api/v1/admin/…`: the JSON API's door to administration.

mod doors;
mod invites;
mod log;
mod mails;
mod settings;
mod users;

use http::Method;
use model::types::UserId;
use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{Answer, App, Call, Setup};

/// An instance with an administrator, signed in just now, and a member.
struct Office {
    app: App,
    ada: EnrolledNow,
    cookie: String,
    bob: EnrolledNow,
}

impl Office {
    async fn new(pool: PgPool) -> Self {
        Self::with(pool, |_| {}).await
    }

    async fn with(pool: PgPool, change: impl FnOnce(&mut Setup)) -> Self {
        let app = App::with(pool, change);
        let (ada, bob) = (app.enrol_admin("ada").await, app.enrol("bob").await);
        let cookie = app.sign_in_as("ada", &ada).await;
        Self { app, ada, cookie, bob }
    }

    fn call(&self, method: Method, address: &str) -> Call<'_> {
        self.app.call(method, &format!("/api/v1/admin/{address}")).same_origin().cookie(&self.cookie)
    }

    async fn get(&self, address: &str) -> Answer {
        self.call(Method::GET, address).await
    }

    async fn list(&self, address: &str) -> Value {
        self.get(address).await.gives(200)
    }

    async fn post(&self, address: &str, body: Value) -> Answer {
        self.call(Method::POST, address).json(&body).await
    }

    async fn patch(&self, address: &str, body: Value) -> Answer {
        self.call(Method::PATCH, address).json(&body).await
    }

    async fn delete(&self, address: &str) -> Answer {
        self.call(Method::DELETE, address).await
    }

    /// The last entries of the log, the newest first: actions, and before whose name.
    async fn last_acts(&self, number: usize) -> Vec<(String, Value)> {
        let mut list = self.list(&format!("audit?limit={number}")).await;
        let entries: Vec<Value> = serde_json::from_value(list["entries"].take()).unwrap();
        for entry in &entries {
            assert_eq!((&entry["actor"], &entry["actor_name"]), (&"administrator".into(), &"ada".into()));
        }
        entries
            .into_iter()
            .map(|mut entry| (entry["action"].as_str().unwrap().to_owned(), entry["name"].take()))
            .collect()
    }
}

/// The address of somebody.
fn user(id: UserId) -> String {
    format!("users/{id}")
}

/// Asserts that this was done, and that there is nothing to say of it.
#[track_caller]
fn done(answer: &Answer) {
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0), "{answer:?}");
}

/// Asserts that a parameter is refused by its name; what it takes.
#[track_caller]
fn refuses_parameter(answer: &Answer, name: &str) -> String {
    let problem = answer.refuses(400, "invalid-parameter");
    assert_eq!(problem["name"], name, "{problem}");
    problem["expected"].as_str().unwrap().to_owned()
}

/// Walks a list by pages of one; what `field` of each entry of `list` is.
async fn walk(office: &Office, address: &str, list: &str, field: &str) -> Vec<Value> {
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = office.list(&format!("{address}limit=1{cursor}")).await;
        let entries = page[list].as_array().unwrap();
        assert!(entries.len() <= 1, "{page}");
        found.extend(entries.iter().map(|entry| entry[field].clone()));
        let Some(next) = page["next_cursor"].as_str() else { return found };
        cursor = format!("&cursor={next}");
    }
}
