//! A throw-away cluster for tests: fast, unsafe to keep, gone when its owner is.

use std::{
    fs,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::Path,
    process::{Child, Stdio},
};

use anyhow::{Context as _, Result};
use reflect_cluster::{Binaries, Settings};

use crate::command::{command, say};

/// Cleans up once standard input closes. The pipe closes when this program ends, however it ends, so neither an
/// interrupt nor a kill -9 leaves a server or its files behind.
const KEEPER: &str = r#"
cat >/dev/null
server=$(head -n 1 "$1/data/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$server" && sleep 1
rm -rf "$1"
"#;

/// A running cluster; dropping it stops it and removes its files.
pub struct Cluster {
    server: Option<reflect_cluster::Cluster>,
    keeper: Child,
    url: String,
}

impl Cluster {
    /// Makes and starts a cluster on a socket of its own.
    pub fn start(programs: &Path) -> Result<Self> {
        // PostgreSQL runs as another user where this is root, and has to get to the folder inside.
        let open = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("reflect-test-").permissions(open).tempdir()?.keep();
        say(&format!("starting a throw-away PostgreSQL in {}", folder.display()));
        let mut keeper = command("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(&folder).current_dir("/");
        // Out of reach of the terminal's interrupt, which it is there to outlive.
        let keeper = keeper.process_group(0).stdin(Stdio::piped()).spawn().context("starting sh")?;
        let mut cluster = Self { server: None, keeper, url: String::new() };

        let mut settings = Settings::new(Binaries::find(Some(programs), None, None)?, folder.join("data"));
        settings.throw_away = true;
        let server = reflect_cluster::Cluster::start(&settings)?;
        server.url().clone_into(&mut cluster.url);
        cluster.server = Some(server);
        Ok(cluster)
    }

    /// What `DATABASE_URL` should be.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same for the database that new ones are copies of.
    pub fn template_url(&self) -> String {
        format!("{}&dbname=template1", self.url)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.take());
        drop(self.keeper.stdin.take());
        // What is left over is in the temporary folder and harmless; there is nobody to tell.
        let _ = self.keeper.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn a_dropped_cluster_leaves_nothing_behind() {
        let programs = crate::postgres::binaries().unwrap();
        let cluster = Cluster::start(&programs).unwrap();
        let host = cluster.url().split(['=', '&']).nth(1).unwrap();
        let socket = PathBuf::from(host.replace("%2F", "/"));
        assert!(socket.join("postmaster.pid").exists());
        drop(cluster);
        assert!(!socket.ancestors().nth(2).unwrap().exists());
    }
}
