//! What a trusted device keeps in its cookie.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{auth::AuthError, keys::Keyring, random::Random};

const SERIES: usize = 16;
const SECRET: usize = 32;
const PURPOSE: &str = "reflect/device";

/// A series, which stays, and a secret, which changes with each use. 64 characters of base64url.
/// Redacted in `Debug`, zeroised when dropped.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct DeviceToken {
    series: [u8; SERIES],
    secret: [u8; SECRET],
}

/// The text is no [`DeviceToken`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDeviceToken;

impl DeviceToken {
    /// A fresh one.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] without randomness.
    pub(super) fn generate(random: &Random) -> Result<Self, AuthError> {
        Ok(Self { series: random.bytes()?, secret: random.bytes()? })
    }

    /// What follows this one. Two tabs that bring the same token at once get the same next one, and
    /// so does a phone that lost the first answer. Only the server's key can compute it.
    pub(super) fn next(&self, keys: &Keyring) -> Result<Self, AuthError> {
        let secret = keys.mac(PURPOSE, &[&self.series, &self.secret])?;
        Ok(Self { series: self.series, secret })
    }

    /// What followed this one, whichever key it was made with, if that has this hash.
    pub(super) fn successor(&self, keys: &Keyring, hash: &[u8]) -> Result<Option<Self>, AuthError> {
        let secrets = keys.macs(PURPOSE, &[&self.series, &self.secret])?;
        let mut tokens = secrets.into_iter().map(|secret| Self { series: self.series, secret });
        Ok(tokens.find(|token| token.is(hash)))
    }

    pub(super) fn series_hash(&self) -> Vec<u8> {
        Sha256::digest(self.series).to_vec()
    }

    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }

    pub(super) fn is(&self, hash: &[u8]) -> bool {
        self.hash().ct_eq(hash).into()
    }

    /// The text for the cookie.
    #[must_use]
    pub fn reveal(&self) -> String {
        let mut bytes = Vec::with_capacity(SERIES + SECRET);
        bytes.extend(self.series);
        bytes.extend(self.secret);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl FromStr for DeviceToken {
    type Err = InvalidDeviceToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidDeviceToken)?;
        let (series, secret) = bytes.split_first_chunk().ok_or(InvalidDeviceToken)?;
        let secret = secret.try_into().map_err(|_| InvalidDeviceToken)?;
        Ok(Self { series: *series, secret })
    }
}

impl fmt::Debug for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceToken(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    #[test]
    fn it_is_read_back_and_changes_by_the_servers_key_alone() {
        let keys = Keyring::from_secret([7; 32]);
        let token = DeviceToken::generate(&seeded(1)).unwrap();
        let text = token.reveal();
        assert_eq!(text.len(), 64);
        assert!(text.parse::<DeviceToken>().unwrap() == token);
        let next = token.next(&keys).unwrap();
        assert!(next != token && next.series_hash() == token.series_hash());
        assert!(next == token.next(&keys).unwrap());
        assert!(next != token.next(&Keyring::from_secret([8; 32])).unwrap());
        assert!(!format!("{token:?}").contains(&text));
    }

    #[test]
    fn nothing_else_is_one() {
        for text in ["", "x", &"A".repeat(63), &"A".repeat(65), &"é".repeat(32)] {
            assert_eq!(text.parse::<DeviceToken>().err(), Some(InvalidDeviceToken), "{text}");
        }
    }
}
