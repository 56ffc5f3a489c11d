//! Trusted devices: sign in again without a code, for 90 days.
//!
//! Series and token as in Jaspan's "Improved Persistent Login Cookie Best Practice": a token is
//! used once and replaced, so that a copied one shows when either holder comes second.

mod own;
mod token;

use model::types::{Action, AuditDetails, DeviceId, KnownVisitor, Proof, SessionHandle, UserId};
use sqlx::PgConnection;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

pub use self::{
    own::{list, rename, revoke, revoke_all},
    token::{DeviceToken, InvalidDeviceToken},
};
use super::{
    AuthError, Client,
    session::{self, Lifetime},
    user,
};
use crate::{
    Core,
    audit::{By, Event, record},
};

/// How long a device is trusted, from the moment that it was.
pub const TRUSTED: Duration = Duration::days(90);
/// How long a replaced token is still taken: tabs come at once, and answers get lost.
const GRACE: Duration = Duration::seconds(30);
/// Devices that one person trusts; the one unused for longest makes room.
const MOST: i64 = 20;

/// A device and whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// The device.
    pub id: DeviceId,
    /// Who trusts it.
    pub user: UserId,
}

/// What a look at a device's token finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised {
    /// It is trusted.
    Trusted(Trusted),
    /// It isn't, or not any more.
    Unknown,
    /// The token was replaced before: somebody has a copy. The trust has ended.
    Reused,
}

impl Recognised {
    /// The device, if it is trusted.
    #[must_use]
    pub const fn trusted(self) -> Option<Trusted> {
        match self {
            Self::Trusted(device) => Some(device),
            Self::Unknown | Self::Reused => None,
        }
    }
}

/// What became of a token that a device brought.
#[derive(Debug)]
pub enum Resumed {
    /// It signs in, and keeps this token from now on until the moment given.
    SignedIn(Trusted, DeviceToken, OffsetDateTime),
    /// It isn't trusted, or not any more.
    Unknown,
    /// It was used before: somebody has a copy. The trust has ended.
    Reused(Trusted),
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    name: String,
    token_hash: Vec<u8>,
    previous_hash: Option<Vec<u8>>,
    rotated_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

impl Row {
    const fn trusted(&self) -> Trusted {
        Trusted { id: DeviceId(self.id), user: UserId(self.user_id) }
    }

    /// Whether `token` was the last but one until a moment ago.
    fn was_just(&self, token: &DeviceToken, now: OffsetDateTime) -> bool {
        self.previous_hash.as_ref().is_some_and(|hash| token.is(hash)) && now < self.rotated_at + GRACE
    }

    fn takes(&self, token: &DeviceToken, now: OffsetDateTime) -> bool {
        token.is(&self.token_hash) || self.was_just(token, now)
    }
}

macro_rules! by_series {
    ($lock:literal) => {
        concat!(
            "SELECT d.id, user_id, d.name, token_hash, previous_hash, rotated_at, expires_at \
             FROM trusted_devices d JOIN users u ON u.id = user_id AND u.suspended_at IS NULL \
             WHERE series_hash = $1 AND expires_at > $2",
            $lock
        )
    };
}

/// The row of the series, whatever the token is worth in it. Locks nothing, so that looking writes nothing.
async fn look(core: &Core, token: &DeviceToken, now: OffsetDateTime) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(by_series!("")).bind(token.series_hash()).bind(now).fetch_optional(&core.pool).await
}

/// The same to be changed.
async fn find(
    connection: &mut PgConnection,
    token: &DeviceToken,
    now: OffsetDateTime,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(by_series!(" FOR UPDATE OF d"))
        .bind(token.series_hash())
        .bind(now)
        .fetch_optional(connection)
        .await
}

/// A device that is trusted no more, because another took its place.
struct Gone {
    device: Trusted,
    name: String,
    /// Whether somebody has a copy of it.
    is_copied: bool,
}

/// Trusts the device that `client` is, in place of what it was trusted as before, for `user` who asks for it
/// in a session. Answers its token and when the trust ends. What makes room goes with what it opened, but
/// for that session; so does a device of which somebody has a copy, and that is told.
///
/// # Errors
/// [`AuthError::SessionEnded`]; the database, randomness.
pub async fn trust(
    core: &Core,
    user: UserId,
    client: &Client,
    asked_in: SessionHandle,
) -> Result<(DeviceId, DeviceToken, OffsetDateTime), AuthError> {
    let (now, lifetime) = (core.now(), Lifetime::of(&*core.policy().await?));
    let (id, token) = (core.random.uuid_v7(now)?, DeviceToken::generate(&core.random)?);
    // The browser may be trusted by somebody else, whose sessions end: two accounts are locked in their order.
    let mut owners = vec![user];
    if let Some(token) = &client.device {
        let before = look(core, token, now).await?;
        owners.extend(before.map(|row| row.trusted().user).filter(|owner| *owner != user));
    }
    owners.sort_unstable();
    let mut transaction = core.pool.begin().await?;
    for owner in owners {
        user::lock(&mut transaction, owner).await?;
    }
    if !session::holds(&mut transaction, user, asked_in, lifetime, now).await? {
        return Err(AuthError::SessionEnded);
    }
    let mut gone = Vec::new();
    if let Some(before) = &client.device
        && let Some(row) = find(&mut transaction, before, now).await?
    {
        remove(&mut transaction, row.trusted().id).await?;
        let (device, is_copied) = (row.trusted(), !row.takes(before, now));
        gone.push(Gone { device, name: row.name, is_copied });
    }
    let surplus: Vec<(Uuid, String)> = sqlx::query_as(
        "DELETE FROM trusted_devices WHERE id IN (SELECT id FROM trusted_devices \
         WHERE user_id = $1 AND expires_at > $3 ORDER BY last_used_at DESC, id DESC OFFSET $2) RETURNING id, name",
    )
    .bind(user.0)
    .bind(MOST - 1)
    .bind(now)
    .fetch_all(&mut *transaction)
    .await?;
    gone.extend(surplus.into_iter().map(|(id, name)| Gone {
        device: Trusted { id: DeviceId(id), user },
        name,
        is_copied: false,
    }));
    for Gone { device, .. } in &gone {
        session::end_of_device(&mut transaction, core, device.user, Some(device.id), Some(asked_in)).await?;
    }
    sqlx::query(
        "INSERT INTO trusted_devices (id, user_id, series_hash, token_hash, rotated_at, name, agent, address, \
         created_at, last_used_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5, $5, $9)",
    )
    .bind(id)
    .bind(user.0)
    .bind(token.series_hash())
    .bind(token.hash())
    .bind(now)
    .bind(client.agent.to_string())
    .bind(client.agent.as_str())
    .bind(client.address.to_string())
    .bind(now + TRUSTED)
    .execute(&mut *transaction)
    .await?;
    for Gone { device, name, is_copied } in gone {
        // A browser that somebody else was trusted on is theirs no more, whoever says so.
        let by = if device.user == user { By::user(client) } else { By::visitor(client) };
        let event = match is_copied {
            true => reused_event(client, device.user, name),
            false => own::revoked_event(by, device.user, name),
        };
        record(&mut transaction, core, &event).await?;
    }
    let event = Event::new(By::user(client), Some(user), Action::DeviceTrusted);
    let details = AuditDetails::named(client.agent.to_string());
    record(&mut transaction, core, &event.with(details)).await?;
    transaction.commit().await?;
    Ok((DeviceId(id), token, now + TRUSTED))
}

