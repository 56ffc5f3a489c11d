//! Standard output for facts, standard error for the log.

use std::io::{self, Write as _};

use tracing_subscriber::{EnvFilter, filter::ParseError, fmt};

use super::CommandError;

/// Prints a line of facts, for people and scripts.
pub(super) fn say(line: impl std::fmt::Display) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()?;
    Ok(())
}

/// Starts the log.
pub(super) fn log(filter: &str, json: bool) -> Result<(), ParseError> {
    let filter = EnvFilter::builder().parse(filter)?;
    let log = fmt().with_env_filter(filter).with_writer(io::stderr);
    // Whoever has started one before us (a test) keeps it.
    let started = if json {
        log.json().with_current_span(true).with_span_list(false).try_init()
    } else {
        log.with_ansi(io::IsTerminal::is_terminal(&io::stderr())).with_target(false).try_init()
    };
    drop(started);
    Ok(())
}

/// Prints what has lines of its own.
pub(super) fn write(text: &[u8]) -> Result<(), CommandError> {
    let mut out = io::stdout().lock();
    out.write_all(text)?;
    out.flush()?;
    Ok(())
}
