//! How long answers take on one connection, one after the other.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::{
    client::{Answer, Client},
    server::Server,
};

/// What was seen.
pub struct Latency {
    /// Milliseconds.
    pub median: f64,
    /// Milliseconds.
    pub p99: f64,
    /// Of one answer's body.
    pub bytes: usize,
    pub requests: usize,
}

impl Latency {
    /// Asks for a path, after a tenth as many requests that don't count. The first answer must be what `is_right`
    /// says.
    pub fn of(
        server: &Server,
        path: &str,
        headers: &[&str],
        requests: usize,
        is_right: impl Fn(&Answer) -> bool,
    ) -> Result<Self> {
        let mut client = Client::connect(server.port)?;
        let first = client.get(path, headers)?;
        ensure!(
            first.status == 200 && is_right(&first),
            "{path} answers {}, or something else",
            first.status
        );
        for _ in 0..requests / 10 {
            client.get(path, headers)?;
        }
        let mut times = Vec::with_capacity(requests);
        for _ in 0..requests {
            let start = Instant::now();
            let answer = client.get(path, headers)?;
            times.push(start.elapsed().as_secs_f64() * 1e3);
            ensure!(answer.status == 200, "{path} answers {}", answer.status);
        }
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times[(times.len() * share / 100).min(times.len() - 1)];
        Ok(Self { median: at(50), p99: at(99), bytes: first.body.len(), requests })
    }
}
