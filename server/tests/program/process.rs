//! Processes of `reflect` in a folder of their own.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// Where one instance keeps what it has.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        // PostgreSQL runs as another user where tests run as root.
        let open = fs::Permissions::from_mode(0o755);
        Self(tempfile::Builder::new().permissions(open).tempdir().unwrap())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command.env("REFLECT_DATA_DIR", self.0.path().join("data")).env("REFLECT_ADDR", "127.0.0.1:0");
        command
    }

    /// A server on a database, begun.
    pub fn begin_on(&self, url: &str) -> Child {
        let mut command = self.command(&["serve"]);
        command.env("DATABASE_URL", url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// A server that listens.
    pub fn serve(&self) -> Server {
        Self::listening(&mut self.command(&["serve"]))
    }

    /// The same on a database.
    pub fn serve_on(&self, url: &str) -> Server {
        Self::listening(self.command(&["serve"]).env("DATABASE_URL", url))
    }

    fn listening(command: &mut Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        while !said.contains("Listening on ") {
            assert_ne!(lines.read_line(&mut said).unwrap(), 0, "it ended: {said}");
        }
        Server { said, child }
    }

    /// What a command says.
    pub fn reflect(&self, arguments: &[&str]) -> String {
        Self::outcome(&mut self.command(arguments))
    }

    /// The same of one that finds no PostgreSQL.
    pub fn reflect_without_postgres(&self, arguments: &[&str]) -> String {
        Self::outcome(self.command(arguments).env("PATH", "").env("REFLECT_PG_BIN", self.0.path()))
    }

    fn outcome(command: &mut Command) -> String {
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What a command says that is refused.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }

    pub fn has_data(&self) -> bool {
        self.0.path().join("data").exists()
    }

    /// Its PostgreSQL, by the file that PostgreSQL removes when it ends.
    pub fn postmaster(&self) -> Option<Pid> {
        let text = fs::read_to_string(self.0.path().join("data/postgres/postmaster.pid")).ok()?;
        Pid::from_raw(text.lines().next()?.parse().ok()?)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        if let Some(left) = self.postmaster() {
            let _ = kill_process(left, Signal::QUIT);
        }
    }
}

/// A process that serves.
pub struct Server {
    /// What it said until it listened.
    pub said: String,
    child: Child,
}

impl Server {
    /// Ends it without a word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end.
    pub fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reflect"));
    command.args(arguments).env_remove("DATABASE_URL");
    command
}

/// `reflect migrate` of a database, begun.
pub fn migrate(url: &str) -> Child {
    let mut command = program(&["migrate"]);
    command.env("DATABASE_URL", url).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Asks a process to end, and waits for it; `false` where it doesn't end by itself.
pub fn ends(mut child: Child) -> bool {
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::TERM).unwrap();
    let (tell, told) = mpsc::channel();
    let waiting = thread::spawn(move || {
        let status = child.wait().unwrap();
        let _ = tell.send(());
        status
    });
    if told.recv_timeout(Duration::from_secs(20)).is_err() {
        kill_process(pid, Signal::KILL).unwrap();
    }
    waiting.join().unwrap().success()
}

/// What follows `prefix` on its line.
pub fn pick<'a>(said: &'a str, prefix: &str) -> &'a str {
    said.lines().find_map(|line| line.strip_prefix(prefix)).unwrap_or_else(|| panic!("no {prefix} in {said}"))
}

/// The status of a GET at `http://host:port`.
pub fn http_status(origin: &str, path: &str) -> String {
    let host = origin.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    // What follows the status may be a picture.
    String::from_utf8_lossy(&answer).split(' ').nth(1).unwrap().to_owned()
}
