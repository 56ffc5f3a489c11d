//! How a person signs in, at a glance: for programs that ask often.

use model::types::TotpStatus;
use sqlx::types::Json;
use time::OffsetDateTime;

use super::{Lifetime, SIGNED_IN, SignedIn, digest};
use crate::Core;

/// One statement, each part of which finds its rows by an index.
const SQL: &str = concat!(
    "SELECT s.data->$4 AS signed_in, u.name, c.authenticators, c.oldest, \
     (SELECT count(*) FROM recovery_codes WHERE user_id = u.id AND used_at IS NULL) AS codes \
     FROM sessions s JOIN users u ON u.id = s.user_id CROSS JOIN LATERAL \
     (SELECT count(*) AS authenticators, min(created_at) AS oldest FROM totp_credentials WHERE user_id = u.id) c \
     WHERE s.id_hash = $5 AND s.data ? $4 AND ",
    holds!()
);

/// A session that was looked at.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What it says, for the caller to judge.
    pub signed_in: SignedIn,
    /// How its person signs in.
    pub status: TotpStatus,
}

#[derive(sqlx::FromRow)]
struct Row {
    signed_in: Json<SignedIn>,
    name: String,
    authenticators: i64,
    oldest: Option<OffsetDateTime>,
    codes: i64,
}

/// Looks at the session with this id. That is no use of it: a page that asks again and again keeps
/// nobody signed in.
///
/// # Errors
/// The database; [`sqlx::Error::Decode`] for a stored name that isn't one.
pub async fn status(core: &Core, id: &[u8]) -> Result<Option<Checked>, sqlx::Error> {
    let now = core.now();
    let lifetime = Lifetime::of(&*core.policy().await?);
    let row: Option<Row> = sqlx::query_as(SQL)
        .bind(now)
        .bind(lifetime.idle)
        .bind(lifetime.absolute)
        .bind(SIGNED_IN)
        .bind(digest(id))
        .fetch_optional(&core.pool)
        .await?;
    let Some(Row { signed_in: Json(signed_in), name, authenticators, oldest, codes }) = row else {
        return Ok(None);
    };
    let status = TotpStatus {
        name: name.parse().map_err(|error| sqlx::Error::Decode(Box::new(error)))?,
        authenticators: u32::try_from(authenticators).unwrap_or_default(),
        rotation: core.settings.rotation.judge(oldest.unwrap_or(now), now),
        recovery_codes_left: u32::try_from(codes).unwrap_or_default(),
        fresh_for: signed_in.fresh_for(now),
    };
    Ok(Some(Checked { signed_in, status }))
}

#[cfg(test)]
mod tests {
    use sqlx::PgPool;
    use time::{Duration, OffsetDateTime};

    use super::{SIGNED_IN, SQL};

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn every_row_is_found_by_an_index(pool: PgPool) {
        let mut transaction = pool.begin().await.unwrap();
        // On tables as small as these the planner would read all of them.
        sqlx::query("SET LOCAL enable_seqscan = off").execute(&mut *transaction).await.unwrap();
        let plan: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("EXPLAIN {SQL}")))
            .bind(OffsetDateTime::UNIX_EPOCH)
            .bind(Duration::HOUR)
            .bind(Duration::DAY)
            .bind(SIGNED_IN)
            .bind(vec![0_u8; 32])
            .fetch_all(&mut *transaction)
            .await
            .unwrap();
        let plan = plan.join("\n");
        assert!(!plan.contains("Seq Scan"), "{plan}");
        for index in ["sessions_pkey", "users_pkey", "totp_credentials_name_key", "recovery_codes_user"] {
            assert!(plan.contains(index), "{index}\n{plan}");
        }
    }
}
