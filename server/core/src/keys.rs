//! Keys: sealing and keyed hashes.

use std::fmt;

/// Keys of the instance, derived per purpose from one 32-byte secret. Redacted in `Debug`.
pub struct Keyring {}

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn from_secret(_secret: [u8; 32]) -> Self {
        unimplemented!()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring(…)")
    }
}
