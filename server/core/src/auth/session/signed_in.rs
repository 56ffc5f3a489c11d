//! What a session holds of the person whose it is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use model::types::{DeviceId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use super::SIGNED_IN;
use crate::auth::{Client, UserAgent};

/// How long a code counts as fresh: what changes how one signs in asks for one.
pub const FRESH: Duration = Duration::minutes(10);

/// Somebody is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// Since when, in Unix microseconds: before what signed them in was judged.
    since: i64,
    /// When it was last shown who they are, likewise: by signing in, or by a code since.
    #[serde(default)]
    shown: i64,
    /// From where, at sign-in or the last code since.
    pub address: IpAddr,
    /// With which program.
    pub agent: UserAgent,
    /// The trusted device that signed in.
    pub device: Option<DeviceId>,
    /// Whether the OpenID Connect provider signed them in.
    #[serde(default)]
    pub(in crate::auth) by_provider: bool,
    /// Until when a code counts as fresh, in Unix seconds.
    fresh_until: i64,
}

impl SignedIn {
    /// By a code, which counts as fresh. `now` is a moment before the code was judged: what ends the means
    /// by which it was right ends the session too, if it comes in between.
    #[must_use]
    pub fn by_code(user: UserId, client: &Client, device: Option<DeviceId>, now: OffsetDateTime) -> Self {
        let fresh_until = (now + FRESH).unix_timestamp();
        Self { fresh_until, ..Self::by_device(user, client, device, now) }
    }

    /// By what a trusted device brought.
    #[must_use]
    pub fn by_device(user: UserId, client: &Client, device: Option<DeviceId>, now: OffsetDateTime) -> Self {
        Self {
            user,
            since: microseconds(now),
            shown: microseconds(now),
            address: client.address,
            agent: client.agent.clone(),
            device,
            by_provider: false,
            fresh_until: 0,
        }
    }

    /// By an identity at the OpenID Connect provider. It shows who somebody is, but no code was typed.
    #[must_use]
    pub fn by_provider(user: UserId, client: &Client, now: OffsetDateTime) -> Self {
        Self { by_provider: true, ..Self::by_device(user, client, None, now) }
    }

    /// Which session this is, whatever id it has.
    #[must_use]
    pub fn opened(&self) -> Opened {
        Opened { user: self.user, since: self.since }
    }

    /// Whether the absolute `lifetime` isn't over.
    #[must_use]
    pub fn is_live(&self, lifetime: Duration, now: OffsetDateTime) -> bool {
        i128::from(microseconds(now) - self.since) < lifetime.whole_microseconds()
    }

    /// Whether a code was typed within [`FRESH`].
    #[must_use]
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        self.fresh_for(now) > 0
    }

    /// Seconds for which a code that was typed still counts as fresh.
    #[must_use]
    pub fn fresh_for(&self, now: OffsetDateTime) -> u32 {
        u32::try_from(self.fresh_until - now.unix_timestamp()).unwrap_or_default()
    }

    /// A code was typed, and found right by `now`. `before` is a moment before it was judged, as that of
    /// [`Self::by_code`].
    pub fn confirm(&mut self, before: OffsetDateTime, now: OffsetDateTime) {
        self.shown = microseconds(before);
        self.fresh_until = (now + FRESH).unix_timestamp();
    }
}

/// A session from its opening on: each right code gives it another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    pub(super) user: UserId,
    /// In Unix microseconds, of which no two sessions of a person have the same.
    pub(super) since: i64,
}

/// How far a session may move before it asks for a code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Binding {
    /// Anywhere.
    Off,
    /// Within a network: IPv4 /24, IPv6 /48. Phones change their address within it all day.
    #[default]
    Prefix,
    /// Not at all.
    Strict,
}

impl Binding {
    /// Whether a session of `before` holds at `now`.
    #[must_use]
    pub fn holds(self, before: IpAddr, now: IpAddr) -> bool {
        match self {
            Self::Off => true,
            Self::Prefix => network(before) == network(now),
            Self::Strict => before.to_canonical() == now.to_canonical(),
        }
    }
}

/// When whoever is signed in by a session's data signed in.
pub(super) fn opened_at(data: &Value) -> Option<OffsetDateTime> {
    let since = data.get(SIGNED_IN)?.get("since")?.as_i64()?;
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(since) * 1000).ok()
}

/// As exactly as the database keeps moments.
fn microseconds(at: OffsetDateTime) -> i64 {
    i64::try_from(at.unix_timestamp_nanos().div_euclid(1000)).unwrap_or_default()
}

/// The network that an address is in: IPv4 /24, IPv6 /48.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            Ipv4Addr::new(a, b, c, 0).into()
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use uuid::Uuid;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    fn signed_in() -> SignedIn {
        let client = IpAddr::from([192, 0, 2, 1]).into();
        SignedIn::by_code(UserId(Uuid::nil()), &client, None, NOW)
    }

    #[test]
    fn a_code_is_fresh_for_ten_minutes_to_the_second() {
        let mut session = signed_in();
        assert_eq!(session.fresh_for(NOW + Duration::seconds(599)), 1);
        assert!(session.is_fresh(NOW + Duration::seconds(599)));
        assert!(!session.is_fresh(NOW + Duration::seconds(600)));
        assert_eq!(session.fresh_for(NOW + Duration::hours(1)), 0);
        session.confirm(NOW, NOW + Duration::hours(1));
        assert!(session.is_fresh(NOW + Duration::seconds(4199)));
        let client = IpAddr::from([192, 0, 2, 1]).into();
        assert!(!SignedIn::by_device(UserId(Uuid::nil()), &client, None, NOW).is_fresh(NOW));
    }

    #[test]
    fn a_session_ends_to_the_second() {
        let day = Duration::DAY;
        assert!(signed_in().is_live(day, NOW + day - Duration::SECOND));
        assert!(!signed_in().is_live(day, NOW + day));
    }

    #[test]
    fn a_binding_holds_within_its_network() {
        let holds = |binding: Binding, before: &str, now: &str| {
            binding.holds(before.parse().unwrap(), now.parse().unwrap())
        };
        assert!(holds(Binding::Prefix, "192.0.2.1", "192.0.2.254"));
        assert!(holds(Binding::Prefix, "::ffff:192.0.2.1", "192.0.2.9"));
        assert!(!holds(Binding::Prefix, "192.0.2.1", "192.0.3.1"));
        assert!(holds(Binding::Prefix, "2001:db8:1::1", "2001:db8:1:ffff::2"));
        assert!(!holds(Binding::Prefix, "2001:db8:1::1", "2001:db8:2::1"));
        assert!(!holds(Binding::Prefix, "192.0.2.1", "2001:db8::1"));
        assert!(holds(Binding::Strict, "192.0.2.1", "192.0.2.1"));
        assert!(!holds(Binding::Strict, "192.0.2.1", "192.0.2.2"));
        assert!(holds(Binding::Off, "192.0.2.1", "2001:db8::1"));
    }
}
