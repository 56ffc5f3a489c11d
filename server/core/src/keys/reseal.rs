//! Sealing anew what older keys sealed.

use std::time::Duration;

use model::types::{Action, AuditDetails};
use sqlx::PgConnection;

use super::Sealed;
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{AuthError, totp},
    challenge, mail,
};

/// Rows of one transaction.
const BATCH: i64 = 200;

/// Rows that others hold are passed over, and looked for again so many times.
const PASSES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(100);

/// What is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    /// Secrets of authenticators that wait for their first code.
    Offers,
    /// Those of accounts that are being set up.
    Enrolments,
    /// What solves challenges.
    Challenges,
    /// Mail and posts that wait.
    Mail,
    /// Secrets of authenticators.
    Authenticators,
}

/// Where it is: statements, and what it is sealed for.
struct Place {
    purpose: &'static str,
    /// The next rows under one of the keys `$1` after the row `$2`, held: row, owner, key and text. Whoever
    /// waits for one of them waits for us, and we for nobody.
    next: &'static str,
    /// Puts key `$2` and text `$3` into the row `$1`.
    put: &'static str,
    /// How many rows are under one of the keys `$1`.
    left: &'static str,
    /// Before the first row.
    start: &'static str,
}

macro_rules! place {
    ($table:literal, $row:literal, uuid, $owner:literal, $purpose:expr) => {
        place!(
            $table,
            $row,
            concat!($row, "::text"),
            "$2::uuid",
            "$1::uuid",
            "00000000-0000-0000-0000-000000000000",
            $owner,
            $purpose
        )
    };
    ($table:literal, $row:literal, bytes, $owner:literal, $purpose:expr) => {
        place!(
            $table,
            $row,
            concat!("encode(", $row, ", 'hex')"),
            "decode($2, 'hex')",
            "decode($1, 'hex')",
            "",
            $owner,
            $purpose
        )
    };
    ($table:literal, $row:literal, $name:expr, $after:literal, $is:literal, $start:literal, $owner:literal, $purpose:expr) => {
        Place {
            purpose: $purpose,
            next: concat!(
                "SELECT ",
                $name,
                ", ",
                $owner,
                ", key_id, sealed FROM ",
                $table,
                " WHERE key_id = ANY($1) AND ",
                $row,
                " > ",
                $after,
                " ORDER BY ",
                $row,
                " LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED"
            ),
            put: concat!("UPDATE ", $table, " SET key_id = $2, sealed = $3 WHERE ", $row, " = ", $is),
            left: concat!("SELECT count(*) FROM ", $table, " WHERE key_id = ANY($1)"),
            start: $start,
        }
    };
}

impl Stored {
    /// All of them. Authenticators come last: a secret that is confirmed meanwhile has then moved there.
    pub const ALL: &[Self] =
        &[Self::Offers, Self::Enrolments, Self::Challenges, Self::Mail, Self::Authenticators];

    /// A stable name, for scripts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authenticators => "authenticators",
            Self::Offers => "offers",
            Self::Enrolments => "enrolments",
            Self::Challenges => "challenges",
            Self::Mail => "mail",
        }
    }

    #[rustfmt::skip]
    const fn place(self) -> Place {
        match self {
            Self::Authenticators => place!("totp_credentials", "id", uuid, "uuid_send(user_id)", totp::PURPOSE),
            Self::Offers => place!("authenticator_offers", "ticket_hash", bytes, "uuid_send(user_id)", totp::PURPOSE),
            Self::Enrolments => place!("enrolments", "ticket_hash", bytes, "uuid_send(user_id)", totp::PURPOSE),
            Self::Challenges => place!("captcha_challenges", "id_hash", bytes, "id_hash", challenge::SEAL),
            Self::Mail => place!("mail_outbox", "id", uuid, "uuid_send(id)", mail::outbox::PURPOSE),
        }
    }
}

