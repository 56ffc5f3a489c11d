//! What people see meanwhile on standard error, and what programs read on standard output.

use std::{
    fmt::Display,
    io::{self, Write as _},
    time::Duration,
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::failure::Failure;

/// How often a bar moves that has nothing to tell.
const TICK: Duration = Duration::from_millis(200);

/// Standard error: lines, and bars below them where it is a terminal.
#[derive(Clone, Default)]
pub(crate) struct Screen(MultiProgress);

impl Screen {
    /// Tells something.
    pub(crate) fn note(&self, line: impl Display) {
        self.0.suspend(|| {
            // Whoever doesn't hear it misses nothing that the exit status doesn't say.
            let _ = writeln!(io::stderr(), "reflect: {}", plain(&line.to_string()));
        });
    }

    /// A bar for one file, until it is dropped.
    pub(crate) fn file(&self, name: &str) -> Bar {
        self.bar("{msg:30!} {wide_bar} {bytes:>11}/{total_bytes:11} {bytes_per_sec:>13}", name, 0)
    }

    /// A bar for something that comes, of which nobody knows how much it is.
    pub(crate) fn coming(&self, name: &str) -> Bar {
        let bar = self.bar("{msg:30!} {spinner} {bytes:>11} {bytes_per_sec:>13} {elapsed:>13}", name, 0);
        bar.0.enable_steady_tick(TICK);
        bar
    }

    /// A bar for all of several files.
    pub(crate) fn files(&self, count: usize) -> Bar {
        let bar = self.bar("{msg:30!} {wide_bar} {pos:>11}/{len:11} {elapsed:>13}", "files", count as u64);
        bar.0.enable_steady_tick(TICK);
        bar
    }

    fn bar(&self, template: &str, message: &str, length: u64) -> Bar {
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = self.0.add(ProgressBar::new(length).with_style(style));
        bar.set_message(plain(message));
        Bar(bar)
    }
}

/// A bar that goes when it is dropped.
pub(crate) struct Bar(pub(crate) ProgressBar);

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Prints a line for programs.
pub(crate) fn say(line: impl Display) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let said = writeln!(out, "{line}").and_then(|()| out.flush());
    said.map_err(|error| Failure::Here(error.to_string()))
}

/// Text of somebody else's for a terminal, on one line: nothing in it moves the cursor or changes colours.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_text_stays_on_its_line_and_commands_nothing() {
        assert_eq!(plain("猫 \u{1b}[2J\r\nb.png\u{9b}"), "猫  [2J  b.png ");
    }
}
