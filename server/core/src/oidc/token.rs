//! What the provider says of a person, and whether it was the provider who said it.

use std::sync::Arc;

use chrono::DateTime;
use openidconnect::{
    ClaimsVerificationError, Nonce, OAuth2TokenResponse as _, SignatureVerificationError, TokenResponse as _,
    core::{
        CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse,
        CoreUserInfoClaims,
    },
};
use time::{Duration, OffsetDateTime};

use super::{Client, OidcError, Provider, provider::Metadata};
use crate::{Core, http_client::chain};

/// How far the provider's clock may be from ours.
const SKEW: Duration = Duration::MINUTE;
/// Characters of a label, at most.
const LONGEST: usize = 254;
/// Signatures by keys that only the provider has. Neither `none`, nor any that is made with the client's
/// secret.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims of the ID token, checked as OpenID Connect Core §3.1.3.7 says. A key that isn't known has
/// the provider's read anew.
pub(super) async fn verify(
    core: &Core,
    provider: &Provider,
    metadata: Arc<Metadata>,
    response: &CoreTokenResponse,
    nonce: &str,
) -> Result<CoreIdTokenClaims, OidcError> {
    let now = core.now();
    let token = response.id_token().ok_or_else(|| OidcError::Provider("no ID token".into()))?;
    let nonce = Nonce::new(nonce.to_owned());
    let claims = |metadata: &Metadata| token.claims(&verifier(provider, metadata, now), &nonce).cloned();
    let refused = match claims(&metadata) {
        Ok(claims) => return Ok(claims),
        Err(refused) => refused,
    };
    let newer = if is_of_a_key(&refused) { provider.newer_metadata(&metadata, now).await? } else { None };
    newer
        .map_or(Err(refused), |metadata| claims(&metadata))
        .map_err(|refused| OidcError::Provider(format!("ID token: {}", chain(&refused))))
}

/// Whether other keys might make a difference.
fn is_of_a_key(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey
                | SignatureVerificationError::AmbiguousKeyId(_)
                | SignatureVerificationError::CryptoError(_)
        )
    )
}

fn verifier<'a>(provider: &Provider, metadata: &Metadata, now: OffsetDateTime) -> CoreIdTokenVerifier<'a> {
    let seconds = move |moment: OffsetDateTime| {
        DateTime::from_timestamp(moment.unix_timestamp(), 0).unwrap_or(DateTime::UNIX_EPOCH)
    };
    CoreIdTokenVerifier::new_confidential_client(
        provider.client_id.clone(),
        provider.client_secret.clone(),
        metadata.issuer().clone(),
        metadata.jwks().clone(),
    )
    .set_allowed_algs(SIGNATURES)
    .set_time_fn(move || seconds(now - SKEW))
    .set_issue_time_verifier_fn(move |issued| {
        if issued <= seconds(now + SKEW) { Ok(()) } else { Err(format!("issued in the future, at {issued}")) }
    })
}

/// The library has a type for claims of each origin, and nothing that both share.
macro_rules! label_in {
    ($claims:expr) => {
        first([
            $claims.email().map(|email| email.as_str()),
            $claims.preferred_username().map(|name| name.as_str()),
            $claims.name().and_then(|name| name.get(None)).map(|name| name.as_str()),
        ])
    };
}

/// By what the token says that the person knows themselves.
pub(super) fn label(claims: &CoreIdTokenClaims) -> Option<String> {
    label_in!(claims)
}

/// The same from the provider's userinfo endpoint: many tokens bring nothing but the subject. Without an
/// answer the subject is label enough.
pub(super) async fn asked_label(
    provider: &Provider,
    client: &Client,
    response: &CoreTokenResponse,
    claims: &CoreIdTokenClaims,
) -> Option<String> {
    let subject = claims.subject().clone();
    let request = client.user_info(response.access_token().clone(), Some(subject)).ok()?;
    let answer: Result<CoreUserInfoClaims, _> = request.request_async(provider).await;
    let claims = answer.inspect_err(|error| tracing::info!(error = chain(error), "userinfo")).ok()?;
    label_in!(claims)
}

/// The first that says something, printable and short.
fn first(texts: [Option<&str>; 3]) -> Option<String> {
    let clean = |text: &str| {
        let text: String = text.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
        text.trim().to_owned()
    };
    texts.into_iter().flatten().map(clean).find(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_the_first_that_says_something() {
        assert_eq!(first([None, Some(" \n"), Some("Ada\u{7}")]).as_deref(), Some("Ada"));
        assert_eq!(first([Some("ada@example.org"), Some("ada"), None]).as_deref(), Some("ada@example.org"));
        assert_eq!(first([None, None, None]), None);
        assert_eq!(first([Some(&"é".repeat(1000)), None, None]).unwrap().chars().count(), LONGEST);
    }
}
