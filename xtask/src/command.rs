//! Running other programs.

use std::{
    ffi::{OsStr, OsString},
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::project;

/// A command that starts in the repository's root.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(project::root());
    command
}

/// `cargo` with these arguments, the same cargo that started this program. What that one said of this
/// package stays away: build scripts that look at it would run again.
pub fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let about_us = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
    };
    for name in std::env::vars_os().map(|(name, _)| name).filter(about_us) {
        cargo.env_remove(name);
    }
    cargo.args(arguments);
    cargo
}

/// The command as a person would type it.
pub fn spelled(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

/// Says what happens next.
pub fn say(text: &str) {
    eprintln!("==> {text}");
}

/// Shows the command, runs it with this terminal, and fails when it does.
pub fn run(command: &mut Command) -> Result<()> {
    say(&spelled(command));
    let status = command.status().with_context(|| format!("`{}` did not start", spelled(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", spelled(command));
    }
    Ok(())
}

/// Like [`run`], but passes every line of standard output on and hands it to `each`. Answers whether the
/// command succeeded, since its lines say why not.
pub fn follow(command: &mut Command, mut each: impl FnMut(&str)) -> Result<bool> {
    say(&spelled(command));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` did not start", spelled(command)))?;
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            println!("{line}");
            each(&line);
        }
    }
    Ok(child.wait()?.success())
}

/// What the command printed, when it ran and succeeded. Nothing of it reaches the terminal.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of these programs that `PATH` has.
pub fn on_path(names: &[&str]) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<_> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
}

/// Asks `ready` every tenth of a second until it says yes; `false` when `limit` passed first.
pub fn wait_for(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let step = Duration::from_millis(100);
    let mut waited = Duration::ZERO;
    while !ready() {
        if waited >= limit {
            return false;
        }
        sleep(step);
        waited += step;
    }
    true
}
