//! Bytes in pages that the kernel can send by reference.

use std::{
    fs::File,
    io::{self, Write as _},
    os::fd::{AsFd, BorrowedFd},
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use rustix::{
    fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create},
    process::{Resource, Rlimit, getrlimit, setrlimit},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Each takes a file descriptor; most of those that there may be are for connections.
const SHARE: u64 = 4;
/// What a process may have where nobody says: POSIX promises 20, every Linux gives 1024.
const FEW: u64 = 1024;
/// The least that can be mapped.
const PAGE: u64 = 4096;
/// Inode, file, mapping.
const NOTES: u64 = 2048;
/// No mapping is refused before that (`vm.max_map_count` is 65 530).
const MOST: usize = 30_000;

/// Where [`Pages`] are made: bounds how many there are.
#[derive(Debug)]
pub struct PageStore {
    free: Arc<Semaphore>,
    warned: AtomicBool,
}

impl PageStore {
    /// A store that takes a quarter of the file descriptors which the process may have, after
    /// raising that to what the system lets it.
    #[must_use]
    pub fn new() -> Self {
        let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
        let raised = Rlimit { current: maximum, maximum };
        let limit = match setrlimit(Resource::Nofile, raised) {
            Ok(()) => maximum,
            Err(_) => current,
        };
        let files = usize::try_from(limit.unwrap_or(FEW) / SHARE).unwrap_or(MOST).min(MOST);
        Self::holding(files)
    }

    fn holding(files: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(files)), warned: AtomicBool::new(false) }
    }

    /// The bytes in pages of their own; `None` if there are too many already or the system has no
    /// room, and they must be sent as they are.
    #[must_use]
    pub fn share(&self, bytes: &[u8]) -> Option<Pages> {
        let permit = Arc::clone(&self.free).try_acquire_owned().ok()?;
        let (file, bytes) = match mapped(bytes) {
            Ok(mapped) => mapped,
            Err(error) => {
                if !self.warned.swap(true, Ordering::Relaxed) {
                    tracing::warn!(%error, "images cannot be sent by reference and will be copied");
                }
                return None;
            }
        };
        Some(Pages(Arc::new(Shared { bytes, file, _permit: permit })))
    }
}

/// Bytes that are the content of a file in memory. Clones share both.
#[derive(Clone, Debug)]
pub struct Pages(Arc<Shared>);

/// [`Pages`] that somebody else keeps.
#[derive(Clone, Debug, Default)]
pub struct WeakPages(Weak<Shared>);

impl WeakPages {
    /// The pages, if they are still kept.
    #[must_use]
    pub fn upgrade(&self) -> Option<Pages> {
        self.0.upgrade().map(Pages)
    }
}

#[derive(Debug)]
struct Shared {
    bytes: Bytes,
    file: File,
    _permit: OwnedSemaphorePermit,
}

impl Pages {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.0.bytes
    }

    /// The same, without keeping them.
    #[must_use]
    pub fn downgrade(&self) -> WeakPages {
        WeakPages(Arc::downgrade(&self.0))
    }

    /// What they take of memory, about: whole pages, and what the kernel notes of a file and a mapping.
    #[must_use]
    pub fn weight(&self) -> u64 {
        (self.0.bytes.len() as u64).next_multiple_of(PAGE) + NOTES
    }

    /// Where in the file these bytes are, if they are part of it: by address, not by content.
    #[must_use]
    pub fn position(&self, part: &[u8]) -> Option<u64> {
        let all = self.0.bytes.as_ptr_range();
        let part = part.as_ptr_range();
        let inside = !part.is_empty() && all.start <= part.start && part.end <= all.end;
        inside.then(|| (part.start.addr() - all.start.addr()) as u64)
    }
}

impl AsFd for Pages {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.file.as_fd()
    }
}

fn mapped(bytes: &[u8]) -> io::Result<(File, Bytes)> {
    let mut file = File::from(memfd_create(c"reflect", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?);
    file.write_all(bytes)?;
    fcntl_add_seals(&file, SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
    #[expect(unsafe_code, reason = "a mapping is sound while its file can't change: this one is sealed")]
    // SAFETY: nobody, this process included, can write to the file, shorten it or lift the seals. A private
    // mapping, since older kernels refuse a shared one of a sealed file; nothing is ever copied for it.
    let map = unsafe { memmap2::MmapOptions::new().map_copy_read_only(&file)? };
    Ok((file, Bytes::from_owner(map)))
}

#[cfg(test)]
impl Pages {
    /// Pages whose file holds something else than their bytes, so that one sees which of them was sent.
    pub(super) fn with_other_file(bytes: &[u8], in_file: &[u8]) -> Self {
        let free = Arc::new(Semaphore::new(1));
        let (file, _) = mapped(in_file).unwrap();
        let bytes = Bytes::copy_from_slice(bytes);
        Self(Arc::new(Shared { bytes, file, _permit: free.try_acquire_owned().unwrap() }))
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::FileExt as _;

    use super::*;

    #[test]
    fn a_part_is_known_by_its_address_and_not_by_its_content() {
        let pages = PageStore::new().share(b"0123456789").unwrap();
        assert_eq!(pages.bytes(), &b"0123456789"[..]);
        assert_eq!(pages.position(&pages.bytes()[3..5]), Some(3));
        assert_eq!(pages.position(pages.bytes()), Some(0));
        assert_eq!(pages.position(&pages.bytes()[3..3]), None);
        assert_eq!(pages.position(b"34"), None);
    }

    #[test]
    fn nobody_changes_what_is_shared() {
        let pages = PageStore::new().share(b"0123456789").unwrap();
        assert!(pages.0.file.write_at(b"x", 0).is_err());
        assert!(pages.0.file.set_len(1).is_err());
    }

    #[test]
    fn there_are_only_so_many_at_once() {
        let store = PageStore::holding(1);
        let first = store.share(b"1").unwrap();
        assert!(store.share(b"2").is_none());
        drop(first);
        assert!(store.share(b"2").is_some());
    }
}
