//! Signing in: what a guess learns from the time of its answer, what a botnet gains, and how many people get in.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Bench,
    client::Client,
    figure::{Figure, Outcome, Unit, median},
    helper::{self, Helper},
    server::{Account, Instance, code, installed, post, sign_in},
    wrk::Load,
};

/// A connection each signs people in.
const CONNECTIONS: usize = 4;
/// People there are. Every other one is guessed at, which must be more than there are guesses before the
/// past is forgotten: an account asks for two codes after five.
const ACCOUNTS: usize = 300;
/// Failed tries after which the past is forgotten: fewer than make every account ask for two codes.
const CALM: usize = 90;

/// Wrong codes that the owner types on a trusted device each hour, before the right one.
const SLIPS: usize = 9;
/// Status checks whose statements are counted.
const CHECKS: usize = 1000;

#[derive(Deserialize)]
struct Month {
    expected: f64,
    new_device: Asked,
    trusted_device: Asked,
}

/// What the owner was asked for at each try of a month.
#[derive(Deserialize)]
struct Asked {
    one: usize,
    two: usize,
    refused: usize,
}

impl Asked {
    fn told(&self) -> String {
        let Self { one, two, refused } = self;
        format!("are asked for one code: {one}; for two: {two}; are refused: {refused}")
    }
}

/// Server, PostgreSQL and clients share the machine's cores. Every commit is durable.
pub fn measure(bench: &Bench) -> Result<Outcome> {
    if let Some(missing) = installed(&[("wrk", "wrk")]) {
        return Ok(Outcome::Skipped(missing));
    }
    let helper = Helper::build()?;
    let month: Month = helper::answer(&mut helper.command(&["botnet", "10000", &SLIPS.to_string()]))?;
    let instance = Instance::start(bench)?;
    let person = instance.person("sign-in")?;
    let server = instance.serve_with(None, &[("REFLECT_TRUSTED_PROXIES", "127.0.0.1")])?;
    let accounts: Vec<Account> =
        (0..ACCOUNTS).map(|number| instance.account(&format!("person-{number}"))).collect::<Result<_>>()?;

    let tries = bench.choose(1000, 60);
    let mut guesser = Guesser { client: Client::connect(server.port)?, accounts: &accounts, number: 0 };
    let forget = || helper::answer::<u64>(&mut helper.command(&["forget", instance.url()])).map(drop);
    let calm = guesser.compare(tries, 1, forget)?;
    // From here on the site is under attack: nothing is forgotten.
    for _ in 0..2 * CALM {
        guesser.guess(false)?;
    }
    let attacked = guesser.compare(tries, 2, || Ok(()))?;
    forget()?;

    let rate = sign_ins(&helper, server.port, &accounts)?;
    let cookie = server.sign_in(&helper, &person)?;
    let status = Load {
        url: format!("http://127.0.0.1:{}/api/v1/auth/totp/status", server.port),
        headers: &[&cookie, "Accept: application/json"],
        connections: 8,
        core: None,
        time: Duration::from_secs(bench.choose(10, 2)),
    };
    status.run()?;
    let status = status.run()?;
    ensure!(status.bad == 0, "{} status checks failed", status.bad);

    let statements = statements(&helper, instance.url(), server.port, &cookie)?;

    let figures = vec![
        Figure::new(
            "expected success of 10,000 addresses at one account in 30 days",
            month.expected,
            Unit::Chance,
        )
        .target("≤ 1.6e-5"),
        Figure::new("wrong name, median", calm.name, Unit::Milliseconds).beside("wrong code", calm.code),
        Figure::new("wrong name or wrong code: difference", calm.difference(), Unit::Percent).target("< 5 %"),
        Figure::new("under attack, two codes: wrong name, median", attacked.name, Unit::Milliseconds)
            .beside("wrong code", attacked.code),
        Figure::new("under attack: difference", attacked.difference(), Unit::Percent).target("< 5 %"),
        Figure::new(format!("sign-ins, {CONNECTIONS} connections"), rate, Unit::Requests),
        Figure::new("status check, 8 connections", status.rate, Unit::Requests),
        Figure::new("status check, 8 connections, median", status.p50, Unit::Milliseconds),
        Figure::new("status check, 8 connections, p99", status.p99, Unit::Milliseconds),
        Figure::new("status check, statements", statements, Unit::Share).target("1"),
    ];
    let notes = vec![
        format!("hours of that month in which the owners, on a new device, {}", month.new_device.told()),
        format!(
            "tries of that month in which they, on a trusted device and after {SLIPS} wrong codes each hour, {}",
            month.trusted_device.told()
        ),
        format!("{tries} wrong names and {tries} wrong codes in turn, each from an address of its own"),
        format!(
            "{} people sign in once each; a sign-in writes session, used code and audit log",
            accounts.len()
        ),
    ];
    Ok(Outcome::Measured { figures, notes })
}

