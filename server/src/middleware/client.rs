//! Who sends a request.

use std::net::{IpAddr, SocketAddr};

use app::{
    LANGUAGE_COOKIE,
    context::{
        cookies::{self, SetCookies},
        device_cookie,
    },
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, header};
use ipnet::IpNet;
use model::types::Language;
use reflect_core::auth::{Client, UserAgent};

use crate::state::AppState;

/// Puts the [`Client`] into the request, and what is set by [`SetCookies`] on the answer. Its address is the peer's, or what trusted proxies say of it.
pub async fn client(
    State(state): State<AppState>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let set_cookies = introduce(&state, peer, &mut request);
    let mut response = next.run(request).await;
    let set = set_cookies.take().into_iter().map(|cookie| (header::SET_COOKIE, cookie));
    response.headers_mut().extend(set);
    response
}

/// Puts the [`Client`] into a request from `peer`; answers where cookies for it are put.
pub fn introduce<B>(state: &AppState, peer: SocketAddr, request: &mut http::Request<B>) -> SetCookies {
    let headers = request.headers();
    let agent = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let client = Client {
        address: resolve(peer.ip(), headers, &state.trusted_proxies),
        agent: agent.map(UserAgent::new).unwrap_or_default(),
        language: language(headers),
        device: device_cookie::read(headers, state.app.is_https()),
        challenge: None,
    };
    // The library that pages ask for texts goes by the order of this header, not by its weights.
    let decided = HeaderValue::from_static(client.language.tag());
    request.headers_mut().insert(header::ACCEPT_LANGUAGE, decided);
    let set_cookies = SetCookies::default();
    let extensions = request.extensions_mut();
    extensions.insert(client);
    extensions.insert(set_cookies.clone());
    set_cookies
}

/// What the person chose, or else what the browser would rather have.
fn language(headers: &HeaderMap) -> Language {
    let chosen = cookies::value(headers, LANGUAGE_COOKIE).and_then(|tag| tag.parse().ok());
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    chosen.or_else(|| asked.and_then(preferred)).unwrap_or_default()
}

/// The language of an `Accept-Language` that weighs most of those there are (RFC 9110 §12.5.4); of equal ones
/// the first.
fn preferred(asked: &str) -> Option<Language> {
    let weighed = asked.split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(';').unwrap_or((range, "q=1"));
        let language = tag.trim().split('-').next()?.to_ascii_lowercase().parse::<Language>().ok()?;
        let weight = weight.trim().strip_prefix("q=")?.parse::<f32>().ok()?;
        (weight > 0.0).then_some((language, weight))
    });
    // `max_by` answers the last of equal ones.
    weighed.rev().max_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(language, _)| language)
}

/// The last address of `X-Forwarded-For` that isn't itself a trusted proxy's. What stands before
/// it was written by the client and may be a lie, or no text at all: each hop is read by itself.
fn resolve(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    if !is_trusted(peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter();
    let hops: Vec<&[u8]> = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).collect();
    let mut nearest = peer;
    for hop in hops.iter().rev() {
        let Some(address) = str::from_utf8(hop.trim_ascii()).ok().and_then(parse) else { break };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    nearest
}

/// Some proxies add the port.
fn parse(hop: &str) -> Option<IpAddr> {
    let with_port = || hop.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    hop.parse().ok().or_else(with_port).map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_weighs_most_is_taken() {
        for (asked, language) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some(Language::Chinese)),
            ("en;q=0.1, zh;q=0.9", Some(Language::Chinese)),
            ("en; q=0.5,zh-Hant;q=0.5", Some(Language::English)),
            ("fr,EN-gb;q=0.2", Some(Language::English)),
            ("zh;q=0,en;q=0.1", Some(Language::English)),
            ("zh;q=0", None),
            ("zh;q=much", None),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(preferred(asked), language, "{asked}");
        }
    }

    fn seen<T: AsRef<[u8]>>(peer: &str, forwarded: &[T], trusted: &[&str]) -> String {
        let headers = forwarded
            .iter()
            .map(|value| {
                ("x-forwarded-for".parse().unwrap(), HeaderValue::from_bytes(value.as_ref()).unwrap())
            })
            .collect();
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        resolve(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        assert_eq!(seen("192.0.2.1", &["203.0.113.9"], &[]), "192.0.2.1");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(seen("::ffff:10.0.0.1", &["203.0.113.9"], &["10.0.0.0/8"]), "203.0.113.9");
    }

    #[test]
    fn what_the_client_wrote_itself_is_not_believed() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1", "203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["203.0.113.9, nonsense"], &trusted), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]:443"], &trusted), "2001:db8::1");
        assert_eq!(seen::<&str>("10.0.0.1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn bytes_that_are_no_text_hide_nobody() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(seen("10.0.0.1", &[b"\xff\xfe, 203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &["1.1.1.1, é,203.0.113.9".as_bytes()], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[&b"\xff"[..], b"203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(seen("10.0.0.1", &[b"203.0.113.9, \xff, 10.0.0.2"], &trusted), "10.0.0.2");
    }
}
