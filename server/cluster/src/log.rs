//! PostgreSQL's log: into reflect's own, under the target `postgres`, with the last lines kept for errors.

use std::{
    collections::VecDeque,
    io::{self, BufRead as _, BufReader, Read},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

/// Begins every line with the kind of process that wrote it.
pub(crate) const PREFIX: &str = "log_line_prefix=%b|";

/// As many lines as an error shows.
const KEPT: usize = 30;

/// What a server says on its standard error.
pub(crate) struct Log {
    lines: Arc<Mutex<Lines>>,
    reader: JoinHandle<()>,
}

#[derive(Default)]
struct Lines {
    last: VecDeque<String>,
    count: u64,
}

impl Log {
    /// Reads to the end in a thread of its own.
    pub fn follow(stderr: impl Read + Send + 'static) -> io::Result<Self> {
        let lines = Arc::new(Mutex::new(Lines::default()));
        let kept = Arc::clone(&lines);
        let reader = thread::Builder::new().name("postgres-log".into()).spawn(move || {
            let mut before = Sort::Info;
            for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line);
                let (sort, text) = read(&line, before);
                before = sort;
                if sort.tell(text) {
                    let mut lines = kept.lock().unwrap_or_else(PoisonError::into_inner);
                    lines.count += 1;
                    lines.last.push_back(text.to_owned());
                    if lines.last.len() > KEPT {
                        lines.last.pop_front();
                    }
                }
            }
        })?;
        Ok(Self { lines, reader })
    }

    /// Every server process that could write has ended.
    pub fn is_complete(&self) -> bool {
        self.reader.is_finished()
    }

    /// How many lines there were.
    pub fn count(&self) -> u64 {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).count
    }

    /// The last lines.
    pub fn tail(&self) -> String {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.last.iter().map(String::as_str).collect::<Vec<_>>().join("\n")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Error,
    Warn,
    Info,
    Debug,
    Hidden,
}

impl Sort {
    fn tell(self, text: &str) -> bool {
        match self {
            Self::Error => tracing::error!(target: "postgres", "{text}"),
            Self::Warn => tracing::warn!(target: "postgres", "{text}"),
            Self::Info => tracing::info!(target: "postgres", "{text}"),
            Self::Debug => tracing::debug!(target: "postgres", "{text}"),
            Self::Hidden => return false,
        }
        true
    }
}

/// How much a line matters, given the sort of the one before. A statement that fails is reported to reflect,
/// which knows whether it expected that, and its details hold people's data: not for the log.
fn read(line: &str, before: Sort) -> (Sort, &str) {
    let Some((process, text)) = line.split_once('|').filter(|_| !line.starts_with('\t')) else {
        return (before, line.trim_start());
    };
    let client = process == "client backend";
    let sort = match text.split_once(':').map_or("", |(severity, _)| severity) {
        "FATAL" if client => Sort::Warn,
        "WARNING" => Sort::Warn,
        "FATAL" | "PANIC" => Sort::Error,
        _ if client => Sort::Hidden,
        "ERROR" => Sort::Error,
        "LOG" => Sort::Info,
        "DETAIL" | "HINT" | "CONTEXT" => before,
        _ => Sort::Debug,
    };
    (sort, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_sorted_and_peoples_data_stays_out() {
        let log = "postgres: could not access the server configuration file\n\
                   postmaster|LOG:  server process (PID 7) was terminated by signal 9: Killed\n\
                   postmaster|DETAIL:  Failed process was running: SELECT 1\n\
                   client backend|ERROR:  duplicate key value violates unique constraint \"email\"\n\
                   client backend|DETAIL:  Key (email)=(a@example.org) already exists.\n\
                   \tmore of a@example.org\n\
                   client backend|FATAL:  sorry, too many clients already\n\
                   checkpointer|PANIC:  could not write: No space left on device\n";
        let mut before = Sort::Info;
        let sorts: Vec<Sort> = log
            .lines()
            .map(|line| {
                before = read(line, before).0;
                before
            })
            .collect();
        let (info, hidden) = (Sort::Info, Sort::Hidden);
        assert_eq!(sorts, [info, info, info, hidden, hidden, hidden, Sort::Warn, Sort::Error]);

        let followed = Log::follow(io::Cursor::new(log)).unwrap();
        while !followed.is_complete() {
            thread::yield_now();
        }
        assert_eq!(followed.count(), 5);
        assert!(followed.tail().contains("PID 7") && !followed.tail().contains("example.org"));
    }
}
