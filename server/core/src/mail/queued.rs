//! For tests: what the outbox holds, as its reader would see it.

use crate::{Core, keys::Sealed, mail::letter::Letter};

/// A mail that waits in the outbox.
#[derive(Clone, Debug)]
pub struct Queued {
    /// The address.
    pub to: String,
    /// Its kind, as stored.
    pub kind: String,
    /// The subject.
    pub subject: String,
    /// The plain text.
    pub text: String,
}

impl Queued {
    /// Everything that waits, oldest first: keys of one millisecond have no order, rows on the page do.
    ///
    /// # Panics
    /// If the outbox can't be read.
    #[expect(clippy::unwrap_used, reason = "a test that can't read the outbox can only stop")]
    pub async fn all(core: &Core) -> Vec<Self> {
        let rows: Vec<(uuid::Uuid, String, String, String, Vec<u8>)> = sqlx::query_as(
            "SELECT id, recipient, kind, key_id, sealed FROM mail_outbox \
             WHERE channel = 'mail' AND sealed IS NOT NULL ORDER BY created_at, ctid",
        )
        .fetch_all(&core.pool)
        .await
        .unwrap();
        let open = |(id, to, kind, key_id, bytes): (uuid::Uuid, String, String, String, Vec<u8>)| {
            let plain = core.keys.open(super::outbox::PURPOSE, id.as_bytes(), &Sealed { key_id, bytes });
            let letter: Letter = serde_json::from_slice(&plain.unwrap()).unwrap();
            Self { to, kind, subject: letter.subject, text: letter.text }
        };
        rows.into_iter().map(open).collect()
    }

    /// The only run of six digits in the text.
    #[must_use]
    pub fn code(&self) -> String {
        let mut runs = self.text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 6);
        runs.next().unwrap_or_default().to_owned()
    }

    /// The token at the end of the wizard's address in the text.
    #[must_use]
    pub fn enrolment_token(&self) -> String {
        let after = self.text.split("/enrol/").nth(1).unwrap_or_default();
        after.split_whitespace().next().unwrap_or_default().to_owned()
    }
}
