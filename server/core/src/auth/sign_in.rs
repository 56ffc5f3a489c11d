//! Signing in.
//!
//! A try is counted before it is verified, so that parallel tries can't pass the limit; a right
//! one takes its own count back. A code that was used before counts as a failure too: somebody who
//! has watched a code being typed must not be able to ask for free whether it was right.

use std::net::IpAddr;

use model::types::{RecoveryCode, SignInForm, TotpCode, UserId, Username};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    AuthError, limits, recovery,
    totp::{TotpSecret, Verdict},
};
use crate::{Core, keys::Sealed, random};

/// What the page has to ask for.
///
/// # Errors
/// The database.
pub async fn form(core: &Core) -> Result<SignInForm, AuthError> {
    let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM (SELECT 1 FROM users LIMIT 2) AS accounts")
        .fetch_one(&core.pool)
        .await?;
    Ok(SignInForm { asks_name: accounts != 1, has_accounts: accounts > 0 })
}

/// With six digits; without a name only where the instance has one account.
///
/// # Errors
/// [`AuthError::WrongCode`] for a wrong name and a wrong code alike, [`AuthError::CodeAlreadyUsed`],
/// [`AuthError::TooManyAttempts`]; the database.
pub async fn with_code(
    core: &Core,
    from: IpAddr,
    name: Option<&Username>,
    code: TotpCode,
) -> Result<UserId, AuthError> {
    let attempt = Attempt::count(core, from).await?;
    let credentials = credentials(core, name).await?;
    let now = core.now();
    let mut used = None;
    if credentials.is_empty() {
        // The work of a right name: one opening that fails on its tag, one check.
        let nobody = UserId(Uuid::nil());
        let sealed = Sealed { key_id: core.keys.id().to_owned(), bytes: vec![0; 60] };
        std::hint::black_box(TotpSecret::open(&core.keys, nobody, &sealed).is_ok());
        std::hint::black_box(TotpSecret::dummy().check(code, now, i64::MAX));
    }
    let mut unopened = None;
    for credential in credentials {
        let owner = UserId(credential.user_id);
        let sealed = Sealed { key_id: credential.key_id, bytes: credential.sealed };
        let secret = match TotpSecret::open(&core.keys, owner, &sealed) {
            Ok(secret) => secret,
            // One authenticator under a lost key must not close the door to the others.
            Err(error) => {
                unopened = Some(error);
                continue;
            }
        };
        match secret.check(code, now, credential.last_step) {
            Verdict::Accepted { step } => {
                if accept(core, credential.id, step, now).await? {
                    attempt.take_back(core).await?;
                    return Ok(owner);
                }
                // A parallel try with the same code was first.
                let wait = (step + 1) * super::totp::STEP - now.unix_timestamp();
                used = Some(u32::try_from(wait).unwrap_or(1));
            }
            Verdict::AlreadyUsed { wait } => used = Some(wait),
            Verdict::Wrong => {}
        }
    }
    match (used, unopened) {
        (Some(wait), _) => Err(AuthError::CodeAlreadyUsed { wait }),
        (None, Some(error)) => Err(error),
        (None, None) => Err(AuthError::WrongCode),
    }
}

/// With a recovery code, which is used up.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`] for a wrong name and a wrong code alike,
/// [`AuthError::TooManyAttempts`]; the database.
pub async fn with_recovery_code(
    core: &Core,
    from: IpAddr,
    name: Option<&Username>,
    code: RecoveryCode,
) -> Result<UserId, AuthError> {
    let attempt = Attempt::count(core, from).await?;
    let owner = credentials(core, name).await?.first().map(|credential| UserId(credential.user_id));
    let asked = owner.unwrap_or(UserId(Uuid::nil()));
    let right = recovery::redeem(&core.pool, &core.keys, asked, code, core.now()).await?;
    match owner.filter(|_| right) {
        Some(owner) => {
            attempt.take_back(core).await?;
            Ok(owner)
        }
        None => Err(AuthError::WrongRecoveryCode),
    }
}

#[derive(sqlx::FromRow)]
struct Credential {
    id: Uuid,
    user_id: Uuid,
    key_id: String,
    sealed: Vec<u8>,
    last_step: i64,
}

/// The authenticators of the person with that name, or of the only person there is.
async fn credentials(core: &Core, name: Option<&Username>) -> Result<Vec<Credential>, AuthError> {
    let rows = sqlx::query_as(
        "SELECT c.id, c.user_id, c.key_id, c.sealed, c.last_step FROM totp_credentials c \
         JOIN users u ON u.id = c.user_id \
         WHERE CASE WHEN $1::text IS NULL THEN (SELECT count(*) FROM (SELECT 1 FROM users LIMIT 2) AS accounts) = 1 \
               ELSE u.name_folded = $1 END \
         ORDER BY c.created_at LIMIT 5",
    )
    .bind(name.map(Username::folded))
    .fetch_all(&core.pool)
    .await?;
    Ok(rows)
}

/// Stores the step, compared in the same statement: of parallel tries with one code, one wins.
async fn accept(core: &Core, credential: Uuid, step: i64, now: OffsetDateTime) -> Result<bool, AuthError> {
    let stored = sqlx::query(
        "UPDATE totp_credentials SET last_step = $2, last_used_at = $3 WHERE id = $1 AND last_step < $2",
    )
    .bind(credential)
    .bind(step)
    .bind(now)
    .execute(&core.pool)
    .await?;
    Ok(stored.rows_affected() == 1)
}

/// A try that has been counted as a failure.
struct Attempt(Uuid);

impl Attempt {
    async fn count(core: &Core, from: IpAddr) -> Result<Self, AuthError> {
        let now = core.now();
        let address = limits::address_key(from);
        let mut transaction = core.pool.begin().await?;
        // Tries from one address queue here, so that none is decided on an old count.
        sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || $1, 0))")
            .bind(&address)
            .execute(&mut *transaction)
            .await?;
        let failures: Vec<OffsetDateTime> = sqlx::query_scalar(
            "SELECT at FROM auth_attempts WHERE address = $1 AND at > $2 ORDER BY at DESC LIMIT $3",
        )
        .bind(&address)
        .bind(now - limits::WINDOW)
        .bind(i64::try_from(limits::FAILURES_PER_ADDRESS).unwrap_or(i64::MAX))
        .fetch_all(&mut *transaction)
        .await?;
        if let Some(retry_after) = limits::wait_for_address(&failures, now) {
            return Err(AuthError::TooManyAttempts { retry_after });
        }
        let id = random::uuid_v7(now)?;
        sqlx::query("INSERT INTO auth_attempts (id, at, address) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(now)
            .bind(&address)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(Self(id))
    }

    async fn take_back(self, core: &Core) -> Result<(), AuthError> {
        sqlx::query("DELETE FROM auth_attempts WHERE id = $1").bind(self.0).execute(&core.pool).await?;
        Ok(())
    }
}
