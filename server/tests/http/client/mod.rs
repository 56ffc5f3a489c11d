//! `reflect upload` and its like: the program, as people and tools call it.

mod changing;
mod clipboard;
mod export;
mod login;
mod reference;
mod upload;
mod watch;

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Output, Stdio},
};

use tempfile::TempDir;
use tokio::{io::AsyncWriteExt as _, process::Command};

/// A machine with the program on it, and somebody's home.
struct Machine {
    home: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Machine {
    fn new() -> Self {
        // None of these is a client's business: it would fail by them.
        let variables = [
            ("DATABASE_URL", "nowhere"),
            ("REFLECT_ADDR", "nowhere"),
            ("REFLECT_SECRET_KEY", "none"),
            ("REFLECT_MAX_PIXELS", "many"),
        ];
        let variables = variables.map(|(name, value)| (name, value.to_owned())).into();
        Self { home: tempfile::tempdir().unwrap(), variables }
    }

    /// One whose variables lead to an instance.
    fn using(address: SocketAddr, token: &str) -> Self {
        let mut machine = Self::new();
        machine.variables.push(("REFLECT_CLIENT_URL", format!("http://{address}")));
        machine.variables.push(("REFLECT_CLIENT_TOKEN", token.to_owned()));
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn file(&self, name: &str, content: &[u8]) -> String {
        fs::write(self.path(name), content).unwrap();
        name.to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reflect"));
        command.args(arguments).current_dir(self.home.path()).kill_on_drop(true);
        command.env_clear().env("HOME", self.home.path());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    async fn reflect(&self, arguments: &[&str]) -> Said {
        Said::of(&self.command(arguments).output().await.unwrap())
    }

    /// The same, told something on standard input.
    async fn reflect_told(&self, arguments: &[&str], told: &str) -> Said {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(told.as_bytes()).await.unwrap();
        Said::of(&child.wait_with_output().await.unwrap())
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    status: i32,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Self { status: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// The lines of standard output, of a command to which nothing happened.
    #[track_caller]
    fn lines(&self) -> Vec<&str> {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{self:?}");
        self.out.lines().collect()
    }

    /// Standard error, of a command that ended with `status` and has nothing to show for it.
    #[track_caller]
    fn refusal(&self, status: i32) -> &str {
        assert_eq!((self.status, self.out.as_str()), (status, ""), "{self:?}");
        &self.err
    }
}

/// The permissions of a file.
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
