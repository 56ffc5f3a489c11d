//! Signing in with an OpenID Connect provider of the operator's: the authorization code flow with PKCE.
//!
//! An identity opens an account only once somebody signed in by a code has linked it. It never makes one
//! and is never matched by its mail address.

mod error;
mod flow;
pub mod links;
mod provider;
#[cfg(test)]
mod tests;
mod token;

use std::time::Duration;

use openidconnect::{
    AuthType, AuthorizationCode, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, Nonce,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::{CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod},
};
use serde::Deserialize;

use self::provider::Metadata;
pub use self::{
    error::OidcError,
    flow::{Flow, Purpose, VALID},
    provider::{InvalidIssuer, Issuer, Provider, ProviderSettings},
};
pub use crate::http_client::InvalidRoots;
use crate::{Core, http_client::chain};
pub use openidconnect::ClientSecret;

/// Where the provider sends people back to, below the site's address.
pub const CALLBACK: &str = "/auth/oidc/callback";
/// The longest that asking the provider may take in all.
const DEADLINE: Duration = Duration::from_secs(20);

/// Somebody, as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The provider.
    pub issuer: String,
    /// What it calls them for ever (OpenID Connect Core §2, `sub`).
    pub subject: String,
    /// By what they know themselves there: an address or a name. It decides nothing.
    pub label: String,
}

/// What the provider sends back in the address (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Callback {
    state: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    iss: Option<String>,
}

/// The first half of a way.
#[derive(Debug)]
pub struct Started {
    /// Where to go.
    pub address: String,
    /// What the browser brings back in its cookie.
    pub cookie: String,
}

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// Sends somebody to the provider.
///
/// # Errors
/// [`OidcError::Provider`]; randomness.
pub async fn start(core: &Core, provider: &Provider, purpose: Purpose) -> Result<Started, OidcError> {
    let now = core.now();
    let metadata = provider.metadata(now).await?;
    let flow = Flow::new(&core.random, purpose, now)?;
    let verifier = PkceCodeVerifier::new(flow.verifier.clone());
    let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
    let (address, ..) = client(core, provider, &metadata)?
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
        .add_scope(Scope::new("profile".into()))
        .add_scope(Scope::new("email".into()))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
        .url();
    Ok(Started { address: address.into(), cookie: flow.seal(&core.keys, &core.random)? })
}

/// Who has come back from the provider by `flow`, which is then spent.
///
/// # Errors
/// [`OidcError::Expired`], [`OidcError::Denied`], [`OidcError::Provider`]; the database.
pub async fn finish(
    core: &Core,
    provider: &Provider,
    flow: &Flow,
    callback: Callback,
) -> Result<Identity, OidcError> {
    flow.spend(core, callback.state.as_deref().unwrap_or_default()).await?;
    let identity = identify(core, provider, flow, callback);
    let late = |_| OidcError::Provider(format!("{} takes too long", provider.issuer()));
    tokio::time::timeout(DEADLINE, identity).await.map_err(late)?
}

async fn identify(
    core: &Core,
    provider: &Provider,
    flow: &Flow,
    callback: Callback,
) -> Result<Identity, OidcError> {
    let metadata = provider.metadata(core.now()).await?;
    check_issuer(provider, &metadata, callback.iss.as_deref())?;
    if let Some(error) = callback.error {
        if error == "access_denied" {
            return Err(OidcError::Denied);
        }
        let description = callback.error_description.unwrap_or_default();
        return Err(OidcError::Provider(format!("answered {error:?}: {description:?}")));
    }
    let code = callback.code.ok_or_else(|| OidcError::Provider("answered without a code".into()))?;
    let client = client(core, provider, &metadata)?;
    let response = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(|error| OidcError::Provider(chain(&error)))?
        .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier.clone()))
        .request_async(provider)
        .await
        .map_err(|error| OidcError::Provider(format!("token endpoint: {}", chain(&error))))?;
    let claims = token::verify(core, provider, metadata, &response, &flow.nonce).await?;
    let label = match (token::label(&claims), flow.purpose) {
        (None, Purpose::Link { .. }) => token::asked_label(provider, &client, &response, &claims).await,
        (label, _) => label,
    };
    let subject = claims.subject().as_str().to_owned();
    let label = label.unwrap_or_else(|| subject.clone());
    Ok(Identity { issuer: provider.issuer().to_owned(), subject, label })
}

/// An answer that another provider made is refused, before its code is shown to this one (RFC 9207 §2.4).
fn check_issuer(provider: &Provider, metadata: &Metadata, iss: Option<&str>) -> Result<(), OidcError> {
    match iss {
        Some(iss) if iss == provider.issuer() => Ok(()),
        None if !metadata.additional_metadata().authorization_response_iss_parameter_supported => Ok(()),
        iss => Err(OidcError::Provider(format!("the answer is that of the issuer {iss:?}"))),
    }
}

fn client(core: &Core, provider: &Provider, metadata: &Metadata) -> Result<Client, OidcError> {
    let redirect = RedirectUrl::new(format!("{}{CALLBACK}", core.settings.origins.site))
        .map_err(|error| OidcError::Provider(chain(&error)))?;
    let secret = Some(provider.client_secret.clone());
    let client = CoreClient::from_provider_metadata(metadata.clone(), provider.client_id.clone(), secret)
        .set_redirect_uri(redirect);
    // RFC 6749 §2.3.1 prefers the header, and it is what a provider takes that doesn't say.
    let in_header = metadata.token_endpoint_auth_methods_supported().is_none_or(|methods| {
        methods.contains(&CoreClientAuthMethod::ClientSecretBasic)
            || !methods.contains(&CoreClientAuthMethod::ClientSecretPost)
    });
    Ok(client.set_auth_type(if in_header { AuthType::BasicAuth } else { AuthType::RequestBody }))
}
