//! How many tests passed and failed, from what the test programs print.

use std::ops::AddAssign;

use serde::Deserialize;

/// Counted tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tests that ran and held.
    pub passed: u64,
    /// Tests that ran and did not hold, and steps that did not get as far as running tests.
    pub failed: u64,
    /// Those of `passed` that held only when they were tried again.
    pub flaky: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.flaky += other.flaky;
    }
}

impl Tally {
    /// One thing that either held or didn't.
    pub fn one(held: bool) -> Self {
        Self { passed: u64::from(held), failed: u64::from(!held), flaky: 0 }
    }

    /// A run that failed without a failed test (it did not compile, it crashed) counts as one failure, and so
    /// does one that ran no test at all.
    pub fn of_run(mut self, succeeded: bool) -> Self {
        if self.failed == 0 && (!succeeded || self.passed == 0) {
            self.failed = 1;
        }
        self
    }
}

/// Reads a line of `cargo test`: `test result: ok. 3 passed; 0 failed; …`.
pub fn cargo_line(line: &str) -> Option<Tally> {
    let rest = line.trim().strip_prefix("test result: ")?;
    let (_, counts) = rest.split_once(". ")?;
    let count = |name: &str| {
        counts.split(';').find_map(|part| part.trim().strip_suffix(name)?.trim().parse::<u64>().ok())
    };
    Some(Tally { passed: count("passed")?, failed: count("failed")?, flaky: 0 })
}

/// Reads the report of Playwright's JSON reporter.
pub fn playwright_report(json: &str) -> serde_json::Result<Tally> {
    #[derive(Deserialize)]
    struct Report {
        stats: Stats,
        #[serde(default)]
        errors: Vec<serde::de::IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Stats {
        expected: u64,
        unexpected: u64,
        flaky: u64,
    }
    let Report { stats, errors } = serde_json::from_str(json)?;
    let failed = stats.unexpected + errors.len() as u64;
    Ok(Tally { passed: stats.expected + stats.flaky, failed, flaky: stats.flaky })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_lines() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s";
        assert_eq!(cargo_line(line), Some(Tally { passed: 12, failed: 2, flaky: 0 }));
        assert_eq!(
            cargo_line("test result: ok. 1 passed; 0 failed; 0 ignored"),
            Some(Tally { passed: 1, failed: 0, flaky: 0 })
        );
        assert_eq!(cargo_line("test rules::quota ... ok"), None);
        assert_eq!(cargo_line("test result: ok"), None);
    }

    #[test]
    fn playwright_counts_global_errors_as_failures_and_names_what_is_flaky() {
        let json =
            r#"{"errors":[{"message":"x"}],"stats":{"expected":5,"unexpected":1,"flaky":1,"skipped":2}}"#;
        assert_eq!(playwright_report(json).unwrap(), Tally { passed: 6, failed: 2, flaky: 1 });
        assert!(playwright_report("{}").is_err());
    }

    #[test]
    fn a_run_that_dies_before_its_tests_is_a_failure() {
        assert_eq!(Tally::default().of_run(false).failed, 1);
        assert_eq!(Tally::default().of_run(true).failed, 1);
        assert_eq!(Tally { passed: 1, failed: 2, flaky: 0 }.of_run(false).failed, 2);
        assert_eq!(
            Tally { passed: 1, failed: 0, flaky: 0 }.of_run(true),
            Tally { passed: 1, failed: 0, flaky: 0 }
        );
    }
}
