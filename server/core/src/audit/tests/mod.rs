//! The log: as a chain of values, and in a real database.

mod chains;
mod damage;
mod entries;
mod events;

use std::net::{IpAddr, Ipv4Addr};

use model::types::{Action, AuditDetails, AuditEntry, AuditFilter, UserId};
use sqlx::PgPool;

use super::{By, Event, Scope, list, record};
use crate::{Core, auth::Client, testing};

const HOME: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

/// Records one event in a transaction of its own.
async fn note(core: &Core, event: Event<'_>) {
    let mut transaction = core.pool.begin().await.unwrap();
    record(&mut transaction, core, &event).await.unwrap();
    transaction.commit().await.unwrap();
}

/// `count` tokens named by their number, from 1.
async fn fill(core: &Core, user: UserId, count: i64) {
    for number in 1..=count {
        let event = Event::new(By::COMMAND_LINE, Some(user), Action::TokenCreated);
        note(core, event.with(AuditDetails::named(number.to_string()))).await;
    }
}

/// Everything, the oldest first.
async fn all(core: &Core) -> Vec<AuditEntry> {
    let mut entries = list(core, Scope::All, &AuditFilter::default(), 200, None).await.unwrap().items;
    entries.reverse();
    entries
}

fn client() -> Client {
    HOME.into()
}

async fn ada(pool: PgPool) -> (Core, UserId) {
    let user = testing::user(&pool, "ada", 1000).await;
    (testing::core(pool), user)
}
