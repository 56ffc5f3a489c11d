//! Pictures fetched from addresses that people name.
//!
//! Whoever names one chooses whom this machine talks to, and must reach nobody by it whom they can't reach without:
//! see docs/security.md. A host's name is resolved here, all it stands for is looked at, and the connection goes to
//! what was looked at and nowhere else. Each redirect is looked at as if it had been named.

mod address;
mod connect;
mod error;
mod resolve;
mod slots;
#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Body as _, Incoming};
use ipnet::IpNet;
use model::{
    AddressProblem,
    rules::links::Origins,
    types::{ByteSize, UserId},
};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

pub use self::{error::FetchError, resolve::Resolver};
use self::{
    resolve::{System, public_name},
    slots::{Slot, Slots},
};
use crate::http_client::AGENT;

/// Redirects in a row, at most.
const REDIRECTS: usize = 5;
/// Addresses of one host that are tried, one after the other.
const ADDRESSES: usize = 8;
/// Bytes of an address.
const LONGEST: usize = 8 * 1024;
/// What we ask for; what comes is told by its bytes.
const ACCEPT: &str = "image/avif,image/webp,image/png,image/jpeg,image/gif,*/*;q=0.5";

/// How long what may take.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Each wait for room of our own, of which the other server knows nothing.
    pub queue: Duration,
    /// Reaching a server.
    pub connect: Duration,
    /// From then until it begins to answer, and each pause after that.
    pub pause: Duration,
    /// All of it, redirects too, but for the waits for room. Proxies in front of us often wait for a minute.
    pub total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            queue: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            pause: Duration::from_secs(15),
            total: Duration::from_secs(45),
        }
    }
}

/// What fetches. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    resolver: Arc<dyn Resolver>,
    allowed: Arc<[IpNet]>,
    denied: Arc<[IpNet]>,
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
            denied: Arc::new([]),
            patience: Patience::default(),
            slots: Slots::default(),
        }
    }

    /// The same, but from nowhere in `denied`, whatever is allowed.
    #[must_use]
    pub fn denying(self, denied: &[IpNet]) -> Self {
        Self { denied: denied.into(), ..self }
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

    /// How long to wait for room for what comes.
    #[must_use]
    pub const fn queue(&self) -> Duration {
        self.patience.queue
    }

    /// Asks for what is at `address`, for `person`.
    ///
    /// # Errors
    /// See [`FetchError`].
    pub async fn open(&self, origins: &Origins, person: UserId, address: &str) -> Result<Opened, FetchError> {
        let mut url = parse(address)?;
        let slot = Arc::new(self.slots.take(person, self.patience.queue).await?);
        let until = Instant::now() + self.patience.total;
        for _ in 0..=REDIRECTS {
            let asked = timeout_at(until, self.ask(origins, &url, &slot));
            let answer = asked.await.map_err(|_| AddressProblem::AddressUnreachable)??;
            let Some(next) = redirect(&answer) else {
                if answer.status() != StatusCode::OK {
                    return Err(AddressProblem::AddressRefused.into());
                }
                let left = until.saturating_duration_since(Instant::now());
                return Ok(Opened { answer, url, left, pause: self.patience.pause, _slot: slot });
            };
            let next = url.join(&next).map_err(|_| AddressProblem::AddressRefused)?;
            url = parse(next.as_str())?;
        }
        Err(AddressProblem::AddressRefused.into())
    }

    /// Asks one server, and hears how its answer begins.
    async fn ask(
        &self,
        origins: &Origins,
        url: &Url,
        slot: &Arc<Slot>,
    ) -> Result<Response<Incoming>, FetchError> {
        if is_own(origins, url) {
            return Err(AddressProblem::AddressOwn.into());
        }
        let port = url.port_or_known_default().ok_or(AddressProblem::AddressInvalid)?;
        let addresses = self.addresses(url, slot).await?;
        if addresses.iter().any(|address| !self.may_reach(*address, port)) {
            return Err(AddressProblem::AddressNotPublic.into());
        }
        let addresses =
            addresses.into_iter().take(ADDRESSES).map(|address| SocketAddr::new(address, port)).collect();
        let mut bare = url.clone();
        bare.set_fragment(None);
        let request = Request::get(bare.as_str())
            .header(header::ACCEPT, ACCEPT)
            .header(header::ACCEPT_ENCODING, "identity")
            .header(header::USER_AGENT, AGENT)
            .body(Empty::new())
            .map_err(|_| AddressProblem::AddressInvalid)?;
        Ok(connect::send(request, addresses, Arc::clone(&self.allowed), self.patience).await?)
    }

    /// What the host stands for. A name that nobody knows is told as one that isn't public: a name service may know
    /// names within, and which these are is nobody's business.
    async fn addresses(&self, url: &Url, slot: &Arc<Slot>) -> Result<Vec<IpAddr>, AddressProblem> {
        let name = match url.host() {
            Some(Host::Ipv4(address)) => return Ok(vec![address.into()]),
            Some(Host::Ipv6(address)) => return Ok(vec![address.into()]),
            // Who opens networks may mean them by the names that they have within.
            Some(Host::Domain(name)) if !self.allowed.is_empty() => name.to_owned(),
            Some(Host::Domain(name)) => public_name(name).ok_or(AddressProblem::AddressNotPublic)?,
            None => return Err(AddressProblem::AddressInvalid),
        };
        // A lookup can't be called off. Whoever has lost patience keeps their place until it has ended.
        let (resolver, slot) = (Arc::clone(&self.resolver), Arc::clone(slot));
        let looking = tokio::spawn(async move {
            let found = resolver.resolve(&name).await;
            drop(slot);
            found
        });
        match looking.await {
            Ok(Ok(addresses)) if !addresses.is_empty() => Ok(addresses),
            _ => Err(AddressProblem::AddressNotPublic),
        }
    }

    fn may_reach(&self, address: IpAddr, port: u16) -> bool {
        let is_in =
            |networks: &[IpNet], address: IpAddr| networks.iter().any(|network| network.contains(&address));
        !is_in(&self.denied, address.to_canonical())
            && (is_in(&self.allowed, address) || (matches!(port, 80 | 443) && address::is_public(address)))
    }
}

