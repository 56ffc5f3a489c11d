//! Being told to stop.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;

/// Ctrl-C, which from now on ends nothing by itself: `tokio::signal::ctrl_c` hears it from its first poll only.
pub(crate) struct Stop(Signal);

impl Stop {
    /// # Errors
    /// The system gives no way to hear it.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let signal = signal(SignalKind::interrupt());
        Ok(Self(signal.map_err(|error| Failure::Here(format!("Ctrl-C can not be heard: {error}")))?))
    }

    /// Comes back once somebody wants it to stop.
    pub(crate) async fn asked(&mut self) {
        self.0.recv().await;
    }
}
