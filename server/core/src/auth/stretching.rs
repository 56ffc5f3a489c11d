//! Hashes of secrets that could be guessed if somebody had the database: Argon2id.

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version,
    password_hash::SaltString,
};
use tokio::sync::Semaphore;

use super::AuthError;

/// OWASP's smallest recommended setting: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>, AuthError> {
    let params = Params::new(19_456, 2, 1, None).map_err(|_| AuthError::Crypto("Argon2 parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// What makes two hashes of one secret differ: random, and never the same twice.
pub(crate) type Salt = [u8; 16];

/// The hash of a secret, as a PHC string.
///
/// # Errors
/// [`AuthError::Crypto`]
pub(crate) fn hash(secret: &[u8], salt: Salt) -> Result<String, AuthError> {
    let salt = SaltString::encode_b64(&salt).map_err(|_| AuthError::Crypto("salt"))?;
    let hash = argon2()?.hash_password(secret, &salt).map_err(|_| AuthError::Crypto("Argon2"))?;
    Ok(hash.to_string())
}

/// Whether the hash is the secret's; without a hash, the work of one all the same.
///
/// # Errors
/// [`AuthError::Crypto`]
pub(crate) fn matches(secret: &[u8], stored: Option<&str>) -> Result<bool, AuthError> {
    let Some(stored) = stored else {
        return hash(secret, Salt::default()).map(|_| false);
    };
    let parsed = PasswordHash::new(stored).map_err(|_| AuthError::Crypto("stored hash"))?;
    Ok(argon2()?.verify_password(secret, &parsed).is_ok())
}

/// Key stretching at once, over all of the process: each takes 19 MiB and a core, and anybody may
/// ask for it.
static STRETCHING: Semaphore = Semaphore::const_new(2);

/// Runs key stretching where it holds up nobody else.
///
/// # Errors
/// Those of `work`; [`AuthError::Crypto`] when the process is stopping.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    let _permit = STRETCHING.acquire().await.map_err(|_| AuthError::Crypto("worker stopped"))?;
    tokio::task::spawn_blocking(work).await.map_err(|_| AuthError::Crypto("worker stopped"))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_secret_matches_and_its_hash_says_how_it_was_made() {
        let stored = hash(b"right", [7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(matches(b"right", Some(&stored)).unwrap());
        assert!(!matches(b"wrong", Some(&stored)).unwrap());
        assert!(!matches(b"right", None).unwrap());
    }
}
