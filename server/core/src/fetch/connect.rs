//! The way to a server: to the addresses that were looked at and to no others.

use std::{error::Error, io, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use ipnet::IpNet;
use model::AddressProblem;
use tokio::time::timeout;
use tower::{ServiceExt as _, service_fn};

use super::Patience;
use crate::http_client::{chain, tls};

type BoxError = Box<dyn Error + Send + Sync>;

/// Whoever answers is this machine.
#[derive(Debug, thiserror::Error)]
#[error("the connection leads to this machine itself")]
struct Itself;

/// Sends a request to a server at one of `addresses`, and hears how its answer begins. This machine itself is
/// asked only at an address in `allowed`: a public one of its own would lead behind the firewall in front of it.
pub(super) async fn send(
    request: Request<Empty<Bytes>>,
    addresses: Vec<SocketAddr>,
    allowed: Arc<[IpNet]>,
    patience: Patience,
) -> Result<Response<Incoming>, AddressProblem> {
    // A connector for this request alone, which knows these addresses and no other.
    let known = service_fn(move |_: Name| {
        let addresses = addresses.clone();
        async move { Ok::<_, io::Error>(addresses.into_iter()) }
    });
    let mut tcp = HttpConnector::new_with_resolver(known);
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(patience.connect));
    // What is connected is looked at before a byte of TLS or HTTP is sent.
    let connect = service_fn(move |server: Uri| {
        let connecting = tcp.clone().oneshot(server);
        let allowed = Arc::clone(&allowed);
        async move {
            let stream = connecting.await.map_err(BoxError::from)?;
            let (here, there) = (stream.inner().local_addr()?.ip(), stream.inner().peer_addr()?.ip());
            if here == there && !allowed.iter().any(|network| network.contains(&there)) {
                return Err(BoxError::from(Itself));
            }
            Ok::<_, BoxError>(stream)
        }
    });
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls(None).map_err(|_| AddressProblem::AddressUnreachable)?)
        .https_or_http()
        .enable_http1()
        .wrap_connector(connect);
    let client: Client<_, Empty<Bytes>> = Client::builder(TokioExecutor::new()).build(connector);
    let answer = timeout(patience.connect + patience.pause, client.request(request)).await;
    answer.map_err(|_| AddressProblem::AddressUnreachable)?.map_err(|error| problem(&error))
}

fn problem(error: &(dyn Error + 'static)) -> AddressProblem {
    tracing::debug!(error = chain(error), "fetching from an address");
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<Itself>() {
            return AddressProblem::AddressNotPublic;
        }
        cause = error.source();
    }
    AddressProblem::AddressUnreachable
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::{io::AsyncReadExt as _, net::TcpListener};

    use super::*;

    #[tokio::test]
    async fn nothing_is_sent_to_this_machine_itself() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        for scheme in ["http", "https"] {
            let url = format!("{scheme}://server.example:{}/", address.port());
            let request = Request::get(url).body(Empty::new()).unwrap();
            let answer = send(request, vec![address], Arc::new([]), Patience::default()).await;
            assert_eq!(answer.err(), Some(AddressProblem::AddressNotPublic), "{scheme}");
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut sent = Vec::new();
            stream.read_to_end(&mut sent).await.unwrap();
            assert!(sent.is_empty(), "{scheme}: {sent:?}");
        }
    }
}
