//! Amounts of bytes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount of bytes. Parsed from `20971520`, `20 MiB`, `20MB`, `20m` (all powers of 1024,
/// as upload limits are customarily meant) and shown as `20.0 MiB`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ByteSize(pub u64);

const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];

impl ByteSize {
    /// `n` mebibytes.
    #[must_use]
    pub const fn mib(n: u64) -> Self {
        Self(n * 1024 * 1024)
    }

    /// `n` gibibytes.
    #[must_use]
    pub const fn gib(n: u64) -> Self {
        Self(n * 1024 * 1024 * 1024)
    }

    /// The number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The amount without rounding, in the largest unit that divides it: `20 MiB`, `1536 KiB`.
    #[must_use]
    pub fn exact(self) -> String {
        let (mut amount, mut unit) = (self.0, 0);
        while amount != 0 && amount % 1024 == 0 && unit + 1 < UNITS.len() {
            amount /= 1024;
            unit += 1;
        }
        format!("{amount} {}", UNITS.get(unit).copied().unwrap_or("B"))
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1024 {
            return write!(f, "{} B", self.0);
        }
        let mut tenths = self.0 / 1024 * 10 + (self.0 % 1024 * 10 + 512) / 1024;
        let mut unit = 1;
        while tenths >= 10_240 && unit + 1 < UNITS.len() {
            tenths = (tenths + 512) / 1024;
            unit += 1;
        }
        let name = UNITS.get(unit).copied().unwrap_or("B");
        write!(f, "{}.{} {name}", tenths / 10, tenths % 10)
    }
}

/// The text is not an amount of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidByteSize;

impl fmt::Display for InvalidByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected a number of bytes, with an optional unit: 20971520, 512 KiB, 20 MiB, 5 GiB")
    }
}

impl std::error::Error for InvalidByteSize {}

impl FromStr for ByteSize {
    type Err = InvalidByteSize;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| InvalidByteSize)?;
        let shift = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 10,
            "m" | "mb" | "mib" => 20,
            "g" | "gb" | "gib" => 30,
            "t" | "tb" | "tib" => 40,
            _ => return Err(InvalidByteSize),
        };
        number.checked_mul(1 << shift).map(Self).ok_or(InvalidByteSize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_the_largest_unit_with_one_decimal() {
        assert_eq!(ByteSize(0).to_string(), "0 B");
        assert_eq!(ByteSize(1023).to_string(), "1023 B");
        assert_eq!(ByteSize::mib(20).to_string(), "20.0 MiB");
        assert_eq!(ByteSize(1_572_864).to_string(), "1.5 MiB");
        assert_eq!(ByteSize(u64::MAX).to_string(), "16777216.0 TiB");
    }

    #[test]
    fn the_exact_form_is_read_as_the_same() {
        for (size, text) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1_572_864, "1536 KiB"),
            (20 << 20, "20 MiB"),
            (1 << 50, "1024 TiB"),
        ] {
            assert_eq!(ByteSize(size).exact(), text);
            assert_eq!(text.parse(), Ok(ByteSize(size)));
        }
    }

    #[test]
    fn parses_numbers_with_units_and_refuses_the_rest() {
        assert_eq!("20 MiB".parse(), Ok(ByteSize::mib(20)));
        assert_eq!("20m".parse(), Ok(ByteSize::mib(20)));
        assert_eq!("7".parse(), Ok(ByteSize(7)));
        for bad in ["", "MiB", "-1", "1.5 MiB", "20 apples", "99999999999 TiB"] {
            assert_eq!(bad.parse::<ByteSize>(), Err(InvalidByteSize), "{bad}");
        }
    }
}
