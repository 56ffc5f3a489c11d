//! Pictures fetched from addresses that people name.
//!
//! Whoever names one chooses whom this machine talks to, and must reach nobody by it whom they can't reach without:
//! see docs/security.md. A host's name is resolved here, all it stands for is looked at, and the connection goes to
//! what was looked at and nowhere else. Each redirect is looked at as if it had been named.

mod address;
mod error;
mod slots;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures::future::BoxFuture;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector, connect::dns::Name},
    rt::TokioExecutor,
};
use ipnet::IpNet;
use model::{
    AddressProblem,
    rules::links::Origins,
    types::{ByteSize, UserId},
};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

pub use self::error::FetchError;
use self::slots::{Slot, Slots};
use crate::http_client::{AGENT, chain, tls};

/// Redirects in a row, at most.
const REDIRECTS: usize = 5;
/// Bytes of an address.
const LONGEST: usize = 8 * 1024;
/// What we ask for; what comes is told by its bytes.
const ACCEPT: &str = "image/avif,image/webp,image/png,image/jpeg,image/gif,*/*;q=0.5";

/// Who tells what a host's name stands for.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

impl Resolver for Box<dyn Resolver> {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        (**self).resolve(host)
    }
}

/// The machine's resolver.
struct System;

impl Resolver for System {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Reaching a server.
    pub connect: Duration,
    /// From then until it begins to answer, and each pause after that.
    pub pause: Duration,
    /// All of it, redirects too. Proxies in front of us often wait for a minute.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            pause: Duration::from_secs(15),
            total: Duration::from_secs(50),
        }
    }
}

/// What fetches. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    resolver: Arc<dyn Resolver>,
    allowed: Arc<[IpNet]>,
    patience: Patience,
    slots: Slots,
}

impl Fetcher {
    /// Fetches from public servers, and from those in `allowed` at any port.
    #[must_use]
    pub fn new(allowed: &[IpNet]) -> Self {
        Self {
            resolver: Arc::new(System),
            allowed: allowed.into(),
            patience: Patience::default(),
            slots: Slots::default(),
        }
    }

    /// The same with another resolver.
    #[must_use]
    pub fn resolving(self, resolver: impl Resolver) -> Self {
        Self { resolver: Arc::new(resolver), ..self }
    }

    /// The same with other patience.
    #[must_use]
    pub fn patient(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// Asks for what is at `address`, for `person`.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn open(&self, origins: &Origins, person: UserId, address: &str) -> Result<Opened, FetchError> {
        let until = Instant::now() + self.patience.total;
        let mut url = parse(address)?;
        let slot = self.slots.take(person, until).await?;
        for _ in 0..=REDIRECTS {
            let asked = timeout_at(until, self.ask(origins, &url));
            let answer = asked.await.map_err(|_| AddressProblem::AddressUnreachable)??;
            let Some(next) = redirect(&answer) else {
                if answer.status() != StatusCode::OK {
                    return Err(AddressProblem::AddressRefused.into());
                }
                return Ok(Opened { answer, url, until, pause: self.patience.pause, _slot: slot });
            };
            let next = url.join(&next).map_err(|_| AddressProblem::AddressRefused)?;
            url = parse(next.as_str())?;
        }
        Err(AddressProblem::AddressRefused.into())
    }

