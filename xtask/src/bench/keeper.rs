//! One folder for everything that is written, one list of everything that was started.

use std::{
    fs,
    io::Write as _,
    net::TcpListener,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};

use crate::command::{command, output, spelled, wait_for};

/// Ends what was started and cleans up once standard input closes, which happens however this program ends.
/// `+N` and `-N` tell of processes that run and that have ended.
const SCRIPT: &str = r#"
held=" "
while read -r line; do
  case $line in
    +*) held="$held${line#+} " ;;
    -*) case $held in *" ${line#-} "*) held="${held%%" ${line#-} "*} ${held#*" ${line#-} "}" ;; esac ;;
  esac
done
for pid in $held; do kill -TERM "$pid" && sleep 1; done
postgres=$(head -n 1 "$1/data/postgres/postmaster.pid" 2>/dev/null) && kill -QUIT "$postgres" && sleep 1
rm -rf "$1"
"#;

/// Outlives this program by what it takes to clean up.
pub struct Keeper {
    folder: PathBuf,
    shell: Mutex<Child>,
}

/// A process that ends when this is dropped.
pub struct Running<'a> {
    child: Child,
    keeper: &'a Keeper,
}

impl Keeper {
    /// Makes the folder and starts the shell that watches.
    pub fn start() -> Result<Self> {
        // PostgreSQL and nginx's worker are other users where this is root, and have to get inside.
        let open = fs::Permissions::from_mode(0o755);
        let folder = tempfile::Builder::new().prefix("reflect-bench-").permissions(open).tempdir()?.keep();
        let mut shell = command("sh");
        shell.args(["-c", SCRIPT, "sh"]).arg(&folder).current_dir("/").process_group(0);
        let shell = shell.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().context("starting sh")?;
        Ok(Self { folder, shell: Mutex::new(shell) })
    }

    /// A folder below the temporary one, made if it isn't there.
    pub fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.join(name);
        fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Starts a program whose output goes into a file of that name.
    pub fn spawn(&self, log: &str, program: &mut Command) -> Result<Running<'_>> {
        let file = fs::File::create(self.folder("logs")?.join(log))?;
        program.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
        let child = program.spawn().with_context(|| format!("`{}` did not start", spelled(program)))?;
        self.tell('+', child.id());
        Ok(Running { child, keeper: self })
    }

    fn tell(&self, sign: char, pid: u32) {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        // Without a shell nobody cleans up; the figures are right all the same.
        let _ = shell.stdin.as_mut().map(|pipe| writeln!(pipe, "{sign}{pid}"));
    }

    /// Where logs are.
    pub fn path(&self) -> &Path {
        &self.folder
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        let mut shell = self.shell.lock().unwrap_or_else(PoisonError::into_inner);
        drop(shell.stdin.take());
        // What is left over is in the temporary folder and harmless.
        let _ = shell.wait();
    }
}

impl Running<'_> {
    /// The process's number. `taskset` becomes the program it starts, so it is that program's.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has ended.
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }
}

impl Drop for Running<'_> {
    /// Asks it to end, and makes it after fifteen seconds.
    fn drop(&mut self) {
        // It has not been waited for, so the number is still its own.
        if !self.ended() {
            output(command("kill").arg(self.pid().to_string()));
            if !wait_for(Duration::from_secs(15), || self.ended()) {
                let _ = self.child.kill().and_then(|()| self.child.wait());
            }
        }
        self.keeper.tell('-', self.child.id());
    }
}

/// The program, bound to one core where one is given.
pub fn pinned(program: impl AsRef<std::ffi::OsStr>, core: Option<usize>) -> Command {
    let Some(core) = core else { return command(program) };
    let mut taskset = command("taskset");
    taskset.args(["-c", &core.to_string()]).arg(program);
    taskset
}

/// A port of the loopback interface that was free a moment ago.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_started_ends_with_the_keeper_and_nothing_is_left() {
        let keeper = Keeper::start().unwrap();
        let folder = keeper.path().to_path_buf();
        let sleeper = || keeper.spawn("sleep", command("sleep").arg("100")).unwrap();
        let (one, two) = (sleeper(), sleeper());
        let proc = |pid: u32| Path::new("/proc").join(pid.to_string());
        let first = proc(one.pid());
        drop(one);
        assert!(!first.exists());
        let mut two = std::mem::ManuallyDrop::new(two);
        drop(keeper.shell.lock().unwrap().stdin.take());
        assert!(wait_for(Duration::from_secs(5), || two.ended()), "the shell ends it");
        drop(keeper);
        assert!(!folder.exists());
    }
}
