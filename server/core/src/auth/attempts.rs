//! Tries, counted in PostgreSQL, so that limits hold over nodes and restarts.
//!
//! A try is counted as a failure before it is verified, so that parallel tries can't pass a limit;
//! a right one takes its own count back.

use std::net::IpAddr;

use model::types::Username;
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    AuthError,
    policy::{self, ACCOUNT, ADDRESS, Demand, History, PAIRS, SITE, address_key},
};
use crate::{Core, random};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One code.
    Code,
    /// The second of two codes.
    Pair,
    /// A recovery code: 80 bits, which no account's budget has to protect.
    Recovery,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Pair => "pair",
            Self::Recovery => "recovery",
        }
    }
}

/// The account that somebody tries, known or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AccountKey([u8; 32]);

impl AccountKey {
    /// The account with this name. Without a name and without an only account it is nobody's.
    pub(super) fn of(name: Option<&Username>) -> Self {
        let folded = name.map(Username::folded).unwrap_or_default();
        Self(Sha256::digest(folded.as_bytes()).into())
    }

    pub(super) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Somebody tries an account from an address.
#[derive(Clone, Debug)]
pub(super) struct Try {
    pub(super) account: AccountKey,
    address: String,
    /// As far as one who tries may notice: see [`super::sign_in`].
    authenticators: usize,
}

/// A try that has been counted as a failure.
#[derive(Debug)]
pub(super) struct Attempt {
    id: Uuid,
    tried: Try,
}

impl Try {
    pub(super) fn new(account: AccountKey, from: IpAddr, authenticators: usize) -> Self {
        Self { account, address: address_key(from), authenticators }
    }

    /// Counts the try, if it brings what is demanded; `None` if one code isn't enough.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`]; the database.
    pub(super) async fn begin(self, core: &Core, kind: Kind) -> Result<Option<Attempt>, AuthError> {
        let now = core.now();
        let mut transaction = core.pool.begin().await?;
        // Tries from one address queue here, and those at one account: none is decided on an old count.
        lock(&mut transaction, self.address.as_bytes()).await?;
        lock(&mut transaction, self.account.as_bytes()).await?;
        let history = self.history(&mut transaction, now).await?;
        let enough = match (policy::demand(&history, now), kind) {
            (Demand::Wait(retry_after), Kind::Code | Kind::Pair) => {
                return Err(AuthError::TooManyAttempts { retry_after });
            }
            (_, Kind::Recovery) => match ADDRESS.wait(&history.address, now) {
                Some(retry_after) => return Err(AuthError::TooManyAttempts { retry_after }),
                None => true,
            },
            (Demand::TwoCodes, Kind::Code) => false,
            (Demand::TwoCodes | Demand::Code, _) => true,
        };
        if !enough {
            return Ok(None);
        }
        let id = random::uuid_v7(now)?;
        sqlx::query("INSERT INTO auth_attempts (id, at, address, account, kind) VALUES ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(now)
            .bind(&self.address)
            .bind(self.account.as_bytes())
            .bind(kind.as_str())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Some(Attempt { id, tried: self }))
    }

    async fn history(
        &self,
        connection: &mut PgConnection,
        now: OffsetDateTime,
    ) -> Result<History, AuthError> {
        let limit = |failures: usize| i64::try_from(failures).unwrap_or(i64::MAX);
        let (address, account, site, pairs): (Vec<OffsetDateTime>, i64, i64, Vec<OffsetDateTime>) =
            sqlx::query_as(
                "SELECT \
             ARRAY(SELECT at FROM auth_attempts WHERE address = $1 AND device_id IS NULL AND at > $3 \
                   ORDER BY at DESC LIMIT $4), \
             (SELECT count(*) FROM (SELECT 1 FROM auth_attempts WHERE account = $2 AND device_id IS NULL \
                   AND kind = 'code' AND at > $5 LIMIT $6) AS singles), \
             (SELECT count(*) FROM (SELECT 1 FROM auth_attempts WHERE kind = 'code' AND device_id IS NULL \
                   AND at > $7 LIMIT $8) AS anywhere), \
             ARRAY(SELECT at FROM auth_attempts WHERE account = $2 AND address = $1 AND device_id IS NULL \
                   AND kind = 'pair' AND at > $9 ORDER BY at DESC LIMIT $10)",
            )
            .bind(&self.address)
            .bind(self.account.as_bytes())
            .bind(ADDRESS.since(now))
            .bind(limit(ADDRESS.failures))
            .bind(ACCOUNT.since(now))
            .bind(limit(ACCOUNT.failures))
            .bind(SITE.since(now))
            .bind(limit(SITE.failures))
            .bind(PAIRS.since(now))
            .bind(limit(PAIRS.failures))
            .fetch_one(connection)
            .await?;
        let count = |n: i64| usize::try_from(n).unwrap_or_default();
        Ok(History {
            address,
            account: count(account),
            site: count(site),
            pairs,
            authenticators: self.authenticators,
        })
    }
}

impl Attempt {
    /// The try was right. It is forgotten, and with it what failed before at this account from this
    /// address: those were the owner's slips. What failed from elsewhere still counts, or an owner
    /// who signs in often would give an attacker a new budget each time.
    pub(super) async fn succeeded(self, core: &Core) -> Result<(), AuthError> {
        sqlx::query("DELETE FROM auth_attempts WHERE id = $1 OR (account = $2 AND address = $3)")
            .bind(self.id)
            .bind(self.tried.account.as_bytes())
            .bind(&self.tried.address)
            .execute(&core.pool)
            .await?;
        Ok(())
    }
}

async fn lock(connection: &mut PgConnection, what: &[u8]) -> Result<(), AuthError> {
    let digest = Sha256::digest(what);
    let (key, _) = digest.split_at(8);
    let key = i64::from_be_bytes(key.try_into().unwrap_or_default());
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(key).execute(connection).await?;
    Ok(())
}
