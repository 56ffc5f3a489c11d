//! Places that an account knows, with budgets of their own.

use model::types::{DeviceId, SessionHandle, UserId};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::auth::{
    policy::{Budget, DEVICE, PROVIDER, SESSION},
    session::SignedIn,
};

/// Where an account is tried from, if the account knows it: attacks from elsewhere don't reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::auth) enum Place {
    /// A device that it trusts.
    Device(DeviceId),
    /// A session that a right code opened.
    Session(SessionHandle),
    /// Any session that its identity at the OpenID Connect provider opened.
    Provider(UserId),
}

impl Place {
    /// Where somebody is who is signed in.
    pub(in crate::auth) fn of(signed_in: &SignedIn, session: SessionHandle) -> Self {
        match signed_in.device {
            Some(device) => Self::Device(device),
            None if signed_in.by_provider => Self::Provider(signed_in.user),
            None => Self::Session(session),
        }
    }

    pub(super) const fn key(self) -> Uuid {
        match self {
            Self::Device(DeviceId(key)) | Self::Session(SessionHandle(key)) | Self::Provider(UserId(key)) => {
                key
            }
        }
    }

    /// At an account with so many authenticators.
    pub(super) fn budget(self, authenticators: usize) -> Budget {
        match self {
            Self::Device(_) => DEVICE,
            Self::Session(_) => SESSION,
            Self::Provider(_) => PROVIDER.shared_by(authenticators),
        }
    }

    /// Whether only one who has shown that the account is theirs comes from there: what failed there before
    /// were their slips then. At the provider it may have been anybody who controls the identity.
    pub(super) const fn is_one_persons(self) -> bool {
        !matches!(self, Self::Provider(_))
    }

    /// The last failures there that count against `budget`.
    pub(super) async fn failures(
        self,
        connection: &mut PgConnection,
        budget: Budget,
        now: OffsetDateTime,
    ) -> Result<Vec<OffsetDateTime>, sqlx::Error> {
        sqlx::query_scalar(
            "SELECT at FROM auth_attempts WHERE place = $1 AND at > $2 ORDER BY at DESC LIMIT $3",
        )
        .bind(self.key())
        .bind(budget.since(now))
        .bind(i64::try_from(budget.failures).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await
    }
}
