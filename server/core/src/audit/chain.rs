//! The chain, without a database: what an entry's hash covers, and what is wrong with a row of them.

use std::{fmt, str::FromStr};

use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    auth::AuthError,
    keys::{Keyring, Signed},
};

const ENTRY: &str = "reflect/audit-entry";
const HEAD: &str = "reflect/audit-head";

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// An entry's columns, as they are stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(super) struct Content {
    pub(super) sequence: i64,
    pub(super) id: Uuid,
    pub(super) at: OffsetDateTime,
    pub(super) user_id: Option<Uuid>,
    pub(super) user_name: Option<String>,
    pub(super) actor: String,
    pub(super) actor_id: Option<Uuid>,
    pub(super) actor_name: Option<String>,
    pub(super) action: String,
    pub(super) outcome: String,
    pub(super) address: Option<String>,
    pub(super) agent: Option<String>,
    pub(super) device: Option<String>,
    pub(super) details: Value,
}

/// An entry and its place in the chain.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(super) struct Link {
    #[sqlx(flatten)]
    pub(super) content: Content,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
    pub(super) key_id: String,
    pub(super) seal: Vec<u8>,
}

impl Content {
    /// What the entry after `previous` has for a hash.
    ///
    /// Each field is preceded by whether it is there and by its length, so that nothing can move from
    /// one field to the next. Moments count in microseconds, which is what PostgreSQL keeps.
    pub(super) fn hash(&self, previous: &[u8]) -> Hash {
        let mut hasher = Sha256::new();
        let mut field = |bytes: Option<&[u8]>| {
            hasher.update([u8::from(bytes.is_some())]);
            let bytes = bytes.unwrap_or_default();
            hasher.update((bytes.len() as u64).to_be_bytes());
            hasher.update(bytes);
        };
        field(Some(b"reflect/audit/1"));
        field(Some(previous));
        field(Some(&self.sequence.to_be_bytes()));
        field(Some(self.id.as_bytes()));
        field(Some(&(self.at.unix_timestamp_nanos() / 1000).to_be_bytes()));
        field(self.user_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(self.user_name.as_deref().map(str::as_bytes));
        field(Some(self.actor.as_bytes()));
        field(self.actor_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(self.actor_name.as_deref().map(str::as_bytes));
        field(Some(self.action.as_bytes()));
        field(Some(self.outcome.as_bytes()));
        field(self.address.as_deref().map(str::as_bytes));
        field(self.agent.as_deref().map(str::as_bytes));
        field(self.device.as_deref().map(str::as_bytes));
        field(Some(canonical(&self.details).as_bytes()));
        hasher.finalize().into()
    }

    /// The entry as it follows `previous`, sealed.
    pub(super) fn chained(self, keys: &Keyring, previous: &[u8]) -> Result<Link, AuthError> {
        let hash = self.hash(previous);
        let Signed { key_id, mac } = keys.sign(ENTRY, &[&hash])?;
        Ok(Link {
            content: self,
            previous_hash: previous.to_vec(),
            hash: hash.to_vec(),
            key_id,
            seal: mac.to_vec(),
        })
    }
}

/// JSON with its members in the order of their names. PostgreSQL keeps them in an order of its own, and
/// `serde_json` does with one of its features.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut names: Vec<_> = members.iter().collect();
            names.sort_unstable_by_key(|(name, _)| *name);
            let members: Vec<_> = names
                .into_iter()
                .map(|(name, value)| format!("{}:{}", Value::from(name.as_str()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
}

/// Where the chain ends: what an operator notes, so that a log cut short later shows. `12:9f86…`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The last entry's number; 0 where there is none.
    pub sequence: i64,
    /// Its hash.
    pub hash: [u8; 32],
}

/// The text is no [`Head`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidHead;

impl fmt::Display for InvalidHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a head is a number, a colon and 64 hexadecimal digits, as `reflect verify` prints it")
    }
}

impl std::error::Error for InvalidHead {}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.sequence)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Head {
    type Err = InvalidHead;

    fn from_str(text: &str) -> Result<Self, InvalidHead> {
        let (sequence, digits) = text.trim().split_once(':').ok_or(InvalidHead)?;
        let sequence = sequence.parse().ok().filter(|sequence| *sequence >= 0).ok_or(InvalidHead)?;
        if digits.len() != 64 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidHead);
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| InvalidHead)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidHead)?;
        }
        Ok(Self { sequence, hash })
    }
}

/// The head as it is stored.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(super) struct StoredHead {
    pub(super) sequence: i64,
    pub(super) hash: Vec<u8>,
    pub(super) key_id: String,
    pub(super) seal: Vec<u8>,
}

impl StoredHead {
    /// The head after `link`.
    pub(super) fn of(link: &Link, keys: &Keyring) -> Result<Self, AuthError> {
        let sequence = link.content.sequence;
        let Signed { key_id, mac } = keys.sign(HEAD, &[&sequence.to_be_bytes(), &link.hash])?;
        Ok(Self { sequence, hash: link.hash.clone(), key_id, seal: mac.to_vec() })
    }

    /// What is wrong with it after the entry that `last` is the head of. The head of an empty log has no
    /// seal: whether that is in order is for [`super::verify::emptied`] to say.
    pub(super) fn damage(&self, keys: &Keyring, last: &Head) -> Result<Option<Damage>, AuthError> {
        if self.sequence > last.sequence {
            return Ok(Some(Damage::Missing { first: last.sequence + 1, last: self.sequence }));
        }
        if self.sequence < last.sequence || self.hash != last.hash {
            return Ok(Some(Damage::HeadChanged));
        }
        if self.sequence == 0 {
            return Ok(None);
        }
        let sealed =
            keys.is_mac(&self.key_id, HEAD, &[&self.sequence.to_be_bytes(), &self.hash], &self.seal)?;
        Ok(match sealed {
            Some(true) => None,
            Some(false) => Some(Damage::HeadChanged),
            None => Some(Damage::UnknownKey { sequence: self.sequence, key_id: self.key_id.clone() }),
        })
    }
}

