//! One way to the provider and back, sealed in the cookie of the browser that goes it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{ProviderOutcome, SessionHandle, UserId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use time::{Duration, OffsetDateTime};

use super::OidcError;
use crate::{Core, auth::AuthError, keys::Keyring, keys::Sealed, random::Random};

/// How long somebody may take at the provider.
pub const VALID: Duration = Duration::minutes(10);
const SEAL: &str = "reflect/oidc-flow";

/// What somebody goes to the provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// To sign in.
    SignIn,
    /// To link an identity to their account.
    Link {
        /// Whose account.
        user: UserId,
        /// The session that asked, which must hold still.
        session: SessionHandle,
    },
}

impl Purpose {
    /// The page that tells a person what came of it: its path and query.
    #[must_use]
    pub fn page_telling(self, outcome: ProviderOutcome) -> String {
        let page = match self {
            Self::SignIn => "/sign-in",
            Self::Link { .. } => "/settings/linked-account",
        };
        format!("{page}?provider={}", outcome.as_str())
    }
}

/// What is remembered of somebody who is on their way. Each text is 256 random bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flow {
    /// What for.
    pub purpose: Purpose,
    /// Comes back in the address (RFC 6749 §10.12).
    pub(super) state: String,
    /// Comes back in the token (OpenID Connect Core §3.1.2.1).
    pub(super) nonce: String,
    /// Shows the provider that who redeems the code has started the way (RFC 7636).
    pub(super) verifier: String,
    /// Unix seconds.
    expires_at: i64,
}

impl Flow {
    /// A new one.
    ///
    /// # Errors
    /// Randomness.
    pub(super) fn new(random: &Random, purpose: Purpose, now: OffsetDateTime) -> Result<Self, AuthError> {
        let text = || random.bytes::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        let expires_at = (now + VALID).unix_timestamp();
        Ok(Self { purpose, state: text()?, nonce: text()?, verifier: text()?, expires_at })
    }

    /// As the cookie has it.
    pub(super) fn seal(&self, keys: &Keyring, random: &Random) -> Result<String, AuthError> {
        let plain = serde_json::to_vec(self).map_err(|_| AuthError::Crypto("serialising"))?;
        let sealed = keys.seal(random, SEAL, b"", &plain)?;
        Ok(format!("{}.{}", sealed.key_id, URL_SAFE_NO_PAD.encode(sealed.bytes)))
    }

    /// From a cookie; `None` if it isn't one of ours.
    #[must_use]
    pub fn open(keys: &Keyring, cookie: &str) -> Option<Self> {
        let (key_id, bytes) = cookie.split_once('.')?;
        let sealed = Sealed { key_id: key_id.to_owned(), bytes: URL_SAFE_NO_PAD.decode(bytes).ok()? };
        serde_json::from_slice(&keys.open(SEAL, b"", &sealed).ok()?).ok()
    }

    /// Ends the way of whoever comes back with `state`: it can be ended once, in time.
    ///
    /// # Errors
    /// [`OidcError::Expired`]; the database.
    pub(super) async fn spend(&self, core: &Core, state: &str) -> Result<(), OidcError> {
        let now = core.now();
        let is_same: bool = self.state.as_bytes().ct_eq(state.as_bytes()).into();
        if !is_same || self.expires_at <= now.unix_timestamp() {
            return Err(OidcError::Expired);
        }
        let spent = sqlx::query(
            "INSERT INTO oidc_spent (state_hash, expires_at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        )
        .bind(Sha256::digest(&self.state).as_slice())
        .bind(now + VALID)
        .execute(&core.pool)
        .await?;
        if spent.rows_affected() == 1 { Ok(()) } else { Err(OidcError::Expired) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::PgPool;
    use time::macros::datetime;

    use super::*;
    use crate::testing::seeded;
    use crate::{ManualClock, testing};

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    fn flow(seed: u64) -> Flow {
        Flow::new(&seeded(seed), Purpose::SignIn, NOW).unwrap()
    }

    #[test]
    fn it_opens_where_it_was_sealed_and_nothing_else_does() {
        let (flow, keys) = (flow(1), Keyring::from_secret([7; 32]));
        let cookie = flow.seal(&keys, &seeded(2)).unwrap();
        assert!(Flow::open(&keys, &cookie).is_some_and(|opened| opened == flow));
        assert!(Flow::open(&Keyring::from_secret([8; 32]), &cookie).is_none());
        for text in ["", ".", "x.y", &cookie[1..], &cookie[..cookie.len() - 2]] {
            assert!(Flow::open(&keys, text).is_none(), "{text}");
        }
        assert!(!cookie.contains(&flow.state) && !cookie.contains(&flow.verifier));
    }

    #[test]
    fn no_two_are_alike() {
        let (one, two) = (flow(1), flow(2));
        assert!(one.state != two.state && one.nonce != two.nonce && one.verifier != two.verifier);
        assert!(one.state != one.nonce && one.nonce != one.verifier);
        assert_eq!(one.verifier.len(), 43, "RFC 7636 §4.1: 43 to 128 characters");
    }

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn it_is_good_once_for_its_state_and_for_ten_minutes(pool: PgPool) {
        let clock = Arc::new(ManualClock::new(NOW));
        let core = testing::core_at(pool, Arc::clone(&clock));
        let (early, late) = (flow(1), flow(2));
        assert!(matches!(early.spend(&core, &late.state).await, Err(OidcError::Expired)));
        assert!(matches!(early.spend(&core, "").await, Err(OidcError::Expired)));
        clock.advance(Duration::seconds(599));
        let tries = (0..20).map(|_| early.spend(&core, &early.state));
        let won = futures::future::join_all(tries).await.iter().filter(|outcome| outcome.is_ok()).count();
        assert_eq!(won, 1);
        clock.advance(Duration::SECOND);
        assert!(matches!(late.spend(&core, &late.state).await, Err(OidcError::Expired)));
        crate::auth::session::sweep(&core.pool, core.now()).await.unwrap();
        assert!(matches!(early.spend(&core, &early.state).await, Err(OidcError::Expired)), "swept or not");
    }
}
