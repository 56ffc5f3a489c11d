//! How high the gallery is, month by month, before its images are known.

use model::types::{TimelineMonth, Timestamp};

/// What the grid's style sheet makes of images, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Measure {
    /// Of the grid.
    pub(super) width: f64,
    /// The least height of a row.
    pub(super) row: f64,
}

/// Between rows and between images.
const GAP: f64 = 6.0;
/// What a day's heading takes.
const HEADING: f64 = 50.0;
/// An image's width by its height, usually.
const RATIO: f64 = 1.3;

impl Measure {
    /// About how high a month is. Rows end with a day, so each day has a row that isn't full.
    fn height(self, month: &TimelineMonth) -> f64 {
        let (images, days) = (f64::from(month.images), f64::from(month.days));
        let in_row = ((self.width + GAP) / (RATIO * self.row + GAP)).max(1.0);
        let rows = images / in_row + days * 0.5;
        // What is left of a row's width is shared by its images, which grow.
        rows * (self.row * (1.0 + 0.4 / in_row) + GAP) + days * HEADING
    }
}

/// The months and where each begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Months {
    months: Vec<TimelineMonth>,
    /// Where each begins, from the top of the gallery; and one more, its end.
    starts: Vec<f64>,
}

impl Months {
    pub(super) fn new(months: Vec<TimelineMonth>, measure: Measure) -> Self {
        let mut end = 0.0;
        let mut starts = vec![end];
        starts.extend(months.iter().map(|month| {
            end += measure.height(month);
            end
        }));
        Self { months, starts }
    }

    /// The same laid out anew.
    pub(super) fn measured(self, measure: Measure) -> Self {
        Self::new(self.months, measure)
    }

    pub(super) fn len(&self) -> usize {
        self.months.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&TimelineMonth> {
        self.months.get(index)
    }

    /// Images in all months.
    pub(super) fn images(&self) -> u64 {
        self.months.iter().map(|month| u64::from(month.images)).sum()
    }

    /// How high all is.
    pub(super) fn height(&self) -> f64 {
        self.starts.last().copied().unwrap_or_default()
    }

    /// Where a month begins.
    pub(super) fn start(&self, index: usize) -> f64 {
        self.starts.get(index).copied().unwrap_or_else(|| self.height())
    }

    /// The month at a height, and how much of it is above, from 0 to 1.
    pub(super) fn at(&self, height: f64) -> Option<(usize, f64)> {
        let last = self.months.len().checked_sub(1)?;
        let index = self.starts.partition_point(|start| *start <= height).saturating_sub(1).min(last);
        let (start, end) = (self.start(index), self.start(index + 1));
        Some((index, ((height - start) / (end - start).max(1.0)).clamp(0.0, 1.0)))
    }

    /// The month of a moment, or where that would be.
    pub(super) fn index_of(&self, moment: &Timestamp) -> usize {
        let month = moment.as_str().get(..7).unwrap_or_default();
        self.months.partition_point(|one| one.month.as_str() > month).min(self.months.len().saturating_sub(1))
    }

    /// About where an image of a moment is: as far below the beginning of its month as it is before its end.
    pub(super) fn place_of(&self, moment: &Timestamp) -> f64 {
        let index = self.index_of(moment);
        let day = moment.as_str().get(8..10).and_then(|day| day.parse::<f64>().ok()).unwrap_or(31.0);
        let hour = moment.as_str().get(11..13).and_then(|hour| hour.parse::<f64>().ok()).unwrap_or_default();
        let share = 1.0 - (day - 1.0 + hour / 24.0) / 31.0;
        let start = self.start(index);
        start + share * (self.start(index + 1) - start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MEASURE: Measure = Measure { width: 1200.0, row: 240.0 };

    fn months(counts: &[u32]) -> Months {
        let month = |(number, images): (u32, &u32)| TimelineMonth {
            month: format!("{}-{:02}", 2030 - number / 12, 12 - number % 12),
            images: *images,
            days: (*images).min(28),
        };
        Months::new((0..).zip(counts).map(month).collect(), MEASURE)
    }

    proptest! {
        #[test]
        fn every_height_is_in_a_month(counts in proptest::collection::vec(1_u32..5000, 1..80), share in 0.0..1.0) {
            let all = months(&counts);
            let height = all.height() * share;
            let (index, within) = all.at(height).unwrap();
            let found = all.start(index) + within * (all.start(index + 1) - all.start(index));
            prop_assert!((found - height).abs() < 0.01, "{found} {height}");
        }
    }

    #[test]
    fn what_is_beyond_the_ends_is_at_them() {
        let all = months(&[10, 20, 30]);
        assert_eq!(all.at(-50.0), Some((0, 0.0)));
        assert_eq!(all.at(1e9), Some((2, 1.0)));
        assert_eq!(Months::default().at(0.0), None);
        assert_eq!(all.images(), 60);
    }

    #[test]
    fn a_moment_is_in_its_month_or_where_that_would_be() {
        let all = months(&[10, 20, 30]);
        let of = |text: &str| Timestamp::from_rfc3339(text.into());
        assert_eq!(all.index_of(&of("2030-11-05T10:00:00Z")), 1);
        assert_eq!(all.index_of(&of("2031-01-05T10:00:00Z")), 0);
        assert_eq!(all.index_of(&of("2001-01-05T10:00:00Z")), 2);
        let (late, early) = (of("2030-11-29T10:00:00Z"), of("2030-11-02T10:00:00Z"));
        assert!(all.start(1) < all.place_of(&late) && all.place_of(&late) < all.place_of(&early));
        assert!(all.place_of(&early) < all.start(2));
    }

    #[test]
    fn more_images_are_higher_and_a_wider_page_is_lower() {
        let (few, many) = (months(&[100]), months(&[1000]));
        assert!(many.height() > 5.0 * few.height());
        let wide = many.clone().measured(Measure { width: 2400.0, row: 240.0 });
        assert!(wide.height() < 0.6 * many.height());
    }
}
