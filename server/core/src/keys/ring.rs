//! The ring: sealing and keyed hashes.

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{auth::AuthError, random::Random};

const NONCE: usize = 24;

/// A sealed value as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The key that sealed it.
    pub key_id: String,
    /// Nonce (24 bytes), ciphertext, tag (16 bytes).
    pub bytes: Vec<u8>,
}

/// A keyed hash as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The key that it was made with.
    pub key_id: String,
    /// HMAC-SHA256.
    pub mac: [u8; 32],
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

/// The first key seals, all of them open.
struct Ring {
    first: Key,
    older: Vec<Key>,
}

impl Ring {
    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.older)
    }

    fn find(&self, id: &str) -> Option<&Key> {
        self.keys().find(|key| key.id == id)
    }
}

/// Keys of the instance. Redacted in `Debug`, zeroised when dropped.
///
/// A running server is given others by [`Self::replace`]. Each call works with the ring of one moment, so
/// what is stored beside a key's id was made by that key.
pub struct Keyring(RwLock<Arc<Ring>>);

impl Keyring {
    /// A ring with one key.
    #[must_use]
    pub fn from_secret(secret: [u8; 32]) -> Self {
        Self::from_secrets(secret, [])
    }

    /// A ring whose `first` key seals and whose `older` ones only open. A key that is named twice is in it
    /// once.
    #[must_use]
    pub fn from_secrets(first: [u8; 32], older: impl IntoIterator<Item = [u8; 32]>) -> Self {
        let mut ring = Ring { first: key(first), older: Vec::new() };
        for key in older.into_iter().map(key) {
            if ring.find(&key.id).is_none() {
                ring.older.push(key);
            }
        }
        Self(RwLock::new(Arc::new(ring)))
    }

    /// Takes the keys of `other` in the place of its own.
    pub fn replace(&self, other: &Self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = other.ring();
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn id(&self) -> String {
        self.ring().first.id.clone()
    }

    /// The ids of all keys, that of the one that seals first.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.ring().keys().map(|key| key.id.clone()).collect()
    }

    /// Seals `plain`. Only the same `purpose` and `owner` open it again, so that a row moved to
    /// another person is worth nothing.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] without randomness.
    pub fn seal(
        &self,
        random: &Random,
        purpose: &str,
        owner: &[u8],
        plain: &[u8],
    ) -> Result<Sealed, AuthError> {
        let nonce: [u8; NONCE] = random.bytes()?;
        let ring = self.ring();
        let key = ring.first.derive(purpose)?;
        let sealed = XChaCha20Poly1305::new(key.as_ref().into())
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: owner })
            .map_err(|_| AuthError::Crypto("sealing"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(Sealed { key_id: ring.first.id.clone(), bytes })
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
        let key = self.ring().find(&sealed.key_id).ok_or(AuthError::Sealed)?.derive(purpose)?;
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
        self.ring().first.mac(purpose, parts)
    }

    /// The same with the id of its key.
    ///
    /// # Errors
    /// As [`Self::mac`].
    pub fn sign(&self, purpose: &str, parts: &[&[u8]]) -> Result<Signed, AuthError> {
        let ring = self.ring();
        Ok(Signed { key_id: ring.first.id.clone(), mac: ring.first.mac(purpose, parts)? })
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
        let ring = self.ring();
        let Some(key) = ring.find(key_id) else { return Ok(None) };
        Ok(Some(key.mac(purpose, parts)?.ct_eq(mac).into()))
    }

    /// Whether `mac` is the keyed hash of `parts` under any key of the ring: for what lives so shortly that
    /// no id is kept beside it. Costs the same, whichever it is.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn is_mac_of_any(&self, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> Result<bool, AuthError> {
        let macs = self.macs(purpose, parts)?;
        Ok(macs.iter().fold(Choice::from(0), |is_any, of_key| is_any | of_key.ct_eq(mac)).into())
    }

    /// The keyed hashes of `parts` under every key of the ring, the present one first.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn macs(&self, purpose: &str, parts: &[&[u8]]) -> Result<Vec<[u8; 32]>, AuthError> {
        self.ring().keys().map(|key| key.mac(purpose, parts)).collect()
    }

    /// The beginning of a keyed hash of `parts` for every key of the ring, the present one first: what finds a row
    /// without telling of its content.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn selectors(&self, purpose: &str, parts: &[&[u8]]) -> Result<Vec<u32>, AuthError> {
        Ok(self.macs(purpose, parts)?.into_iter().map(selector).collect())
    }
}