impl std::fmt::Debug for Fetcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fetcher")
            .field("allowed", &self.allowed)
            .field("denied", &self.denied)
            .finish_non_exhaustive()
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
    /// How long the rest may take.
    left: Duration,
    pause: Duration,
    _slot: Arc<Slot>,
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

    /// How many bytes come, where that is told by how they come. A `Content-Length` alone may lie: beside a
    /// `Transfer-Encoding` it counts for nothing.
    fn announced(&self) -> Option<u64> {
        self.answer.body().size_hint().exact()
    }

    /// How many bytes [`Opened::read`] takes, if there may be `most`.
    #[must_use]
    pub fn expected(&self, most: ByteSize) -> u64 {
        self.announced().unwrap_or(u64::MAX).min(most.bytes())
    }

    /// The bytes, of which there may be `most`. The time goes on from here.
    ///
    /// # Errors
    /// [`FetchError::TooLarge`], or that they don't come.
    pub async fn read(self, most: ByteSize) -> Result<Bytes, FetchError> {
        if self.announced().is_some_and(|length| length > most.bytes()) {
            return Err(FetchError::TooLarge(most));
        }
        let room = self.expected(most);
        let until = Instant::now() + self.left;
        let mut body = self.answer.into_body();
        let mut bytes = BytesMut::new();
        loop {
            let pause = until.min(Instant::now() + self.pause);
            let frame = timeout_at(pause, body.frame()).await;
            let Some(frame) = frame.map_err(|_| AddressProblem::AddressUnreachable)? else {
                return Ok(bytes.freeze());
            };
            let frame = frame.map_err(|_| AddressProblem::AddressUnreachable)?;
            let Some(piece) = frame.data_ref() else { continue };
            if (bytes.len() + piece.len()) as u64 > room {
                return Err(FetchError::TooLarge(most));
            }
            bytes.extend_from_slice(piece);
        }
    }
}
