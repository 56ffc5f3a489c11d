//! Where things are in this repository.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The repository's root.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Where cargo writes: `target/`, or what `CARGO_TARGET_DIR` says.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |path| root().join(path))
}

/// The finished site that the server embeds. It ignores `CARGO_TARGET_DIR`: the server's sources name it.
pub fn site() -> PathBuf {
    root().join("target/site")
}

/// Half-done work and memory of earlier runs; nothing here is needed to run reflect.
pub fn scratch() -> PathBuf {
    root().join("target/xtask")
}

/// The folder of the one `package.json`: browser journeys and the tools that shrink the site.
pub fn npm() -> PathBuf {
    root().join("end2end")
}

/// The server's executable in a cargo profile's folder (`debug` or `release`).
pub fn server(profile: &str) -> PathBuf {
    target().join(profile).join("reflect")
}

/// Where cargo keeps the sources of dependencies.
pub fn cargo_home() -> Result<PathBuf> {
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cargo"));
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(home)
        .context("neither CARGO_HOME nor HOME is set")
}
