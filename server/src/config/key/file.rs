//! The key file: the first line seals, further ones only open.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
};

use reflect_core::random::Random;
use zeroize::Zeroizing;

use super::{KeyError, Secret, parse};

/// The keys in the file; `None` if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Secret>>, KeyError> {
    let at = |error| KeyError::Io(path.to_path_buf(), error);
    if !path.try_exists().map_err(at)? {
        return Ok(None);
    }
    if fs::metadata(path).map_err(at)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.to_path_buf()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(at)?);
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let keys: Option<Vec<Secret>> = lines.map(parse).collect();
    keys.filter(|keys| !keys.is_empty()).map(Some).ok_or_else(|| KeyError::BadFile(path.to_path_buf()))
}

/// Writes a new key beside its place and links it there, so that of two processes one wins and
/// neither ever reads half a key. Whether it was ours.
pub(super) fn make(path: &Path, like: Option<&Path>) -> Result<bool, KeyError> {
    let at = |error| KeyError::Io(path.to_path_buf(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    let secret = Random::system().bytes().map(Secret::new).map_err(|_| KeyError::Randomness)?;
    let draft = draft(path, &[secret], like)?;
    let linked = match fs::hard_link(&draft, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        linked => linked.map(|()| true),
    };
    // Whether or not it became the key: the draft is of no more use.
    drop(fs::remove_file(&draft));
    sync_folder(path)?;
    linked.map_err(at)
}

/// Puts the key of the file `next` before those of `path`, at once or not at all, and takes `next` away
/// only when that will last.
pub(super) fn promote(path: &Path, next: &Path) -> Result<(), KeyError> {
    let Some(mut keys) = read(next)? else { return Ok(()) };
    let present = read(path)?.unwrap_or_default();
    if !keys.iter().all(|key| present.contains(key)) {
        keys.extend(present);
        let draft = draft(path, &keys, Some(path))?;
        if let Err(error) = fs::rename(&draft, path) {
            drop(fs::remove_file(&draft));
            return Err(KeyError::Io(path.to_path_buf(), error));
        }
        sync_folder(path)?;
    }
    fs::remove_file(next).map_err(|error| KeyError::Io(next.to_path_buf(), error))?;
    sync_folder(path)
}

/// A synced file beside `path` with `keys`, only for the owner of `like`: whoever calls the command may
/// be another than the server runs as.
fn draft(path: &Path, keys: &[Secret], like: Option<&Path>) -> Result<PathBuf, KeyError> {
    let tag = u64::from_be_bytes(Random::system().bytes().map_err(|_| KeyError::Randomness)?);
    let draft = path.with_extension(format!("{tag:016x}"));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        for key in keys {
            let text: Zeroizing<String> =
                Zeroizing::new(key.iter().map(|byte| format!("{byte:02x}")).collect());
            writeln!(file, "{}", *text)?;
        }
        if let Some(like) = like {
            let (wanted, ours) = (fs::metadata(like)?, file.metadata()?);
            if (wanted.uid(), wanted.gid()) != (ours.uid(), ours.gid()) {
                chown(&draft, Some(wanted.uid()), Some(wanted.gid()))?;
            }
        }
        file.sync_all()
    })();
    match written {
        Ok(()) => Ok(draft),
        Err(error) => {
            drop(fs::remove_file(&draft));
            Err(KeyError::Io(path.to_path_buf(), error))
        }
    }
}

/// Has the folder remember what became of its files.
fn sync_folder(path: &Path) -> Result<(), KeyError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
    synced.map_err(|error| KeyError::Io(folder.to_path_buf(), error))
}
