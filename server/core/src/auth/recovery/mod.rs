//! Recovery codes: ten, 80 bits each, single use, Argon2id hashes with a keyed selector so that
//! one try costs one hash however many codes there are.

mod own;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use model::types::{RecoveryCode, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::AuthError;
use crate::{
    keys::{Keyring, Signed, selector},
    random,
};

pub use self::own::{begin, confirm, status};

/// Codes in a set.
pub const COUNT: usize = 10;
const PURPOSE: &str = "reflect/recovery-selector";

/// A code as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct StoredCode {
    /// Finds the code; keyed, so it tells nothing of it.
    pub(crate) selector: u32,
    /// The selector's key. Sets that were on offer before this was kept haven't got it.
    #[serde(default)]
    pub(crate) key_id: Option<String>,
    /// Argon2id in PHC form.
    pub(crate) hash: String,
    /// The last two characters, to tell codes apart later.
    pub(crate) hint: String,
}

/// Ten fresh codes and their stored forms, for `owner`.
pub(crate) async fn generate(
    keys: &Keyring,
    owner: UserId,
) -> Result<(Vec<RecoveryCode>, Vec<StoredCode>), AuthError> {
    let mut codes = Vec::with_capacity(COUNT);
    let mut selectors = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let code = RecoveryCode::from_bytes(random::bytes()?);
        selectors.push(keys.sign(PURPOSE, &[owner.0.as_bytes(), code.as_bytes()])?);
        codes.push(code);
    }
    let plain = codes.clone();
    let hashes = blocking(move || plain.iter().map(hash).collect::<Result<Vec<_>, _>>()).await?;
    let stored = codes.iter().zip(selectors).zip(hashes);
    let stored = stored.map(|((code, Signed { key_id, mac }), hash)| StoredCode {
        selector: selector(mac),
        key_id: Some(key_id),
        hash,
        hint: hint(code),
    });
    let stored = stored.collect();
    Ok((codes, stored))
}

/// Which of `candidates` the code is, if any. Costs one hash, found or not.
pub(crate) async fn find(
    keys: &Keyring,
    owner: UserId,
    code: RecoveryCode,
    candidates: &[StoredCode],
) -> Result<Option<usize>, AuthError> {
    let selectors = selectors_of(keys, owner, &code)?;
    let place = candidates.iter().position(|candidate| selectors.contains(&candidate.selector));
    let stored = place.and_then(|place| candidates.get(place)).map(|candidate| candidate.hash.clone());
    let right = blocking(move || matches(&code, stored.as_deref())).await?;
    Ok(place.filter(|_| right))
}

/// A right code that may be used up.
pub(crate) struct RightCode(Uuid);

/// Looks for an unused code of `owner`. Costs one hash, found or not.
pub(crate) async fn check(
    pool: &PgPool,
    keys: &Keyring,
    owner: UserId,
    code: RecoveryCode,
) -> Result<Option<RightCode>, AuthError> {
    let selectors: Vec<i64> = selectors_of(keys, owner, &code)?.into_iter().map(i64::from).collect();
    let row: Option<(Uuid, String)> = sqlx::query_as(
        "SELECT id, hash FROM recovery_codes WHERE user_id = $1 AND selector = ANY($2) AND used_at IS NULL LIMIT 1",
    )
    .bind(owner.0)
    .bind(selectors)
    .fetch_optional(pool)
    .await?;
    let (id, stored) = row.unzip();
    let right = blocking(move || matches(&code, stored.as_deref())).await?;
    Ok(id.filter(|_| right).map(RightCode))
}

/// Uses a code up; how many are left. `None` if it was used meanwhile: of parallel tries one wins.
pub(crate) async fn use_up(
    connection: &mut PgConnection,
    owner: UserId,
    RightCode(id): RightCode,
    now: OffsetDateTime,
) -> Result<Option<u64>, AuthError> {
    let used = sqlx::query("UPDATE recovery_codes SET used_at = $2 WHERE id = $1 AND used_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(&mut *connection)
        .await?;
    if used.rows_affected() == 0 {
        return Ok(None);
    }
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE user_id = $1 AND used_at IS NULL")
            .bind(owner.0)
            .fetch_one(connection)
            .await?;
    Ok(Some(u64::try_from(left).unwrap_or_default()))
}

/// Stores a set for `owner`, in the place of any that they have.
pub(crate) async fn replace(
    connection: &mut PgConnection,
    owner: UserId,
    codes: &[StoredCode],
    now: OffsetDateTime,
) -> Result<(), AuthError> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(owner.0)
        .execute(&mut *connection)
        .await?;
    for code in codes {
        sqlx::query(
            "INSERT INTO recovery_codes (id, user_id, selector, hash, hint, created_at, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(random::uuid_v7(now)?)
        .bind(owner.0)
        .bind(i64::from(code.selector))
        .bind(&code.hash)
        .bind(&code.hint)
        .bind(now)
        .bind(&code.key_id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn selectors_of(keys: &Keyring, owner: UserId, code: &RecoveryCode) -> Result<Vec<u32>, AuthError> {
    keys.selectors(PURPOSE, &[owner.0.as_bytes(), code.as_bytes()])
}

fn hint(code: &RecoveryCode) -> String {
    let text = code.reveal();
    text.get(text.len().saturating_sub(2)..).unwrap_or_default().to_owned()
}

/// OWASP's smallest recommended setting: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|_| AuthError::Crypto("Argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(code: &RecoveryCode) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&random::bytes::<16>()?).map_err(|_| AuthError::Crypto("salt"))?;
    let hash = argon2()?.hash_password(code.as_bytes(), &salt).map_err(|_| AuthError::Crypto("Argon2"))?;
    Ok(hash.to_string())
}

/// Whether the hash is the code's; without a hash, the work of one all the same.
fn matches(code: &RecoveryCode, stored: Option<&str>) -> Result<bool, AuthError> {
    let Some(stored) = stored else {
        return hash(code).map(|_| false);
    };
    let parsed = PasswordHash::new(stored).map_err(|_| AuthError::Crypto("stored hash"))?;
    Ok(argon2()?.verify_password(code.as_bytes(), &parsed).is_ok())
}

/// Key stretching at once, over all of the process: each takes 19 MiB and a core, and anybody may
/// ask for it.
static STRETCHING: Semaphore = Semaphore::const_new(2);

/// Runs key stretching where it holds up nobody else.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    let _permit = STRETCHING.acquire().await.map_err(|_| AuthError::Crypto("worker stopped"))?;
    tokio::task::spawn_blocking(work).await.map_err(|_| AuthError::Crypto("worker stopped"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_of_ten_is_found_and_others_are_not() {
        let keys = Keyring::from_secret([7; 32]);
        let owner = UserId(Uuid::from_u128(1));
        let (codes, stored) = generate(&keys, owner).await.unwrap();
        assert_eq!((codes.len(), stored.len()), (COUNT, COUNT));
        assert_eq!(find(&keys, owner, codes[3], &stored).await.unwrap(), Some(3));
        assert_eq!(find(&keys, owner, RecoveryCode::from_bytes([1; 10]), &stored).await.unwrap(), None);
        assert_eq!(find(&keys, UserId(Uuid::from_u128(2)), codes[3], &stored).await.unwrap(), None);
    }

    #[test]
    fn a_colliding_selector_does_not_help() {
        let (right, wrong) = (RecoveryCode::from_bytes([1; 10]), RecoveryCode::from_bytes([2; 10]));
        let stored = hash(&right).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(&right, Some(&stored)).unwrap());
        assert!(!matches(&wrong, Some(&stored)).unwrap());
    }
}
