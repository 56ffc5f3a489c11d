//! Keys: sealing and keyed hashes.
//!
//! Everything is derived by HKDF-SHA256 from one 32-byte secret per key, a key of its own for each
//! purpose. Sealing is XChaCha20-Poly1305 with a random nonce; its 192 bits make a repeated one
//! unthinkable. The first key of the ring seals, all of them open, so that keys can be rotated.

use std::fmt;

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{auth::AuthError, random};

const NONCE: usize = 24;

/// A sealed value as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The key that sealed it.
    pub key_id: String,
    /// Nonce (24 bytes), ciphertext, tag (16 bytes).
    pub bytes: Vec<u8>,
}

#[derive(Zeroize, ZeroizeOnDrop)]
struct Key {
    #[zeroize(skip)]
    id: String,
    secret: [u8; 32],
}

impl Key {
    fn derive(&self, purpose: &str) -> Result<Zeroizing<[u8; 32]>, AuthError> {
        let mut derived = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &self.secret)
            .expand(purpose.as_bytes(), derived.as_mut())
            .map_err(|_| AuthError::Crypto("key derivation"))?;
        Ok(derived)
    }

    fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], AuthError> {
        let derived = self.derive(purpose)?;
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(derived.as_ref())
            .map_err(|_| AuthError::Crypto("keyed hash"))?;
        for part in parts {
            mac.update(part);
        }
        Ok(mac.finalize().into_bytes().into())
    }
}

/// Keys of the instance. Redacted in `Debug`, zeroised when dropped.
pub struct Keyring {
    first: Key,
    older: Vec<Key>,
}

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self { first: key(secret), older: Vec::new() }
    }

    /// The same ring with `secret` as a key that opens but no longer seals.
    #[must_use]
    pub fn with_older(mut self, secret: [u8; 32]) -> Self {
        self.older.push(key(secret));
        self
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.first.id
    }

    /// Seals `plain`. Only the same `purpose` and `owner` open it again, so that a row moved to
    /// another person is worth nothing.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] without randomness.
    pub fn seal(&self, purpose: &str, owner: &[u8], plain: &[u8]) -> Result<Sealed, AuthError> {
        let nonce: [u8; NONCE] = random::bytes()?;
        let key = self.first.derive(purpose)?;
        let sealed = XChaCha20Poly1305::new(key.as_ref().into())
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: owner })
            .map_err(|_| AuthError::Crypto("sealing"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(Sealed { key_id: self.first.id.clone(), bytes })
    }

    /// Opens what [`Self::seal`] made.
    ///
    /// # Errors
    /// [`AuthError::Sealed`] when the key isn't in the ring, or purpose, owner or a byte differ.
    pub fn open(
        &self,
        purpose: &str,
        owner: &[u8],
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, AuthError> {
        let mut keys = std::iter::once(&self.first).chain(&self.older);
        let key = keys.find(|key| key.id == sealed.key_id).ok_or(AuthError::Sealed)?.derive(purpose)?;
        let (nonce, text) = sealed.bytes.split_at_checked(NONCE).ok_or(AuthError::Sealed)?;
        XChaCha20Poly1305::new(key.as_ref().into())
            .decrypt(XNonce::from_slice(nonce), Payload { msg: text, aad: owner })
            .map(Zeroizing::new)
            .map_err(|_| AuthError::Sealed)
    }

    /// A keyed hash (HMAC-SHA256) of `parts`, which nobody without the present key can compute.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> Result<[u8; 32], AuthError> {
        self.first.mac(purpose, parts)
    }

    /// Whether `mac` is the keyed hash of `parts` under the key with this id; `None` if the ring hasn't
    /// that key.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn is_mac(
        &self,
        key_id: &str,
        purpose: &str,
        parts: &[&[u8]],
        mac: &[u8],
    ) -> Result<Option<bool>, AuthError> {
        let mut keys = std::iter::once(&self.first).chain(&self.older);
        let Some(key) = keys.find(|key| key.id == key_id) else { return Ok(None) };
        Ok(Some(key.mac(purpose, parts)?.ct_eq(mac).into()))
    }

    /// The beginning of a keyed hash of `parts` for every key of the ring, the present one first: what finds a row
    /// without telling of its content.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn selectors(&self, purpose: &str, parts: &[&[u8]]) -> Result<Vec<u32>, AuthError> {
        std::iter::once(&self.first)
            .chain(&self.older)
            .map(|key| {
                let [a, b, c, d, ..] = key.mac(purpose, parts)?;
                Ok(u32::from_be_bytes([a, b, c, d]))
            })
            .collect()
    }
}

/// A key is named by the beginning of its hash, which tells nothing of it.
fn key(secret: [u8; 32]) -> Key {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(Sha256::digest(secret)).into();
    Key { id: format!("{a:02x}{b:02x}{c:02x}{d:02x}"), secret }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({}, {} older)", self.first.id, self.older.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_purpose_and_owner_open() {
        let keys = Keyring::from_secret([7; 32]);
        let sealed = keys.seal("totp", b"ada", b"secret").unwrap();
        assert_eq!(keys.open("totp", b"ada", &sealed).unwrap().as_slice(), b"secret");
        assert!(matches!(keys.open("totp", b"bob", &sealed), Err(AuthError::Sealed)));
        assert!(matches!(keys.open("mail", b"ada", &sealed), Err(AuthError::Sealed)));
        assert!(matches!(
            Keyring::from_secret([8; 32]).open("totp", b"ada", &sealed),
            Err(AuthError::Sealed)
        ));
    }

    #[test]
    fn a_changed_or_short_text_does_not_open() {
        let keys = Keyring::from_secret([7; 32]);
        let sealed = keys.seal("totp", b"ada", b"secret").unwrap();
        for place in 0..sealed.bytes.len() {
            let mut changed = sealed.clone();
            changed.bytes[place] ^= 1;
            assert!(keys.open("totp", b"ada", &changed).is_err(), "{place}");
            changed.bytes.truncate(place);
            assert!(keys.open("totp", b"ada", &changed).is_err(), "{place}");
        }
    }

    #[test]
    fn an_older_key_opens_and_the_new_one_seals() {
        let old = Keyring::from_secret([1; 32]).seal("totp", b"ada", b"x").unwrap();
        let ring = Keyring::from_secret([2; 32]).with_older([1; 32]);
        assert_eq!(ring.open("totp", b"ada", &old).unwrap().as_slice(), b"x");
        assert_ne!(ring.seal("totp", b"ada", b"x").unwrap().key_id, old.key_id);
    }

    #[test]
    fn a_keyed_hash_is_known_by_its_own_key_alone() {
        let old = Keyring::from_secret([1; 32]);
        let mac = old.mac("log", &[b"entry"]).unwrap();
        let ring = Keyring::from_secret([2; 32]).with_older([1; 32]);
        let is = |id: &str, purpose, text: &[u8]| ring.is_mac(id, purpose, &[text], &mac).unwrap();
        assert_eq!(is(old.id(), "log", b"entry"), Some(true));
        assert_eq!(is(old.id(), "log", b"other"), Some(false));
        assert_eq!(is(old.id(), "mail", b"entry"), Some(false));
        assert_eq!(is(ring.id(), "log", b"entry"), Some(false));
        assert_eq!(is("00000000", "log", b"entry"), None);
    }

    #[test]
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", Keyring::from_secret([0xAB; 32])).contains("171"));
    }
}