/// Which device `client` is. Uses nothing up; but a token that was replaced before ends the trust as
/// [using](resume) it does, or whoever has a copy could ask whether it is still good, and an owner who is shown a
/// form would never hear of it.
///
/// # Errors
/// The database.
pub async fn recognise(core: &Core, client: &Client) -> Result<Recognised, AuthError> {
    let Some(token) = &client.device else { return Ok(Recognised::Unknown) };
    let now = core.now();
    let Some(row) = look(core, token, now).await? else { return Ok(Recognised::Unknown) };
    if row.takes(token, now) {
        return Ok(Recognised::Trusted(row.trusted()));
    }
    end_reused(core, client, row.trusted()).await?;
    Ok(Recognised::Reused)
}

/// Who may go on without a code on `device`.
///
/// # Errors
/// The database.
pub async fn known(core: &Core, device: Trusted) -> Result<Option<KnownVisitor>, sqlx::Error> {
    let name = user::name(core, device.user).await?;
    Ok(name.map(|name| KnownVisitor { name, trusted: true }))
}

/// Uses what `client` brought: the token changes, and one that was used before ends the trust and
/// every session that came of it.
///
/// # Errors
/// The database, a primitive.
pub async fn resume(core: &Core, client: &Client) -> Result<Resumed, AuthError> {
    let Some(token) = &client.device else { return Ok(Resumed::Unknown) };
    let now = core.now();
    let mut transaction = core.pool.begin().await?;
    let Some(row) = find(&mut transaction, token, now).await? else { return Ok(Resumed::Unknown) };
    let trusted = row.trusted();
    let mut next = token.next(&core.keys)?;
    if token.is(&row.token_hash) {
        sqlx::query(
            "UPDATE trusted_devices SET token_hash = $2, previous_hash = token_hash, rotated_at = $3, \
             last_used_at = $3, agent = $4, address = $5 WHERE id = $1",
        )
        .bind(row.id)
        .bind(next.hash())
        .bind(now)
        .bind(client.agent.as_str())
        .bind(client.address.to_string())
        .execute(&mut *transaction)
        .await?;
    } else if row.was_just(token, now) {
        // The key may have changed between the two.
        next = token.successor(&core.keys, &row.token_hash)?.unwrap_or(next);
    } else {
        // Not only dropped, which would leave the row locked until the pool comes to it; a connection that breaks at
        // this has unlocked it too.
        let _ = transaction.rollback().await;
        end_reused(core, client, trusted).await?;
        return Ok(Resumed::Reused(trusted));
    }
    let by = By::user(client).at(Some(trusted.id));
    let event = Event::new(by, Some(trusted.user), Action::SignedIn);
    record(&mut transaction, core, &event.with(AuditDetails::by(Proof::Device))).await?;
    transaction.commit().await?;
    Ok(Resumed::SignedIn(trusted, next, row.expires_at))
}

/// Ends the trust in a device of which somebody has a copy, and what it opened. In a transaction of its own, since
/// the account is locked before its devices. Of requests that find it at once the first does, and tells.
async fn end_reused(core: &Core, client: &Client, device: Trusted) -> Result<(), AuthError> {
    let mut transaction = core.pool.begin().await?;
    user::lock(&mut transaction, device.user).await?;
    let Some(name) = remove(&mut transaction, device.id).await? else { return Ok(()) };
    session::end_of_device(&mut transaction, core, device.user, Some(device.id), None).await?;
    record(&mut transaction, core, &reused_event(client, device.user, name)).await?;
    transaction.commit().await?;
    Ok(())
}

fn reused_event(client: &Client, user: UserId, name: String) -> Event<'_> {
    let event = Event::new(By::visitor(client), Some(user), Action::DeviceReused).failed();
    event.with(AuditDetails::named(name))
}

/// Answers what it was called; `None` if it has gone already.
async fn remove(connection: &mut PgConnection, device: DeviceId) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("DELETE FROM trusted_devices WHERE id = $1 RETURNING name")
        .bind(device.0)
        .fetch_optional(connection)
        .await
}
