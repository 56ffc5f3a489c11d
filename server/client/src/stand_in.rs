//! A server that says what a test wants it to say.

use std::sync::Arc;

use rcgen::CertifiedKey;
use rustls::{
    ServerConfig,
    crypto::ring,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    api::Api,
    config::{Connection, Local},
    screen::Screen,
};

/// A server that answers each connection once.
pub(crate) struct StandIn {
    pub(crate) connection: Connection,
    requests: JoinHandle<Vec<Vec<u8>>>,
}

/// An answer; `None` breaks the connection off.
pub(crate) type Said = Option<(&'static str, &'static str, String)>;

/// `201 Created`, with an image of this slug.
pub(crate) fn taken(slug: &str) -> Said {
    Some(("201 Created", "", format!(r#"{{"images":[{}],"errors":[]}}"#, picture(slug))))
}

/// An image, as the API has it.
pub(crate) fn picture(slug: &str) -> String {
    let forms = ["url", "page", "html", "html_thumbnail", "markdown", "markdown_thumbnail", "bbcode"];
    let links: String = forms.map(|form| format!(r#""{form}":"{form} of {slug}","#)).concat();
    format!(
        r#"{{"id":"019aa000-0000-7000-8000-000000000000","slug":"{slug}","filename":"a.png","byte_size":3,
        "width":4,"height":3,"created_at":"2026-11-20T09:30:00Z","media_type":"image/of-tomorrow",
        "links":{{{links}"bbcode_thumbnail":"","thumbnail":""}}}}"#
    )
}

impl StandIn {
    /// Says these in turn, and then nothing more.
    pub(crate) async fn saying(answers: Vec<Said>) -> Self {
        Self::start(None, answers).await
    }

    /// The same by TLS, and the certificate that it signed itself, in PEM.
    pub(crate) async fn saying_by_tls(answers: Vec<Said>) -> (Self, String) {
        let CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        (Self::start(Some(TlsAcceptor::from(Arc::new(config))), answers).await, cert.pem())
    }

    async fn start(tls: Option<TlsAcceptor>, answers: Vec<Said>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = if tls.is_some() { "https://localhost" } else { "http://127.0.0.1" };
        let url = format!("{site}:{}", listener.local_addr().unwrap().port()).parse().unwrap();
        let requests = tokio::spawn(async move {
            let mut requests = Vec::new();
            for answer in answers {
                let request = loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let Some(tls) = &tls else { break converse(stream, &answer).await };
                    // Who doesn't like the certificate goes.
                    if let Ok(stream) = tls.accept(stream).await {
                        break converse(stream, &answer).await;
                    }
                };
                requests.push(request);
            }
            requests
        });
        let local = Local { token: Some("rfl_test".to_owned()), ..Local::default() };
        Self { connection: Connection { url: Some(url), retries: 2, local }, requests }
    }

    pub(crate) fn api(&self) -> Api {
        Api::new(&self.connection.settings().unwrap(), &Screen::default()).unwrap()
    }

    /// What it was asked, once it has said all.
    pub(crate) async fn requests(self) -> Vec<Vec<u8>> {
        self.requests.await.unwrap()
    }
}

/// Hears a request, and answers it.
async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &Said) -> Vec<u8> {
    let request = read(&mut stream).await;
    if let Some((status, headers, body)) = answer {
        let length = body.len();
        let head =
            format!("HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n");
        stream.write_all((head + body).as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }
    request
}

/// A request with its body.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> Vec<u8> {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).to_ascii_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            let start = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            if request.len() >= start + length.parse::<usize>().unwrap() {
                return request;
            }
        }
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0, "it ended early");
    }
}
