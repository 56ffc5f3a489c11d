//! How long to wait, as one says it.

use std::fmt;

/// A time to wait, in the unit in which people think of it, rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Wait {
    Seconds(u32),
    Minutes(u32),
    Hours(u32),
    Days(u32),
}

impl Wait {
    /// So many seconds.
    #[must_use]
    pub const fn of(seconds: u32) -> Self {
        match seconds {
            0..=90 => Self::Seconds(seconds),
            91..=5_400 => Self::Minutes(seconds.div_ceil(60)),
            5_401..=129_600 => Self::Hours(seconds.div_ceil(3_600)),
            _ => Self::Days(seconds.div_ceil(86_400)),
        }
    }
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match self {
            Self::Seconds(count) => (count, "s"),
            Self::Minutes(count) => (count, "min"),
            Self::Hours(count) => (count, "h"),
            Self::Days(count) => (count, "days"),
        };
        write!(f, "{count} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_has_its_unit_and_is_never_shorter_than_it_is() {
        for (seconds, said) in [
            (0, "0 s"),
            (60, "60 s"),
            (90, "90 s"),
            (91, "2 min"),
            (3_600, "60 min"),
            (5_401, "2 h"),
            (86_400, "24 h"),
            (129_601, "2 days"),
            (2_592_000, "30 days"),
        ] {
            assert_eq!(Wait::of(seconds).to_string(), said);
        }
    }
}
