//! The mail server, by SMTP (RFC 5321).

mod url;

use std::time::Duration;

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    transport::smtp::{
        self,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};

pub use self::url::{InvalidSmtpUrl, Security, SmtpUrl};
use super::{Refusal, Transport, outbox::LEASE};
use crate::Settings;

/// Longest wait for each answer of the server.
const ANSWER: Duration = Duration::from_secs(30);
/// Longest time for a whole mail: within the lease, so that nobody else sends it meanwhile.
const SENDING: Duration = LEASE.saturating_sub(Duration::from_secs(60));

/// Connections to one mail server, kept for a minute.
pub struct Smtp(AsyncSmtpTransport<Tokio1Executor>);

impl Smtp {
    /// Connections to the server at `url`, which are made when there is mail. Its certificate must
    /// go back to Mozilla's roots, or to one of `roots` (PEM).
    ///
    /// # Panics
    /// Outside tokio's runtime, which closes idle connections.
    ///
    /// # Errors
    /// In words: `roots` holds no certificate.
    pub fn new(url: &SmtpUrl, roots: Option<&[u8]>, settings: &Settings) -> Result<Self, String> {
        let tls = match url.security {
            Security::Tls => Tls::Wrapper(tls(&url.host, roots)?),
            Security::StartTls => Tls::Required(tls(&url.host, roots)?),
            Security::Plain => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&url.host)
            .port(url.port)
            .tls(tls)
            .timeout(Some(ANSWER));
        if let Some(login) = &url.login {
            let password = login.password.as_str().to_owned();
            builder = builder.credentials(Credentials::new(login.user.clone(), password));
        }
        // Some servers turn away who introduces itself as localhost.
        if let Some(name) = domain(&settings.origins.site) {
            builder = builder.hello_name(ClientId::Domain(name));
        }
        Ok(Self(builder.build()))
    }
}

/// The name in an origin, if it is one and not an address.
fn domain(origin: &str) -> Option<String> {
    ::url::Url::parse(origin).ok()?.domain().map(ToOwned::to_owned)
}

fn tls(host: &str, roots: Option<&[u8]>) -> Result<TlsParameters, String> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = roots {
        let begin = b"-----BEGIN CERTIFICATE-----";
        if !pem.windows(begin.len()).any(|window| window == begin) {
            return Err("it holds no certificate (PEM)".to_owned());
        }
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(|e| e.to_string())?);
    }
    builder.build().map_err(|error| error.to_string())
}

impl Transport for Smtp {
    async fn send(&self, message: Message) -> Result<(), Refusal> {
        match tokio::time::timeout(SENDING, self.0.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(refusal(&error)),
            Err(_) => Err(Refusal::transient("the mail server took too long")),
        }
    }
}

/// Codes that speak of our settings, not of the mail: STARTTLS or authentication wanted, or wrong
/// (RFC 4954 §6). The operator mends them, and the mail still goes.
const SETTINGS: [u16; 4] = [530, 534, 535, 538];

fn refusal(error: &smtp::Error) -> Refusal {
    let of_settings = error.status().is_some_and(|code| SETTINGS.contains(&code.into()));
    if error.is_permanent() && !of_settings { Refusal::permanent(error) } else { Refusal::transient(error) }
}
