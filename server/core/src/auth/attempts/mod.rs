//! Tries, counted in PostgreSQL, so that limits hold over nodes and restarts.
//!
//! A try is counted as a failure before it is verified, so that parallel tries can't pass a limit;
//! a right one takes its own count back.

mod attempt;
mod place;

use std::{net::IpAddr, panic::resume_unwind};

use model::types::{ChallengeProvider, DeviceId, Username};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use time::OffsetDateTime;
use tracing::Instrument as _;

pub(super) use self::{attempt::Attempt, place::Place};
use super::{
    AuthError, Client,
    policy::{self, ACCOUNT, ADDRESS, Demand, History, PAIRS, SITE, address_key},
    stretching::Whose,
};
use crate::{
    Core,
    challenge::{SignIn, Solved},
    db,
};

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One code.
    Code,
    /// The second half of a pair: the next code, or a mailed one. Asking for that is one too, or
    /// first codes could be tried for nothing until a mail goes out.
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
    place: Option<Place>,
    /// As far as one who tries may notice: see [`super::sign_in`].
    authenticators: usize,
    owes_challenge: bool,
}

impl Try {
    pub(super) fn new(account: AccountKey, from: IpAddr, authenticators: usize) -> Self {
        Self { account, address: address_key(from), place: None, authenticators, owes_challenge: false }
    }

    /// From a place that the account knows.
    pub(super) fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// Unless a challenge has been solved for it, where some are asked for.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn owing(self, core: &Core, solved: Option<&Solved<SignIn>>) -> Result<Self, AuthError> {
        let asks = core.policy().await?.challenge != ChallengeProvider::Off;
        Ok(Self { owes_challenge: asks && solved.is_none(), ..self })
    }

    /// The trusted device that it comes from.
    pub(super) const fn device(&self) -> Option<DeviceId> {
        match self.place {
            Some(Place::Device(device)) => Some(device),
            Some(Place::Session(_) | Place::Provider(_)) | None => None,
        }
    }

    /// Refuses what [`Self::judged`] would refuse at this moment, and counts nothing: before somebody waits for what
    /// they would get nothing from.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`]; [`AuthError::ChallengeNeeded`] unless `client` brings something, right or wrong;
    /// the database.
    pub(super) async fn refuse(&self, core: &Core, client: &Client, kind: Kind) -> Result<(), AuthError> {
        let asks = core.policy().await?.challenge != ChallengeProvider::Off;
        let tried = Self { owes_challenge: asks && client.challenge.is_none(), ..self.clone() };
        let mut transaction = core.pool.begin().await?;
        tried.begin_in(&mut transaction, core, kind).await?;
        transaction.rollback().await?;
        Ok(())
    }

    /// By one at a time, where secrets are stretched.
    pub(super) fn by_stranger(&self) -> Whose {
        Whose::Stranger(*self.account.as_bytes(), self.address.clone())
    }

    /// Counts the try, if it brings what is demanded, and has `judge` say what comes of it; of `None` if one code
    /// isn't enough. From the moment it counts this goes on to its end, whoever hangs up: somebody who always did
    /// after the count would leave no trace in the log, and have nobody told. No more goes on so than counts.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`], [`AuthError::ChallengeNeeded`]; what `judge` answers; the database.
    pub(super) async fn judged<T, F>(
        self,
        core: &Core,
        kind: Kind,
        judge: impl FnOnce(Core, Option<Attempt>) -> F,
    ) -> Result<T, AuthError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, AuthError>> + Send + 'static,
    {
        let mut transaction = core.pool.begin().await?;
        let attempt = self.begin_in(&mut transaction, core, kind).await?;
        let judging = judge(core.clone(), attempt);
        let to_its_end = async move {
            transaction.commit().await?;
            judging.await
        };
        tokio::spawn(to_its_end.in_current_span()).await.unwrap_or_else(|error| {
            match error.try_into_panic() {
                Ok(panic) => resume_unwind(panic),
                // The process is ending.
                Err(_) => Err(sqlx::Error::PoolClosed.into()),
            }
        })
    }

    /// Counts the try in the caller's transaction, if it brings what is demanded: it counts once that is committed.
    /// `None` if one code isn't enough.
    ///
    /// # Errors
    /// [`AuthError::TooManyAttempts`], [`AuthError::ChallengeNeeded`]; the database.
    pub(super) async fn begin_in(
        self,
        connection: &mut PgConnection,
        core: &Core,
        kind: Kind,
    ) -> Result<Option<Attempt>, AuthError> {
        let now = core.now();
        // Tries from one address queue here, and those at one account: none is decided on an old count.
        db::lock(connection, self.address.as_bytes()).await?;
        db::lock(connection, self.account.as_bytes()).await?;
        let (mut is_last, mut strains_site) = (false, false);
        let demand = match (self.place, kind) {
            (Some(place), Kind::Code | Kind::Pair) => {
                let budget = place.budget(self.authenticators);
                let failures = place.failures(connection, budget, now).await?;
                policy::demand_at(budget, &failures, now)
            }
            (None, Kind::Code | Kind::Pair) => {
                let history = self.history(connection, now).await?;
                is_last = kind == Kind::Code && history.account + 1 == self.budget();
                // Tries at several accounts don't queue for each other: two may both be the last one.
                strains_site = history.site + 1 >= SITE.failures;
                policy::demand(&history, now)
            }
            (_, Kind::Recovery) => {
                policy::demand_with_recovery_code(&self.history(connection, now).await?, now)
            }
        };
        match (demand, kind) {
            (Demand::Wait(retry_after), _) => return Err(AuthError::TooManyAttempts { retry_after }),
            (Demand::Challenge, _) => return Err(AuthError::ChallengeNeeded),
            (Demand::TwoCodes, Kind::Code) => return Ok(None),
            (Demand::TwoCodes | Demand::Code, _) => {}
        }
        let place = self.place.filter(|_| kind != Kind::Recovery).map(Place::key);
        let id = core.random.uuid_v7(now)?;
        sqlx::query("INSERT INTO auth_attempts (id, at, address, account, kind, place) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(id)
            .bind(now)
            .bind(&self.address)
            .bind(self.account.as_bytes())
            .bind(kind.as_str())
            .bind(place)
            .execute(connection)
            .await?;
        Ok(Some(Attempt { id, tried: self, is_last, strains_site }))
    }

    /// Single codes that may fail at the account before it asks for two.
    fn budget(&self) -> usize {
        ACCOUNT.shared_by(self.authenticators).failures
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
             ARRAY(SELECT at FROM auth_attempts WHERE address = $1 AND place IS NULL AND at > $3 \
                   ORDER BY at DESC LIMIT $4), \
             (SELECT count(*) FROM (SELECT 1 FROM auth_attempts WHERE account = $2 AND place IS NULL \
                   AND kind = 'code' AND at > $5 LIMIT $6) AS singles), \
             (SELECT count(*) FROM (SELECT 1 FROM auth_attempts WHERE kind = 'code' AND place IS NULL \
                   AND at > $7 LIMIT $8) AS anywhere), \
             ARRAY(SELECT at FROM auth_attempts WHERE account = $2 AND address = $1 AND place IS NULL \
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
            owes_challenge: self.owes_challenge,
        })
    }
}
