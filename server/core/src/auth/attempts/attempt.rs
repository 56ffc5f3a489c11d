//! What becomes of a try that was counted.

use model::types::{Action, AuditDetails, DeviceId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{Place, Try};
use crate::{
    Core, alert,
    audit::{By, Event, record},
    auth::{AuthError, policy::TRUST, session, step_up, user},
};

/// A try that has been counted as a failure.
#[derive(Debug)]
pub(in crate::auth) struct Attempt {
    pub(super) id: Uuid,
    pub(super) tried: Try,
    /// Whether the account's budget is used up if this one fails.
    pub(super) is_last: bool,
    /// Whether the instance's is.
    pub(super) strains_site: bool,
}

impl Attempt {
    /// The try was right. It is forgotten, and with it what failed before where it came from: those were the
    /// owner's slips. That is the place, if the account knows one; else this address, at this account, from devices
    /// that it doesn't know; and recovery codes, of which none is guessed, from this address in any case. What failed from elsewhere still counts, or an owner who signs in often, and confirms
    /// that it is still they, would give an attacker a new budget each time: also one who shares their address.
    pub(in crate::auth) async fn succeeded(self, connection: &mut PgConnection) -> Result<(), AuthError> {
        let account = self.tried.account.as_bytes().as_slice();
        let statement = match self.tried.place {
            None => sqlx::query(
                "DELETE FROM auth_attempts WHERE id = $1 OR (account = $2 AND address = $3 AND place IS NULL)",
            )
            .bind(self.id)
            .bind(account)
            .bind(&self.tried.address),
            Some(place) => sqlx::query(
                "DELETE FROM auth_attempts WHERE id = $1 \
                 OR (account = $2 AND place = $3 AND ($4::text IS NULL OR address = $4)) \
                 OR (account = $2 AND address = $5 AND kind = 'recovery')",
            )
            .bind(self.id)
            .bind(account)
            .bind(place.key())
            .bind(Some(&self.tried.address).filter(|_| !place.is_one_persons()))
            .bind(&self.tried.address),
        };
        statement.execute(connection).await?;
        Ok(())
    }

    /// The try was wrong, which `event` tells. It stays counted; a device from which too many were is
    /// trusted no more.
    pub(in crate::auth) async fn failed(self, core: &Core, event: Event<'_>) -> Result<(), AuthError> {
        let mut transaction = core.pool.begin().await?;
        if let (true, Some(client)) = (self.is_last, event.by.client) {
            step_up::write_down(&mut transaction, core, event.user, client, self.tried.budget()).await?;
        }
        let distrusted = match (self.tried.device(), event.user) {
            (Some(device), Some(user)) => distrust(core, &mut transaction, user, device).await?,
            _ => None,
        };
        record(&mut transaction, core, &event).await?;
        if let Some(distrusted) = distrusted {
            record(&mut transaction, core, &distrusted).await?;
        }
        let strained = Event::new(By::SYSTEM, None, Action::SiteSteppedUp);
        if self.strains_site && alert::once_a_day(&mut transaction, core, &strained).await? {
            record(&mut transaction, core, &strained).await?;
        }
        transaction.commit().await?;
        if self.is_last {
            step_up::tell(core);
        }
        Ok(())
    }
}

/// Trusts the device of `user` no more if too many tries from it failed, and ends what it opened, which
/// outlives a trust that has lapsed.
async fn distrust(
    core: &Core,
    connection: &mut PgConnection,
    user: UserId,
    device: DeviceId,
) -> Result<Option<Event<'static>>, AuthError> {
    let now = core.now();
    let failures = Place::Device(device).failures(connection, TRUST, now).await?;
    if TRUST.wait(&failures, now).is_none() {
        return Ok(None);
    }
    user::lock(&mut *connection, user).await?;
    let name: Option<String> =
        sqlx::query_scalar("DELETE FROM trusted_devices WHERE id = $1 AND user_id = $2 RETURNING name")
            .bind(device.0)
            .bind(user.0)
            .fetch_optional(&mut *connection)
            .await?;
    session::end_of_device(connection, core, user, Some(device), None).await?;
    let event = Event::new(By::SYSTEM, Some(user), Action::DeviceRevoked);
    Ok(name.map(|name| event.with(AuditDetails::named(name))))
}
