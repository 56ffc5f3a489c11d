//! Requests to other servers that the operator has named; [`crate::fetch`] asks those that people name.
//!
//! TLS is rustls with ring. No redirect is followed: an address that answers with another one would
//! choose for us whom we ask.

use std::{fmt, time::Duration};

use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject as _},
};
use tokio::sync::Semaphore;
use url::{Host, Url};

/// The longest that a request may take, with the answer's body.
const DEADLINE: Duration = Duration::from_secs(10);
/// Bytes of an answer's body, at most.
const MOST: usize = 1 << 20;
/// Requests at once; more of them wait.
const AT_ONCE: usize = 16;
/// Who asks.
pub(crate) const AGENT: &str = concat!("reflect/", env!("CARGO_PKG_VERSION"));

/// A client. Keeps connections open for a while.
pub struct HttpClient {
    client: Client<HttpsConnector<HttpConnector>, Full<bytes::Bytes>>,
    slots: Semaphore,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// No connection, or it broke.
    #[error("no answer: {0}")]
    Transport(String),
    /// Ten seconds were not enough.
    #[error("no answer within 10 s")]
    TimedOut,
    /// The body is longer than a mebibyte, or broke off.
    #[error("the answer cannot be read: {0}")]
    Body(String),
}

/// The root certificates can't be used.
#[derive(Debug, thiserror::Error)]
#[error("no certificate in PEM: {0}")]
pub struct InvalidRoots(String);

/// Which servers are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemes {
    /// Those with https.
    Https,
    /// Any.
    HttpsOrHttp,
}

impl Schemes {
    /// Those by which `url` is asked: https, on this machine http as well; `None` if it must not be.
    pub fn of(url: &Url) -> Option<Self> {
        let is_here = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        match url.scheme() {
            "https" => Some(Self::Https),
            "http" if is_here => Some(Self::HttpsOrHttp),
            _ => None,
        }
    }
}

impl HttpClient {
    /// A client that believes Mozilla's roots and those in `roots` (PEM).
    ///
    /// # Errors
    /// [`InvalidRoots`].
    pub fn new(schemes: Schemes, roots: Option<&[u8]>) -> Result<Self, InvalidRoots> {
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls(roots)?);
        let connector = match schemes {
            Schemes::Https => builder.https_only(),
            Schemes::HttpsOrHttp => builder.https_or_http(),
        };
        let client = Client::builder(TokioExecutor::new()).build(connector.enable_http1().build());
        Ok(Self { client, slots: Semaphore::new(AT_ONCE) })
    }

    /// Sends a request and reads the answer, whatever its status.
    ///
    /// # Errors
    /// See [`HttpError`].
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        tokio::time::timeout(DEADLINE, self.exchange(request)).await.unwrap_or(Err(HttpError::TimedOut))
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, HttpError> {
        let _slot = self.slots.acquire().await.map_err(|error| HttpError::Transport(chain(&error)))?;
        let mut request = request.map(|body| Full::new(body.into()));
        request.headers_mut().insert(header::USER_AGENT, HeaderValue::from_static(AGENT));
        let answer =
            self.client.request(request).await.map_err(|error| HttpError::Transport(chain(&error)))?;
        let (parts, body) = answer.into_parts();
        let body =
            Limited::new(body, MOST).collect().await.map_err(|error| HttpError::Body(chain(&*error)))?;
        Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
    }
}

/// TLS that believes Mozilla's roots and those in `roots` (PEM).
///
/// # Errors
/// [`InvalidRoots`].
pub(crate) fn tls(roots: Option<&[u8]>) -> Result<ClientConfig, InvalidRoots> {
    let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
    if let Some(pem) = roots {
        let before = store.len();
        for root in CertificateDer::pem_slice_iter(pem) {
            let root = root.map_err(|error| InvalidRoots(error.to_string()))?;
            store.add(root).map_err(|error| InvalidRoots(error.to_string()))?;
        }
        if store.len() == before {
            return Err(InvalidRoots("the file holds none".into()));
        }
    }
    Ok(ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| InvalidRoots(error.to_string()))?
        .with_root_certificates(store)
        .with_no_client_auth())
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient").finish_non_exhaustive()
    }
}

/// An error and what caused it, for the log.
#[must_use]
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A server that answers one request with these bytes; its address.
    async fn answering(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer).await;
        });
        format!("http://{address}/")
    }

    async fn get(schemes: Schemes, address: &str) -> Result<Response<Vec<u8>>, HttpError> {
        let client = HttpClient::new(schemes, None).unwrap();
        client.send(Request::get(address).body(Vec::new()).unwrap()).await
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_like_any_other() {
        let answer = b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n";
        let address = answering(answer.to_vec()).await;
        let answer = get(Schemes::HttpsOrHttp, &address).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.body().len()), (302, 0));
    }

    #[tokio::test]
    async fn a_body_has_a_bound() {
        for (length, fits) in [(MOST, true), (MOST + 1, false)] {
            let mut answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n").into_bytes();
            answer.resize(answer.len() + length, b'x');
            let address = answering(answer).await;
            let answer = get(Schemes::HttpsOrHttp, &address).await;
            assert_eq!(answer.is_ok(), fits, "{length}");
            assert!(fits || matches!(answer, Err(HttpError::Body(_))));
        }
    }

    #[tokio::test]
    async fn plain_http_is_asked_only_where_it_may_be() {
        let address = answering(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec()).await;
        assert!(matches!(get(Schemes::Https, &address).await, Err(HttpError::Transport(_))));
        assert_eq!(get(Schemes::HttpsOrHttp, &address).await.unwrap().status(), 200);
    }

    #[test]
    fn roots_are_certificates() {
        for bad in [
            &b""[..],
            b"not a certificate",
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            assert!(HttpClient::new(Schemes::Https, Some(bad)).is_err());
        }
    }
}