/// Medians in milliseconds.
struct Compared {
    name: f64,
    code: f64,
}

impl Compared {
    /// In hundredths of the slower.
    fn difference(&self) -> f64 {
        (self.name - self.code).abs() / self.name.max(self.code) * 100.0
    }
}

/// Tries what can't be right, never twice from the same address.
struct Guesser<'a> {
    client: Client,
    accounts: &'a [Account],
    number: usize,
}

impl Guesser<'_> {
    /// In turn, so that whatever else goes on slows both.
    fn compare(&mut self, tries: usize, asked: usize, forget: impl Fn() -> Result<()>) -> Result<Compared> {
        let (mut names, mut codes) = (Vec::new(), Vec::new());
        for pair in 0..tries + CALM {
            if pair % (CALM / 2) == 0 {
                forget()?;
            }
            let (name, code) = (self.guess(false)?, self.guess(true)?);
            ensure!((name.codes, code.codes) == (asked, asked), "not {asked} codes were asked for");
            // The first ones warm caches.
            if pair >= CALM {
                names.push(name.took);
                codes.push(code.took);
            }
        }
        Ok(Compared { name: median(&names), code: median(&codes) })
    }

    /// A guess at an account that there is, or at a name of the same length that nobody has.
    fn guess(&mut self, known: bool) -> Result<Guess> {
        self.number += 1;
        let account = &self.accounts[self.number % self.accounts.len()].name;
        let name = if known { account.clone() } else { account.replace("person", "nobody") };
        let from = format!("X-Forwarded-For: 2001:db8:{:x}:{:x}::1", self.number >> 16, self.number & 0xffff);
        let start = Instant::now();
        let first = sign_in(&mut self.client, &json!({ "name": name, "code": "000000" }), &[&from])?;
        let mut guess = Guess { took: 0.0, codes: 1 };
        let last = if first.status == 200 {
            let body = json!({ "ticket": first.json(200)?["ticket"], "code": "000000" });
            guess.codes = 2;
            post(&mut self.client, "/api/v1/auth/totp/verify", &body, &[&from])?
        } else {
            first
        };
        guess.took = start.elapsed().as_secs_f64() * 1e3;
        ensure!(last.status == 401, "a guess is answered {}", String::from_utf8_lossy(&last.body));
        Ok(guess)
    }
}

/// A guess that was refused.
struct Guess {
    /// Milliseconds, over all requests.
    took: f64,
    /// How many were asked for.
    codes: usize,
}

/// People who get in within a second.
fn sign_ins(helper: &Helper, port: u16, accounts: &[Account]) -> Result<f64> {
    let bodies: Vec<Value> = accounts
        .iter()
        .map(|account| Ok(json!({ "name": account.name, "code": code(helper, account)? })))
        .collect::<Result<_>>()?;
    let start = Instant::now();
    thread::scope(|scope| {
        let share = bodies.len().div_ceil(CONNECTIONS);
        let workers: Vec<_> =
            bodies.chunks(share).map(|bodies| scope.spawn(|| in_turn(port, bodies))).collect();
        workers.into_iter().try_for_each(|worker| worker.join().ok().context("a client panicked")?)
    })?;
    Ok(bodies.len() as f64 / start.elapsed().as_secs_f64())
}

/// Statements of a status check. What the counting itself does is in it, a few thousandths.
fn statements(helper: &Helper, database: &str, port: u16, cookie: &str) -> Result<f64> {
    let seen = || helper::answer::<i64>(&mut helper.command(&["transactions", database]));
    let before = seen()?;
    let mut client = Client::connect(port)?;
    for _ in 0..CHECKS {
        client.get("/api/v1/auth/totp/status", &[cookie])?.json(200)?;
    }
    Ok((seen()? - before) as f64 / CHECKS as f64)
}

fn in_turn(port: u16, bodies: &[Value]) -> Result<()> {
    let mut client = Client::connect(port)?;
    bodies.iter().try_for_each(|body| sign_in(&mut client, body, &[])?.json(200).map(drop))
}