/// What was sealed anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// How many of each, in the order of [`Stored::ALL`].
    pub rows: Vec<(Stored, u64)>,
    /// Rows that their key didn't open: somebody changed them. They stay as they are.
    pub unopened: u64,
    /// Rows that somebody held all the time, or sealed meanwhile with an older key.
    pub left: u64,
}

impl Resealed {
    /// In all.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows.iter().map(|(_, rows)| rows).sum()
    }
}

/// Seals with the present key what older keys of the ring sealed, batch by batch, and records it. It may
/// be stopped at any moment and begun anew. Servers go on meanwhile, if they have all keys of this ring.
///
/// # Errors
/// The database, a primitive.
pub async fn reseal(core: &Core) -> Result<Resealed, AuthError> {
    let ids = core.keys.ids();
    let Some((present, older)) = ids.split_first() else { return Ok(Resealed::default()) };
    let mut report =
        Resealed { rows: Stored::ALL.iter().map(|stored| (*stored, 0)).collect(), unopened: 0, left: 0 };
    for pass in 0..PASSES {
        if pass > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        (report.unopened, report.left) = (0, 0);
        for (stored, rows) in &mut report.rows {
            let place = stored.place();
            let (done, unopened) = all_of(core, &place, older).await?;
            *rows += done;
            report.unopened += unopened;
            let left: i64 = sqlx::query_scalar(place.left).bind(older).fetch_one(&core.pool).await?;
            report.left += u64::try_from(left).unwrap_or_default().saturating_sub(unopened);
        }
        if report.left == 0 {
            break;
        }
    }
    note(core, present, older, report.total()).await?;
    Ok(report)
}

/// How many rows were sealed anew, and how many didn't open.
async fn all_of(core: &Core, place: &Place, older: &[String]) -> Result<(u64, u64), AuthError> {
    let (mut done, mut unopened) = (0, 0);
    let mut last = place.start.to_owned();
    loop {
        let mut transaction = core.pool.begin().await?;
        let rows: Vec<(String, Vec<u8>, String, Vec<u8>)> = sqlx::query_as(place.next)
            .bind(older)
            .bind(&last)
            .bind(BATCH)
            .fetch_all(&mut *transaction)
            .await?;
        let Some((row, ..)) = rows.last() else { return Ok((done, unopened)) };
        last.clone_from(row);
        for (row, owner, key_id, bytes) in rows {
            let sealed = Sealed { key_id, bytes };
            if put(&mut transaction, core, place, &row, &owner, &sealed).await? {
                done += 1;
            } else {
                tracing::error!(row, purpose = place.purpose, "a sealed row doesn't open: it was changed");
                unopened += 1;
            }
        }
        transaction.commit().await?;
    }
}

/// Whether the row opened.
async fn put(
    connection: &mut PgConnection,
    core: &Core,
    place: &Place,
    row: &str,
    owner: &[u8],
    sealed: &Sealed,
) -> Result<bool, AuthError> {
    let plain = match core.keys.open(place.purpose, owner, sealed) {
        Ok(plain) => plain,
        Err(AuthError::Sealed) => return Ok(false),
        Err(error) => return Err(error),
    };
    let anew = core.keys.seal(&core.random, place.purpose, owner, &plain)?;
    sqlx::query(place.put).bind(row).bind(anew.key_id).bind(anew.bytes).execute(connection).await?;
    Ok(true)
}

/// Records the change, once: also if whoever sealed the last row was stopped before.
async fn note(core: &Core, present: &str, older: &[String], rows: u64) -> Result<(), AuthError> {
    let Some(before) = older.first() else { return Ok(()) };
    let is_noted: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM audit_log WHERE action = $1 AND details->>'after' = $2)",
    )
    .bind(Action::KeysRotated.as_str())
    .bind(present)
    .fetch_one(&core.pool)
    .await?;
    if is_noted && rows == 0 {
        return Ok(());
    }
    let mut transaction = core.pool.begin().await?;
    let details =
        AuditDetails { count: AuditDetails::counted(rows).count, ..AuditDetails::changed(before, present) };
    let event = Event::new(By::COMMAND_LINE, None, Action::KeysRotated).with(details);
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    Ok(())
}
