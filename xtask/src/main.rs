//! Builds, runs, tests and measures reflect. `cargo xtask help` lists the commands.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it reads the environment, talks on the terminal and waits by sleeping"
)]

use std::process::ExitCode;

use anyhow::{Result, bail};

mod bench;
mod command;
mod fingerprint;
mod lint;
mod postgres;
mod project;
mod run;
mod setup;
mod site;
mod tally;
mod test;
mod wasm;
mod watch;

use site::Mode;

const HELP: &str = "\
cargo xtask COMMAND

  run [-- ARGS]          install what is missing, build quickly, and start reflect (ARGS go to `reflect serve`)
  dev [-- ARGS]          the same in development mode, and again on every change
  build [--release]      build the site (wasm, scripts, styles) and the server
  site [--release]       build the site only
  test [--only PART]     every test; PART is lint, unit or browser
  bench [PART...]        figures of speed and size beside peers; PART is size, idle, page, gallery, sign-in,
                         serve, thumbnail or upload; --million for the gallery of that many; --write puts them into docs/performance.md, --quick measures nothing well
  lint                   formatting, clippy for both targets, house rules, licences
  screenshots            make the pictures of the README from the running program
  deny                   licences, advisories and banned crates (needs cargo-deny)
  setup                  install what building and running need, without building
  help                   this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        [] | ["help" | "--help" | "-h"] => print!("{HELP}"),
        ["run"] => run::run(&[])?,
        ["run", "--", rest @ ..] => run::run(rest)?,
        ["dev"] => watch::dev(&[])?,
        ["dev", "--", rest @ ..] => watch::dev(rest)?,
        ["build"] => run::build(Mode::Dev)?,
        ["build", "--release"] => run::build(Mode::Release)?,
        ["site"] => run::site(Mode::Dev)?,
        ["site", "--release"] => run::site(Mode::Release)?,
        ["setup"] => run::setup()?,
        ["screenshots"] => test::screenshots()?,
        ["lint"] => return Ok(test::run(&[test::Part::Lint])),
        ["deny"] => lint::deny()?,
        ["bench", rest @ ..] => bench::run(rest)?,
        ["test"] => return Ok(test::run(&test::Part::ALL)),
        ["test", "--only", part] => return Ok(test::run(&[part.parse()?])),
        other => bail!("unknown command `{}`; `cargo xtask help` lists them", other.join(" ")),
    }
    Ok(ExitCode::SUCCESS)
}
