//! One owner for a data directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use crate::error::{ClusterError, Doing as _};

/// Held as long as this lives, and no longer than the process: the kernel lets go of it. PostgreSQL does not
/// inherit it, files of the standard library are closed in children.
pub(crate) struct Lock(#[expect(dead_code, reason = "what it locks is locked while it is open")] File);

impl Lock {
    pub fn take(data_dir: &Path) -> Result<Self, ClusterError> {
        let path = data_dir.join("postgres.lock");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&path).doing("opening", &path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let holder = file.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(ClusterError::InUse { data_dir: data_dir.to_path_buf(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(error).doing("locking", &path),
        }
        let written = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        written.doing("writing", &path)?;
        Ok(Self(file))
    }
}
