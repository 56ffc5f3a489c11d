//! What happens to the files of a folder, as the kernel tells it.

use std::{
    ffi::OsStr,
    fs, io,
    mem::MaybeUninit,
    os::{fd::OwnedFd, unix::ffi::OsStrExt as _},
    path::{Path, PathBuf},
};

use model::types::MediaType;
use rustix::{
    fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags},
    io::Errno,
};
use tokio::io::{Interest, unix::AsyncFd};

use crate::failure::Failure;

/// A folder that is heard.
pub(super) struct Folder {
    path: PathBuf,
    inotify: AsyncFd<OwnedFd>,
}

/// What happened.
pub(super) enum Seen {
    /// Whoever wrote a file has closed it, or it came here whole under another name.
    Finished(PathBuf),
    /// A file is written, or is no longer here.
    Touched(PathBuf),
    /// More than can be told one by one.
    TooMuch,
    /// The folder is no longer where it was.
    Gone,
}

impl Folder {
    /// Begins to hear it.
    #[expect(
        deprecated,
        reason = "its successor is unsafe for what isn't an OwnedFd, and for all others too"
    )]
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let open = || -> io::Result<AsyncFd<OwnedFd>> {
            let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
            let flags = WatchFlags::ONLYDIR
                | WatchFlags::CLOSE_WRITE
                | WatchFlags::MOVED_TO
                | WatchFlags::MODIFY
                | WatchFlags::MOVED_FROM
                | WatchFlags::DELETE
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF;
            inotify::add_watch(&inotify, path, flags)?;
            AsyncFd::with_interest(inotify, Interest::READABLE)
        };
        match open() {
            Ok(inotify) => Ok(Self { path: path.to_owned(), inotify }),
            Err(error) => Err(Failure::Settings(format!("cannot watch {}: {error}", path.display()))),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn failure(&self, error: &io::Error) -> Failure {
        Failure::Here(format!("{}: {error}", self.path.display()))
    }

    /// The images in it, by name.
    pub(super) fn images(&self) -> io::Result<Vec<PathBuf>> {
        let mut images = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let name = entry?.file_name();
            if is_image(&name) {
                images.push(self.path.join(name));
            }
        }
        images.sort();
        Ok(images)
    }

    /// What has happened to images since it was asked last, as soon as something has.
    pub(super) async fn seen(&self) -> io::Result<Vec<Seen>> {
        loop {
            let mut ready = self.inotify.readable().await?;
            let seen = self.read()?;
            ready.clear_ready();
            if !seen.is_empty() {
                return Ok(seen);
            }
        }
    }

    fn read(&self) -> io::Result<Vec<Seen>> {
        let mut seen = Vec::new();
        let mut space = [MaybeUninit::<u8>::uninit(); 4096];
        let mut reader = Reader::new(self.inotify.get_ref(), &mut space);
        loop {
            let event = match reader.next() {
                Err(Errno::AGAIN) => return Ok(seen),
                Err(Errno::INTR) => continue,
                event => event?,
            };
            let happened = event.events();
            if happened.contains(ReadFlags::QUEUE_OVERFLOW) {
                seen.push(Seen::TooMuch);
            } else if happened.intersects(ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED)
            {
                seen.push(Seen::Gone);
            } else if let Some(name) = event.file_name().map(|name| OsStr::from_bytes(name.to_bytes()))
                && is_image(name)
            {
                let path = self.path.join(name);
                let is_finished = happened.intersects(ReadFlags::CLOSE_WRITE | ReadFlags::MOVED_TO);
                seen.push(if is_finished { Seen::Finished(path) } else { Seen::Touched(path) });
            }
        }
    }
}

/// Whether a file of this name is looked at: hidden ones and those with another extension are on their way to
/// something, or none of ours.
fn is_image(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    !stem.is_empty()
        && !stem.starts_with('.')
        && MediaType::from_extension(&extension.to_ascii_lowercase()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_called_an_image_is_one() {
        for name in ["a.png", "a.b.JPG", "猫.jpeg", "a.gif", "a.webp", "a.avif"] {
            assert!(is_image(OsStr::new(name)), "{name}");
        }
        for name in [".a.png", ".png", "a.png.part", "a.crdownload", "a.txt", "png", ""] {
            assert!(!is_image(OsStr::new(name)), "{name}");
        }
        assert!(is_image(OsStr::from_bytes(b"\xff.png")));
    }
}
