//! Every test, and the count at the end.

use std::{fs, process::ExitCode, str::FromStr};

use anyhow::{Context, Error, Result, bail};

use crate::{
    command::{self, cargo, follow, say},
    lint,
    postgres::{self, Cluster},
    project, run, setup,
    site::{self, Mode},
    tally::{self, Tally},
};

/// A part that `--only` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Formatting, clippy, house rules.
    Lint,
    /// `cargo test` of every package, against a real PostgreSQL.
    Unit,
    /// Journeys through a real Chromium.
    Browser,
}

impl Part {
    /// In the order in which they run.
    pub const ALL: [Self; 3] = [Self::Lint, Self::Unit, Self::Browser];
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "lint" => Ok(Self::Lint),
            "unit" => Ok(Self::Unit),
            "browser" => Ok(Self::Browser),
            other => bail!("there is no part `{other}`: the parts are lint, unit and browser"),
        }
    }
}

/// Runs the parts, all of them even when one fails, and prints the count as the last line. Checks that are
/// no tests count only when they fail.
pub fn run(parts: &[Part]) -> ExitCode {
    let mut summary = Vec::new();
    let mut total = Tally::default();
    let mut database = Database::default();
    let both = parts.contains(&Part::Unit) && parts.contains(&Part::Browser);
    for part in parts {
        let outcomes = match part {
            Part::Lint => lints(),
            Part::Unit => {
                vec![outcome(
                    "unit and integration tests",
                    database.cluster().and_then(|cluster| unit(cluster, both)),
                )]
            }
            Part::Browser => {
                vec![outcome(
                    "browser journeys",
                    database.cluster().and_then(|cluster| browser(cluster, both)),
                )]
            }
        };
        for (name, tally) in outcomes {
            let outcome = if tally.failed == 0 { "ok    " } else { "FAILED" };
            let again = match tally.flaky {
                0 => String::new(),
                flaky => format!(" ({flaky} held only when tried again: see `flaky` above)"),
            };
            summary.push(format!("{outcome} {name}{again}"));
            total += tally;
        }
    }
    drop(database);
    println!("\n{}", summary.join("\n"));
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The cluster of this run, started by the first part that asks.
#[derive(Default)]
struct Database(Option<Cluster>);

impl Database {
    fn cluster(&mut self) -> Result<&Cluster> {
        if self.0.is_none() {
            self.0 = Some(Cluster::start(&postgres::binaries()?)?);
        }
        self.0.as_ref().context("no cluster")
    }
}

type Outcome = (&'static str, Tally);

fn outcome(name: &'static str, result: Result<Tally>) -> Outcome {
    let tally = result.unwrap_or_else(|error| {
        eprintln!("error: {name}: {error:#}");
        Tally::one(false)
    });
    (name, tally)
}

fn lints() -> Vec<Outcome> {
    let ready = setup::lint_components()
        .and_then(|()| setup::wasm_target())
        .and_then(|()| setup::npm_packages())
        .and_then(|()| setup::site_folder());
    if let Err(error) = ready {
        return vec![outcome("setting up", Err(error))];
    }
    let held = |check: fn() -> Result<()>| check().map(|()| Tally::default());
    lint::CHECKS.into_iter().map(|(name, check)| outcome(name, held(check))).collect()
}

/// The site comes first where journeys follow: the server would be compiled again after it.
fn unit(cluster: &Cluster, with_site: bool) -> Result<Tally> {
    setup::site_folder()?;
    if with_site {
        site::build(Mode::Release)?;
    }
    let tests = || {
        let mut tests = cargo(["test", "--no-fail-fast"]);
        tests.args(lint::NATIVE).env("DATABASE_URL", cluster.url());
        tests
    };
    command::run(tests().arg("--no-run"))?;
    prepare(cluster)?;
    let mut tests = tests();
    // For those that start clusters of their own.
    tests.env("REFLECT_PG_BIN", postgres::binaries()?);
    let mut tally = Tally::default();
    let succeeded = follow(&mut tests, |line| tally += tally::cargo_line(line).unwrap_or_default())?;
    Ok(tally.of_run(succeeded))
}

/// Makes the schema in the database that all new ones are copies of: a copy takes a tenth of the time that the
/// migrations take, and a thousand tests want a database each.
fn prepare(cluster: &Cluster) -> Result<()> {
    let mut migrate = command::command(project::server("debug"));
    command::run(migrate.arg("migrate").env("DATABASE_URL", cluster.template_url()))
}

fn browser(cluster: &Cluster, after_units: bool) -> Result<Tally> {
    // The site as people get it; the server with the features that are compiled already, which differ
    // between the choice of packages for tests and the server alone.
    setup::npm_packages()?;
    setup::upload_clients()?;
    setup::site_folder()?;
    site::build(Mode::Release)?;
    if after_units {
        command::run(cargo(["build", "--all-targets"]).args(lint::NATIVE))?;
    } else {
        run::server("dev")?;
    }

    prepare(cluster)?;
    say("browser journeys");
    let report = project::npm().join("playwright-report/results.json");
    if report.exists() {
        fs::remove_file(&report)?;
    }
    let succeeded = follow(&mut playwright(cluster)?, |_| ())?;
    let json = fs::read_to_string(&report).context("Playwright left no report")?;
    Ok(tally::playwright_report(&json)?.of_run(succeeded))
}

/// Playwright against the server of the debug profile.
fn playwright(cluster: &Cluster) -> Result<std::process::Command> {
    let mut playwright = setup::npm_program("playwright");
    playwright.arg("test").current_dir(project::npm());
    playwright.env("DATABASE_URL", cluster.url()).env("PLAYWRIGHT_CHROMIUM", setup::chromium()?);
    playwright.env("REFLECT_BIN", project::server("debug"));
    Ok(playwright)
}

/// Makes the README's pictures from the running program.
pub fn screenshots() -> Result<()> {
    setup::npm_packages()?;
    setup::site_folder()?;
    site::build(Mode::Release)?;
    run::server("dev")?;
    let mut database = Database::default();
    let mut playwright = playwright(database.cluster()?)?;
    command::run(playwright.args(["--config", "screenshots.config.ts"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_and_nothing_else_does() {
        let parsed: Vec<Part> =
            ["lint", "unit", "browser"].iter().map(|name| name.parse().unwrap()).collect();
        assert_eq!(parsed, Part::ALL);
        assert!("units".parse::<Part>().is_err());
    }
}
