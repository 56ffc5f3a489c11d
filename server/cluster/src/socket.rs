//! Where the cluster listens: a unix socket in a folder that only its owner can enter.

use std::{
    fmt::Write as _,
    fs::{self, DirBuilder},
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use crate::{
    account::Account,
    create::NAME,
    error::{ClusterError, Doing as _},
};

/// What PostgreSQL calls its socket on its usual port, which is all that the port is good for here.
pub(crate) const SOCKET: &str = ".s.PGSQL.5432";

/// The longest address of a unix socket: 108 bytes with the zero at the end.
const LONGEST: usize = 107;

/// The folder of the socket.
pub(crate) struct SocketFolder {
    path: PathBuf,
    is_ours_alone: bool,
}

impl SocketFolder {
    /// The cluster's own folder; where its path is too long for a socket, or not UTF-8 and so not for a URL, a
    /// folder of its own in `short`, which goes when this is dropped.
    pub fn choose(cluster: &Path, short: &Path, account: Option<&Account>) -> Result<Self, ClusterError> {
        if cluster.to_str().is_some_and(|path| path.len() + 1 + SOCKET.len() <= LONGEST) {
            return Ok(Self { path: cluster.to_path_buf(), is_ours_alone: false });
        }
        // Others may write in a temporary folder: a name that is taken, even by a link, is not used.
        let mut number = 0;
        loop {
            let path = short.join(format!("reflect-{}-{number}", std::process::id()));
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < 1000 => number += 1,
                made => {
                    made.doing("making", &path)?;
                    let folder = Self { path, is_ours_alone: true };
                    account.map_or(Ok(()), |account| account.give(&folder.path))?;
                    return Ok(folder);
                }
            }
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFolder {
    fn drop(&mut self) {
        if self.is_ours_alone {
            // Empty but for a socket, in a folder that is cleaned anyway.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// What `DATABASE_URL` would be. Port and TLS are named since clients take them from `PGPORT` and `PGSSLMODE`
/// otherwise.
pub(crate) fn url(folder: &Path) -> String {
    let mut host = String::new();
    for byte in folder.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                host.push(char::from(*byte));
            }
            // Writing to a String does not fail.
            _ => drop(write!(host, "%{byte:02X}")),
        }
    }
    format!("postgres:///{NAME}?host={host}&port=5432&user={NAME}&sslmode=disable")
}

/// The folder as a value of `unix_socket_directories`, which is a list.
pub(crate) fn setting(folder: &Path) -> std::ffi::OsString {
    let mut value = std::ffi::OsString::from("unix_socket_directories=\"");
    // UTF-8 by choice, see above.
    value.push(folder.to_string_lossy().replace('"', "\"\""));
    value.push("\"");
    value
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt as _;

    use super::*;

    #[test]
    fn long_paths_get_a_private_folder_elsewhere() {
        let temporary = tempfile::tempdir().unwrap();
        let cluster = PathBuf::from(format!("/{}", "d".repeat(LONGEST - 1 - 1 - SOCKET.len())));
        let inside = SocketFolder::choose(&cluster, temporary.path(), None).unwrap();
        assert_eq!(inside.path(), cluster);

        let cluster = cluster.join("e");
        let first = SocketFolder::choose(&cluster, temporary.path(), None).unwrap();
        let second = SocketFolder::choose(&cluster, temporary.path(), None).unwrap();
        assert_ne!(first.path(), second.path());
        assert!(first.path().starts_with(temporary.path()));
        assert_eq!(first.path().metadata().unwrap().mode() & 0o777, 0o700);
        let path = first.path().to_path_buf();
        drop(first);
        assert!(!path.exists());
    }

    #[test]
    fn urls_and_settings_take_any_path() {
        let folder = Path::new("/a b/c,d?&%\"ü");
        assert!(url(folder).contains("host=%2Fa%20b%2Fc%2Cd%3F%26%25%22%C3%BC&"), "{}", url(folder));
        assert_eq!(setting(folder), "unix_socket_directories=\"/a b/c,d?&%\"\"ü\"");
    }
}
