//! Checks that run no code: formatting, clippy, house rules, licences.

use std::{fs, path::Path};

use anyhow::{Result, ensure};

use crate::{
    command::{cargo, command, output, run, say},
    fingerprint::files,
    project, setup,
};

/// The packages that run on this machine. `app` is among them with its server half (`ssr`), which excludes
/// the browser's (`hydrate`): the two must never meet in one cargo call, hence no `--workspace`.
pub const NATIVE: [&str; 16] = [
    "--package",
    "reflect-model",
    "--package",
    "reflect-core",
    "--package",
    "reflect-client",
    "--package",
    "reflect-cluster",
    "--package",
    "server",
    "--package",
    "app",
    "--package",
    "xtask",
    "--features",
    "app/ssr",
];

/// How often `app` may ask which side it is compiled for: the boundary is the module, not the line.
const MOST_FEATURE_GATES: usize = 3;

/// A check and its name.
pub type Check = (&'static str, fn() -> Result<()>);

/// Every check, quick ones first.
pub const CHECKS: [Check; 6] = [
    ("formatting", || run(&mut cargo(["fmt", "--all", "--check"]))),
    ("feature gates", || feature_gates(&project::root().join("app/src"))),
    ("clippy, this machine", || run(clippy().args(NATIVE).args(["--all-targets", "--", "-D", "warnings"]))),
    ("clippy, browser", || {
        let browser = ["--package", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
        run(clippy().args(browser))
    }),
    ("types of the browser journeys", || {
        run(setup::npm_program("tsc").arg("--noEmit").current_dir(project::npm()))
    }),
    ("licences and sources", licences),
];

fn clippy() -> std::process::Command {
    cargo(["clippy", "--quiet"])
}

/// Everything that `deny.toml` says, advisories included, whose database is a download.
pub fn deny() -> Result<()> {
    cargo_deny(&["check"])
}

/// Without the advisories: news about a crate is no fault of the change under test.
fn licences() -> Result<()> {
    cargo_deny(&["check", "bans", "licenses", "sources"])
}

fn cargo_deny(arguments: &[&str]) -> Result<()> {
    if output(command("cargo-deny").arg("--version")).is_none() {
        say("skipped: cargo-deny is not installed (`cargo install cargo-deny --locked` adds it)");
        return Ok(());
    }
    run(cargo(["deny"]).args(arguments))
}

fn feature_gates(folder: &Path) -> Result<()> {
    let mut gates = Vec::new();
    for file in files(folder)? {
        let text = fs::read_to_string(&file)?;
        let here = text
            .lines()
            .enumerate()
            .filter(|(_, line)| line.contains("cfg(feature") || line.contains("cfg(not(feature"));
        gates.extend(here.map(|(number, _)| format!("  {}:{}", file.display(), number + 1)));
    }
    ensure!(
        gates.len() <= MOST_FEATURE_GATES,
        "`cfg(feature` stands {} times in app/src, {MOST_FEATURE_GATES} are allowed: put what only one side needs \
         into a module, or into `frontend` or `server`\n{}",
        gates.len(),
        gates.join("\n")
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fourth_feature_gate_is_refused_and_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pages")).unwrap();
        let gate = "#[cfg(feature = \"ssr\")]\nmod x;\n";
        fs::write(folder.path().join("lib.rs"), gate.repeat(3)).unwrap();
        feature_gates(folder.path()).unwrap();
        fs::write(folder.path().join("pages/home.rs"), gate).unwrap();
        let error = feature_gates(folder.path()).unwrap_err().to_string();
        assert!(error.contains("home.rs:1"), "{error}");
    }
}
