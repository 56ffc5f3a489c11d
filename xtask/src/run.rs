//! From a clone to a running server.

use std::{os::unix::process::CommandExt as _, path::PathBuf, thread};

use anyhow::{Context, Result};

use crate::{
    command::{cargo, command, run as call, say, spelled},
    postgres, project, setup,
    site::{self, Mode},
};

/// The cargo profile that is compiled soonest of those that serve people.
const QUICK: &str = "quick";

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
    match mode {
        Mode::Dev => {
            setup::site_folder()?;
            site::build(mode)?;
            server("dev")
        }
        Mode::Release => with_site("release"),
    }
}

/// The site as it is released, and a server of a cargo profile that embeds it.
fn with_site(profile: &str) -> Result<()> {
    setup::site_folder()?;
    beside_libraries(profile, || site::build(Mode::Release))?;
    server(profile)
}

/// Builds, and becomes the server.
pub fn run(arguments: &[&str]) -> Result<()> {
    // Before the minutes of compiling, so that what cannot be installed is said at once.
    let binaries = postgres_for_server()?;
    with_site(QUICK)?;
    let mut server = serve(QUICK, binaries.as_ref(), arguments);
    say(&spelled(&server));
    Err(server.exec()).context("reflect did not start")
}

/// The PostgreSQL binaries that the server must be told about. With a `DATABASE_URL` it needs none.
pub fn postgres_for_server() -> Result<Option<PathBuf>> {
    if std::env::var_os("DATABASE_URL").is_some() { Ok(None) } else { postgres::for_server() }
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

/// The server's executable, of a cargo profile.
pub fn server(profile: &str) -> Result<()> {
    call(&mut cargo(["build", "--package", "server", "--profile", profile]))
}

/// Compiles what the server is made of while `work` runs. The site ends in steps that use one core (linking
/// with LTO, binaryen), and the executable can only be linked when the site is there. The same package is
/// named as later, since another choice of packages has other features and compiles the libraries anew.
fn beside_libraries(profile: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    thread::scope(|scope| {
        let libraries =
            scope.spawn(|| call(&mut cargo(["build", "--package", "server", "--profile", profile, "--lib"])));
        work()?;
        // What fails here fails again, and is said, when the executable is built.
        drop(libraries.join());
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, path::Path};

    use super::*;

    #[test]
    fn the_server_is_told_what_it_was_called_with() {
        let programs = PathBuf::from("/opt/postgresql/bin");
        let server = serve(QUICK, Some(&programs), &["--addr", "127.0.0.1:8080"]);
        assert!(Path::new(server.get_program()).ends_with("quick/reflect"), "{server:?}");
        assert_eq!(server.get_args().collect::<Vec<_>>(), ["serve", "--addr", "127.0.0.1:8080"]);
        let told: Vec<_> = server.get_envs().collect();
        assert_eq!(told, [(OsStr::new("REFLECT_PG_BIN"), Some(programs.as_os_str()))]);
    }

    #[test]
    fn a_server_that_finds_postgresql_is_told_nothing() {
        let server = serve("debug", None, &[]);
        assert!(Path::new(server.get_program()).ends_with("debug/reflect"), "{server:?}");
        assert_eq!(server.get_args().collect::<Vec<_>>(), ["serve"]);
        assert_eq!(server.get_envs().count(), 0);
    }

    #[test]
    fn a_profile_is_there_to_be_built() {
        let manifest = std::fs::read_to_string(project::root().join("Cargo.toml")).unwrap();
        assert!(manifest.contains(&format!("[profile.{QUICK}]")));
    }
}
