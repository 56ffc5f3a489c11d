//! Requests and answers, one each.
//!
//! TLS is rustls with ring. No redirect is followed: the token is for the address that it was given for.

use std::{error::Error, fs, io, iter, path::Path, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Full, Limited, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
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

use crate::failure::Failure;

/// The longest that finding and reaching a server may take.
const CONNECT: Duration = Duration::from_secs(15);
/// Bytes of an answer, at most: a page of 200 images has half a mebibyte.
const MOST: usize = 16 << 20;

/// What a request brings.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// No body.
pub(crate) fn nothing() -> Body {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is there already.
pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// An answer, whatever its status.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// Seconds after which to ask again.
    pub(crate) retry_after: Option<u64>,
    /// Where it says that something is instead.
    pub(crate) location: Option<String>,
    pub(crate) body: Bytes,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The network, or a server that went away: it may be better soon.
    Network(String),
    /// Not somebody to send a token to.
    Certificate(String),
}

/// What asks. Keeps connections open.
pub(crate) struct Transport(Client<HttpsConnector<HttpConnector>, Body>);

impl Transport {
    /// Believes Mozilla's roots and those in the file.
    pub(crate) fn new(roots: Option<&Path>) -> Result<Self, Failure> {
        let mut store = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.into() };
        if let Some(path) = roots {
            let wrong =
                |reason: String| Failure::Settings(format!("certificates in {}: {reason}", path.display()));
            let pem = fs::read(path).map_err(|error| wrong(error.to_string()))?;
            let before = store.len();
            for root in CertificateDer::pem_slice_iter(&pem) {
                let root = root.map_err(|error| wrong(error.to_string()))?;
                store.add(root).map_err(|error| wrong(error.to_string()))?;
            }
            if store.len() == before {
                return Err(wrong("there are none in PEM".to_owned()));
            }
        }
        let tls = ClientConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(|error| Failure::Here(error.to_string()))?
            .with_root_certificates(store)
            .with_no_client_auth();
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls)
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        Ok(Self(Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Answer, Trouble> {
        Self::read(self.begin(request).await?).await
    }

    /// Sends a request; what is answered is still to be read.
    pub(crate) async fn begin(&self, request: Request<Body>) -> Result<Response<Incoming>, Trouble> {
        self.0.request(request).await.map_err(|error| trouble(&error))
    }

    /// Reads an answer that isn't long.
    pub(crate) async fn read(answer: Response<Incoming>) -> Result<Answer, Trouble> {
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, MOST).collect().await.map_err(|error| trouble(&*error))?;
        let text = |name| parts.headers.get(name)?.to_str().ok();
        Ok(Answer {
            status: parts.status,
            retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.trim().parse().ok()),
            location: text(header::LOCATION).map(str::to_owned),
            body: body.to_bytes(),
        })
    }
}

fn trouble(error: &(dyn Error + 'static)) -> Trouble {
    let text = iter::successors(Some(error), |error| (*error).source())
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    if text.contains("certificate") { Trouble::Certificate(text) } else { Trouble::Network(text) }
}
