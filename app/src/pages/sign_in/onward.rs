//! Where somebody goes when they have signed in.

use leptos_router::params::ParamsMap;
use model::types::Rotation;

use crate::api;

/// Why somebody is led to their authenticators rather than to their pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onward {
    /// They came in by a recovery code: an authenticator may be lost.
    Recovered,
    /// A secret is so old that it should be renewed.
    Overdue,
}

impl Onward {
    const ALL: [Self; 2] = [Self::Recovered, Self::Overdue];

    const fn reason(self) -> &'static str {
        match self {
            Self::Recovered => "recovery",
            Self::Overdue => "overdue",
        }
    }

    /// What the query of the authenticators' page says.
    pub fn from_query(query: &ParamsMap) -> Option<Self> {
        let reason = query.get_str("after")?;
        Self::ALL.into_iter().find(|one| one.reason() == reason)
    }

    /// Looks whether there is something to be led to.
    pub(super) async fn find(by_recovery_code: bool) -> Option<Self> {
        if by_recovery_code {
            return Some(Self::Recovered);
        }
        // Who can't be told is not held up.
        let all = api::authenticators().await.unwrap_or_default();
        all.iter().any(|one| one.rotation == Rotation::Overdue).then_some(Self::Overdue)
    }

    /// The address to go to: `wanted`, if that is a page of this site, unless there is something to be
    /// led to.
    pub(super) fn address(onward: Option<Self>, wanted: Option<String>) -> String {
        match (onward, wanted.filter(|wanted| is_own(wanted))) {
            (Some(onward), _) => format!("/settings/authenticators?after={}", onward.reason()),
            (None, Some(wanted)) => wanted,
            (None, None) => "/gallery".to_owned(),
        }
    }
}

/// Whether `address` is a path of this site: browsers read what begins with two slashes, or a slash and a
/// backslash, as another site's, and leave out control characters before they do.
fn is_own(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && !address.contains(|character: char| character == '\\' || character.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_what_the_address_says() {
        for onward in Onward::ALL {
            let address = Onward::address(Some(onward), Some("/bin".to_owned()));
            let (_, reason) = address.split_once("?after=").unwrap();
            let query = ParamsMap::from_iter([("after".to_owned(), reason.to_owned())]);
            assert_eq!(Onward::from_query(&query), Some(onward));
        }
        assert_eq!(Onward::from_query(&ParamsMap::from_iter([("after".to_owned(), "x".to_owned())])), None);
    }

    #[test]
    fn one_comes_to_where_one_wanted_to_go_on_this_site_only() {
        let address = |wanted: &str| Onward::address(None, Some(wanted.to_owned()));
        assert_eq!(Onward::address(None, None), "/gallery");
        for page in ["/settings/activity", "/settings/activity?outcome=failure", "/admin", "/"] {
            assert_eq!(address(page), page);
        }
        let others =
            ["", "x", "https://x.example", "//x.example", "/\\x.example", "\\\\x.example", "/\t/x.example"];
        for other in others {
            assert_eq!(address(other), "/gallery", "{other:?}");
        }
    }
}
