//! Where the mail server is: `smtp://user:password@mail.example:587`.

use std::{fmt, net::IpAddr, str::FromStr};

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

/// How the line to the mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// TLS after `STARTTLS` (RFC 3207); a server that doesn't offer it is sent nothing.
    StartTls,
    /// Not at all: for a relay on the same machine.
    Plain,
}

/// A mail server's address. Neither `Debug` nor `Display` show the password.
#[derive(Clone)]
pub struct SmtpUrl {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) security: Security,
    pub(super) login: Option<Login>,
}

#[derive(Clone)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
}

/// Why a text is no [`SmtpUrl`]. It never repeats the text, which may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvalidSmtpUrl {
    /// It isn't one at all.
    Form,
    /// Neither `smtp` nor `smtps`.
    Scheme,
    /// A user without a password, or the other way round.
    Login,
    /// A parameter other than `tls=required` or `tls=none`, or one with `smtps`.
    Parameter,
    /// Something behind the port.
    Rest,
}

impl fmt::Display for InvalidSmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => {
                "expected an address like smtp://user:password@mail.example:587; characters such as @ : / # ? % in \
                 user or password are written as %40 %3A %2F %23 %3F %25"
            }
            Self::Scheme => "expected smtp:// (STARTTLS) or smtps:// (TLS from the start)",
            Self::Login => "a user and a password are wanted, or neither",
            Self::Parameter => "the only parameter is ?tls=required or ?tls=none, behind smtp://",
            Self::Rest => {
                "nothing may follow host and port but ?tls=…; write # / ? in the password as %23 %2F %3F"
            }
        })
    }
}

impl std::error::Error for InvalidSmtpUrl {}

impl SmtpUrl {
    /// Whether a password would cross a network in the clear.
    #[must_use]
    pub fn exposes_password(&self) -> bool {
        self.login.is_some() && self.security == Security::Plain && !is_loopback(&self.host)
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

impl FromStr for SmtpUrl {
    type Err = InvalidSmtpUrl;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidSmtpUrl::Form)?;
        let implicit = match url.scheme() {
            "smtps" => true,
            "smtp" => false,
            _ => return Err(InvalidSmtpUrl::Scheme),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidSmtpUrl::Rest);
        }
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(InvalidSmtpUrl::Form)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let security = match (url.query(), implicit) {
            (None, true) => Security::Tls,
            (None, false) if is_loopback(&host) => Security::Plain,
            (None | Some("tls=required"), false) => Security::StartTls,
            (Some("tls=none"), false) => Security::Plain,
            (Some(_), _) => return Err(InvalidSmtpUrl::Parameter),
        };
        let decoded = |text: &str| {
            percent_decode_str(text).decode_utf8().map(Into::into).map_err(|_| InvalidSmtpUrl::Form)
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) | (_, None | Some("")) => return Err(InvalidSmtpUrl::Login),
            (user, Some(password)) => {
                Some(Login { user: decoded(user)?, password: Zeroizing::new(decoded(password)?) })
            }
        };
        let usual = if implicit {
            465
        } else if security == Security::Plain {
            25
        } else {
            587
        };
        Ok(Self { host, port: url.port().unwrap_or(usual), security, login })
    }
}

impl fmt::Display for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let security = match self.security {
            Security::Tls => "TLS",
            Security::StartTls => "STARTTLS",
            Security::Plain => "no TLS",
        };
        write!(f, "{host}:{} ({security}", self.port)?;
        if let Some(login) = &self.login {
            write!(f, ", as {}", login.user)?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SmtpUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_private_unless_it_stays_on_the_machine_or_is_said_not_to_be() {
        for (text, shown) in [
            ("smtp://mail.example", "mail.example:587 (STARTTLS)"),
            ("smtp://ada:pw@mail.example:2525/", "mail.example:2525 (STARTTLS, as ada)"),
            ("smtps://ada:pw@mail.example", "mail.example:465 (TLS, as ada)"),
            ("smtp://mail.example?tls=none", "mail.example:25 (no TLS)"),
            ("smtp://localhost:1025", "localhost:1025 (no TLS)"),
            ("smtp://127.0.0.1", "127.0.0.1:25 (no TLS)"),
            ("smtp://[::1]:25", "[::1]:25 (no TLS)"),
            ("smtp://localhost?tls=required", "localhost:587 (STARTTLS)"),
            ("smtp://localhost.example", "localhost.example:587 (STARTTLS)"),
        ] {
            assert_eq!(text.parse::<SmtpUrl>().unwrap().to_string(), shown);
        }
    }

    #[test]
    fn user_and_password_are_decoded_and_the_password_is_never_shown() {
        let url: SmtpUrl = "smtp://ada%40mail.example:p%40ss%3A%2F%25@mail.example".parse().unwrap();
        let login = url.login.as_ref().unwrap();
        assert_eq!((login.user.as_str(), login.password.as_str()), ("ada@mail.example", "p@ss:/%"));
        assert!(!format!("{url} {url:?}").contains("ss"));
    }

    #[test]
    fn what_is_wrong_is_said_without_the_password() {
        for (text, error) in [
            ("", InvalidSmtpUrl::Form),
            ("mail.example", InvalidSmtpUrl::Form),
            ("smtp://", InvalidSmtpUrl::Form),
            ("http://u:hunter2@mail.example", InvalidSmtpUrl::Scheme),
            ("smtp://u@mail.example", InvalidSmtpUrl::Login),
            ("smtp://:hunter2@mail.example", InvalidSmtpUrl::Login),
            ("smtp://u:hunter2@mail.example?tls=opportunistic", InvalidSmtpUrl::Parameter),
            ("smtps://u:hunter2@mail.example?tls=none", InvalidSmtpUrl::Parameter),
            ("smtp://u:hunter2@mail.example/ehlo", InvalidSmtpUrl::Rest),
            ("smtp://u:hunter2@mail.example#x", InvalidSmtpUrl::Rest),
            ("smtp://u:%ff@mail.example", InvalidSmtpUrl::Form),
        ] {
            assert_eq!(text.parse::<SmtpUrl>().unwrap_err(), error, "{text}");
            assert!(!error.to_string().contains("hunter2"));
        }
    }

    #[test]
    fn a_password_without_tls_is_noticed() {
        let exposes = |text: &str| text.parse::<SmtpUrl>().unwrap().exposes_password();
        assert!(exposes("smtp://u:pw@mail.example?tls=none"));
        assert!(!exposes("smtp://u:pw@mail.example") && !exposes("smtp://u:pw@127.0.0.1"));
        assert!(!exposes("smtp://mail.example?tls=none"));
    }
}
