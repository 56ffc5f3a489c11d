//! Numbers and amounts within bounds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::ByteSize;

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Within<const MIN: u32, const MAX: u32>(u32);

/// The number is none from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotWithin<const MIN: u32, const MAX: u32>;

impl<const MIN: u32, const MAX: u32> Within<MIN, MAX> {
    /// `number`, or the bound that it lies beyond.
    #[must_use]
    pub const fn nearest(number: u32) -> Self {
        if number < MIN {
            Self(MIN)
        } else if number > MAX {
            Self(MAX)
        } else {
            Self(number)
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const MIN: u32, const MAX: u32> TryFrom<u32> for Within<MIN, MAX> {
    type Error = NotWithin<MIN, MAX>;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        if (MIN..=MAX).contains(&number) { Ok(Self(number)) } else { Err(NotWithin) }
    }
}

impl<const MIN: u32, const MAX: u32> From<Within<MIN, MAX>> for u32 {
    fn from(number: Within<MIN, MAX>) -> Self {
        number.0
    }
}

impl<const MIN: u32, const MAX: u32> FromStr for Within<MIN, MAX> {
    type Err = NotWithin<MIN, MAX>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim().parse::<u32>().map_err(|_| NotWithin)?.try_into()
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for Within<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: u32, const MAX: u32> fmt::Display for NotWithin<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from {MIN} to {MAX}")
    }
}

impl<const MIN: u32, const MAX: u32> std::error::Error for NotWithin<MIN, MAX> {}

/// An amount of `MIN` to `MAX` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "ByteSize", into = "ByteSize")]
pub struct SizeWithin<const MIN: u64, const MAX: u64>(ByteSize);

/// The amount isn't one of `MIN` to `MAX` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SizeNotWithin<const MIN: u64, const MAX: u64>;

impl<const MIN: u64, const MAX: u64> SizeWithin<MIN, MAX> {
    /// The amount.
    #[must_use]
    pub const fn size(self) -> ByteSize {
        self.0
    }
}

impl<const MIN: u64, const MAX: u64> TryFrom<ByteSize> for SizeWithin<MIN, MAX> {
    type Error = SizeNotWithin<MIN, MAX>;

    fn try_from(size: ByteSize) -> Result<Self, Self::Error> {
        if (MIN..=MAX).contains(&size.bytes()) { Ok(Self(size)) } else { Err(SizeNotWithin) }
    }
}

impl<const MIN: u64, const MAX: u64> From<SizeWithin<MIN, MAX>> for ByteSize {
    fn from(size: SizeWithin<MIN, MAX>) -> Self {
        size.0
    }
}

impl<const MIN: u64, const MAX: u64> FromStr for SizeWithin<MIN, MAX> {
    type Err = SizeNotWithin<MIN, MAX>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<ByteSize>().map_err(|_| SizeNotWithin)?.try_into()
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for SizeWithin<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: u64, const MAX: u64> fmt::Display for SizeNotWithin<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (ByteSize(MIN), ByteSize(MAX));
        write!(f, "an amount from {least} to {most}, such as 512 KiB, 20 MiB or 5 GiB")
    }
}

impl<const MIN: u64, const MAX: u64> std::error::Error for SizeNotWithin<MIN, MAX> {}

#[cfg(test)]
mod tests {
    use super::*;

    type Hours = Within<1, 24>;
    type Small = SizeWithin<1, 2048>;

    #[test]
    fn bounds_belong_to_the_range_and_a_refusal_names_them() {
        for good in ["1", " 24 ", "7"] {
            let number: Hours = good.parse().unwrap();
            assert_eq!(number.to_string(), good.trim());
        }
        for bad in ["0", "25", "", "-1", "1.5", "x"] {
            let refusal = bad.parse::<Hours>().unwrap_err();
            assert_eq!(refusal.to_string(), "a whole number from 1 to 24", "{bad}");
        }
        assert_eq!([0, 5, 99].map(|n| Hours::nearest(n).get()), [1, 5, 24]);
    }

    #[test]
    fn amounts_too() {
        assert_eq!("2 KiB".parse::<Small>().unwrap().size(), ByteSize(2048));
        for bad in ["0", "2049", "much"] {
            let refusal = bad.parse::<Small>().unwrap_err().to_string();
            assert!(refusal.starts_with("an amount from 1 B to 2.0 KiB"), "{bad} {refusal}");
        }
    }

    #[test]
    fn what_is_out_of_bounds_is_not_read_from_json_either() {
        assert_eq!(serde_json::from_str::<Hours>("24").unwrap().get(), 24);
        assert!(serde_json::from_str::<Hours>("25").is_err());
        assert_eq!(serde_json::to_string(&"7".parse::<Small>().unwrap()).unwrap(), "7");
        assert!(serde_json::from_str::<Small>("0").is_err());
    }
}