    /// Asks one server, and hears how its answer begins.
    async fn ask(&self, origins: &Origins, url: &Url) -> Result<Response<Incoming>, FetchError> {
        if is_own(origins, url) {
            return Err(AddressProblem::AddressOwn.into());
        }
        let port = url.port_or_known_default().ok_or(AddressProblem::AddressInvalid)?;
        let addresses = self.addresses(url).await?;
        if addresses.iter().any(|address| !self.may_reach(*address, port)) {
            return Err(AddressProblem::AddressNotPublic.into());
        }
        let addresses: Vec<_> = addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect();
        // A connector for this request alone, which knows these addresses and no other.
        let known = tower::service_fn(move |_: Name| {
            let addresses = addresses.clone();
            async move { Ok::<_, io::Error>(addresses.into_iter()) }
        });
        let mut tcp = HttpConnector::new_with_resolver(known);
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(self.patience.connect));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(None).map_err(|_| AddressProblem::AddressUnreachable)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
        let mut bare = url.clone();
        bare.set_fragment(None);
        let request = Request::get(bare.as_str())
            .header(header::ACCEPT, ACCEPT)
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::USER_AGENT, AGENT)
            .body(Empty::new())
            .map_err(|_| AddressProblem::AddressInvalid)?;
        let answer = timeout(self.patience.connect + self.patience.pause, client.request(request)).await;
        let answer = answer.map_err(|_| AddressProblem::AddressUnreachable)?;
        answer.map_err(|error| {
            tracing::debug!(error = chain(&error), "fetching from an address");
            AddressProblem::AddressUnreachable.into()
        })
    }

    /// What the host stands for.
    async fn addresses(&self, url: &Url) -> Result<Vec<IpAddr>, AddressProblem> {
        match url.host() {
            Some(Host::Ipv4(address)) => Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => Ok(vec![address.into()]),
            Some(Host::Domain(name)) => match self.resolver.resolve(name).await {
                Ok(addresses) if !addresses.is_empty() => Ok(addresses),
                _ => Err(AddressProblem::AddressUnreachable),
            },
            None => Err(AddressProblem::AddressInvalid),
        }
    }

    fn may_reach(&self, address: IpAddr, port: u16) -> bool {
        self.allowed.iter().any(|network| network.contains(&address))
            || (matches!(port, 80 | 443) && address::is_public(address))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher").field("allowed", &self.allowed).finish_non_exhaustive()
    }
}

/// An address that may be asked, as far as its text tells.
fn parse(text: &str) -> Result<Url, AddressProblem> {
    let url = Some(text.trim()).filter(|text| text.len() <= LONGEST).and_then(|text| Url::parse(text).ok());
    url.filter(|url| {
        matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
    })
    .ok_or(AddressProblem::AddressInvalid)
}

/// Whether it leads to this instance, by whatever of the usual ports.
fn is_own(origins: &Origins, url: &Url) -> bool {
    let port = url.port_or_known_default();
    [&origins.site, &origins.images].into_iter().filter_map(|origin| Url::parse(origin).ok()).any(|own| {
        let host = |url: &Url| url.host_str().map(|host| host.trim_end_matches('.').to_owned());
        host(&own) == host(url) && (port == own.port_or_known_default() || matches!(port, Some(80 | 443)))
    })
}

/// Where an answer says that something is instead.
fn redirect(answer: &Response<Incoming>) -> Option<String> {
    let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(header::LOCATION).filter(|_| is_redirect)?;
    location.to_str().ok().map(str::to_owned)
}

/// The beginning of an answer that may be a picture.
pub struct Opened {
    answer: Response<Incoming>,
    url: Url,
    until: Instant,
    pause: Duration,
    _slot: Slot,
}

impl Opened {
    /// Its header fields.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        self.answer.headers()
    }

    /// Where it was in the end.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// How many bytes are said to come.
    #[must_use]
    pub fn announced(&self) -> Option<u64> {
        self.headers().get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
    }

    /// The bytes, of which there may be `most`.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`], or that they don't come.
    pub async fn read(self, most: ByteSize) -> Result<Bytes, FetchError> {
        if self.announced().is_some_and(|length| length > most.bytes()) {
            return Err(FetchError::TooLarge(most));
        }
        let mut body = self.answer.into_body();
        let mut bytes = BytesMut::new();
        loop {
            let pause = self.until.min(Instant::now() + self.pause);
            let frame = timeout_at(pause, body.frame()).await;
            let Some(frame) = frame.map_err(|_| AddressProblem::AddressUnreachable)? else {
                return Ok(bytes.freeze());
            };
            let frame = frame.map_err(|_| AddressProblem::AddressUnreachable)?;
            let Some(piece) = frame.data_ref() else { continue };
            if (bytes.len() + piece.len()) as u64 > most.bytes() {
                return Err(FetchError::TooLarge(most));
            }
            bytes.extend_from_slice(piece);
        }
    }
}
