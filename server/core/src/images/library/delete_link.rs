//! Delete links: whoever has one may delete one image, without an account.
//!
//! The secret in it is the image's slug with a keyed hash of that, so nothing is stored for it, and a
//! link that was never made costs no query. It is good as long as the ring has the key it was made with.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{Slug, UserId};

use super::{StoredImage, owned};
use crate::{Core, auth::AuthError, images::ImageError, keys::Keyring};

const PURPOSE: &str = "reflect/delete-link";

/// What a delete link holds: 58 characters of base64url. Redacted in `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeleteSecret {
    slug: Slug,
    mac: Vec<u8>,
}

/// The text is no [`DeleteSecret`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidDeleteSecret;

impl DeleteSecret {
    /// That of the image with this slug, under the present key.
    ///
    /// # Errors
    /// [`AuthError::Crypto`] if the derivation fails.
    pub fn of(keys: &Keyring, slug: &Slug) -> Result<Self, AuthError> {
        let mac = keys.mac(PURPOSE, &[slug.as_str().as_bytes()])?.to_vec();
        Ok(Self { slug: slug.clone(), mac })
    }

    fn is_genuine(&self, keys: &Keyring) -> Result<bool, AuthError> {
        keys.is_mac_of_any(PURPOSE, &[self.slug.as_str().as_bytes()], &self.mac)
    }

    /// The text for an address.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{}{}", self.slug, URL_SAFE_NO_PAD.encode(&self.mac))
    }
}

impl FromStr for DeleteSecret {
    type Err = InvalidDeleteSecret;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (slug, mac) = text.split_at_checked(Slug::LENGTH).ok_or(InvalidDeleteSecret)?;
        let slug = slug.parse().map_err(|_| InvalidDeleteSecret)?;
        let mac = URL_SAFE_NO_PAD.decode(mac).map_err(|_| InvalidDeleteSecret)?;
        Ok(Self { slug, mac })
    }
}

impl fmt::Debug for DeleteSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeleteSecret({}, ****)", self.slug)
    }
}

/// What a delete link is for: the image and whose it is; `None` where that is deleted already.
///
/// # Errors
/// [`ImageError::NotFound`] for a secret that isn't one of ours, [`ImageError::Database`].
pub async fn linked(core: &Core, secret: &str) -> Result<Option<(UserId, StoredImage)>, ImageError> {
    let secret: DeleteSecret = secret.parse().map_err(|_| ImageError::NotFound)?;
    if !secret.is_genuine(&core.keys).map_err(|_| ImageError::Worker)? {
        return Err(ImageError::NotFound);
    }
    owned(core, &secret.slug).await
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slug() -> Slug {
        "abcDEF012345678".parse().unwrap()
    }

    #[test]
    fn a_secret_is_good_for_its_image_under_any_key_of_the_ring() {
        let old = Keyring::from_secret([1; 32]);
        let secret = DeleteSecret::of(&old, &slug()).unwrap();
        assert!(secret.is_genuine(&old).unwrap());
        assert!(secret.is_genuine(&Keyring::from_secrets([2; 32], [[1; 32]])).unwrap());
        assert!(!secret.is_genuine(&Keyring::from_secret([2; 32])).unwrap());
        let moved = DeleteSecret { slug: "abcDEF012345679".parse().unwrap(), ..secret };
        assert!(!moved.is_genuine(&old).unwrap());
    }

    #[test]
    fn it_is_read_back_and_its_log_form_opens_nothing() {
        let secret = DeleteSecret::of(&Keyring::from_secret([7; 32]), &slug()).unwrap();
        let text = secret.reveal();
        assert_eq!(text.len(), 58);
        assert_eq!(text.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "DeleteSecret(abcDEF012345678, ****)");
    }

    #[test]
    fn a_changed_or_short_text_is_not_genuine() {
        let keys = Keyring::from_secret([7; 32]);
        let text = DeleteSecret::of(&keys, &slug()).unwrap().reveal();
        let is_genuine = |text: &str| text.parse().is_ok_and(|s: DeleteSecret| s.is_genuine(&keys).unwrap());
        assert!(is_genuine(&text));
        for place in 0..text.len() {
            let mut changed = text.clone().into_bytes();
            changed[place] = if changed[place] == b'a' { b'b' } else { b'a' };
            assert!(!is_genuine(&String::from_utf8(changed).unwrap()), "{place}");
            assert!(!is_genuine(&text[..place]), "{place}");
        }
    }

    proptest! {
        #[test]
        fn no_other_text_is_one(text in "\\PC{0,60}") {
            let keys = Keyring::from_secret([7; 32]);
            let secret = text.parse::<DeleteSecret>();
            prop_assert!(!secret.is_ok_and(|secret| secret.is_genuine(&keys).unwrap()));
        }
    }
}
