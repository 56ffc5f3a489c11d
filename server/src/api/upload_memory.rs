//! Bounds what uploads hold in memory.

use std::{sync::Arc, time::Duration};

use model::types::ByteSize;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

const MIB: u64 = 1024 * 1024;

/// Room for files that are being received. Who finds none waits, and so does the sender, since
/// nothing is read from the connection meanwhile. Clones share the room.
#[derive(Clone, Debug)]
pub struct UploadMemory {
    room: Arc<Semaphore>,
    total: u32,
}

impl UploadMemory {
    /// Room for `total` bytes, counted in MiB.
    #[must_use]
    pub fn new(total: ByteSize) -> Self {
        let total = u32::try_from(total.bytes().div_ceil(MIB)).unwrap_or(u32::MAX).clamp(1, 1 << 28);
        Self { room: Arc::new(Semaphore::new(total as usize)), total }
    }

    /// Bytes of the largest file that doesn't take all of it for itself.
    pub(super) fn total(&self) -> ByteSize {
        ByteSize(u64::from(self.total) * MIB)
    }

    /// Waits for room for one file of at most `bytes`. A file larger than all the room is let in alone.
    pub(super) async fn hold(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        let share = u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX).clamp(1, self.total);
        Arc::clone(&self.room).acquire_many_owned(share).await.ok()
    }

    /// The same for who doesn't wait for longer than `patience`; none where there is no room by then.
    pub(super) async fn hold_within(&self, bytes: u64, patience: Duration) -> Option<OwnedSemaphorePermit> {
        timeout(patience, self.hold(bytes)).await.ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_finds_no_room_waits_until_there_is_some() {
        let memory = UploadMemory::new(ByteSize::mib(3));
        let first = memory.hold(2 * MIB).await;
        let second = memory.hold(2 * MIB);
        tokio::pin!(second);
        assert!(second.as_mut().now_or_never().is_none());
        drop(first);
        assert!(second.now_or_never().flatten().is_some());
    }

    #[tokio::test]
    async fn who_has_no_patience_gets_what_room_there_is() {
        let memory = UploadMemory::new(ByteSize::mib(3));
        let first = memory.hold_within(2 * MIB, Duration::ZERO).await;
        assert!(first.is_some());
        assert!(memory.hold_within(2 * MIB, Duration::ZERO).await.is_none());
        assert!(memory.hold_within(MIB, Duration::ZERO).await.is_some(), "who gave up keeps nobody waiting");
    }

    #[tokio::test]
    async fn a_file_larger_than_the_room_is_let_in_alone() {
        let memory = UploadMemory::new(ByteSize::mib(3));
        let giant = memory.hold(9 * MIB).await;
        assert!(giant.is_some());
        assert!(memory.hold(1).now_or_never().is_none());
    }
}
