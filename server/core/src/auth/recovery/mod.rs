//! Recovery codes: ten, 80 bits each, single use, Argon2id hashes with a keyed selector so that
//! one try costs one hash however many codes there are.

mod own;

use model::types::{RecoveryCode, UserId};
use serde::{Deserialize, Serialize};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    AuthError,
    stretching::{Room, hash, matches},
};
use crate::{
    Core,
    keys::{Keyring, Signed, selector},
    random::Random,
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
    random: &Random,
    owner: UserId,
    room: Room,
) -> Result<(Vec<RecoveryCode>, Vec<StoredCode>), AuthError> {
    let mut codes = Vec::with_capacity(COUNT);
    let mut selectors = Vec::with_capacity(COUNT);
    let mut salted = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let code = RecoveryCode::from_bytes(random.bytes()?);
        selectors.push(keys.sign(PURPOSE, &[owner.0.as_bytes(), code.as_bytes()])?);
        salted.push((code, random.bytes()?));
        codes.push(code);
    }
    let stretch = move || salted.iter().map(|(code, salt)| hash(code.as_bytes(), *salt)).collect();
    let hashes: Vec<String> = room.run(stretch).await?;
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
    room: Room,
) -> Result<Option<usize>, AuthError> {
    let selectors = selectors_of(keys, owner, &code)?;
    let place = candidates.iter().position(|candidate| selectors.contains(&candidate.selector));
    let stored = place.and_then(|place| candidates.get(place)).map(|candidate| candidate.hash.clone());
    let right = room.run(move || matches(code.as_bytes(), stored.as_deref())).await?;
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
    room: Room,
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
    let right = room.run(move || matches(code.as_bytes(), stored.as_deref())).await?;
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
    core: &Core,
    owner: UserId,
    codes: &[StoredCode],
) -> Result<(), AuthError> {
    let now = core.now();
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(owner.0)
        .execute(&mut *connection)
        .await?;
    for code in codes {
        sqlx::query(
            "INSERT INTO recovery_codes (id, user_id, selector, hash, hint, created_at, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(core.random.uuid_v7(now)?)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        auth::stretching::{Stretching, Whose},
        testing::{filling, seeded},
    };

    async fn room() -> Room {
        Stretching::default().room(Whose::Visitor).await.unwrap()
    }

    #[tokio::test]
    async fn each_is_80_bits_of_what_is_drawn_and_salted_with_more_of_it() {
        let keys = Keyring::from_secret([7; 32]);
        let owner = UserId(Uuid::from_u128(1));
        let (codes, stored) = generate(&keys, &filling(1..=20), owner, room().await).await.unwrap();
        let drawn: Vec<_> = (1..=20).step_by(2).map(|byte| RecoveryCode::from_bytes([byte; 10])).collect();
        assert_eq!(codes, drawn);
        let salts: Vec<_> = stored.iter().map(|code| code.hash.split('$').nth(4).unwrap()).collect();
        assert_eq!((salts[0], salts.len()), ("AgICAgICAgICAgICAgICAg", COUNT));
        let none = generate(&keys, &filling(1..=19), owner, room().await).await;
        assert!(matches!(none, Err(AuthError::Crypto(_))), "a code without randomness is none");
    }

    #[tokio::test]
    async fn each_of_ten_is_found_and_others_are_not() {
        let keys = Keyring::from_secret([7; 32]);
        let owner = UserId(Uuid::from_u128(1));
        let (codes, stored) = generate(&keys, &seeded(1), owner, room().await).await.unwrap();
        assert_eq!((codes.len(), stored.len()), (COUNT, COUNT));
        assert_eq!(find(&keys, owner, codes[3], &stored, room().await).await.unwrap(), Some(3));
        assert_eq!(
            find(&keys, owner, RecoveryCode::from_bytes([1; 10]), &stored, room().await).await.unwrap(),
            None
        );
        assert_eq!(
            find(&keys, UserId(Uuid::from_u128(2)), codes[3], &stored, room().await).await.unwrap(),
            None
        );
    }
}
