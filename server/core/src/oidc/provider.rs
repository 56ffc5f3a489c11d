//! The provider: its settings, and what it says of itself.

use std::{fmt, str::FromStr, sync::Arc};

use openidconnect::{
    AdditionalProviderMetadata, AsyncHttpClient, ClientId, ClientSecret, HttpRequest, HttpResponse,
    IssuerUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;

use super::OidcError;
use crate::http_client::{HttpClient, HttpError, InvalidRoots, Schemes, chain};

/// How long its metadata and keys are kept.
const KEPT: Duration = Duration::HOUR;
/// How often a token with an unknown key may have them read anew.
const RENEWED: Duration = Duration::MINUTE;
/// How long a provider that didn't answer is left alone.
const PAUSE: Duration = Duration::seconds(10);

/// Where a provider is: `https://`, or `http://` on this machine (OpenID Connect Discovery §2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer(IssuerUrl);

/// The text is no [`Issuer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an https:// address without query, exactly as the provider writes its issuer")]
pub struct InvalidIssuer;

impl FromStr for Issuer {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        let issuer = IssuerUrl::new(text.trim().to_owned()).map_err(|_| InvalidIssuer)?;
        let url = issuer.url();
        let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if Schemes::of(url).is_some() && is_plain { Ok(Self(issuer)) } else { Err(InvalidIssuer) }
    }
}

/// What the operator says of the provider. `Debug` doesn't show the secret.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Where it is.
    pub issuer: Issuer,
    /// What it calls this instance.
    pub client_id: String,
    /// By which it knows this instance.
    pub client_secret: ClientSecret,
    /// What people call it. Default: its host.
    pub name: Option<String>,
    /// Root certificates (PEM) besides Mozilla's.
    pub roots: Option<Vec<u8>>,
}

/// The provider, and what is known of it.
pub struct Provider {
    pub(super) client_id: ClientId,
    pub(super) client_secret: ClientSecret,
    pub(super) http: HttpClient,
    issuer: IssuerUrl,
    name: String,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    metadata: Option<(Arc<Metadata>, OffsetDateTime)>,
    failed_at: Option<OffsetDateTime>,
}

/// What a provider says of itself, and its keys.
pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// Metadata that the library doesn't know.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct More {
    /// Whether answers name the issuer (RFC 9207 §3).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

impl Provider {
    /// A provider of which nothing is known yet.
    ///
    /// # Errors
    /// [`InvalidRoots`].
    pub fn new(settings: ProviderSettings) -> Result<Self, InvalidRoots> {
        let Issuer(issuer) = settings.issuer;
        let schemes = Schemes::of(issuer.url()).unwrap_or(Schemes::Https);
        let host = || issuer.url().host_str().unwrap_or_default().to_owned();
        Ok(Self {
            client_id: ClientId::new(settings.client_id),
            client_secret: settings.client_secret,
            http: HttpClient::new(schemes, settings.roots.as_deref())?,
            name: settings.name.unwrap_or_else(host),
            issuer,
            known: Mutex::default(),
        })
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its issuer, as links have it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// Asks it what it says of itself, so that a wrong setting is in the log from the start.
    pub async fn introduce(&self, now: OffsetDateTime) {
        match self.metadata(now).await {
            Ok(_) => tracing::info!(issuer = self.issuer(), "OpenID Connect provider"),
            Err(error) => tracing::warn!(%error, "REFLECT_OIDC_ISSUER: nobody can sign in by it for now"),
        }
    }

    /// What it says of itself. One asks, the others wait; a provider that is out of reach is asked
    /// again a little later, and what was known of it holds meanwhile.
    ///
    /// # Errors
    /// [`OidcError::Provider`].
    pub(super) async fn metadata(&self, now: OffsetDateTime) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.known.lock().await;
        match &known.metadata {
            Some((metadata, read_at)) if now < *read_at + KEPT => return Ok(Arc::clone(metadata)),
            _ => {}
        }
        let outcome = self.read(&mut known, now).await;
        match (outcome, &known.metadata) {
            (Err(error), Some((old, _))) => {
                tracing::warn!(%error, "OpenID Connect provider: going on with what was known");
                Ok(Arc::clone(old))
            }
            (outcome, _) => outcome,
        }
    }

    /// What it says now that `old` doesn't know a key; `None` if it has said nothing new.
    pub(super) async fn newer_metadata(
        &self,
        old: &Arc<Metadata>,
        now: OffsetDateTime,
    ) -> Result<Option<Arc<Metadata>>, OidcError> {
        let mut known = self.known.lock().await;
        match &known.metadata {
            Some((metadata, _)) if !Arc::ptr_eq(metadata, old) => Ok(Some(Arc::clone(metadata))),
            Some((_, read_at)) if now < *read_at + RENEWED => Ok(None),
            _ => self.read(&mut known, now).await.map(Some),
        }
    }

    async fn read(&self, known: &mut Known, now: OffsetDateTime) -> Result<Arc<Metadata>, OidcError> {
        if known.failed_at.is_some_and(|at| now < at + PAUSE) {
            return Err(OidcError::Provider(format!("{} is out of reach", self.issuer())));
        }
        match Metadata::discover_async(self.issuer.clone(), self).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *known = Known { metadata: Some((Arc::clone(&metadata), now)), failed_at: None };
                Ok(metadata)
            }
            Err(error) => {
                known.failed_at = Some(now);
                Err(OidcError::Provider(format!("{}: {}", self.issuer(), chain(&error))))
            }
        }
    }
}

/// The library's requests go by our client.
impl<'c> AsyncHttpClient<'c> for Provider {
    type Error = HttpError;
    type Future = futures::future::BoxFuture<'c, Result<HttpResponse, HttpError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.http.send(request))
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("issuer", &self.issuer()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_has_https_or_is_on_this_machine() {
        for good in [
            "https://id.example",
            "https://id.example/realms/home",
            "https://id.example/application/o/reflect/",
            "http://127.0.0.1:9000",
            "http://localhost:9000",
            "http://[::1]:9000",
        ] {
            assert!(good.parse::<Issuer>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "id.example",
            "http://id.example",
            "http://127.0.0.1.example",
            "ftp://id.example",
            "https://id.example/?a=b",
            "https://id.example/#a",
            "https://ada@id.example",
        ] {
            assert_eq!(bad.parse::<Issuer>(), Err(InvalidIssuer), "{bad}");
        }
    }

    #[test]
    fn settings_do_not_show_the_secret() {
        let settings = ProviderSettings {
            issuer: "https://id.example/realms/home".parse().unwrap(),
            client_id: "reflect".into(),
            client_secret: ClientSecret::new("hunter2".into()),
            name: None,
            roots: None,
        };
        assert!(!format!("{settings:?}").contains("hunter2"));
        let provider = Provider::new(settings).unwrap();
        assert!(!format!("{provider:?}").contains("hunter2"));
        assert_eq!((provider.name(), provider.issuer()), ("id.example", "https://id.example/realms/home"));
    }
}
