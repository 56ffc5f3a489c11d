//! Figures of speed, size and safety, beside those of peers on the same machine in the same run. Nothing here passes or
//! fails: `docs/performance.md` and `docs/security.md` say what the
//! figures mean.

use std::str::FromStr;

use anyhow::{Error, Result, bail, ensure};

use crate::{command::say, run, site::Mode};

mod client;
mod document;
mod figure;
mod gallery;
mod helper;
mod idle;
mod keeper;
mod latency;
mod machine;
mod nginx;
mod page;
mod serve;
mod server;
mod sign_in;
mod size;
mod thumbnail;
mod upload;
mod wrk;

use figure::{Outcome, Section};
use keeper::Keeper;

/// What the parts share.
struct Bench {
    /// Everything that was started ends and everything that was written goes with it. Shared by reference.
    keeper: Keeper,
    /// Short runs, for those who change the benchmarks: the figures are worth nothing.
    quick: bool,
    /// Also with a million images, which takes minutes to make.
    million: bool,
}

impl Bench {
    /// One of two, the second for short runs.
    fn choose<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }
}

/// What the command line can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Size,
    Page,
    Gallery,
    Serve,
    Thumbnail,
    Upload,
    Idle,
    SignIn,
}

impl Part {
    /// In the order in which they run.
    const ALL: [Self; 8] = [
        Self::Size,
        Self::Idle,
        Self::Page,
        Self::Gallery,
        Self::SignIn,
        Self::Serve,
        Self::Thumbnail,
        Self::Upload,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Size => "size",
            Self::Page => "page",
            Self::Gallery => "gallery",
            Self::Serve => "serve",
            Self::Thumbnail => "thumbnail",
            Self::Upload => "upload",
            Self::Idle => "idle",
            Self::SignIn => "sign-in",
        }
    }

    fn measure(self, bench: &Bench) -> Result<Outcome> {
        match self {
            Self::Size => size::measure(bench),
            Self::Page => page::measure(bench),
            Self::Gallery => gallery::measure(bench),
            Self::Serve => serve::measure(bench),
            Self::Thumbnail => thumbnail::measure(bench),
            Self::Upload => upload::measure(bench),
            Self::Idle => idle::measure(bench),
            Self::SignIn => sign_in::measure(bench),
        }
    }
}

impl FromStr for Part {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let named = Self::ALL.into_iter().find(|part| part.name() == name);
        match named {
            Some(part) => Ok(part),
            None => {
                bail!("there is no part `{name}`: the parts are {}", Self::ALL.map(Self::name).join(", "))
            }
        }
    }
}

/// Runs the parts, every one unless some are named, and prints their figures. With `--write` they also go into
/// `docs/performance.md`; with `--quick` runs are short and their figures worthless; with `--million` the gallery is
/// also measured with a million images.
pub fn run(arguments: &[&str]) -> Result<()> {
    let (mut parts, mut write, mut quick, mut million) = (Vec::new(), false, false, false);
    for argument in arguments {
        match *argument {
            "--write" => write = true,
            "--quick" => quick = true,
            "--million" => million = true,
            name => parts.push(name.parse()?),
        }
    }
    ensure!(!(write && quick), "what --quick measures isn't worth writing down");
    if parts.is_empty() {
        parts.extend(Part::ALL);
    }
    if server::named().is_none() {
        run::build(Mode::Release)?;
    }
    // After building, which is not what the machine should be seen doing.
    let machine = machine::look()?;
    println!("{machine}");
    let bench = Bench { keeper: Keeper::start()?, quick, million };
    let (mut sections, mut missing, mut failed) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let name = part.name();
        say(&format!("bench {name}"));
        match part.measure(&bench) {
            Ok(Outcome::Measured { figures, notes }) => {
                let section = Section { name, figures, notes };
                println!("{section}");
                sections.push(section);
            }
            Ok(Outcome::Skipped(why)) => {
                say(&format!("{name}: SKIPPED: {why}"));
                missing.push(format!("{name} was skipped: {why}"));
            }
            Err(error) => {
                say(&format!("{name}: FAILED: {error:#}"));
                failed.push(format!("{name}: {error:#}"));
            }
        }
    }
    if write {
        document::write(&machine, &sections)?;
    }
    missing.iter().for_each(|line| println!("{line}"));
    ensure!(failed.is_empty(), "{}", failed.join("\n"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names_and_nothing_else_does() {
        let parsed: Vec<Part> = Part::ALL.iter().map(|part| part.name().parse().unwrap()).collect();
        assert_eq!(parsed, Part::ALL);
        assert!("sizes".parse::<Part>().unwrap_err().to_string().contains("size, idle, page"));
    }
}
