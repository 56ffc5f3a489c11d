//! Administration in a real database.

mod listing;
mod remaining;
mod removing;
mod standing;
mod suspending;

use std::{net::IpAddr, sync::Arc};

use bytes::Bytes;
use model::types::{Action, Quota, Scope, TotpCode, UserId, Username};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

use super::{AdminError, Authority, Change, account, accounts, facts, overview, removal};
use crate::{
    Clock as _, Core, ManualClock,
    audit::By,
    auth::{
        AuthError, Client, enrolment,
        session::{self, Lifetime, SIGNED_IN, SignedIn},
        sign_in, token,
    },
    testing,
};

const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
const LIFETIME: Lifetime = Lifetime { absolute: Duration::DAY, idle: Duration::HOUR };

fn at(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(datetime!(2026-11-20 12:00 UTC)));
    (testing::core_at(pool, Arc::clone(&clock)), clock)
}

fn name(text: &str) -> Username {
    text.parse().unwrap()
}

fn quota(quota: Quota) -> Change {
    Change { quota: Some(quota), ..Change::default() }
}

fn role(is_admin: bool) -> Change {
    Change { is_admin: Some(is_admin), ..Change::default() }
}

fn suspended(suspended: bool) -> Change {
    Change { suspended: Some(suspended), ..Change::default() }
}

async fn enrolled(core: &Core, text: &str, is_admin: bool) -> enrolment::EnrolledNow {
    enrolment::enrol_now(core, name(text), None, is_admin).await.unwrap()
}

/// What an authenticator app with this base32 secret shows.
fn code(secret: &str, clock: &ManualClock) -> TotpCode {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build_noncompliant();
    totp.generate(clock.now().unix_timestamp().try_into().unwrap()).to_string().parse().unwrap()
}

/// Opens a session with this id, as the process does.
async fn open(core: &Core, user: UserId, id: &[u8]) {
    let signed_in = SignedIn::by_code(user, &HOME.into(), None, core.now());
    let data = serde_json::json!({ SIGNED_IN: signed_in });
    assert_eq!(
        session::insert(&core.pool, id, Some(user), &data, LIFETIME, core.now()).await.unwrap(),
        session::Insertion::Stored
    );
}

async fn is_open(core: &Core, id: &[u8]) -> bool {
    session::load(&core.pool, id, LIFETIME, core.now()).await.unwrap().is_some()
}

/// A picture of `side` pixels whose bytes depend on it.
fn picture(side: u32) -> Bytes {
    let mut bytes = Vec::new();
    let pixels = image::RgbImage::from_pixel(side, 8, image::Rgb([1, 2, 3]));
    pixels.write_to(&mut std::io::Cursor::new(&mut bytes), image::ImageFormat::Png).unwrap();
    bytes.into()
}

async fn count(core: &Core, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&core.pool).await.unwrap()
}

/// What the log says was done to this account, the oldest first.
async fn log(core: &Core, user: UserId, action: Action) -> Vec<String> {
    sqlx::query_scalar(
        "SELECT details::text FROM audit_log WHERE user_id = $1 AND action = $2 ORDER BY sequence",
    )
    .bind(user.0)
    .bind(action.as_str())
    .fetch_all(&core.pool)
    .await
    .unwrap()
}
