//! Alerts for programs: one POST of JSON each, to an address of the operator's.
//!
//! ```json
//! {"id": "019…", "at": "2026-11-20T12:00:00Z", "action": "new_device", "user": "ada",
//!  "address": "192.0.2.7", "device": "Firefox on Linux", "instance": "https://pictures.example"}
//! ```
//! `id` is the audit entry's and the same at every try; `action` is the entry's, but `new_device` for a
//! sign-in. What isn't known or concerns nobody is `null`. The header `X-Reflect-Signature` is
//! `sha256=` and HMAC-SHA256 (RFC 2104) of the body under the shared secret, in hexadecimal.

use std::{fmt, str::FromStr};

use hmac::{Hmac, Mac};
use http::{Request, header};
use model::types::{Action, AuditEntry, Timestamp};
use serde::Serialize;
use sha2::Sha256;
use sqlx::PgConnection;
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Core, Settings,
    auth::AuthError,
    http_client::{HttpClient, InvalidRoots, Schemes},
    mail::outbox::{self, Channel, Parcel, Refusal, Way},
};

/// Where the signature is.
const SIGNATURE: &str = "x-reflect-signature";

/// Where alerts are posted to: `https://`, or `http://` on this machine. The path may be a secret, so
/// neither `Debug` nor `Display` show it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl(Url);

/// The text is no [`WebhookUrl`]. It isn't repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an https:// address without a user (http:// only on this machine)")]
pub struct InvalidWebhookUrl;

impl WebhookUrl {
    /// The host, by which people know it.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl FromStr for WebhookUrl {
    type Err = InvalidWebhookUrl;

    fn from_str(text: &str) -> Result<Self, InvalidWebhookUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidWebhookUrl)?;
        let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if is_plain && Schemes::of(&url).is_some() { Ok(Self(url)) } else { Err(InvalidWebhookUrl) }
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.host())
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({}/…)", self.host())
    }
}

/// What is posted.
#[derive(Serialize)]
struct Post<'a> {
    id: Uuid,
    at: &'a Timestamp,
    action: &'static str,
    user: Option<&'a str>,
    address: Option<&'a str>,
    device: Option<&'a str>,
    instance: &'a str,
}

/// Queues the post of an alert, where a webhook is set.
pub(super) async fn enqueue(
    connection: &mut PgConnection,
    core: &Core,
    entry: &AuditEntry,
) -> Result<(), AuthError> {
    let Some(url) = &core.settings.alert_webhook else { return Ok(()) };
    let post = Post {
        id: entry.id,
        at: &entry.at,
        action: match entry.action {
            Action::SignedIn => "new_device",
            action => action.as_str(),
        },
        user: entry.name.as_deref(),
        address: entry.address.as_deref(),
        device: entry.device.as_deref(),
        instance: &core.settings.origins.site,
    };
    let body = serde_json::to_vec(&post).map_err(|_| AuthError::Crypto("alert"))?;
    outbox::enqueue_post(connection, core, url.host(), &body).await
}

/// Posts what waits in the outbox for it. No redirect is followed.
pub struct Webhook {
    url: WebhookUrl,
    secret: Zeroizing<String>,
    http: HttpClient,
}

impl Webhook {
    /// Posts to `url`, signed with `secret`.
    ///
    /// # Errors
    /// When TLS can't be had.
    pub fn new(url: WebhookUrl, secret: String) -> Result<Self, InvalidRoots> {
        let http = HttpClient::new(Schemes::of(&url.0).unwrap_or(Schemes::Https), None)?;
        Ok(Self { url, secret: secret.into(), http })
    }

    fn signature(&self, body: &[u8]) -> Result<String, Refusal> {
        let mac = <Hmac<Sha256> as Mac>::new_from_slice(self.secret.as_bytes());
        let mac = mac.map_err(Refusal::permanent)?.chain_update(body);
        let digits = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        Ok(format!("sha256={digits}"))
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Webhook").field(&self.url).finish()
    }
}

impl Way for Webhook {
    const CHANNEL: Channel = Channel::Webhook;

    async fn carry(&self, _: &Settings, parcel: Parcel<'_>) -> Result<(), Refusal> {
        let request = Request::post(self.url.0.as_str())
            .header(header::CONTENT_TYPE, "application/json")
            .header(SIGNATURE, self.signature(parcel.contents)?)
            .body(parcel.contents.to_vec())
            .map_err(Refusal::permanent)?;
        let answer = self.http.send(request).await.map_err(Refusal::transient)?;
        if answer.status().is_success() {
            return Ok(());
        }
        // Whatever it says, it may be about to be mended.
        Err(Refusal::transient(format_args!("{} answered {}", self.url, answer.status())))
    }
}
