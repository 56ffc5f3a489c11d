//! Where an instance is.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// `https://pictures.example`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    text: String,
    is_here: bool,
}

impl Origin {
    /// Whether others may listen to what is sent there.
    pub(crate) fn is_overheard(&self) -> bool {
        !self.is_here && self.text.starts_with("http://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Any address of the instance will do; without a scheme it is https, on this machine http.
impl FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no address of an instance: one looks like https://pictures.example");
        let has_scheme = text.contains("://");
        let whole = if has_scheme { text.to_owned() } else { format!("https://{text}") };
        let mut url = Url::parse(&whole).map_err(|_| wrong())?;
        let is_here = match url.host().ok_or_else(wrong)? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        if has_credentials || !matches!(url.scheme(), "https" | "http") {
            return Err(wrong());
        }
        if is_here && !has_scheme {
            url = Url::parse(&format!("http://{text}")).map_err(|_| wrong())?;
        }
        Ok(Self { text: url.origin().ascii_serialization(), is_here })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_address_of_an_instance_leads_to_it() {
        for (text, origin) in [
            ("https://pictures.example", "https://pictures.example"),
            ("pictures.example", "https://pictures.example"),
            ("https://Pictures.example:8443/settings/tokens?x#y", "https://pictures.example:8443"),
            ("http://192.168.1.7:3000/", "http://192.168.1.7:3000"),
            ("localhost:3000", "http://localhost:3000"),
            ("127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("https://localhost:3000", "https://localhost:3000"),
            ("[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().to_string(), origin, "{text}");
        }
    }

    #[test]
    fn nothing_else_is_an_address() {
        for text in ["", "ftp://pictures.example", "https://ada:secret@pictures.example", "https://", "a b"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_is_overheard_only_on_the_way_to_elsewhere() {
        let overheard = |text: &str| text.parse::<Origin>().unwrap().is_overheard();
        assert!(overheard("http://192.168.1.7:3000"));
        assert!(!overheard("http://127.0.0.1:3000"));
        assert!(!overheard("https://pictures.example"));
    }
}
