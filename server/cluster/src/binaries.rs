//! PostgreSQL's programs: where they are and how old.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{create, error::ClusterError};

/// The oldest major version that reflect works with.
pub(crate) const OLDEST: u32 = 14;

/// Where Debian and its descendants keep every installed version, none of them in `PATH`.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with PostgreSQL's programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    folder: PathBuf,
    major: u32,
}

impl Binaries {
    /// The programs in the folder `explicit` (`REFLECT_PG_BIN`). Without it: of those in `path_var` (`PATH`),
    /// then in Debian's folders from the newest, the first that fit the cluster in `data_dir`, should there be
    /// one, since a system upgrade leaves the old version installed beside the new; else the first of all.
    ///
    /// # Errors
    /// When there are none, with all that was looked at.
    pub fn find(
        explicit: Option<&Path>,
        path_var: Option<&OsStr>,
        data_dir: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        Self::find_below(Path::new(DEBIAN), explicit, path_var, data_dir)
    }

    fn find_below(
        debian: &Path,
        explicit: Option<&Path>,
        path_var: Option<&OsStr>,
        data_dir: Option<&Path>,
    ) -> Result<Self, ClusterError> {
        if let Some(folder) = explicit {
            let useless = |problem| ClusterError::UselessBinaries { folder: folder.to_path_buf(), problem };
            return Self::inspect(folder).map_err(useless);
        }
        let in_path = path_var.into_iter().flat_map(std::env::split_paths).filter_map(|folder| {
            // Package managers link the programs into one folder for all; theirs is where the link leads.
            Some(folder.join("postgres").canonicalize().ok()?.parent()?.to_path_buf())
        });
        let mut looked_at = vec!["PATH".to_owned(), format!("{}/*/bin", debian.display())];
        let mut found = Vec::new();
        for folder in in_path.chain(debian_folders(debian)) {
            match Self::inspect(&folder) {
                Ok(binaries) => found.push(binaries),
                Err(problem) => looked_at.push(format!("{} ({problem})", folder.display())),
            }
        }
        let wanted = data_dir.and_then(|data_dir| create::major(&crate::cluster_folder(data_dir)));
        let fitting = found.iter().position(|binaries| wanted == Some(binaries.major)).unwrap_or(0);
        if found.is_empty() {
            return Err(ClusterError::NoBinaries { looked_at });
        }
        Ok(found.swap_remove(fitting))
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The major version, such as 17.
    #[must_use]
    pub fn major(&self) -> u32 {
        self.major
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn inspect(folder: &Path) -> Result<Self, String> {
        if let Some(missing) = ["initdb", "postgres"].into_iter().find(|name| !folder.join(name).is_file()) {
            return Err(format!("which has no {missing}"));
        }
        // The server's working directory isn't the one that commands start in.
        let folder = std::path::absolute(folder).map_err(|error| format!("which fails: {error}"))?;
        let output = Command::new(folder.join("postgres")).arg("--version").stdin(Stdio::null()).output();
        let output = output.map_err(|error| format!("whose postgres does not run: {error}"))?;
        let version = String::from_utf8_lossy(&output.stdout);
        match major(&version) {
            Some(major) if major >= OLDEST => Ok(Self { folder, major }),
            Some(major) => Err(format!("which has PostgreSQL {major}: too old")),
            None => {
                let said = String::from_utf8_lossy(&output.stderr);
                Err(format!("whose `postgres --version` tells no version: {}{}", version.trim(), said.trim()))
            }
        }
    }
}

/// The number in `postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)`, also of `18beta1`.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    let end = number.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(number.len());
    number[..end].parse().ok()
}

/// From the newest.
fn debian_folders(debian: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(debian).into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = entries
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    versions.sort_unstable_by(|one, other| other.cmp(one));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn pretend(folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        for name in ["initdb", "postgres"] {
            fs::write(folder.join(name), format!("#!/bin/sh\necho 'postgres (PostgreSQL) {version}'\n"))
                .unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn versions_are_read() {
        assert_eq!(major("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 17"), Some(17));
        assert_eq!(major("bash 5"), None);
    }

    #[test]
    fn the_named_folder_wins_then_path_then_debians_newest() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let debian = at("debian");
        for (name, version) in [("named", "14.1"), ("path", "15.2"), ("debian/9/bin", "9.6.1")] {
            pretend(&at(name), version);
        }
        pretend(&at("debian/16/bin"), "16.3");
        pretend(&at("debian/17/bin"), "17rc1");
        let (named, path) = (at("named"), at("path").into_os_string());
        let find = |named: Option<&Path>, path: Option<&OsStr>, data_dir: Option<&Path>| {
            Binaries::find_below(&debian, named, path, data_dir).unwrap().major()
        };
        assert_eq!(find(Some(&named), Some(&path), None), 14);
        assert_eq!(find(None, Some(&path), None), 15);
        assert_eq!(find(None, None, None), 17);

        fs::create_dir_all(at("data/postgres")).unwrap();
        fs::write(at("data/postgres/PG_VERSION"), "16\n").unwrap();
        assert_eq!(find(None, Some(&path), Some(&at("data"))), 16, "the version that made the cluster");
        fs::write(at("data/postgres/PG_VERSION"), "13\n").unwrap();
        assert_eq!(find(None, Some(&path), Some(&at("data"))), 15, "not to be had");
    }

    #[test]
    fn an_error_names_what_was_looked_at_and_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        pretend(&folder.path().join("13/bin"), "13.1");
        let error =
            Binaries::find_below(folder.path(), None, Some(OsStr::new("/nowhere")), None).unwrap_err();
        let text = error.to_string();
        for part in
            ["13/bin", "too old", "PATH", "apt-get install", "REFLECT_PG_BIN", "DATABASE_URL", "14 or"]
        {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        let error = Binaries::find(Some(Path::new("/nowhere")), None, None).unwrap_err().to_string();
        assert!(error.contains("REFLECT_PG_BIN names /nowhere, which has no initdb"), "{error}");
    }
}
