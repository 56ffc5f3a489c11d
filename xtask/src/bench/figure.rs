//! A measured value, and what it is compared with.

use std::fmt::{self, Display, Formatter};

/// What a part found.
pub enum Outcome {
    /// Figures, and sentences that belong to them.
    Measured { figures: Vec<Figure>, notes: Vec<String> },
    /// Why there are none.
    Skipped(String),
}

/// The figures of a part.
pub struct Section {
    pub name: &'static str,
    pub figures: Vec<Figure>,
    pub notes: Vec<String>,
}

/// One measured value.
#[derive(Clone, Debug)]
pub struct Figure {
    /// What was measured, without the unit.
    pub what: String,
    /// In the unit.
    pub value: f64,
    pub unit: Unit,
    /// The same of another program in the same run, and its name.
    pub peer: Option<(String, f64)>,
    /// For people: "≥ 1.0×".
    pub target: &'static str,
}

/// What a value counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// 1000 bytes.
    Kilobytes,
    /// 1 000 000 bytes.
    Megabytes,
    /// Requests in a second.
    Requests,
    /// Images in a second.
    Images,
    /// 1 000 000 bytes in a second.
    MegabytesPerSecond,
    /// Thousandths of a second.
    Milliseconds,
    /// CPU seconds of all threads, by image.
    CpuMilliseconds,
    /// The same, by request.
    CpuMicroseconds,
    /// dB.
    Decibels,
    /// Something between 0 and 1.
    Share,
    /// Hundredths.
    Percent,
    /// How likely something is, far below 1.
    Chance,
}

impl Unit {
    const fn name(self) -> &'static str {
        match self {
            Self::Kilobytes => " KB",
            Self::Megabytes => " MB",
            Self::Requests => " req/s",
            Self::Images => " images/s",
            Self::MegabytesPerSecond => " MB/s",
            Self::Milliseconds => " ms",
            Self::CpuMilliseconds => " ms CPU",
            Self::CpuMicroseconds => " µs CPU",
            Self::Decibels => " dB",
            Self::Share | Self::Chance => "",
            Self::Percent => " %",
        }
    }

    const fn less_is_better(self) -> bool {
        matches!(
            self,
            Self::Kilobytes
                | Self::Megabytes
                | Self::Milliseconds
                | Self::CpuMilliseconds
                | Self::CpuMicroseconds
        )
    }

    /// With as many digits as mean something.
    fn show(self, value: f64) -> String {
        let digits = match value {
            value if self == Self::Share => return format!("{value:.4}"),
            value if self == Self::Chance => return format!("{value:.2e}"),
            value if value < 10.0 => 2,
            value if value < 100.0 => 1,
            _ => 0,
        };
        format!("{value:.digits$}{}", self.name())
    }
}

impl Figure {
    /// A value without a peer and without a target.
    pub fn new(what: impl Into<String>, value: f64, unit: Unit) -> Self {
        Self { what: what.into(), value, unit, peer: None, target: "" }
    }

    /// With the value of a peer.
    pub fn beside(mut self, peer: impl Into<String>, value: f64) -> Self {
        self.peer = Some((peer.into(), value));
        self
    }

    /// With a target.
    pub fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    /// How many times better than the peer, more than 1 being better. Qualities have differences, not ratios.
    fn ratio(&self) -> Option<f64> {
        let (_, peer) = self.peer.as_ref()?;
        match self.unit {
            Unit::Decibels | Unit::Share | Unit::Percent | Unit::Chance => None,
            unit if unit.less_is_better() => Some(peer / self.value),
            _ => Some(self.value / peer),
        }
    }

    /// The cells of a table: figure, reflect, peer, ratio, target.
    fn cells(&self) -> [String; 5] {
        let peer = self.peer.as_ref().map(|(name, value)| format!("{} ({name})", self.unit.show(*value)));
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}×"));
        [
            self.what.clone(),
            self.unit.show(self.value),
            peer.unwrap_or_default(),
            ratio.unwrap_or_default(),
            self.target.to_owned(),
        ]
    }
}

/// A Markdown table whose columns also line up on a terminal.
impl Display for Section {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let head = [self.name, "reflect", "peer", "ratio", "target"].map(str::to_owned);
        let rows: Vec<_> = std::iter::once(head).chain(self.figures.iter().map(Figure::cells)).collect();
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for (number, row) in rows.iter().enumerate() {
            for (index, (cell, width)) in row.iter().zip(widths).enumerate() {
                if index == 0 {
                    write!(out, "| {cell:<width$} |")?;
                } else {
                    write!(out, " {cell:>width$} |")?;
                }
            }
            writeln!(out)?;
            if number == 0 {
                let [first, rest @ ..] = widths;
                write!(out, "|-{}-|", "-".repeat(first))?;
                for width in rest {
                    write!(out, "-{}:|", "-".repeat(width))?;
                }
                writeln!(out)?;
            }
        }
        if !self.notes.is_empty() {
            writeln!(out)?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "- {note}"))
    }
}

/// The middle one, or the mean of the two in the middle.
pub fn median(values: &[f64]) -> f64 {
    let half = values.len() / 2;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.get(half) {
        Some(upper) if sorted.len().is_multiple_of(2) => f64::midpoint(sorted[half - 1], *upper),
        Some(middle) => *middle,
        None => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_above_one_is_better_whatever_is_measured() {
        let fast = Figure::new("x", 20.0, Unit::Requests).beside("peer", 10.0);
        let slow = Figure::new("x", 20.0, Unit::Milliseconds).beside("peer", 10.0);
        assert_eq!((fast.ratio(), slow.ratio()), (Some(2.0), Some(0.5)));
        assert_eq!(Figure::new("x", 40.0, Unit::Decibels).beside("peer", 39.0).ratio(), None);
        assert_eq!(fast.cells(), ["x", "20.0 req/s", "10.0 req/s (peer)", "2.00×", ""]);
    }

    #[test]
    fn medians() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < f64::EPSILON);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < f64::EPSILON);
        assert!(median(&[]).is_nan());
    }
}