/// What is wrong with the log, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Entries aren't there.
    #[error("{}", missing(*first, *last))]
    Missing {
        /// The first of them.
        first: i64,
        /// The last of them.
        last: i64,
    },
    /// The entry isn't the one that followed the entry before it.
    #[error("entry {sequence} does not follow the one before it: entries were moved, put in or taken out")]
    Reordered {
        /// Its number.
        sequence: i64,
    },
    /// The entry isn't what it was.
    #[error("entry {sequence} was changed")]
    Changed {
        /// Its number.
        sequence: i64,
    },
    /// The entry fits, but this instance didn't write it.
    #[error("entry {sequence} was not written by this instance")]
    Forged {
        /// Its number.
        sequence: i64,
    },
    /// The key that sealed the entry isn't at hand.
    #[error(
        "entry {sequence} is sealed with key {key_id}, which is not at hand; a head noted later vouches for it"
    )]
    UnknownKey {
        /// Its number.
        sequence: i64,
        /// The key's name.
        key_id: String,
    },
    /// The entry tells that the log's end had been changed when it was written.
    #[error("the end of the log had been changed before entry {sequence} was written")]
    Marked {
        /// Its number.
        sequence: i64,
    },
    /// There are accounts, of which the making at least is recorded, but no entries.
    #[error("there are accounts but no entries: the whole log was removed")]
    Emptied,
    /// The last entry isn't the one with which the log ended.
    #[error("the log does not end with what was written last")]
    HeadChanged,
    /// The entry isn't the one that was noted.
    #[error("entry {sequence} is not the one whose hash was noted")]
    NotAsNoted {
        /// Its number.
        sequence: i64,
    },
}

fn missing(first: i64, last: i64) -> String {
    if first == last {
        format!("entry {first} is missing")
    } else {
        format!("entries {first} to {last} are missing")
    }
}

impl Damage {
    /// A stable name, for scripts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing",
            Self::Reordered { .. } => "reordered",
            Self::Changed { .. } => "changed",
            Self::Forged { .. } => "forged",
            Self::UnknownKey { .. } => "unknown-key",
            Self::Marked { .. } => "marked",
            Self::Emptied => "emptied",
            Self::HeadChanged => "head-changed",
            Self::NotAsNoted { .. } => "not-as-noted",
        }
    }

    /// The first entry concerned, if it is one.
    #[must_use]
    pub const fn sequence(&self) -> Option<i64> {
        match self {
            Self::Missing { first: sequence, .. }
            | Self::Reordered { sequence }
            | Self::Changed { sequence }
            | Self::Forged { sequence }
            | Self::UnknownKey { sequence, .. }
            | Self::Marked { sequence }
            | Self::NotAsNoted { sequence } => Some(*sequence),
            Self::Emptied | Self::HeadChanged => None,
        }
    }
}

/// Goes along a chain.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Walk {
    /// The last entry that is in order.
    pub(super) last: Head,
    /// What somebody noted earlier: it vouches for what stands before it.
    pub(super) noted: Option<Head>,
}

impl Walk {
    /// Takes the next entry; what is wrong with it.
    pub(super) fn step(&mut self, keys: &Keyring, link: &Link) -> Result<Option<Damage>, AuthError> {
        let sequence = link.content.sequence;
        let expected = self.last.sequence + 1;
        if sequence > expected {
            return Ok(Some(Damage::Missing { first: expected, last: sequence - 1 }));
        }
        if link.previous_hash != self.last.hash || sequence < expected {
            return Ok(Some(Damage::Reordered { sequence }));
        }
        let hash = link.content.hash(&self.last.hash);
        if link.hash != hash {
            return Ok(Some(Damage::Changed { sequence }));
        }
        if self.noted.is_none_or(|noted| noted.sequence < sequence) {
            match keys.is_mac(&link.key_id, ENTRY, &[&hash], &link.seal)? {
                Some(true) => {}
                Some(false) => return Ok(Some(Damage::Forged { sequence })),
                None => return Ok(Some(Damage::UnknownKey { sequence, key_id: link.key_id.clone() })),
            }
            if link.content.action == model::types::Action::LogDamaged.as_str() {
                return Ok(Some(Damage::Marked { sequence }));
            }
        }
        if self.noted.is_some_and(|noted| noted.sequence == sequence && noted.hash != hash) {
            return Ok(Some(Damage::NotAsNoted { sequence }));
        }
        self.last = Head { sequence, hash };
        Ok(None)
    }

    /// What is wrong with the end.
    pub(super) fn finish(&self, keys: &Keyring, head: &StoredHead) -> Result<Option<Damage>, AuthError> {
        if let Some(noted) = self.noted.filter(|noted| noted.sequence > self.last.sequence) {
            return Ok(Some(Damage::Missing { first: self.last.sequence + 1, last: noted.sequence }));
        }
        let vouched = self.noted.is_some_and(|noted| noted.sequence == self.last.sequence);
        let damage = head.damage(keys, &self.last)?;
        Ok(damage.filter(|damage| !(vouched && matches!(damage, Damage::UnknownKey { .. }))))
    }
}
