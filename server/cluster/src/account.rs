//! The account that PostgreSQL runs as where reflect is root, which PostgreSQL refuses to be.

use std::{
    fs, io,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    binaries::Binaries,
    error::{ClusterError, Doing as _},
};

/// Somebody else than root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    /// Who runs the cluster in this folder: `None` is this process's own user.
    pub fn of(cluster: &Path) -> Result<Option<Self>, ClusterError> {
        let user = rustix::process::geteuid().as_raw();
        // An empty folder is replaced by the cluster, whoever made it.
        let owner = fs::metadata(cluster).ok().filter(|_| !is_empty(cluster));
        let not_ours = |owner: &fs::Metadata, remedy| {
            Err(ClusterError::NotOurs { folder: cluster.to_path_buf(), owner: owner.uid(), remedy })
        };
        match owner {
            Some(owner) if user != 0 && owner.uid() != user => {
                not_ours(&owner, format!("Run reflect as that user, or chown -R {user} it"))
            }
            _ if user != 0 => Ok(None),
            Some(owner) if owner.uid() == 0 => {
                let name = Self::unprivileged()?.name;
                not_ours(&owner, format!("chown -R {name} it"))
            }
            // A cluster that was made under another account keeps it.
            Some(owner) => {
                let (user, group) = (owner.uid(), owner.gid());
                Ok(Some(Self { name: format!("user {user}"), user, group }))
            }
            None => Self::unprivileged().map(Some),
        }
    }

    fn unprivileged() -> Result<Self, ClusterError> {
        let file = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(file).doing("reading", file)?;
        let found = Self::named("postgres", &passwd).or_else(|| Self::named("nobody", &passwd));
        found.ok_or(ClusterError::NoAccount)
    }

    fn named(name: &str, passwd: &str) -> Option<Self> {
        let mut fields = passwd.lines().map(|line| line.split(':')).find_map(|mut fields| {
            (fields.next() == Some(name)).then_some(fields) // what follows the name
        })?;
        let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        Some(Self { name: name.to_owned(), user, group })
    }

    /// Makes a file or folder the account's.
    pub fn give(&self, path: &Path) -> Result<(), ClusterError> {
        chown(path, Some(self.user), Some(self.group)).doing("changing the owner of", path)
    }

    /// Lets the account pass through reflect's own folder where nobody else may, and checks that it gets there
    /// and to PostgreSQL's programs.
    pub fn admit(&self, data_dir: &Path, binaries: &Binaries) -> Result<(), ClusterError> {
        let metadata = fs::metadata(data_dir).doing("reading", data_dir)?;
        let mode = metadata.mode() & 0o7777;
        if self.is_shut_out(&metadata) && metadata.uid() == 0 && mode & 0o070 == 0 {
            // The group had no rights, so nobody loses any.
            chown(data_dir, None, Some(self.group)).doing("changing the group of", data_dir)?;
            fs::set_permissions(data_dir, fs::Permissions::from_mode(mode | 0o010))
                .doing("changing the mode of", data_dir)?;
        }
        let postgres = binaries.program("postgres");
        let mut attempt = Command::new(&postgres);
        attempt.arg("--version").current_dir(data_dir).uid(self.user).gid(self.group);
        attempt.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        match attempt.status() {
            // Trying is the truth: access control lists and file systems of other kinds have their own rules.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let closed = |path: &Path| self.closed(path).map(|closed| (path.to_path_buf(), closed));
                let found = closed(data_dir).or_else(|| closed(binaries.folder()));
                let (path, closed) =
                    found.unwrap_or_else(|| (data_dir.to_path_buf(), data_dir.to_path_buf()));
                Err(ClusterError::Unreachable { path, closed, account: self.name.clone() })
            }
            other => other.map(drop).doing(&format!("starting, as {},", self.name), &postgres),
        }
    }

    /// The outermost folder on the way that the account can't pass.
    fn closed(&self, path: &Path) -> Option<PathBuf> {
        let mut way: Vec<&Path> = path.ancestors().collect();
        way.reverse();
        let shut = |folder: &Path| fs::metadata(folder).is_ok_and(|metadata| self.is_shut_out(&metadata));
        way.into_iter().find(|folder| shut(folder)).map(Path::to_path_buf)
    }

    fn is_shut_out(&self, folder: &fs::Metadata) -> bool {
        let shift = match () {
            () if folder.uid() == self.user => 6,
            () if folder.gid() == self.group => 3,
            () => 0,
        };
        (folder.mode() >> shift) & 1 == 0
    }
}

/// Whether this is a folder with nothing in it.
pub(crate) fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// One of PostgreSQL's programs, as the account.
pub(crate) fn command(binaries: &Binaries, name: &str, account: Option<&Account>) -> Command {
    let mut command = Command::new(binaries.program(name));
    // What reflect was told in its environment (its keys) is not for a process that another user may look
    // into; and PostgreSQL's own variables (PGDATA, PGPORT, LC_ALL) would change what it does.
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
    // Out of reach of the terminal's Ctrl-C: reflect ends its requests first.
    command.current_dir("/").process_group(0).stdin(Stdio::null());
    if let Some(account) = account {
        // The standard library drops root's supplementary groups with this.
        command.uid(account.user).gid(account.group);
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_found_by_whole_name() {
        let passwd =
            "postgresql:x:1:2::/:/bin/sh\nroot:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        let found = Account::named("postgres", passwd).unwrap();
        assert_eq!((found.user, found.group), (101, 104));
        assert_eq!(Account::named("nobody", passwd), None);
    }
}
