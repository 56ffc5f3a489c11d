//! Folders, questions and kills.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

use reflect_cluster::{Binaries, Cluster, ClusterError, Settings};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use sqlx::{Connection as _, PgConnection};
use tempfile::TempDir;

/// A data directory; nothing runs in it any more once this is dropped.
pub struct Place {
    folder: TempDir,
    below: PathBuf,
}

impl Place {
    pub fn new() -> Self {
        Self::below("data")
    }

    /// The data directory by a relative name.
    pub fn below(name: impl Into<PathBuf>) -> Self {
        let folder =
            tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        Self { folder, below: name.into() }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join(&self.below)
    }

    pub fn cluster(&self) -> PathBuf {
        self.data_dir().join("postgres")
    }

    pub fn settings(&self) -> Settings {
        settings(self.data_dir())
    }

    pub fn start(&self) -> Result<Cluster, ClusterError> {
        Cluster::start(&self.settings())
    }

    /// The number in `postmaster.pid`.
    pub fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.cluster().join("postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(pid) = self.postmaster().filter(|pid| is_postgres(*pid)) {
            let _ = kill_process(pid, Signal::QUIT);
            until("PostgreSQL ends", || !is_postgres(pid));
        }
    }
}

pub fn settings(data_dir: PathBuf) -> Settings {
    Settings::new(binaries(&data_dir), data_dir)
}

#[expect(clippy::disallowed_methods, reason = "tests have no configuration to read them")]
pub fn binaries(data_dir: &Path) -> Binaries {
    let explicit = std::env::var_os("REFLECT_PG_BIN").map(PathBuf::from);
    Binaries::find(explicit.as_deref(), std::env::var_os("PATH").as_deref(), Some(data_dir)).unwrap()
}

/// The first column of the answer's first row, as text.
pub fn try_ask(url: &str, sql: &'static str) -> Result<String, sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut connection = PgConnection::connect(url).await?;
        let answer = sqlx::query_scalar(sql).fetch_optional(&mut connection).await?;
        connection.close().await?;
        Ok(answer.unwrap_or_default())
    })
}

pub fn ask(url: &str, sql: &'static str) -> String {
    try_ask(url, sql).unwrap()
}

#[track_caller]
#[expect(clippy::disallowed_methods, reason = "nothing here runs on an asynchronous worker")]
pub fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let start = Instant::now();
    while !happened() {
        assert!(start.elapsed() < Duration::from_secs(60), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Not one that has ended and waits to be noticed.
pub fn is_postgres(pid: Pid) -> bool {
    fs::read_to_string(format!("/proc/{}/cmdline", pid.as_raw_pid()))
        .is_ok_and(|line| line.split('\0').next().is_some_and(|program| program.ends_with("/postgres")))
}

pub fn is_root() -> bool {
    geteuid().is_root()
}

/// Ten minutes of `sleep`, as the user whose the folder is.
pub fn sleep_as_owner(folder: &Path) -> Child {
    let owner = fs::metadata(folder).unwrap();
    let mut sleep = Command::new("sleep");
    if is_root() {
        sleep.uid(owner.uid()).gid(owner.gid());
    }
    sleep.arg("600").spawn().unwrap()
}

pub fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Why it did not start.
pub fn refusal(started: Result<Cluster, ClusterError>) -> ClusterError {
    match started {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}
