//! The private PostgreSQL that reflect starts and owns when it is given no `DATABASE_URL`.
//!
//! Its files are in `postgres` below the data directory; it listens on a unix socket in there, on no port. It
//! is a child of this process, started again when it ends and stopped with [`Cluster`]. One that outlived its
//! owner (kill -9) is stopped by the next start.

mod account;
mod binaries;
mod create;
mod error;
mod keeper;
mod lock;
mod log;
mod postmaster;
mod server;
mod socket;

use std::{
    fs::{self, DirBuilder},
    os::unix::{fs::DirBuilderExt as _, net::UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use self::{
    account::Account, create::Maker, error::Doing as _, keeper::Keeper, lock::Lock, postmaster::Notice,
    server::Launcher, socket::SocketFolder,
};
pub use self::{binaries::Binaries, error::ClusterError};

/// What to start, and where.
#[derive(Clone, Debug)]
pub struct Settings {
    /// PostgreSQL's programs.
    pub binaries: Binaries,
    /// reflect's data directory; the cluster is a folder in it.
    pub data_dir: PathBuf,
    /// Where the socket's folder is made if the data directory's path is too long for a socket.
    pub short_folder: PathBuf,
    /// For tests: fast, not safe against a crash of the machine, and with more rights.
    pub throw_away: bool,
    /// Give up on a start after so long without a word from PostgreSQL.
    pub silence: Duration,
    /// Ends a start that is under way.
    pub give_up: GiveUp,
}

/// Tells whoever waits for a start that nobody wants it any more.
#[derive(Clone, Debug, Default)]
pub struct GiveUp(Arc<AtomicBool>);

impl GiveUp {
    /// From now on no start goes on.
    pub fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Settings {
    /// The usual ones.
    #[must_use]
    pub fn new(binaries: Binaries, data_dir: impl Into<PathBuf>) -> Self {
        let (data_dir, short_folder) = (data_dir.into(), "/tmp".into());
        let (silence, give_up) = (Duration::from_secs(60), GiveUp::default());
        Self { binaries, data_dir, short_folder, throw_away: false, silence, give_up }
    }
}

/// A running cluster; dropping it stops it.
pub struct Cluster {
    url: String,
    // The order matters: PostgreSQL ends before others may have the folder.
    keeper: Keeper,
    lock: Lock,
}

impl Cluster {
    /// Starts the cluster in the data directory and makes it if there is none.
    ///
    /// # Errors
    /// [`ClusterError`] says what, where and what to do. [`ClusterError::InUse`] means that another process
    /// runs it: see [`Cluster::url_of_running`]; [`ClusterError::GivenUp`] that [`Settings::give_up`] was told.
    pub fn start(settings: &Settings) -> Result<Self, ClusterError> {
        let data_dir = open(&settings.data_dir)?;
        let lock = Lock::take(&data_dir)?;
        let cluster = cluster_folder(&data_dir);
        let account = Account::of(&cluster)?;
        if let Some(account) = &account {
            account.admit(&data_dir, &settings.binaries)?;
        }
        let (binaries, throw_away) = (&settings.binaries, settings.throw_away);
        Maker { binaries, account: account.as_ref(), throw_away }.ensure(&cluster)?;
        let socket = SocketFolder::choose(&cluster, &settings.short_folder, account.as_ref())?;
        let url = socket::url(socket.path());
        let launcher = Launcher { binaries: binaries.clone(), account, cluster, socket };
        let server = launcher.start(settings)?;
        let keeper = Keeper::start(launcher, server).doing("keeping PostgreSQL running in", &data_dir)?;
        Ok(Self { url, keeper, lock })
    }

    /// What `DATABASE_URL` would be.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops it: in an orderly way, and if that takes too long at once. Dropping does the same.
    pub fn stop(self) {
        drop(self.keeper);
        drop(self.lock);
    }

    /// The URL of the cluster that another process runs in this data directory, for commands beside a server.
    #[must_use]
    pub fn url_of_running(data_dir: &Path) -> Option<String> {
        let notice = Notice::read(&cluster_folder(data_dir)).filter(Notice::is_ready)?;
        let folder = notice.socket_folder()?;
        UnixStream::connect(folder.join(socket::SOCKET)).ok()?;
        Some(socket::url(&folder))
    }
}

/// Where in a data directory the cluster is.
fn cluster_folder(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres")
}

/// The data directory, made if need be, by its whole name.
fn open(data_dir: &Path) -> Result<PathBuf, ClusterError> {
    if !data_dir.exists() {
        if let Some(parent) = data_dir.parent() {
            fs::create_dir_all(parent).doing("making", parent)?;
        }
        DirBuilder::new().mode(0o700).create(data_dir).doing("making", data_dir)?;
    }
    data_dir.canonicalize().doing("opening", data_dir)
}

/// Asks until the answer is yes; `false` when `limit` passed first.
#[expect(clippy::disallowed_methods, reason = "nothing here runs on an asynchronous worker")]
fn poll(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while !ready() {
        if start.elapsed() >= limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    true
}
