//! Where and of what the figures are.

use std::{
    fmt::{self, Display, Formatter},
    fs,
    path::Path,
    process::Command,
};

use anyhow::Result;

use crate::{
    command::{command, on_path},
    postgres,
};

/// The machine, the time and the programs, a line each.
pub struct Machine {
    lines: Vec<(&'static str, String)>,
    /// Day and commit.
    pub when: String,
}

/// Looks at everything.
pub fn look() -> Result<Machine> {
    let postgres = postgres::binaries()?.join("postgres");
    let commit = said(command("git").args(["rev-parse", "--short=10", "HEAD"]));
    let changed = said(command("git").args(["status", "--porcelain", "--untracked-files=no"]));
    let commit = if changed.is_empty() { commit } else { format!("{commit} with uncommitted changes") };
    let day = said(command("date").args(["-u", "+%F"]));
    let cores = std::thread::available_parallelism()?;
    let load = read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned();
    let idle = load.parse::<f64>().is_ok_and(|load| load < 0.5);
    let load = if idle {
        load
    } else {
        format!("{load}: **other work was going on**, so the figures are worse than they should be")
    };
    let lines = vec![
        ("CPU", format!("{}, {cores} cores", field("/proc/cpuinfo", "model name"))),
        ("memory", gibibytes(&field("/proc/meminfo", "MemTotal"))),
        ("kernel", format!("Linux {}", read("/proc/sys/kernel/osrelease"))),
        ("load before", load),
        ("rustc", said(command("rustc").arg("--version"))),
        ("PostgreSQL", said(command(postgres).arg("--version"))),
        ("nginx", version("nginx", &["-v"])),
        ("wrk", version("wrk", &["-v"])),
        ("libvips", version("vipsthumbnail", &["--version"])),
    ];
    Ok(Machine { lines, when: format!("{day}, {commit}") })
}

impl Display for Machine {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "Measured {}.\n", self.when)?;
        self.lines.iter().try_for_each(|(name, text)| writeln!(out, "- {name}: {text}"))
    }
}

/// The first line that a program says about its version, where it is.
fn version(program: &str, arguments: &[&str]) -> String {
    if on_path(&[program, &format!("../sbin/{program}")]).is_none() {
        return "not installed".into();
    }
    let text = said(command(program).args(arguments));
    let first = text.lines().next().unwrap_or_default();
    let first = first.split_once(" [").map_or(first, |(before, _)| before);
    first.trim_start_matches("nginx version: ").trim().to_owned()
}

/// What a command prints, on whichever stream: wrk and nginx tell their version as if it were a mistake.
fn said(command: &mut Command) -> String {
    let Ok(output) = command.output() else { return String::new() };
    let text = if output.stdout.is_empty() { output.stderr } else { output.stdout };
    String::from_utf8_lossy(&text).trim().to_owned()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of the first line `name : value` in a file below `/proc`.
pub fn field(path: impl AsRef<Path>, name: &str) -> String {
    let text = read(path);
    let values = text.lines().filter_map(|line| line.split_once(':'));
    values
        .filter(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim().to_owned())
        .next()
        .unwrap_or_default()
}

fn gibibytes(kib: &str) -> String {
    let number = kib.trim_end_matches("kB").trim().parse().unwrap_or(0.0_f64);
    format!("{:.1} GiB", number / 1024.0 / 1024.0)
}

/// Memory of a process in MB (of 1 000 000 bytes): `VmRSS` is what it holds, `VmHWM` the most that it held.
pub fn memory(pid: u32, name: &str) -> f64 {
    let kib = field(format!("/proc/{pid}/status"), name);
    kib.trim_end_matches("kB").trim().parse().unwrap_or(f64::NAN) * 1024.0 / 1e6
}

/// CPU time that a process has used, in seconds: user and system, all its threads.
pub fn cpu_seconds(pid: u32) -> f64 {
    let stat = read(format!("/proc/{pid}/stat"));
    // The name stands in brackets and may hold anything; the 14th and 15th fields count ticks, 100 a second.
    let fields = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace().skip(11).take(2));
    fields.into_iter().flatten().filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The same of a process and those that it started, nginx's worker for one.
pub fn family_cpu_seconds(pid: u32) -> f64 {
    let children = read(format!("/proc/{pid}/task/{pid}/children"));
    let children = children.split_whitespace().filter_map(|child| child.parse().ok());
    cpu_seconds(pid) + children.map(family_cpu_seconds).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_can_be_looked_at() {
        let pid = std::process::id();
        let now = memory(pid, "VmRSS");
        assert!(now > 1.0 && now <= memory(pid, "VmHWM") * 1.5);
        assert!(cpu_seconds(pid) < 100.0);
        assert!(memory(pid, "VmNothing").is_nan());
        assert!(field("/proc/cpuinfo", "processor") == "0");
    }
}
