//! Random names that are handed out once and stored as hashes: of links, and of what is offered to
//! somebody who has to confirm it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::Duration;

use super::AuthError;
use crate::random::Random;

/// How long somebody has to confirm what they are offered: a secret, recovery codes.
pub(super) const OFFERED: Duration = Duration::minutes(10);

/// What has to be true of an offer at the moment `$3`, where `$4` is [`OFFERED`]. Ending sessions deletes what is there;
/// what was asked for before and is stored after that is no better.
macro_rules! stands {
    () => {
        "expires_at > $3 AND expires_at - $4 >= \
         coalesce((SELECT sessions_since FROM users WHERE id = user_id), '-infinity')"
    };
}
pub(super) use stands;

/// The same in seconds, for whoever shows it.
pub(super) fn offered_seconds() -> u32 {
    u32::try_from(OFFERED.whole_seconds()).unwrap_or_default()
}

/// 256 bits, as they stand in an address.
pub(super) fn new_token(random: &Random) -> Result<String, AuthError> {
    Ok(URL_SAFE_NO_PAD.encode(random.bytes::<32>()?))
}

/// The form in which a token is stored.
pub(super) fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}
