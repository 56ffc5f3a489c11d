//! Writing.

use model::types::{Action, AuditDetails, UserId};
use sqlx::{PgConnection, types::Json};
use uuid::Uuid;

use super::{
    By, Event,
    chain::{Content, Head, Link, StoredHead},
    verify::emptied,
};
use crate::{
    Core, alert,
    auth::{AuthError, Client},
};

/// Writes `event` into the log, in the transaction of `connection`.
///
/// Raises the alerts that belong to it, so that nothing is recorded without them.
///
/// The log's end stays locked until that transaction ends, and with it everybody else who writes: it is
/// the last thing that a transaction does, which also keeps two from waiting for each other.
///
/// # Errors
/// The database, a primitive, a mail that can't be written. What was to be recorded isn't done then either.
pub async fn record(connection: &mut PgConnection, core: &Core, event: &Event<'_>) -> Result<(), AuthError> {
    let stored: StoredHead = sqlx::query_as("SELECT sequence, hash, key_id, seal FROM audit_head FOR UPDATE")
        .fetch_one(&mut *connection)
        .await?;
    let surroundings = Surroundings::find(connection, event).await?;
    let last = surroundings.last();
    let mut head =
        Head { sequence: stored.sequence, hash: stored.hash.clone().try_into().unwrap_or_default() };
    let damage = match stored.damage(&core.keys, &last)? {
        None if stored.sequence == 0 => {
            emptied(connection, event.user.filter(|_| event.action == Action::AccountCreated)).await?
        }
        damage => damage,
    };
    if let Some(damage) = damage {
        // Going on in silence would put a good seal on a bad end.
        tracing::error!(%damage, "the audit log was changed in the database: see `reflect verify`");
        if last.sequence > head.sequence {
            head = last;
        }
        let notice = Event::new(By::SYSTEM, None, Action::LogDamaged);
        let content = content(core, &notice, &Surroundings::default(), head.sequence + 1)?;
        head = append(connection, core, content.clone(), &head).await?;
        alert::raise(connection, core, &notice, content.into()).await?;
    }
    let content = content(core, event, &surroundings, head.sequence + 1)?;
    append(connection, core, content.clone(), &head).await?;
    alert::raise(connection, core, event, content.into()).await
}

/// The last entry, and names as they are now.
#[derive(Default, sqlx::FromRow)]
struct Surroundings {
    sequence: Option<i64>,
    hash: Option<Vec<u8>>,
    user_name: Option<String>,
    actor_name: Option<String>,
    device: Option<String>,
}

impl Surroundings {
    /// In a statement of its own: one that waited for the lock would see the log as it was before.
    async fn find(connection: &mut PgConnection, event: &Event<'_>) -> Result<Self, AuthError> {
        let found = sqlx::query_as(
            "SELECT last.sequence, last.hash, \
             (SELECT name FROM users WHERE id = $1) AS user_name, \
             (SELECT name FROM users WHERE id = $2) AS actor_name, \
             (SELECT name FROM trusted_devices WHERE id = $3) AS device \
             FROM (SELECT 1) AS always \
             LEFT JOIN (SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1) AS last ON true",
        )
        .bind(event.user.map(|user| user.0))
        .bind(event.by.administrator.map(|user| user.0))
        .bind(event.by.device.map(|device| device.0))
        .fetch_one(connection)
        .await?;
        Ok(found)
    }

    fn last(&self) -> Head {
        let hash = self.hash.as_ref().and_then(|hash| hash.as_slice().try_into().ok());
        Head { sequence: self.sequence.unwrap_or_default(), hash: hash.unwrap_or_default() }
    }
}

fn content(
    core: &Core,
    event: &Event<'_>,
    surroundings: &Surroundings,
    sequence: i64,
) -> Result<Content, AuthError> {
    let now = core.now();
    let micros = now.microsecond();
    let text = |read: fn(&Client) -> String| event.by.client.map(read).filter(|text| !text.is_empty());
    let id = |user: Option<UserId>| -> Option<Uuid> { user.map(|user| user.0) };
    let token = event.by.token.map(str::to_owned);
    let details = AuditDetails { token, ..event.details.clone() };
    Ok(Content {
        sequence,
        id: core.random.uuid_v7(now)?,
        // What the database doesn't keep can't be part of the hash.
        at: now.replace_microsecond(micros).unwrap_or(now),
        user_id: id(event.user),
        user_name: event.user_name.clone().or_else(|| surroundings.user_name.clone()),
        actor: event.by.actor.as_str().to_owned(),
        actor_id: id(event.by.administrator),
        actor_name: surroundings.actor_name.clone(),
        action: event.action.as_str().to_owned(),
        outcome: event.outcome.as_str().to_owned(),
        address: text(|client| client.address.to_string()),
        agent: text(|client| client.agent.as_str().to_owned()),
        device: surroundings.device.clone(),
        details: serde_json::to_value(details).map_err(|_| AuthError::Crypto("audit details"))?,
    })
}

async fn append(
    connection: &mut PgConnection,
    core: &Core,
    content: Content,
    after: &Head,
) -> Result<Head, AuthError> {
    let link = content.chained(&core.keys, &after.hash)?;
    let head = StoredHead::of(&link, &core.keys)?;
    let Link { content, previous_hash, hash, key_id, seal } = link;
    sqlx::query(
        "WITH head AS (UPDATE audit_head SET sequence = $1, hash = $16, key_id = $20, seal = $19) \
         INSERT INTO audit_log (sequence, id, at, user_id, user_name, actor, actor_id, actor_name, action, outcome, \
         address, agent, device, details, previous_hash, hash, key_id, seal) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
    )
    .bind(content.sequence)
    .bind(content.id)
    .bind(content.at)
    .bind(content.user_id)
    .bind(content.user_name)
    .bind(content.actor)
    .bind(content.actor_id)
    .bind(content.actor_name)
    .bind(content.action)
    .bind(content.outcome)
    .bind(content.address)
    .bind(content.agent)
    .bind(content.device)
    .bind(Json(content.details))
    .bind(previous_hash)
    .bind(&hash)
    .bind(key_id)
    .bind(seal)
    .bind(head.seal)
    .bind(head.key_id)
    .execute(connection)
    .await?;
    Ok(Head { sequence: content.sequence, hash: hash.try_into().unwrap_or_default() })
}
