//! Whom mail goes to.

use model::types::{EmailAddress, Language, UserId};
use sqlx::PgConnection;

/// An address, and the language that is read there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: EmailAddress,
    /// The language.
    pub language: Language,
}

#[derive(sqlx::FromRow)]
struct Row {
    email: String,
    language: Option<String>,
}

impl Row {
    fn recipient(self) -> Option<Recipient> {
        Some(Recipient { address: self.email.parse().ok()?, language: language(self.language) })
    }
}

fn language(tag: Option<String>) -> Language {
    tag.and_then(|tag| tag.parse().ok()).unwrap_or_default()
}

impl Recipient {
    /// The person with this key, if they gave an address.
    ///
    /// # Errors
    /// The database.
    pub async fn of(connection: &mut PgConnection, user: UserId) -> Result<Option<Self>, sqlx::Error> {
        let row: Option<Row> =
            sqlx::query_as("SELECT email, language FROM users WHERE id = $1 AND email IS NOT NULL")
                .bind(user.0)
                .fetch_optional(connection)
                .await?;
        Ok(row.and_then(Row::recipient))
    }

    /// What this person reads.
    ///
    /// # Errors
    /// The database.
    pub async fn language_of(connection: &mut PgConnection, user: UserId) -> Result<Language, sqlx::Error> {
        let tag: Option<Option<String>> = sqlx::query_scalar("SELECT language FROM users WHERE id = $1")
            .bind(user.0)
            .fetch_optional(connection)
            .await?;
        Ok(language(tag.flatten()))
    }

    /// The same, if they have proved that mail sent there reaches them.
    ///
    /// # Errors
    /// The database.
    pub async fn verified(connection: &mut PgConnection, user: UserId) -> Result<Option<Self>, sqlx::Error> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT email, language FROM users WHERE id = $1 AND email IS NOT NULL AND email_verified_at IS NOT NULL",
        )
        .bind(user.0)
        .fetch_optional(connection)
        .await?;
        Ok(row.and_then(Row::recipient))
    }

    /// Every administrator who gave an address and may come in.
    ///
    /// # Errors
    /// The database.
    pub async fn administrators(connection: &mut PgConnection) -> Result<Vec<Self>, sqlx::Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT email, language FROM users \
             WHERE is_admin AND email IS NOT NULL AND suspended_at IS NULL ORDER BY id",
        )
        .fetch_all(connection)
        .await?;
        Ok(rows.into_iter().filter_map(Row::recipient).collect())
    }
}
