//! A mail server: mailin speaks SMTP, rustls the TLS that STARTTLS asks for.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use mailin::{Action, AuthMechanism, Handler, Response, Session, SessionBuilder, response};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
    },
};

/// How the server is reached.
#[derive(Clone, Copy)]
pub(super) enum Reached {
    /// Not, and without a login: a relay.
    Plainly,
    /// After `STARTTLS`, and only then with a login.
    ByStartTls,
    /// From the first byte.
    ByTls,
}

/// What arrived, and what the server is told to answer.
#[derive(Default)]
pub(super) struct State {
    pub(super) messages: Vec<Vec<u8>>,
    pub(super) logins: Vec<(String, String)>,
    pub(super) hello: Vec<String>,
    /// Answered to `RCPT TO`.
    pub(super) rcpt: Option<(u16, &'static str)>,
}

pub(super) struct SmtpServer {
    pub(super) port: u16,
    /// The root that its certificate goes back to.
    pub(super) root: String,
    pub(super) state: Arc<Mutex<State>>,
}

impl SmtpServer {
    /// Listens as long as the runtime lives. Who logs in is ada with the password `p@ss:word`.
    pub(super) async fn start(reached: Reached) -> Self {
        let (root, config) = certificates();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State::default()));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                tokio::spawn(serve(stream, peer.ip(), reached, acceptor.clone(), Arc::clone(&shared)));
            }
        });
        Self { port, root, state }
    }
}

/// A root of our own, and a certificate for localhost that it signed.
fn certificates() -> (String, ServerConfig) {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_key = KeyPair::generate().unwrap();
    let root = params.self_signed(&root_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".into()]).unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(params, root_key)).unwrap();
    let private = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], private)
        .unwrap();
    (root.pem(), config)
}

async fn serve(
    stream: TcpStream,
    ip: IpAddr,
    reached: Reached,
    acceptor: TlsAcceptor,
    state: Arc<Mutex<State>>,
) {
    let mut builder = SessionBuilder::new("mail.test");
    match reached {
        Reached::Plainly => {}
        Reached::ByStartTls => drop(builder.enable_auth(AuthMechanism::Plain).enable_start_tls()),
        // For mailin this line is a plain one.
        Reached::ByTls => drop(builder.enable_auth(AuthMechanism::Login).insecure_enable_plaintext_auth()),
    }
    let mut session = builder.build(ip, Mailbox { state, message: Vec::new() });
    let greeting = session.greeting();
    // What a client does to the line is the client's test to check.
    drop(match reached {
        Reached::ByTls => match acceptor.accept(stream).await {
            Ok(stream) => talk(&mut session, BufReader::new(stream), Some(greeting)).await.map(drop),
            Err(error) => Err(error),
        },
        Reached::Plainly | Reached::ByStartTls => upgrade(&mut session, stream, greeting, &acceptor).await,
    });
}

async fn upgrade(
    session: &mut Session<Mailbox>,
    stream: TcpStream,
    greeting: Response,
    acceptor: &TlsAcceptor,
) -> io::Result<()> {
    if let Some(stream) = talk(session, BufReader::new(stream), Some(greeting)).await? {
        let stream = acceptor.accept(stream).await?;
        session.tls_active();
        talk(session, BufReader::new(stream), None).await?;
    }
    Ok(())
}

/// Answers lines until the end, or until TLS is wanted.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    session: &mut Session<Mailbox>,
    mut stream: BufReader<S>,
    greeting: Option<Response>,
) -> io::Result<Option<S>> {
    if let Some(greeting) = greeting {
        stream.write_all(&greeting.buffer()?).await?;
        stream.flush().await?;
    }
    let mut line = Vec::new();
    loop {
        line.clear();
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let answer = session.process(&line);
        stream.write_all(&answer.buffer()?).await?;
        stream.flush().await?;
        match answer.action {
            Action::Close => return Ok(None),
            Action::UpgradeTls => return Ok(Some(stream.into_inner())),
            Action::NoReply | Action::Reply => {}
        }
    }
}

struct Mailbox {
    state: Arc<Mutex<State>>,
    message: Vec<u8>,
}

impl Mailbox {
    fn login(&self, user: &str, password: &str) -> Response {
        self.state.lock().unwrap().logins.push((user.into(), password.into()));
        if (user, password) == ("ada", "p@ss:word") {
            response::AUTH_OK
        } else {
            response::INVALID_CREDENTIALS
        }
    }
}

impl Handler for Mailbox {
    fn helo(&mut self, _: IpAddr, domain: &str) -> Response {
        self.state.lock().unwrap().hello.push(domain.into());
        response::OK
    }

    fn auth_plain(&mut self, _: &str, user: &str, password: &str) -> Response {
        self.login(user, password)
    }

    fn auth_login(&mut self, user: &str, password: &str) -> Response {
        self.login(user, password)
    }

    fn rcpt(&mut self, _: &str) -> Response {
        match self.state.lock().unwrap().rcpt {
            Some((code, words)) => Response::custom(code, words.into()),
            None => response::OK,
        }
    }

    fn data(&mut self, line: &[u8]) -> io::Result<()> {
        self.message.extend_from_slice(line);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        self.state.lock().unwrap().messages.push(std::mem::take(&mut self.message));
        response::OK
    }
}
