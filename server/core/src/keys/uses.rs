//! What needs which key.

use sqlx::PgPool;

/// Something that is sealed or found with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Authenticators; without the key nobody signs in with them.
    Authenticators,
    /// Mail and posts that wait.
    Mail,
    /// The audit log's end; without the key it looks as if somebody had changed it.
    LogEnd,
    /// People with recovery codes; without the key their codes aren't found.
    RecoveryCodes,
    /// Entries of the audit log; without the key only a head that was noted later vouches for them.
    LogEntries,
}

impl What {
    /// A stable name, for scripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authenticators => "authenticators",
            Self::Mail => "mail",
            Self::LogEnd => "log_end",
            Self::RecoveryCodes => "recovery_codes",
            Self::LogEntries => "log_entries",
        }
    }

    /// Whether reflect can't go on without the key and do no harm.
    #[must_use]
    pub const fn is_vital(self) -> bool {
        matches!(self, Self::Authenticators | Self::Mail | Self::LogEnd)
    }
}

/// What one key is needed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The key.
    pub key_id: String,
    /// For what.
    pub what: What,
    /// How many of them.
    pub count: u64,
}

/// Keys other than `$1`, and how many rows need each.
const NEEDS: &[(What, &str)] = &[
    (
        What::Authenticators,
        "SELECT key_id, count(*) FROM totp_credentials WHERE key_id <> ALL($1) GROUP BY 1 ORDER BY 1",
    ),
    (
        What::Mail,
        "SELECT key_id, count(*) FROM mail_outbox WHERE next_at IS NOT NULL AND key_id <> ALL($1) \
         GROUP BY 1 ORDER BY 1",
    ),
    (What::LogEnd, "SELECT key_id, 1::int8 FROM audit_head WHERE sequence > 0 AND key_id <> ALL($1)"),
    (
        What::RecoveryCodes,
        "SELECT key_id, count(DISTINCT user_id) FROM recovery_codes \
         WHERE used_at IS NULL AND key_id <> ALL($1) GROUP BY 1 ORDER BY 1",
    ),
];

/// What needs other keys than those that are `held`. What lives for minutes and the log's entries aren't
/// looked at: it is asked whenever reflect starts.
///
/// # Errors
/// The database.
pub async fn missing(pool: &PgPool, held: &[String]) -> Result<Vec<Use>, sqlx::Error> {
    let mut uses = Vec::new();
    for (what, statement) in NEEDS {
        let rows = sqlx::query_as(*statement).bind(held).fetch_all(pool).await?;
        uses.extend(of(*what, rows));
    }
    Ok(uses)
}

/// What needs other keys than `present`, the log's entries too, which takes a walk through all of it.
///
/// # Errors
/// The database.
pub async fn older(pool: &PgPool, present: &str) -> Result<Vec<Use>, sqlx::Error> {
    let mut uses = missing(pool, &[present.to_owned()]).await?;
    let entries =
        sqlx::query_as("SELECT key_id, count(*) FROM audit_log WHERE key_id <> $1 GROUP BY 1 ORDER BY 1")
            .bind(present)
            .fetch_all(pool)
            .await?;
    uses.extend(of(What::LogEntries, entries));
    Ok(uses)
}

fn of(what: What, rows: Vec<(String, i64)>) -> impl Iterator<Item = Use> {
    let count = |count| u64::try_from(count).unwrap_or_default();
    rows.into_iter().map(move |(key_id, rows)| Use { key_id, what, count: count(rows) })
}
