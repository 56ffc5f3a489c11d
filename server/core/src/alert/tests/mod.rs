//! Who is told what of what happens.

mod bursts;
mod notices;
mod places;
mod reminders;
mod webhook;

use std::{net::IpAddr, sync::Arc};

use model::types::{Language, TotpCode, UserId};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};

use crate::{
    Clock as _, Core, ManualClock,
    audit::{By, Event, record},
    auth::{
        AuthError, Client, UserAgent,
        enrolment::{self, EnrolledNow},
        sign_in::{self, Outcome},
        step_up,
    },
    mail::Queued,
    testing,
};

const START: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
const NEWER_FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 \
                     (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

/// An instance that sends mail, and ada with an address.
struct House {
    core: Core,
    clock: Arc<ManualClock>,
    ada: EnrolledNow,
}

impl House {
    async fn new(pool: PgPool) -> Self {
        let clock = Arc::new(ManualClock::new(START));
        let mut core = testing::core_at(pool, Arc::clone(&clock));
        core.settings = Arc::new(testing::posting());
        let address = Some("ada@mail.example".parse().unwrap());
        let ada = enrolment::enrol_now(&core, "ada".parse().unwrap(), address, false).await.unwrap();
        Self { core, clock, ada }
    }

    fn user(&self) -> UserId {
        self.ada.user_id
    }

    /// An administrator who reads Chinese.
    async fn with_administrator(self) -> Self {
        let address = Some("root@mail.example".parse().unwrap());
        let root = enrolment::enrol_now(&self.core, "root".parse().unwrap(), address, true).await.unwrap();
        self.execute("UPDATE users SET language = 'zh' WHERE id = $1", root.user_id).await;
        self
    }

    async fn execute(&self, sql: &'static str, user: UserId) {
        sqlx::query(sql).bind(user.0).execute(&self.core.pool).await.unwrap();
    }

    /// The present code of ada's authenticator, which nobody has used: a step later each time.
    fn code(&self) -> TotpCode {
        self.clock.advance(Duration::seconds(30));
        let secret = totp_rs::Secret::try_from_base32(&self.ada.secret).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
        totp.generate(self.clock.now().unix_timestamp().try_into().unwrap()).to_string().parse().unwrap()
    }

    fn wrong(&self) -> TotpCode {
        let number: u32 = self.code().digits().parse().unwrap();
        format!("{:06}", (number + 500_000) % 1_000_000).parse().unwrap()
    }

    async fn try_code(&self, client: &Client, name: &str, code: TotpCode) -> Result<Outcome, AuthError> {
        sign_in::with_code(&self.core, client, Some(&name.parse().unwrap()), code).await
    }

    async fn sign_in(&self, client: &Client) {
        let outcome = self.try_code(client, "ada", self.code()).await.unwrap();
        assert_eq!(outcome, Outcome::SignedIn(self.user()));
    }

    async fn note(&self, event: Event<'_>) {
        let mut transaction = self.core.pool.begin().await.unwrap();
        record(&mut transaction, &self.core, &event).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// What was queued, and takes it out.
    async fn mails(&self) -> Vec<Queued> {
        step_up::settled(&self.core).await;
        let mails = Queued::all(&self.core).await;
        sqlx::query("DELETE FROM mail_outbox").execute(&self.core.pool).await.unwrap();
        mails
    }

    /// The same, by kind and address.
    async fn told(&self) -> Vec<(String, String)> {
        self.mails().await.into_iter().map(|mail| (mail.kind, mail.to)).collect()
    }
}

fn client(address: &str, agent: &str) -> Client {
    Client { agent: UserAgent::new(agent), ..address.parse::<IpAddr>().unwrap().into() }
}

fn home() -> Client {
    client("192.0.2.7", FIREFOX)
}

fn to_ada(kind: &str) -> (String, String) {
    (kind.to_owned(), "ada@mail.example".to_owned())
}
