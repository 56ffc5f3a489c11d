//! Checking that nothing was changed, moved or taken out.

use futures::TryStreamExt as _;
use model::types::UserId;
use sqlx::PgConnection;

use super::chain::{Damage, Head, Link, StoredHead, Walk};
use crate::{Core, auth::AuthError};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Entries that are in order, from the first on.
    pub entries: i64,
    /// The last of them: to be noted apart from the database, and given to a later check.
    pub head: Head,
    /// What is wrong with the first one that isn't.
    pub damage: Option<Damage>,
}

/// Walks the whole log. A head that was `noted` at an earlier check shows whether the log was cut short
/// since, and vouches for entries whose key is gone.
///
/// # Errors
/// The database, a primitive.
pub async fn verify(core: &Core, noted: Option<Head>) -> Result<Report, AuthError> {
    let mut transaction = core.pool.begin().await?;
    // Log and head as of one moment, whoever writes meanwhile.
    sqlx::query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        .execute(&mut *transaction)
        .await?;
    let head: StoredHead = sqlx::query_as("SELECT sequence, hash, key_id, seal FROM audit_head")
        .fetch_one(&mut *transaction)
        .await?;
    let mut walk = Walk { last: Head::default(), noted };
    let mut damage = None;
    {
        let mut links =
            sqlx::query_as::<_, Link>("SELECT * FROM audit_log ORDER BY sequence").fetch(&mut *transaction);
        while let Some(link) = links.try_next().await? {
            damage = walk.step(&core.keys, &link)?;
            if damage.is_some() {
                break;
            }
        }
    }
    if damage.is_none() {
        damage = walk.finish(&core.keys, &head)?;
    }
    if damage.is_none() && head.sequence == 0 {
        damage = emptied(&mut transaction, None).await?;
    }
    Ok(Report { entries: walk.last.sequence, head: walk.last, damage })
}

/// What is wrong with a log that has no entries: nothing, unless anybody but `founder`, whose account is
/// being made, can sign in. The head of an empty log is no secret, so that it can be put back.
pub(super) async fn emptied(
    connection: &mut PgConnection,
    founder: Option<UserId>,
) -> Result<Option<Damage>, sqlx::Error> {
    let has_accounts: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM totp_credentials WHERE user_id IS DISTINCT FROM $1)",
    )
    .bind(founder.map(|user| user.0))
    .fetch_one(connection)
    .await?;
    Ok(has_accounts.then_some(Damage::Emptied))
}
