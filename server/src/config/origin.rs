//! Where the instance is reached.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use http::Uri;

/// Scheme, host and port, as in RFC 6454: `https://pictures.example`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    authority: String,
}

/// The text is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidOrigin;

impl fmt::Display for InvalidOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "expected http:// or https://, a host and nothing behind it, like https://pictures.example",
        )
    }
}

impl std::error::Error for InvalidOrigin {}

impl Origin {
    /// The origin of somebody who opens the address that the server listens on. That of every interface is
    /// nobody's, and not private either: who listens there says how people reach it.
    #[must_use]
    pub fn listened_on(address: SocketAddr) -> Self {
        Self { https: false, authority: address.to_string() }
    }

    /// Whether what goes to and fro can't be overheard: https, or never off this machine. Everywhere else
    /// cookies would have to go without `Secure`.
    #[must_use]
    pub fn is_private(&self) -> bool {
        let host = match self.authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => &self.authority,
        };
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        self.https
            || host == "localhost"
            || host.ends_with(".localhost")
            || ip.is_ok_and(|ip| ip.to_canonical().is_loopback())
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { https, authority } = self;
        write!(f, "{}://{authority}", if *https { "https" } else { "http" })
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.trim().parse().map_err(|_| InvalidOrigin)?;
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(InvalidOrigin),
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'));
        let authority = authority.ok_or(InvalidOrigin)?.as_str().to_ascii_lowercase();
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(InvalidOrigin);
        }
        // Browsers leave the usual port out of `Origin` and `Host`.
        let usual = if https { ":443" } else { ":80" };
        let authority = authority.strip_suffix(usual).unwrap_or(&authority).to_owned();
        Ok(Self { https, authority })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_browser_would() {
        for (text, shown) in [
            ("https://Pictures.Example/", "https://pictures.example"),
            ("https://pictures.example:443", "https://pictures.example"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_more_or_less() {
        for bad in
            ["", "pictures.example", "ftp://x", "https://x/path", "https://x?q", "https://u@x", "https://"]
        {
            assert_eq!(bad.parse::<Origin>(), Err(InvalidOrigin), "{bad}");
        }
    }

    #[test]
    fn only_https_and_this_machine_are_private() {
        let private = |text: &str| text.parse::<Origin>().unwrap().is_private();
        for good in [
            "https://pictures.example",
            "http://localhost",
            "http://pictures.localhost:3000",
            "http://127.0.0.1:3000",
            "http://127.9.9.9",
            "http://[::1]:3000",
        ] {
            assert!(private(good), "{good}");
        }
        for bad in [
            "http://pictures.example",
            "http://192.0.2.7:3000",
            "http://localhost.example",
            "http://[2001:db8::1]",
        ] {
            assert!(!private(bad), "{bad}");
        }
    }

    #[test]
    fn only_an_interface_of_this_machine_alone_is_private() {
        for (address, origin, is_private) in [
            ("127.0.0.1:3000", "http://127.0.0.1:3000", true),
            ("[::1]:3000", "http://[::1]:3000", true),
            ("0.0.0.0:3000", "http://0.0.0.0:3000", false),
            ("[::]:3000", "http://[::]:3000", false),
            ("192.0.2.7:80", "http://192.0.2.7:80", false),
        ] {
            let listened = Origin::listened_on(address.parse().unwrap());
            assert_eq!((listened.to_string(), listened.is_private()), (origin.to_owned(), is_private));
        }
    }
}
