//! Whether the inputs of a step are the same as last time.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// A digest over named inputs, as hexadecimal text.
#[derive(Default)]
pub struct Fingerprint(Sha256);

impl Fingerprint {
    /// Adds bytes; their length keeps neighbours from running into each other.
    pub fn add(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// Adds a file, or every file below a folder, with their paths. What doesn't exist counts as empty.
    pub fn add_path(&mut self, root: &Path, path: &str) -> Result<&mut Self> {
        for file in files(&root.join(path))? {
            let name = file.strip_prefix(root).unwrap_or(&file);
            self.add(name.as_os_str().as_encoded_bytes());
            self.add(&fs::read(&file).with_context(|| format!("reading {}", file.display()))?);
        }
        Ok(self)
    }

    /// The digest's 64 hexadecimal digits.
    pub fn finish(&self) -> String {
        hex(&self.0.clone().finalize())
    }
}

/// The first 8 hexadecimal digits of SHA-256: enough to tell versions of one file apart, and few, since the
/// script that browsers download names each part of the program.
pub fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..4])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every file below `path` in a fixed order; `path` itself when it is a file; nothing when it is neither.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("reading {}", path.display()))? {
            found.extend(files(&entry?.path())?);
        }
    }
    found.sort();
    Ok(found)
}

/// A file that remembers the fingerprint of the last finished run of a step.
pub struct Stamp(PathBuf);

impl Stamp {
    /// The stamp at this path.
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Whether the last finished run had this fingerprint.
    pub fn holds(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|stored| stored == fingerprint)
    }

    /// Remembers that the step finished.
    pub fn set(&self, fingerprint: &str) -> Result<()> {
        if let Some(folder) = self.0.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&self.0, fingerprint).with_context(|| format!("writing {}", self.0.display()))
    }

    /// Forgets, before the step starts: a run that dies half way must not look finished.
    pub fn clear(&self) -> Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(root: &Path) -> String {
        Fingerprint::default().add_path(root, "in").unwrap().finish()
    }

    #[test]
    fn changes_with_contents_and_names_and_not_otherwise() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("in/deep")).unwrap();
        fs::write(root.join("in/deep/a"), "1").unwrap();
        let first = digest(root);
        assert_eq!(first, digest(root));
        fs::write(root.join("in/deep/a"), "2").unwrap();
        let second = digest(root);
        assert_ne!(first, second);
        fs::rename(root.join("in/deep/a"), root.join("in/deep/b")).unwrap();
        assert_ne!(second, digest(root));
    }

    #[test]
    fn neighbours_do_not_run_together() {
        let one = Fingerprint::default().add(b"ab").add(b"c").finish();
        let two = Fingerprint::default().add(b"a").add(b"bc").finish();
        assert_ne!(one, two);
    }

    #[test]
    fn stamp_holds_only_what_was_set() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = Stamp::at(folder.path().join("new/stamp"));
        assert!(!stamp.holds("x"));
        stamp.set("x").unwrap();
        assert!(stamp.holds("x"));
        assert!(!stamp.holds("y"));
        stamp.clear().unwrap();
        stamp.clear().unwrap();
        assert!(!stamp.holds("x"));
    }
}
