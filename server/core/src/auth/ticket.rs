//! What a first code proved, handed to whoever must bring a second one, or a mailed one.
//!
//! Sealed, and the same to look at whether the code was right or wrong, for an account or for
//! nobody's: only the second code's answer tells. It holds no room in the database and says nothing
//! that isn't judged again.

use std::net::IpAddr;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::{AuthError, attempts::AccountKey, email_code, policy::address_key};
use crate::{
    keys::{Keyring, Sealed},
    random::Random,
};

/// What comes after the first code. A ticket for one is worth nothing for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Second {
    /// The next code.
    Code,
    /// A mailed one.
    MailedCode,
}

impl Second {
    const fn valid(self) -> Duration {
        match self {
            // The next code is at most a minute away, and then it must be typed.
            Self::Code => Duration::minutes(3),
            Self::MailedCode => email_code::VALID,
        }
    }

    const fn purpose(self) -> &'static str {
        match self {
            Self::Code => "reflect/second-code",
            Self::MailedCode => "reflect/mailed-code",
        }
    }
}

/// A right first code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FirstCode {
    /// Whose code it was.
    pub(super) credential: Uuid,
    /// Its step.
    pub(super) step: i64,
}

/// The content of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ticket {
    pub(super) account: AccountKey,
    pub(super) authenticators: u8,
    /// Whose account it is, if anybody's.
    pub(super) user: Option<Uuid>,
    /// `None` if the first code was wrong.
    pub(super) first: Option<FirstCode>,
}

/// Expiry, account, authenticators, user, credential, step. A user or credential of zeroes is none.
const LENGTH: usize = 8 + 32 + 1 + 16 + 16 + 8;

impl Ticket {
    /// Seals it for whoever comes from `from` with what comes second.
    pub(super) fn seal(
        self,
        second: Second,
        keys: &Keyring,
        random: &Random,
        from: IpAddr,
        now: OffsetDateTime,
    ) -> Result<String, AuthError> {
        let (credential, step) = self.first.map_or((Uuid::nil(), 0), |first| (first.credential, first.step));
        let mut plain = Vec::with_capacity(LENGTH);
        plain.extend((now + second.valid()).unix_timestamp().to_be_bytes());
        plain.extend(self.account.as_bytes());
        plain.push(self.authenticators);
        plain.extend(self.user.unwrap_or_default().as_bytes());
        plain.extend(credential.as_bytes());
        plain.extend(step.to_be_bytes());
        let sealed = keys.seal(random, second.purpose(), address_key(from).as_bytes(), &plain)?;
        Ok(format!("{}.{}", sealed.key_id, URL_SAFE_NO_PAD.encode(sealed.bytes)))
    }

    /// Opens a ticket that was sealed for the same address and purpose within the last minutes.
    ///
    /// # Errors
    /// [`AuthError::SignInExpired`].
    pub(super) fn open(
        second: Second,
        keys: &Keyring,
        from: IpAddr,
        text: &str,
        now: OffsetDateTime,
    ) -> Result<Self, AuthError> {
        let plain = Self::plain(second, keys, from, text).ok_or(AuthError::SignInExpired)?;
        let (ticket, expiry) = Self::read(&plain).ok_or(AuthError::SignInExpired)?;
        if expiry <= now.unix_timestamp() { Err(AuthError::SignInExpired) } else { Ok(ticket) }
    }

    fn plain(second: Second, keys: &Keyring, from: IpAddr, text: &str) -> Option<Vec<u8>> {
        let (key_id, bytes) = text.split_once('.')?;
        let sealed = Sealed { key_id: key_id.to_owned(), bytes: URL_SAFE_NO_PAD.decode(bytes).ok()? };
        keys.open(second.purpose(), address_key(from).as_bytes(), &sealed).ok().map(|plain| plain.to_vec())
    }

    fn read(plain: &[u8]) -> Option<(Self, i64)> {
        let (expiry, rest) = plain.split_first_chunk()?;
        let (account, rest) = rest.split_first_chunk()?;
        let (authenticators, rest) = rest.split_first()?;
        let (user, rest) = rest.split_first_chunk()?;
        let (credential, rest) = rest.split_first_chunk()?;
        let step = i64::from_be_bytes(rest.try_into().ok()?);
        let credential = Uuid::from_bytes(*credential);
        let first = (!credential.is_nil()).then_some(FirstCode { credential, step });
        let account = AccountKey::from_bytes(*account);
        let user = Some(Uuid::from_bytes(*user)).filter(|user| !user.is_nil());
        let ticket = Self { account, authenticators: *authenticators, user, first };
        Some((ticket, i64::from_be_bytes(*expiry)))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::testing::seeded;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);
    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn keys() -> Keyring {
        Keyring::from_secret([7; 32])
    }

    fn ticket(first: Option<FirstCode>) -> Ticket {
        let user = first.map(|_| Uuid::from_bytes([4; 16]));
        Ticket { account: AccountKey::of(None), authenticators: 1, user, first }
    }

    #[test]
    fn it_opens_for_some_minutes_where_it_was_given_for_what_it_was_given() {
        let first = FirstCode { credential: Uuid::from_bytes([3; 16]), step: 58_000_000 };
        let ticket = ticket(Some(first));
        for (second, other, valid) in
            [(Second::Code, Second::MailedCode, 180), (Second::MailedCode, Second::Code, 600)]
        {
            let text = ticket.seal(second, &keys(), &seeded(1), HOME, NOW).unwrap();
            let open = |second, from, seconds| {
                Ticket::open(second, &keys(), from, &text, NOW + Duration::seconds(seconds))
            };
            assert_eq!(open(second, HOME, valid - 1).unwrap(), ticket);
            for (second, from, seconds) in [(second, HOME, valid), (second, AWAY, 0), (other, HOME, 0)] {
                assert!(matches!(open(second, from, seconds), Err(AuthError::SignInExpired)));
            }
        }
    }

    #[test]
    fn right_and_wrong_look_alike() {
        let first = FirstCode { credential: Uuid::from_bytes([3; 16]), step: 58_000_000 };
        let length =
            |ticket: Ticket| ticket.seal(Second::Code, &keys(), &seeded(1), HOME, NOW).unwrap().len();
        assert_eq!(length(ticket(None)), length(ticket(Some(first))));
    }

    #[test]
    fn nothing_else_opens() {
        for text in ["", ".", "x.y", "no dot", &"A".repeat(400)] {
            assert!(
                matches!(Ticket::open(Second::Code, &keys(), HOME, text, NOW), Err(AuthError::SignInExpired)),
                "{text}"
            );
        }
    }
}
