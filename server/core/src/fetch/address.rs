//! Which addresses are public: what a stranger on the internet may reach as well as we.
//!
//! By the IANA special-purpose registries for IPv4 and IPv6, and stricter where one of them has an exception: of
//! IPv6 nothing but global unicast, and nothing of it that holds an IPv4 address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// Networks of IPv4 that aren't public.
const SPECIAL_V4: [Ipv4Net; 16] = [
    // This network.
    Ipv4Net::new_assert(Ipv4Addr::new(0, 0, 0, 0), 8),
    // Private use.
    Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
    // Shared by a provider's customers; clouds have metadata there.
    Ipv4Net::new_assert(Ipv4Addr::new(100, 64, 0, 0), 10),
    // Loopback.
    Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8),
    // Azure's own, with metadata.
    Ipv4Net::new_assert(Ipv4Addr::new(168, 63, 129, 16), 32),
    // Link-local, with most clouds' metadata.
    Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16),
    // Private use.
    Ipv4Net::new_assert(Ipv4Addr::new(172, 16, 0, 0), 12),
    // Protocol assignments.
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 0, 0), 24),
    // Documentation.
    Ipv4Net::new_assert(Ipv4Addr::new(192, 0, 2, 0), 24),
    // 6to4 relays, as they were.
    Ipv4Net::new_assert(Ipv4Addr::new(192, 88, 99, 0), 24),
    // Private use.
    Ipv4Net::new_assert(Ipv4Addr::new(192, 168, 0, 0), 16),
    // Benchmarks.
    Ipv4Net::new_assert(Ipv4Addr::new(198, 18, 0, 0), 15),
    // Documentation.
    Ipv4Net::new_assert(Ipv4Addr::new(198, 51, 100, 0), 24),
    Ipv4Net::new_assert(Ipv4Addr::new(203, 0, 113, 0), 24),
    // Multicast.
    Ipv4Net::new_assert(Ipv4Addr::new(224, 0, 0, 0), 4),
    // Reserved, and broadcast.
    Ipv4Net::new_assert(Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// The same of global unicast IPv6. IPv4-mapped, NAT64, ULA, link-local, multicast and others lie outside of that.
const SPECIAL_V6: [Ipv6Net; 4] = [
    // Protocol assignments, Teredo, ORCHID.
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    // Documentation.
    Ipv6Net::new_assert(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    // 6to4.
    Ipv6Net::new_assert(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    // Documentation.
    Ipv6Net::new_assert(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Global unicast.
const GLOBAL_V6: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// Whether anybody on the internet may reach it.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4.iter().any(|network| network.contains(&address)),
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address) && !SPECIAL_V6.iter().any(|network| network.contains(&address))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The IANA special-purpose registries (and what is assigned beside them), written down apart from the rules.
    const REGISTRY_V4: &str = "0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 \
        169.254.169.254/32 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29 192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/31 \
        192.0.0.192/32 192.0.2.0/24 192.88.99.0/24 192.88.99.2/32 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 \
        203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 100.100.100.200/32";
    const REGISTRY_V6: &str = "::1/128 ::/128 ::/96 ::ffff:0:0/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 \
        2001::/32 2001:1::1/128 2001:1::2/128 2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 \
        2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16 3fff::/20 5f00::/16 fc00::/7 fd00:ec2::254/128 fe80::/10 \
        fec0::/10 ff00::/8 4000::/3 8000::/1";
    const PUBLIC: &str = "1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.0 \
        168.63.129.15 168.63.129.17 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.0 \
        192.0.3.0 192.88.98.255 192.88.100.0 192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 198.51.99.255 \
        198.51.101.0 203.0.112.255 203.0.114.0 223.255.255.255 \
        2000:: 2001:200:: 2001:db7:ffff:: 2001:db9:: 2003:: 2606:4700::1111 2a00:1450::1 3ffe:ffff:: 3fff:1000::";

    fn networks<A: std::str::FromStr>(list: &'static str) -> Vec<(A, u32)>
    where
        A::Err: std::fmt::Debug,
    {
        let network = |text: &str| {
            let (first, bits) = text.split_once('/').unwrap();
            (first.parse().unwrap(), bits.parse().unwrap())
        };
        list.split_whitespace().map(network).collect()
    }

    #[test]
    fn what_is_public_is() {
        for text in PUBLIC.split_whitespace() {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_of_a_special_network_is_public(
            (first, bits) in prop::sample::select(networks::<Ipv4Addr>(REGISTRY_V4)), any in any::<u32>(),
        ) {
            let host = u32::MAX.checked_shr(bits).unwrap_or(0);
            for bits in [any & host, 0, host] {
                let address = Ipv4Addr::from_bits(first.to_bits() | bits);
                prop_assert!(!is_public(address.into()), "{address}");
            }
        }

        #[test]
        fn nor_of_one_of_ipv6(
            (first, bits) in prop::sample::select(networks::<Ipv6Addr>(REGISTRY_V6)), any in any::<u128>(),
        ) {
            let host = u128::MAX.checked_shr(bits).unwrap_or(0);
            for bits in [any & host, 0, host] {
                let address = Ipv6Addr::from_bits(first.to_bits() | bits);
                prop_assert!(!is_public(address.into()), "{address}");
            }
        }

        #[test]
        fn no_form_of_an_ipv4_address_in_ipv6_is_public(any: Ipv4Addr) {
            let bits = u128::from(any.to_bits());
            let [high, low] = [any.to_bits() >> 16, any.to_bits() & 0xffff].map(|half| u16::try_from(half).unwrap());
            for address in [
                any.to_ipv6_mapped(),
                any.to_ipv6_compatible(),
                Ipv6Addr::from_bits(Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0).to_bits() | bits),
                Ipv6Addr::from_bits(Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0).to_bits() | bits),
                Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, 1),
                Ipv6Addr::from_bits(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0).to_bits() | !bits),
            ] {
                prop_assert!(!is_public(address.into()), "{address}");
            }
        }

        #[test]
        fn what_lies_in_no_special_network_is_public(any: Ipv4Addr) {
            let is_special = networks(REGISTRY_V4).into_iter().any(|(first, bits): (Ipv4Addr, u32)| {
                let shift = 32 - bits;
                u64::from(first.to_bits()) >> shift == u64::from(any.to_bits()) >> shift
            });
            prop_assert_eq!(is_public(any.into()), !is_special);
        }
    }
}