/// The beginning of a keyed hash.
pub(crate) const fn selector(mac: [u8; 32]) -> u32 {
    let [a, b, c, d, ..] = mac;
    u32::from_be_bytes([a, b, c, d])
}

/// A key is named by the beginning of its hash, which tells nothing of it.
fn key(secret: [u8; 32]) -> Key {
    let [a, b, c, d, ..]: [u8; 32] = Sha256::digest(Sha256::digest(secret)).into();
    Key { id: format!("{a:02x}{b:02x}{c:02x}{d:02x}"), secret }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = self.ring();
        write!(f, "Keyring({}, {} older)", ring.first.id, ring.older.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::seeded;

    #[test]
    fn only_the_same_purpose_and_owner_open() {
        let keys = Keyring::from_secret([7; 32]);
        let sealed = keys.seal(&seeded(1), "totp", b"ada", b"secret").unwrap();
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
        let sealed = keys.seal(&seeded(1), "totp", b"ada", b"secret").unwrap();
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
        let old = Keyring::from_secret([1; 32]).seal(&seeded(1), "totp", b"ada", b"x").unwrap();
        let ring = Keyring::from_secrets([2; 32], [[1; 32]]);
        assert_eq!(ring.open("totp", b"ada", &old).unwrap().as_slice(), b"x");
        assert_ne!(ring.seal(&seeded(1), "totp", b"ada", b"x").unwrap().key_id, old.key_id);
    }

    #[test]
    fn a_keyed_hash_is_known_by_its_own_key_alone() {
        let old = Keyring::from_secret([1; 32]);
        let mac = old.mac("log", &[b"entry"]).unwrap();
        let ring = Keyring::from_secrets([2; 32], [[1; 32]]);
        let is = |id: &str, purpose, text: &[u8]| ring.is_mac(id, purpose, &[text], &mac).unwrap();
        assert_eq!(is(&old.id(), "log", b"entry"), Some(true));
        assert_eq!(is(&old.id(), "log", b"other"), Some(false));
        assert_eq!(is(&old.id(), "mail", b"entry"), Some(false));
        assert_eq!(is(&ring.id(), "log", b"entry"), Some(false));
        assert_eq!(is("00000000", "log", b"entry"), None);
    }

    #[test]
    fn any_key_of_the_ring_knows_its_hash_and_no_other_does() {
        let mac = Keyring::from_secret([1; 32]).mac("code", &[b"x"]).unwrap();
        let knows = |ring: Keyring, text: &[u8]| ring.is_mac_of_any("code", &[text], &mac).unwrap();
        assert!(knows(Keyring::from_secrets([2; 32], [[3; 32], [1; 32]]), b"x"));
        assert!(!knows(Keyring::from_secrets([2; 32], [[3; 32], [1; 32]]), b"y"));
        assert!(!knows(Keyring::from_secrets([2; 32], [[3; 32]]), b"x"));
    }

    #[test]
    fn other_keys_take_the_place_of_a_running_servers() {
        let ring = Keyring::from_secret([1; 32]);
        let old = ring.seal(&seeded(1), "totp", b"ada", b"x").unwrap();
        ring.replace(&Keyring::from_secrets([2; 32], [[1; 32], [2; 32], [1; 32]]));
        assert_eq!(ring.ids(), [Keyring::from_secret([2; 32]).id(), old.key_id.clone()]);
        assert!(ring.open("totp", b"ada", &old).is_ok());
        assert_eq!(ring.sign("log", &[b"x"]).unwrap().key_id, ring.id());
        ring.replace(&Keyring::from_secret([2; 32]));
        assert!(ring.open("totp", b"ada", &old).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", Keyring::from_secret([0xAB; 32])).contains("171"));
    }
}
