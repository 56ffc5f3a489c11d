//! What PostgreSQL's main process writes about itself into `postmaster.pid`, and one that outlived its reflect.

use std::{
    ffi::OsStr,
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{error::ClusterError, poll};

/// Gentle first: SIGINT disconnects everybody and writes all down; SIGQUIT leaves the rest to the recovery at
/// the next start; SIGKILL is for what hangs.
pub(crate) const SIGNALS: [(Signal, Duration); 3] = [
    (Signal::INT, Duration::from_secs(30)),
    (Signal::QUIT, Duration::from_secs(5)),
    (Signal::KILL, Duration::from_secs(5)),
];

/// The content of `postmaster.pid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notice(String);

impl Notice {
    pub fn read(cluster: &Path) -> Option<Self> {
        fs::read_to_string(cluster.join("postmaster.pid")).ok().map(Self)
    }

    pub fn pid(&self) -> Option<Pid> {
        Pid::from_raw(self.0.lines().next()?.trim().parse().ok().filter(|pid| *pid > 0)?)
    }

    /// Where it listens.
    pub fn socket_folder(&self) -> Option<PathBuf> {
        self.0.lines().nth(4).filter(|folder| !folder.is_empty()).map(PathBuf::from)
    }

    /// Whether it accepts connections.
    pub fn is_ready(&self) -> bool {
        self.0.lines().nth(7).is_some_and(|status| status.trim() == "ready")
    }
}

/// Ends a server that runs on this cluster although no reflect owns it: its owner was killed. It is not taken
/// over, since it may run with other settings or on a socket that is gone, and it would not be a child whose
/// end can be waited for. Answers the process that `postmaster.pid` names where it is something else by now.
pub(crate) fn end_left_behind(cluster: &Path) -> Result<Option<Pid>, ClusterError> {
    let Some(pid) = Notice::read(cluster).and_then(|notice| notice.pid()) else { return Ok(None) };
    if !serves(pid, cluster) {
        return Ok(Some(pid));
    }
    tracing::warn!(pid = pid.as_raw_pid(), "stopping a PostgreSQL that outlived the reflect that started it");
    for (signal, limit) in SIGNALS {
        // Where it is gone already, or not ours to end, the wait tells.
        let _ = kill_process(pid, signal);
        if poll(limit, || !serves(pid, cluster)) {
            return Ok(None);
        }
    }
    Err(ClusterError::LeftBehind(pid.as_raw_pid()))
}

/// Whether this process is a PostgreSQL on this cluster. Its command line is open to everybody, unlike its
/// executable and its working folder, which root in a container can't see.
pub(crate) fn serves(pid: Pid, cluster: &Path) -> bool {
    let Ok(line) = fs::read(format!("/proc/{}/cmdline", pid.as_raw_pid())) else { return false };
    let mut words = line.split(|byte| *byte == 0).map(|word| Path::new(OsStr::from_bytes(word)));
    let program = words.next().and_then(Path::file_name);
    let is_postgres = program.is_some_and(|name| name == "postgres" || name == "postmaster");
    is_postgres && words.any(|word| word == cluster || word.canonicalize().is_ok_and(|word| word == cluster))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notices_are_read() {
        let text = "4711\n/data/postgres\n1700000000\n5432\n/data/postgres\n\n  5432001   3\nready   \n";
        let notice = Notice(text.into());
        assert_eq!(notice.pid().map(Pid::as_raw_pid), Some(4711));
        assert_eq!(notice.socket_folder(), Some(PathBuf::from("/data/postgres")));
        assert!(notice.is_ready());
        let early = Notice("4711\n/data/postgres\n1700000000\n5432\n".into());
        assert!(!early.is_ready() && early.socket_folder().is_none());
        assert_eq!(Notice("-1\n".into()).pid(), None);
        assert_eq!(Notice(String::new()).pid(), None);
    }

    #[test]
    fn this_test_is_no_server() {
        assert!(!serves(rustix::process::getpid(), Path::new("/")));
    }
}
