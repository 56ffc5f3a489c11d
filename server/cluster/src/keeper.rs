//! The thread that keeps PostgreSQL running.

use std::{
    io,
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::server::{Launcher, Server};

/// How often it is looked after.
const LOOK: Duration = Duration::from_millis(250);

/// Between one end and the next start: none the first time, then longer up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Running longer than this is no repeated failure.
const STEADY: Duration = Duration::from_secs(60);

/// Owns the thread; dropping it stops PostgreSQL.
pub(crate) struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Keeps `server` running, and others after it.
    pub fn start(launcher: Launcher, server: Server) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new()
            .name("postgres-keeper".into())
            .spawn(move || keep(&launcher, server, &stopped))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that keeps PostgreSQL failed");
        }
    }
}

/// Whether the time passed without word to stop.
fn pass(time: Duration, stopped: &Receiver<()>) -> bool {
    stopped.recv_timeout(time) == Err(RecvTimeoutError::Timeout)
}

fn keep(launcher: &Launcher, first: Server, stopped: &Receiver<()>) {
    let mut server = Some(first);
    let mut pause = Duration::ZERO;
    while pass(LOOK, stopped) {
        if let Some(running) = &mut server {
            let Some(status) = running.ended() else { continue };
            if running.age() > STEADY {
                pause = Duration::ZERO;
            }
            tracing::error!(%status, again_in = ?pause, "PostgreSQL ended; starting it again");
        }
        server = None;
        if !pause.is_zero() && !pass(pause, stopped) {
            break;
        }
        pause = (pause * 2).clamp(Duration::from_secs(1), LONGEST_PAUSE);
        match launcher.launch() {
            Ok(launched) => server = Some(launched),
            Err(error) => tracing::error!(%error, again_in = ?pause, "PostgreSQL does not start"),
        }
    }
}
