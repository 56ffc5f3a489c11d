//! What can go wrong, and what the person who reads it can do.

use std::{
    io,
    path::{Path, PathBuf},
    time::Duration,
};

/// Why there is no cluster. The text is meant for the administrator.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No PostgreSQL of a usable version.
    #[error(
        "no PostgreSQL ({} or later) was found; looked at {}. Install it (apt-get install postgresql), or set \
         REFLECT_PG_BIN to the folder of initdb and postgres, or DATABASE_URL to a server that runs already",
        crate::binaries::OLDEST,
        .looked_at.join(", ")
    )]
    NoBinaries {
        /// Folders, each with what is wrong with it.
        looked_at: Vec<String>,
    },
    /// The folder that was named is of no use.
    #[error(
        "REFLECT_PG_BIN names {}, {problem}. It has to be the folder of PostgreSQL's initdb and postgres, \
         {} or later", .folder.display(), crate::binaries::OLDEST
    )]
    UselessBinaries {
        /// What was named.
        folder: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Another process owns the cluster.
    #[error(
        "the data directory {} is in use by another reflect{}. Stop it, or choose another --data-dir",
        .data_dir.display(), process(*.holder)
    )]
    InUse {
        /// What both want.
        data_dir: PathBuf,
        /// The process that has it, where it is known.
        holder: Option<u32>,
    },
    /// Root, and no account to be instead.
    #[error(
        "PostgreSQL refuses to run as root, and /etc/passwd has neither an account postgres nor nobody. Make \
         one (useradd --system postgres), or run reflect as another user"
    )]
    NoAccount,
    /// Running as root, and the account that PostgreSQL runs as can't get to a folder.
    #[error(
        "PostgreSQL refuses to run as root, so it runs as {account}, who can't get to {}: {} is closed to \
         other users. Choose another --data-dir (such as /var/lib/reflect), or run reflect as another user than \
         root, or chmod o+x {}", .path.display(), .closed.display(), .closed.display()
    )]
    Unreachable {
        /// Where it has to get to.
        path: PathBuf,
        /// The folder in between.
        closed: PathBuf,
        /// Who.
        account: String,
    },
    /// The cluster belongs to somebody else.
    #[error(
        "{} belongs to user {owner}, and PostgreSQL only runs as the owner of its files. {remedy}",
        .folder.display()
    )]
    NotOurs {
        /// The cluster.
        folder: PathBuf,
        /// Whose it is.
        owner: u32,
        /// What to do.
        remedy: String,
    },
    /// Something that isn't a cluster is where it should be.
    #[error("{} is in the way: it has no PG_VERSION, so it is not a PostgreSQL cluster", .0.display())]
    NotACluster(PathBuf),
    /// PostgreSQL's files are of another major version.
    #[error(
        "the cluster in {} was made by PostgreSQL {cluster}, and {} has PostgreSQL {programs}, which can't read \
         it. Either install PostgreSQL {cluster} and set REFLECT_PG_BIN to the folder of its programs, or take a \
         dump with {cluster} (pg_dump), move that folder away, start anew, and restore the dump with {programs}",
        .folder.display(), .binaries.display()
    )]
    OtherVersion {
        /// The cluster.
        folder: PathBuf,
        /// Its major version.
        cluster: String,
        /// Where the programs are.
        binaries: PathBuf,
        /// Their major version.
        programs: u32,
    },
    /// Making a cluster failed.
    #[error("`{program}` could not make the cluster in {}:\n{output}", .folder.display())]
    NotMade {
        /// What failed.
        program: &'static str,
        /// Where it would have been.
        folder: PathBuf,
        /// What it said.
        output: String,
    },
    /// PostgreSQL ended instead of getting ready.
    #[error("PostgreSQL did not start ({status}). The last of its log:\n{log}")]
    NotStarted {
        /// How it ended.
        status: String,
        /// The last lines.
        log: String,
    },
    /// PostgreSQL neither got ready nor said anything.
    #[error("PostgreSQL was not ready and silent for {} s. The last of its log:\n{log}", .silence.as_secs())]
    TooSlow {
        /// How long.
        silence: Duration,
        /// The last lines.
        log: String,
    },
    /// Nobody waits for it any more.
    #[error("starting PostgreSQL was given up")]
    GivenUp,
    /// A PostgreSQL of an earlier run does not end.
    #[error("a PostgreSQL left over from an earlier run (process {0}) can't be stopped; kill it")]
    LeftBehind(i32),
    /// The operating system refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was attempted.
        doing: String,
        /// Its answer.
        source: io::Error,
    },
}

fn process(holder: Option<u32>) -> String {
    holder.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}

/// Says what an operation was about.
pub(crate) trait Doing<T> {
    fn doing(self, what: &str, path: &Path) -> Result<T, ClusterError>;
}

impl<T, E: Into<io::Error>> Doing<T> for Result<T, E> {
    fn doing(self, what: &str, path: &Path) -> Result<T, ClusterError> {
        self.map_err(|error| ClusterError::Io {
            doing: format!("{what} {}", path.display()),
            source: error.into(),
        })
    }
}
