//! What the names of hosts stand for.

use std::{io, net::IpAddr};

use futures::future::BoxFuture;

/// Last labels of names that the internet's name service doesn't have, but networks around us may: special use by IANA,
/// and what RFC 6762 (appendix G) and routers use.
const INTERNAL: [&str; 14] = [
    "alt",
    "arpa",
    "corp",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "onion",
    "private",
    "test",
];

/// Who tells what a host's name stands for.
pub trait Resolver: Send + Sync + 'static {
    /// All addresses of a host.
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>>;
}

impl Resolver for Box<dyn Resolver> {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        (**self).resolve(host)
    }
}

/// The machine's resolver.
pub(super) struct System;

impl Resolver for System {
    fn resolve<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        Box::pin(
            async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) },
        )
    }
}

/// A name as the internet's name service is asked for it: from the root, so that the machine's search domains don't
/// answer. `None` for one that only a network around us could know.
pub(super) fn public_name(name: &str) -> Option<String> {
    let name = name.trim_end_matches('.');
    let (_, last) = name.rsplit_once('.')?;
    (!INTERNAL.contains(&last)).then(|| format!("{name}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_network_around_us_knows_is_no_public_name() {
        for name in [
            "router",
            "router.",
            "localhost",
            "api.localhost",
            "printer.local",
            "metadata.google.internal",
            "nas.home.arpa",
            "1.0.0.10.in-addr.arpa",
            "db.svc.cluster.local.",
            "git.corp",
            "fritz.lan",
            "",
            ".",
        ] {
            assert_eq!(public_name(name), None, "{name}");
        }
        for name in ["x.example", "x.example.", "local.example", "a.b.internal.example"] {
            let name = public_name(name).unwrap();
            assert!(name.ends_with(".example."), "{name}");
        }
    }
}
