//! From a clone to a running server.

use std::{os::unix::process::CommandExt as _, path::PathBuf, thread};

use anyhow::{Context, Result};

use crate::{
    command::{cargo, command, run as call, say, spelled},
    postgres, project, setup,
    site::{self, Mode},
};

/// Installs what building and running need.
pub fn setup() -> Result<()> {
    setup::wasm_target()?;
    setup::npm_packages()?;
    postgres::binaries()?;
    Ok(())
}

/// The site alone.
pub fn site(mode: Mode) -> Result<()> {
    site::build(mode)
}

/// The site, then the server that embeds it.
pub fn build(mode: Mode) -> Result<()> {
    setup::site_folder()?;
    match mode {
        Mode::Dev => site::build(mode)?,
        Mode::Release => beside_libraries(|| site::build(mode))?,
    }
    server(mode)
}

/// Builds, and becomes the server.
pub fn run(arguments: &[&str]) -> Result<()> {
    // Before the minutes of compiling, so that what cannot be installed is said at once.
    let binaries = postgres_for_server()?;
    build(Mode::Release)?;
    let mut server = serve("release", binaries.as_ref(), arguments);
    say(&spelled(&server));
    Err(server.exec()).context("reflect did not start")
}

/// The PostgreSQL binaries that the server must be told about. With a `DATABASE_URL` it needs none.
pub fn postgres_for_server() -> Result<Option<PathBuf>> {
    if std::env::var_os("DATABASE_URL").is_some() { Ok(None) } else { postgres::binaries().map(Some) }
}

/// `reflect serve` from a cargo profile's folder.
pub fn serve(profile: &str, postgres: Option<&PathBuf>, arguments: &[&str]) -> std::process::Command {
    let mut server = command(project::server(profile));
    server.arg("serve").args(arguments);
    if let Some(folder) = postgres {
        server.env("REFLECT_PG_BIN", folder);
    }
    server
}

/// The server's executable.
pub fn server(mode: Mode) -> Result<()> {
    match mode {
        Mode::Dev => call(&mut cargo(["build", "--package", "server"])),
        Mode::Release => call(&mut cargo(["build", "--package", "server", "--release"])),
    }
}

/// Compiles what the server is made of while `work` runs. The site ends in steps that use one core (linking
/// with LTO, wasm-opt), and the executable can only be linked when the site is there. The same package is
/// named as later, since another choice of packages has other features and compiles the libraries anew.
fn beside_libraries(work: impl FnOnce() -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let libraries =
            scope.spawn(|| call(&mut cargo(["build", "--package", "server", "--release", "--lib"])));
        work()?;
        // What fails here fails again, and is said, when the executable is built.
        drop(libraries.join());
        Ok(())
    })
}
