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

    /// The address to go to.
    pub(super) fn address(onward: Option<Self>) -> String {
        onward.map_or_else(
            || "/gallery".to_owned(),
            |onward| format!("/settings/authenticators?after={}", onward.reason()),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_reads_what_the_address_says() {
        for onward in Onward::ALL {
            let address = Onward::address(Some(onward));
            let (_, reason) = address.split_once("?after=").unwrap();
            let query = ParamsMap::from_iter([("after".to_owned(), reason.to_owned())]);
            assert_eq!(Onward::from_query(&query), Some(onward));
        }
        assert_eq!(Onward::address(None), "/gallery");
        assert_eq!(Onward::from_query(&ParamsMap::from_iter([("after".to_owned(), "x".to_owned())])), None);
    }
}
