//! One PostgreSQL process, from its start to its end.

use std::{
    path::PathBuf,
    process::{Child, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, kill_process};

use crate::{
    Settings,
    account::{self, Account},
    binaries::Binaries,
    error::{ClusterError, Doing as _},
    log::{self, Log},
    poll,
    postmaster::{self, Notice, SIGNALS},
    socket::{self, SocketFolder},
};

/// How to start it, again and again.
pub(crate) struct Launcher {
    pub binaries: Binaries,
    pub account: Option<Account>,
    pub cluster: PathBuf,
    pub socket: SocketFolder,
}

/// A running one; dropping it stops it.
pub(crate) struct Server {
    child: Child,
    log: Log,
    cluster: PathBuf,
    /// What an earlier one wrote: in containers the new one may have the same process id.
    stale: Option<Notice>,
    started: Instant,
}

impl Launcher {
    /// Starts it, and waits until it accepts connections.
    pub fn start(&self, settings: &Settings) -> Result<Server, ClusterError> {
        let mut tries = 0;
        loop {
            let mut server = self.launch()?;
            match server.wait_ready(settings) {
                // Killed without its children, it leaves them to notice by themselves, which they do at once
                // unless they are busy.
                Err(ClusterError::NotStarted { log, .. }) if tries < 10 && log.contains("still in use") => {
                    tries += 1;
                    poll(Duration::from_secs(1), || settings.give_up.is_told());
                }
                ready => return ready.map(|()| server),
            }
        }
    }

    /// Starts it.
    pub fn launch(&self) -> Result<Server, ClusterError> {
        let other = postmaster::end_left_behind(&self.cluster)?;
        let stale = Notice::read(&self.cluster);
        let mut postgres = account::command(&self.binaries, "postgres", self.account.as_ref());
        if let Some(other) = other {
            // After a reboot or in a new container the number in postmaster.pid may be somebody else's, and
            // PostgreSQL would take that for a rival. This is how pg_ctl tells it of a process that is none.
            // (Removing the file instead would take the check for orphaned children along.)
            postgres.env("PG_GRANDPARENT_PID", other.as_raw_pid().to_string());
        }
        postgres.arg("-D").arg(&self.cluster).arg("-c").arg(socket::setting(self.socket.path()));
        for setting in [
            "listen_addresses=",
            "port=5432",
            "unix_socket_permissions=0700",
            "logging_collector=off",
            "log_destination=stderr",
            log::PREFIX,
            "lc_messages=C",
            "log_min_error_statement=panic",
        ] {
            postgres.args(["-c", setting]);
        }
        let program = self.binaries.program("postgres");
        let spawned = postgres.stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.doing("starting", &program)?;
        let followed = match child.stderr.take() {
            Some(stderr) => Log::follow(stderr),
            None => Err(std::io::ErrorKind::BrokenPipe.into()),
        };
        match followed.doing("reading the log of", &program) {
            Ok(log) => {
                Ok(Server { child, log, cluster: self.cluster.clone(), stale, started: Instant::now() })
            }
            Err(error) => {
                // Nothing is connected to it yet.
                let _ = child.kill().and_then(|()| child.wait());
                Err(error)
            }
        }
    }
}

impl Server {
    /// Recovery after a crash takes as long as it takes, and says so every ten seconds: only silence is limited.
    fn wait_ready(&mut self, settings: &Settings) -> Result<(), ClusterError> {
        let silence = settings.silence;
        let mut lines = self.log.count();
        loop {
            let mut outcome = None;
            poll(silence, || {
                outcome = self.ended().map(Err).or_else(|| self.is_ready().then_some(Ok(())));
                outcome.is_some() || self.log.count() != lines || settings.give_up.is_told()
            });
            if settings.give_up.is_told() {
                return Err(ClusterError::GivenUp);
            }
            match outcome {
                Some(Ok(())) => return Ok(()),
                Some(Err(status)) => {
                    poll(Duration::from_secs(1), || self.log.is_complete());
                    return Err(ClusterError::NotStarted {
                        status: status.to_string(),
                        log: self.log.tail(),
                    });
                }
                None if self.log.count() == lines => {
                    return Err(ClusterError::TooSlow { silence, log: self.log.tail() });
                }
                None => lines = self.log.count(),
            }
        }
    }

    fn is_ready(&self) -> bool {
        Notice::read(&self.cluster).is_some_and(|notice| {
            notice.is_ready() && notice.pid() == self.pid() && self.stale.as_ref() != Some(&notice)
        })
    }

    /// How it ended, once it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        // It fails only for a child that somebody else has waited for.
        self.child.try_wait().unwrap_or_else(|_| Some(ExitStatus::default()))
    }

    /// How long it has been running.
    pub fn age(&self) -> Duration {
        self.started.elapsed()
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }
}

impl Drop for Server {
    /// Stops it, whatever it takes.
    fn drop(&mut self) {
        for (signal, limit) in SIGNALS {
            if self.ended().is_some() {
                return;
            }
            // The child has not been waited for, so the number is still its own.
            let _ = self.pid().map(|pid| kill_process(pid, signal));
            if !poll(limit, || self.ended().is_some()) {
                tracing::warn!(?signal, ?limit, "PostgreSQL does not end");
            }
        }
    }
}
