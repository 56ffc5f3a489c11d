//! Making the cluster, and whether one that is there can be used.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use crate::{
    account::{self, Account},
    binaries::Binaries,
    error::{ClusterError, Doing as _},
    poll,
};

/// The role that reflect connects as, and its database.
pub(crate) const NAME: &str = "reflect";

/// What the name of an unfinished cluster begins with.
const UNFINISHED: &str = "postgres.new-";

/// The major version that made the cluster in `folder`.
pub(crate) fn major(folder: &Path) -> Option<u32> {
    fs::read_to_string(folder.join("PG_VERSION")).ok()?.trim().parse().ok()
}

/// Everything that making a cluster takes.
pub(crate) struct Maker<'a> {
    pub binaries: &'a Binaries,
    pub account: Option<&'a Account>,
    pub throw_away: bool,
}

impl Maker<'_> {
    /// Makes the cluster `folder` unless it is there, and then checks that these programs fit.
    pub fn ensure(&self, folder: &Path) -> Result<(), ClusterError> {
        let Ok(version) = fs::read_to_string(folder.join("PG_VERSION")) else {
            return if folder.exists() && !account::is_empty(folder) {
                Err(ClusterError::NotACluster(folder.to_path_buf()))
            } else {
                self.make(folder)
            };
        };
        if version.trim() != self.binaries.major().to_string() {
            return Err(ClusterError::OtherVersion {
                folder: folder.to_path_buf(),
                cluster: version.trim().to_owned(),
                binaries: self.binaries.folder().to_path_buf(),
                programs: self.binaries.major(),
            });
        }
        Ok(())
    }

    /// Under another name until it is complete: whatever interrupts this, there is no half cluster.
    fn make(&self, folder: &Path) -> Result<(), ClusterError> {
        let parent = folder.parent().unwrap_or(folder);
        remove_unfinished(parent)?;
        tracing::info!(folder = %folder.display(), version = self.binaries.major(), "making a PostgreSQL cluster");
        // A name of its own for every process: an initdb may outlive the reflect that started it.
        let unfinished = parent.join(format!("{UNFINISHED}{}", std::process::id()));
        let made = self.fill(&unfinished).and_then(|()| {
            fs::rename(&unfinished, folder).doing("renaming", &unfinished)?;
            File::open(parent).and_then(|parent| parent.sync_all()).doing("saving", parent)
        });
        if made.is_err() {
            // The error matters more than what is left, and the next start tries again.
            let _ = fs::remove_dir_all(&unfinished);
        }
        made
    }

    fn fill(&self, folder: &Path) -> Result<(), ClusterError> {
        DirBuilder::new().mode(0o700).create(folder).doing("making", folder)?;
        if let Some(account) = self.account {
            account.give(folder)?;
        }
        self.initdb(folder)?;
        self.configure(folder)?;
        self.add_database(folder)
    }

    fn initdb(&self, folder: &Path) -> Result<(), ClusterError> {
        // From 17 on PostgreSQL brings a C.UTF-8 of its own, the same on every system. Before, it is the
        // system's; where that has none, C sorts alike and only knows fewer letters.
        let locales: &[&[&str]] = if self.binaries.major() >= 17 {
            &[&["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]]
        } else {
            &[&["--locale=C.UTF-8"], &["--locale=C"]]
        };
        let mut result = Ok(());
        for locale in locales {
            let mut initdb = account::command(self.binaries, "initdb", self.account);
            // Whoever gets to the socket may connect: its folder is closed to everybody but the files' owner.
            initdb.args([
                "--username=postgres",
                "--auth-local=trust",
                "--auth-host=reject",
                "--encoding=UTF8",
            ]);
            initdb.args(["--data-checksums", "--no-instructions"]).args(*locale);
            if self.throw_away {
                initdb.arg("--no-sync");
            }
            initdb.arg("--pgdata").arg(folder);
            let output = initdb.output().doing("starting", &self.binaries.program("initdb"))?;
            result = check("initdb", folder, &output);
            if !matches!(&result, Err(error) if error.to_string().contains("locale")) {
                break;
            }
        }
        result
    }

    /// Settings that suit an image host; those that reflect relies on are given at every start instead.
    fn configure(&self, folder: &Path) -> Result<(), ClusterError> {
        let mut lines = "\n# Written once by reflect; yours to change.\nlog_checkpoints = off\n".to_owned();
        lines.push_str("timezone = 'UTC'\nlog_timezone = 'UTC'\n");
        lines.push_str(if self.throw_away {
            "max_connections = 200\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
        } else {
            "max_connections = 50\n"
        });
        let file = folder.join("postgresql.conf");
        let opened = OpenOptions::new().append(true).open(&file);
        let written = opened.and_then(|mut conf| {
            conf.write_all(lines.as_bytes())?;
            conf.sync_all()
        });
        written.doing("writing", &file)
    }

    /// The role is no superuser: what gets hold of reflect's connection gets no files and runs no programs.
    fn add_database(&self, folder: &Path) -> Result<(), ClusterError> {
        let superuser = if self.throw_away { "SUPERUSER " } else { "" };
        let statements =
            format!("CREATE ROLE {NAME} {superuser}LOGIN;\nCREATE DATABASE {NAME} OWNER {NAME};\n");
        let mut single = account::command(self.binaries, "postgres", self.account);
        single.arg("--single").arg("-D").arg(folder).args(["-c", "exit_on_error=on", "postgres"]);
        let output = fed(&mut single, &statements).doing("starting", &self.binaries.program("postgres"))?;
        check("postgres --single", folder, &output)
    }
}

fn fed(command: &mut Command, input: &str) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that ended already says more in its output than the broken pipe does.
        let _ = stdin.write_all(input.as_bytes());
    }
    child.wait_with_output()
}

fn check(program: &'static str, folder: &Path, output: &Output) -> Result<(), ClusterError> {
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let output = if text.is_empty() { output.status.to_string() } else { text };
    Err(ClusterError::NotMade { program, folder: folder.to_path_buf(), output })
}

fn remove_unfinished(parent: &Path) -> Result<(), ClusterError> {
    let entries = fs::read_dir(parent).doing("reading", parent)?;
    let unfinished: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_name().as_encoded_bytes().starts_with(UNFINISHED.as_bytes()))
        .map(|entry| entry.path())
        .collect();
    unfinished.iter().try_for_each(|folder| remove_patiently(folder).doing("removing", folder))
}

/// Removes a folder into which an initdb may still write that outlived whoever started it, or which it removes
/// itself.
fn remove_patiently(folder: &Path) -> io::Result<()> {
    let mut removed = Ok(());
    poll(Duration::from_secs(5), || {
        removed = match fs::remove_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        };
        !matches!(&removed, Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty)
    });
    removed
}
