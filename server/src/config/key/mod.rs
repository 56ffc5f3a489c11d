//! The keys that seal secrets: the present one and those before it.

mod file;

use std::{
    io,
    path::{Path, PathBuf},
};

use reflect_core::keys::{Keyring, Use, What};
use zeroize::Zeroizing;

use super::StoreConfig;

const NAME: &str = "secret.key";

type Secret = Zeroizing<[u8; 32]>;

/// Why there is no key, or not the one that is needed.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// What the setting holds is no key.
    #[error(
        "REFLECT_SECRET_KEY must be 64 hexadecimal digits (32 bytes); `openssl rand -hex 32` prints some"
    )]
    BadSetting,
    /// One of the fallbacks is no key.
    #[error(
        "REFLECT_SECRET_KEY_FALLBACKS must be keys of 64 hexadecimal digits, separated by commas; number {0} is none"
    )]
    BadFallback(usize),
    /// What the file holds is no key.
    #[error(
        "{0} must hold keys of 64 hexadecimal digits, one a line. Put it back from the backup; without it nobody can sign in"
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
    /// The database was filled with a key that isn't at hand.
    #[error(
        "key {key_id} is not at hand, and needed for {needed}. Put it back as REFLECT_SECRET_KEY or as a line of {}, \
         or, if it is an older one, into REFLECT_SECRET_KEY_FALLBACKS. If it is lost for good: REFLECT_LOST_SECRET_KEYS={key_id} \
         starts without it, and whoever signed in with it enrols anew (`reflect user reset NAME`)",
        file.display()
    )]
    Missing {
        /// The key.
        key_id: String,
        /// For what.
        needed: String,
        /// Where the key file is, or would be.
        file: PathBuf,
    },
    /// What is needed can't be looked up.
    #[error("the database refused: {0}")]
    Database(#[from] sqlx::Error),
}

/// Where the keys come from.
#[derive(Clone)]
pub struct KeySource {
    setting: Option<Zeroizing<String>>,
    fallbacks: Vec<Zeroizing<String>>,
    lost: Vec<String>,
    file: PathBuf,
}

impl KeySource {
    /// What the settings say.
    #[must_use]
    pub fn new(store: &StoreConfig) -> Self {
        Self {
            setting: store.secret_key.clone().map(Zeroizing::new),
            fallbacks: store.secret_key_fallbacks.iter().cloned().map(Zeroizing::new).collect(),
            lost: store.lost_secret_keys.clone(),
            file: store.data_dir.join(NAME),
        }
    }

    /// The key file of a folder, and no setting.
    #[cfg(test)]
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { setting: None, fallbacks: Vec::new(), lost: Vec::new(), file: folder.join(NAME) }
    }

    /// The same with other keys to open with.
    #[cfg(test)]
    pub(crate) fn with_setting(mut self, key: &str, fallbacks: &[&str]) -> Self {
        let text = |text: &&str| Zeroizing::new((*text).to_owned());
        (self.setting, self.fallbacks) = (Some(text(&key)), fallbacks.iter().map(text).collect());
        self
    }

    /// The key file, unless the key is a setting.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.setting.is_none().then_some(self.file.as_path())
    }

    /// The key of the setting, or those of the file; then the fallbacks. `None` if there is neither.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn ring(&self) -> Result<Option<Keyring>, KeyError> {
        let mut keys = match &self.setting {
            Some(text) => vec![parse(text).ok_or(KeyError::BadSetting)?],
            None => {
                // In this order: what is no longer there has become a line of the file.
                let next = file::read(&self.next())?.unwrap_or_default();
                let Some(keys) = file::read(&self.file)? else { return Ok(None) };
                keys.into_iter().chain(next).collect()
            }
        };
        for (place, text) in self.fallbacks.iter().enumerate() {
            keys.push(parse(text).ok_or(KeyError::BadFallback(place + 1))?);
        }
        let Some((first, older)) = keys.split_first() else { return Ok(None) };
        Ok(Some(Keyring::from_secrets(**first, older.iter().map(|key| **key))))
    }

    /// Makes the key file (mode 0600) if there is none.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn make(&self) -> Result<(), KeyError> {
        if file::make(&self.file, None)? {
            let file = self.file.display();
            tracing::warn!(%file, "made a new secret key: it belongs in the backup, apart from the database");
        }
        Ok(())
    }

    /// Makes the key that is to come next, unless one waits already; from now on it opens. Its id.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn prepare(&self) -> Result<String, KeyError> {
        let path = self.next();
        file::make(&path, Some(&self.file))?;
        let key = file::read(&path)?.and_then(|keys| keys.into_iter().next());
        key.map(|key| Keyring::from_secret(*key).id()).ok_or(KeyError::BadFile(path))
    }

    /// Whether a key waits to come next.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn is_prepared(&self) -> Result<bool, KeyError> {
        let path = self.next();
        path.try_exists().map_err(|error| KeyError::Io(path, error))
    }

    /// Has the key that was prepared seal; those before it stay in the file and open.
    ///
    /// # Errors
    /// See [`KeyError`].
    pub fn promote(&self) -> Result<(), KeyError> {
        file::promote(&self.file, &self.next())
    }

    fn next(&self) -> PathBuf {
        self.file.with_extension("key.next")
    }

    /// Refuses to go on without a key that reflect can't do without; warns of what is lost otherwise.
    ///
    /// # Errors
    /// [`KeyError::Missing`].
    pub fn check(&self, missing: &[Use]) -> Result<(), KeyError> {
        let refused = |one: &&Use| one.what.is_vital() && !self.lost.contains(&one.key_id);
        if let Some(first) = missing.iter().find(refused) {
            let of_it: Vec<Use> = missing.iter().filter(|one| one.key_id == first.key_id).cloned().collect();
            let (key_id, needed) = (first.key_id.clone(), needed_for(&of_it));
            return Err(KeyError::Missing { key_id, needed, file: self.file.clone() });
        }
        for one in missing {
            let needed = needed_for(std::slice::from_ref(one));
            tracing::warn!(key = one.key_id, "a key is not at hand, and {needed} need it");
        }
        Ok(())
    }
}

/// "12 authenticators, the recovery codes of 4 people"
pub(crate) fn needed_for(uses: &[Use]) -> String {
    let one = |Use { what, count, .. }: &Use| match what {
        What::Authenticators => format!("{count} authenticators"),
        What::Mail => format!("{count} mails that wait"),
        What::LogEnd => "the end of the audit log".to_owned(),
        What::RecoveryCodes => format!("the recovery codes of {count} people"),
        What::LogEntries => format!("{count} entries of the audit log"),
    };
    uses.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn parse(text: &str) -> Option<Secret> {
    let text = text.trim().as_bytes();
    let mut secret = Secret::default();
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in secret.iter_mut().zip(text.chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    text.iter().all(u8::is_ascii_hexdigit).then_some(secret)
}

#[cfg(test)]
mod tests;
