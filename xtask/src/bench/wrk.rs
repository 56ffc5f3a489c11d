//! wrk: load, and what came of it.

use std::{path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail, ensure};

use super::keeper::pinned;
use crate::command::{on_path, output, spelled};

/// What is asked for, and how.
pub struct Load<'a> {
    pub url: String,
    /// Lines such as `Accept: image/webp`.
    pub headers: &'a [&'a str],
    pub connections: u32,
    /// The core that wrk is bound to; any, where there is none.
    pub core: Option<usize>,
    pub time: Duration,
}

/// What wrk saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// Answers in a second.
    pub rate: f64,
    /// Milliseconds that half of the answers took at most.
    pub p50: f64,
    /// Milliseconds that 99 of a hundred answers took at most.
    pub p99: f64,
    /// Answers with a status of 400 and above.
    pub bad: u64,
}

/// The program, if it is installed.
pub fn find() -> Option<PathBuf> {
    on_path(&["wrk"])
}

impl Load<'_> {
    /// Runs wrk with one thread. Fails where a connection broke or an answer did not come.
    pub fn run(&self) -> Result<Seen> {
        let wrk = find().context("wrk is gone")?;
        let mut wrk = pinned(wrk, self.core);
        wrk.args(["--threads", "1", "--latency", "--timeout", "30s"]);
        wrk.args(["--connections", &self.connections.to_string()]);
        wrk.args(["--duration", &format!("{}s", self.time.as_secs().max(1))]);
        for header in self.headers {
            wrk.args(["--header", header]);
        }
        let text = output(wrk.arg(&self.url)).with_context(|| format!("`{}` failed", spelled(&wrk)))?;
        read(&text).with_context(|| format!("wrk said:\n{text}"))
    }
}

fn read(text: &str) -> Result<Seen> {
    ensure!(!text.contains("Socket errors"), "connections broke");
    let after = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name));
        line.map(str::trim).with_context(|| format!("there is no `{name}`"))
    };
    Ok(Seen {
        rate: after("Requests/sec:")?.parse()?,
        p50: milliseconds(after("50%")?)?,
        p99: milliseconds(after("99%")?)?,
        // The line is there only where there are some.
        bad: after("Non-2xx or 3xx responses:").map_or(Ok(0), str::parse)?,
    })
}

fn milliseconds(text: &str) -> Result<f64> {
    for (unit, in_a_minute) in [("us", 6e7), ("ms", 6e4), ("s", 60.0), ("m", 1.0)] {
        if let Some(number) = text.strip_suffix(unit) {
            return Ok(number.parse::<f64>()? * 6e4 / in_a_minute);
        }
    }
    bail!("`{text}` is no duration")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "Running 10s test @ http://127.0.0.1:1/
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.20ms  300.00us   9.99ms   90.00%
  Latency Distribution
     50%  950.00us
     75%    1.20ms
     90%    1.30ms
     99%    1.02s 
  263000 requests in 10.00s, 6.20GB read
Requests/sec:  26300.12
Transfer/sec:    634.50MB
";

    #[test]
    fn output_is_read_and_bad_answers_are_noticed() {
        assert_eq!(read(OUTPUT).unwrap(), Seen { rate: 26300.12, p50: 0.95, p99: 1020.0, bad: 0 });
        let bad = format!("{OUTPUT}  Non-2xx or 3xx responses: 3\n");
        assert_eq!(read(&bad).unwrap().bad, 3);
        assert!(read(&format!("{OUTPUT}  Socket errors: connect 0, read 1")).is_err());
        assert!(read("Requests/sec: 1").is_err());
    }
}
