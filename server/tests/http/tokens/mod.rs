//! API tokens: what they open, how often, how they are made and how they end.

mod limits;
mod making;
mod scopes;

use http::Method;
use reflect_core::auth::enrolment::EnrolledNow;
use serde_json::Value;
use sqlx::PgPool;

use crate::support::{Answer, App, Call};

/// An instance with somebody who is signed in with a fresh code.
struct Desk {
    app: App,
    ada: EnrolledNow,
    cookie: String,
}

impl Desk {
    async fn new(pool: PgPool) -> Self {
        let app = App::new(pool);
        let ada = app.enrol("ada").await;
        let cookie = app.sign_in(&ada).await;
        Self { app, ada, cookie }
    }

    fn call(&self, method: Method, address: &str) -> Call<'_> {
        self.app.call(method, &format!("/api/v1/{address}")).same_origin().cookie(&self.cookie)
    }

    async fn make(&self, wanted: Value) -> Answer {
        self.call(Method::POST, "tokens").json(&wanted).await
    }

    /// The key and the token.
    async fn made(&self, wanted: Value) -> (String, String) {
        let made = self.make(wanted).await.gives(201);
        let text = |member: &str| made[member].as_str().unwrap().to_owned();
        (text("id"), text("token"))
    }

    async fn list(&self) -> Vec<Value> {
        let mut list = self.call(Method::GET, "tokens").await.gives(200);
        serde_json::from_value(list["tokens"].take()).unwrap()
    }
}
