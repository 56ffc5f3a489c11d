//! The key that seals secrets.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use reflect_core::{keys::Keyring, random};
use zeroize::Zeroizing;

const NAME: &str = "secret.key";

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// What the setting holds is no key.
    #[error(
        "REFLECT_SECRET_KEY must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` prints some"
    )]
    BadSetting,
    /// What the file holds is no key.
    #[error(
        "{0} holds no key of 64 hexadecimal digits. Put it back from the backup; without it nobody can sign in"
    )]
    BadFile(PathBuf),
    /// Others may read the file.
    #[error(
        "{0} can be read by others. Run `chmod 600` on it, and make new keys if somebody may have read it"
    )]
    Open(PathBuf),
    /// The file can't be read or made.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The operating system gives no random bytes.
    #[error("no randomness for a new key")]
    Randomness,
}

/// The ring with the key of the setting, or of the file in the data directory, which is made (with
/// mode 0600) where there is none.
///
/// # Errors
/// See [`KeyError`].
pub fn keyring(setting: Option<&str>, data_dir: &Path) -> Result<Keyring, KeyError> {
    let secret = match setting {
        Some(text) => parse(text).ok_or(KeyError::BadSetting)?,
        None => from_file(&data_dir.join(NAME))?,
    };
    Ok(Keyring::from_secret(*secret))
}

fn from_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let at = |error| KeyError::Io(path.to_path_buf(), error);
    if !path.try_exists().map_err(at)? {
        make(path)?;
    }
    if fs::metadata(path).map_err(at)?.permissions().mode() & 0o077 != 0 {
        return Err(KeyError::Open(path.to_path_buf()));
    }
    let text = Zeroizing::new(fs::read_to_string(path).map_err(at)?);
    parse(&text).ok_or_else(|| KeyError::BadFile(path.to_path_buf()))
}

/// Writes a new key beside its place and links it there, so that of two processes one wins and
/// neither ever reads half a key.
fn make(path: &Path) -> Result<(), KeyError> {
    let at = |error| KeyError::Io(path.to_path_buf(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(at)?;
    }
    let secret = Zeroizing::new(random::bytes::<32>().map_err(|_| KeyError::Randomness)?);
    let text: Zeroizing<String> = Zeroizing::new(secret.iter().map(|byte| format!("{byte:02x}")).collect());
    let tag = u64::from_be_bytes(random::bytes().map_err(|_| KeyError::Randomness)?);
    let draft = path.with_extension(format!("{tag:016x}"));
    let written = (|| {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        writeln!(file, "{}", *text)?;
        file.sync_all()?;
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            linked => linked.map(|()| true),
        }
    })();
    // Whether or not it became the key: the draft is of no more use.
    drop(fs::remove_file(&draft));
    if written.map_err(at)? {
        tracing::warn!(file = %path.display(), "made a new secret key: it belongs in the backup, apart from the database");
    }
    Ok(())
}

fn parse(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim().as_bytes();
    let mut secret = Zeroizing::new([0; 32]);
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    text.iter().all(u8::is_ascii_hexdigit).then_some(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_made_once_and_only_for_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = keyring(None, &data).unwrap();
        assert_eq!(keyring(None, &data).unwrap().id(), first.id());
        assert_eq!(fs::metadata(data.join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&data).unwrap().count(), 1, "no draft is left");
    }

    #[test]
    fn two_that_start_at_once_have_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let id = || keyring(None, folder.path()).unwrap().id().to_owned();
        let ids: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(id)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_no_key_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        keyring(None, folder.path()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(keyring(None, folder.path()), Err(KeyError::Open(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "zz").unwrap();
        assert!(matches!(keyring(None, folder.path()), Err(KeyError::BadFile(_))));
    }

    #[test]
    fn the_setting_comes_first_and_is_checked() {
        let folder = tempfile::tempdir().unwrap();
        let ring = keyring(Some(&"0a".repeat(32)), folder.path()).unwrap();
        assert_eq!(ring.id(), Keyring::from_secret([10; 32]).id());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        for bad in ["", "0a", &"0g".repeat(32), &"+a".repeat(32), &"0a".repeat(33)] {
            assert!(matches!(keyring(Some(bad), folder.path()), Err(KeyError::BadSetting)), "{bad}");
        }
    }
}
