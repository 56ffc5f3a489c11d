//! Who sends a request, as far as the request tells.

use std::{fmt, net::IpAddr};

use model::types::ChallengeAnswer;
use model::types::Language;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::device::DeviceToken;
use crate::mail::{Line, Occasion};

/// Where a request comes from, and with what.
#[derive(Clone, Debug)]
pub struct Client {
    /// Of the peer, or what trusted proxies say.
    pub address: IpAddr,
    /// The program.
    pub agent: UserAgent,
    /// What the person reads.
    pub language: Language,
    /// What a trusted device brings.
    pub device: Option<DeviceToken>,
    /// What was solved, where that may be asked for.
    pub challenge: Option<ChallengeAnswer>,
}

impl From<IpAddr> for Client {
    /// Of whom nothing but the address is known.
    fn from(address: IpAddr) -> Self {
        Self {
            address,
            agent: UserAgent::default(),
            language: Language::default(),
            device: None,
            challenge: None,
        }
    }
}

impl Client {
    /// The one from whom something was written down, to go on with it beside their request: by the address or
    /// its [key](super::policy::address_key), which of an IPv6 address has the network.
    pub(super) fn recalled(address: &str, agent: &str) -> Option<Self> {
        let address: IpAddr = address.trim_end_matches("/64").parse().ok()?;
        Some(Self { agent: UserAgent::new(agent), ..address.into() })
    }

    /// For mails: what happened at `at` came from here.
    #[must_use]
    pub fn occasion(&self, at: OffsetDateTime) -> Occasion {
        Occasion { at, address: Some(self.address), device: Some(Line::new(&self.agent.to_string())) }
    }
}

/// A `User-Agent`, cut to [`UserAgent::LONGEST`]. It can be forged and identifies nothing: it
/// gives a device the name by which its owner knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserAgent(String);

impl UserAgent {
    /// Characters that are kept.
    pub const LONGEST: usize = 256;

    /// What a header says.
    #[must_use]
    pub fn new(header: &str) -> Self {
        Self(header.chars().filter(|c| !c.is_control()).take(Self::LONGEST).collect())
    }

    /// The header.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// "Firefox on Linux"; the first word of what isn't known, or "Unknown".
impl fmt::Display for UserAgent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = woothee::parser::Parser::new().parse(&self.0);
        // Of programs that aren't browsers their own word says more.
        match known.filter(|known| !["UNKNOWN", "HTTP Library"].contains(&known.name)) {
            Some(known) if known.os == "UNKNOWN" => f.write_str(known.name),
            Some(known) => write!(f, "{} on {}", known.name, known.os),
            None => {
                let word = self.0.split([' ', '/']).find(|word| !word.is_empty());
                f.write_str(word.unwrap_or("Unknown"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::policy::address_key;

    #[test]
    fn whoever_was_written_down_is_recalled_by_address_or_network() {
        for (address, recalled) in [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "2001:db8:1:2::")] {
            let key = address_key(address.parse().unwrap());
            let client = Client::recalled(&key, "PicGo/2.3.1").unwrap();
            assert_eq!(
                (client.address.to_string(), client.agent.to_string()),
                (recalled.into(), "PicGo".into())
            );
        }
        assert!(Client::recalled("nowhere", "").is_none());
    }

    #[test]
    fn a_device_is_named_as_its_owner_would() {
        for (header, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
                "Edge on Windows 10",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("PicGo/2.3.1", "PicGo"),
            ("curl/8.5.0", "curl"),
            ("python-requests/2.32.3", "python-requests"),
            ("", "Unknown"),
        ] {
            assert_eq!(UserAgent::new(header).to_string(), name);
        }
    }

    #[test]
    fn a_header_is_kept_in_bounds_and_printable() {
        assert_eq!(UserAgent::new(&"é".repeat(1000)).as_str().chars().count(), UserAgent::LONGEST);
        assert_eq!(UserAgent::new("a\u{7}b").as_str(), "ab");
    }
}
