//! Installing what is missing, with a word about it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use crate::{
    command::{command, on_path, output, run, say},
    fingerprint::{Fingerprint, Stamp},
    project,
};

const WASM: &str = "wasm32-unknown-unknown";

/// The browser's target for the toolchain that `rust-toolchain.toml` names.
pub fn wasm_target() -> Result<()> {
    let found = output(command("rustc").args(["--print", "target-libdir", "--target", WASM]));
    if found.is_some_and(|folder| PathBuf::from(folder).is_dir()) {
        return Ok(());
    }
    rustup("the wasm32 target", &["target", "add", WASM])
}

/// The formatter and the linter of the same toolchain.
pub fn lint_components() -> Result<()> {
    for (program, component) in [("cargo-fmt", "rustfmt"), ("cargo-clippy", "clippy")] {
        if output(command(program).arg("--version")).is_none() {
            rustup(component, &["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(what: &str, arguments: &[&str]) -> Result<()> {
    if on_path(&["rustup"]).is_none() {
        bail!("{what} is missing and there is no rustup to add it: install Rust from https://rustup.rs");
    }
    say(&format!("installing {what}"));
    run(command("rustup").args(arguments))
}

/// The packages of `end2end/package-lock.json`.
pub fn npm_packages() -> Result<()> {
    locked(&project::npm(), "npm packages (binaryen, esbuild, Playwright)")
}

/// The upload tools that are run against reflect: those of `end2end/clients/package-lock.json`, and curl.
pub fn upload_clients() -> Result<()> {
    if on_path(&["curl"]).is_none() {
        say("installing curl, which uploads in a test");
        apt_install(&["curl"]).context("curl is missing: install it")?;
    }
    locked(&project::npm().join("clients"), "upload tools (PicGo and its plugins, tus-js-client)")
}

/// The packages of a folder's lock file; skipped when the last install was of the same one.
fn locked(folder: &Path, what: &str) -> Result<()> {
    node()?;
    let lock = Fingerprint::default().add_path(folder, "package-lock.json")?.finish();
    let stamp = Stamp::at(folder.join("node_modules/.xtask-lock"));
    if stamp.holds(&lock) {
        return Ok(());
    }
    say(&format!("installing {what}"));
    let mut npm = command("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
    run(npm.current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))?;
    stamp.set(&lock)
}

fn node() -> Result<()> {
    let Some(version) = output(command("node").arg("--version")) else {
        bail!("Node.js is missing: install nodejs (20 or later) and npm");
    };
    let major =
        version.trim_start_matches('v').split('.').next().and_then(|number| number.parse::<u32>().ok());
    if major.is_none_or(|major| major < 20) {
        bail!("Node.js {version} is too old: 20 or later is needed");
    }
    Ok(())
}

/// One of the programs of `end2end/node_modules`.
pub fn npm_program(name: &str) -> Command {
    command(project::npm().join("node_modules/.bin").join(name))
}

/// The Chromium that the browser journeys drive: the one that `PLAYWRIGHT_CHROMIUM` or `CHROME_BIN` names,
/// one on `PATH`, or else the system's package.
pub fn chromium() -> Result<PathBuf> {
    for variable in ["PLAYWRIGHT_CHROMIUM", "CHROME_BIN"] {
        if let Some(path) = std::env::var_os(variable).map(PathBuf::from) {
            if path.is_file() {
                return Ok(path);
            }
            bail!("{variable} names {}, which is not a file", path.display());
        }
    }
    let find = || on_path(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]);
    if let Some(path) = find() {
        return Ok(path);
    }
    say("installing Chromium, for the browser journeys");
    // The font draws the Chinese pages; without it their screenshots show boxes.
    apt_install(&["chromium", "fonts-wqy-microhei"])
        .context("Chromium is missing: install it, or set PLAYWRIGHT_CHROMIUM to one")?;
    find().context("Chromium was installed and is still not on PATH: set PLAYWRIGHT_CHROMIUM to it")
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    output(command("id").arg("-u")).is_some_and(|id| id == "0")
}

/// Installs Debian packages, as root or through a `sudo` that asks nothing.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    as_root(&["apt-get", "update", "-q"])?;
    let install = [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "-q",
        "--no-install-recommends",
    ];
    as_root(&[&install, packages].concat())
}

/// Whether [`apt_install`] can work here.
pub fn can_apt() -> bool {
    on_path(&["apt-get"]).is_some() && (is_root() || output(command("sudo").args(["-n", "true"])).is_some())
}

/// Runs one command as root, or says that it cannot.
pub fn as_root(words: &[&str]) -> Result<()> {
    if !can_apt() {
        bail!("this needs a Debian-like system, and root or a sudo that asks for no password");
    }
    let words = if is_root() { words.to_vec() } else { [&["sudo", "-n"], words].concat() };
    let (program, arguments) = words.split_first().context("an empty command")?;
    run(command(program).args(arguments))
}

/// The folder that the server's sources embed must exist for them to compile, even before a site is built.
pub fn site_folder() -> Result<()> {
    fs::create_dir_all(project::site()).context("making the site's folder")
}
