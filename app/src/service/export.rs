//! What an export consists of.

use model::{
    Problem,
    types::{ByteSize, EXPORT_MOST, ExportPart, UserId},
};
use reflect_core::{
    Core,
    images::views::{self, DayStorage},
};
use time::Date;

/// The files that hold all images of `owner`'s, the newest first: one, unless there are more than one file may have.
///
/// # Errors
/// The database.
pub async fn parts(core: &Core, owner: UserId) -> Result<Vec<ExportPart>, Problem> {
    Ok(grouped(&views::by_day(core, owner).await?, EXPORT_MOST))
}

/// Days on end that come into one file.
struct Stretch {
    /// What is said of where it begins: a month or a day.
    first: String,
    /// The same of where it ends.
    last: String,
    from: Date,
    to: Date,
    images: u64,
    bytes: u64,
}

impl Stretch {
    /// The images of some days of a month, which are all of it or one of them.
    fn new(name: String, [from, to]: [Date; 2], days: &[DayStorage]) -> Self {
        let (images, bytes) = (images(days), days.iter().map(|day| day.bytes.bytes()).sum());
        Self { first: name.clone(), last: name, from, to, images, bytes }
    }

    /// With what comes before it.
    fn with(&mut self, earlier: Self) {
        (self.first, self.from) = (earlier.first, earlier.from);
        self.images += earlier.images;
        self.bytes += earlier.bytes;
    }
}

/// Days with images, the oldest first, in as few files of at most so many images as hold them, which end with months:
/// only a month that is too much for one file is cut between days. A day isn't cut up.
fn grouped(days: &[DayStorage], most: u64) -> Vec<ExportPart> {
    let mut files = Vec::<Stretch>::new();
    for stretch in stretches(days, most).into_iter().rev() {
        match files.last_mut() {
            Some(file) if file.images.saturating_add(stretch.images) <= most => file.with(stretch),
            _ => files.push(stretch),
        }
    }
    let is_all = files.len() == 1;
    let part = |Stretch { first, last, from, to, images, bytes }| ExportPart {
        between: (!is_all).then_some([first, last]),
        query: if is_all { String::new() } else { format!("from={from}&to={to}") },
        images,
        bytes: ByteSize(bytes),
    };
    files.into_iter().map(part).collect()
}

/// The months, and the days of those that are too much.
fn stretches(days: &[DayStorage], most: u64) -> Vec<Stretch> {
    let month_of = |day: &DayStorage| (day.day.year(), day.day.month());
    let mut stretches = Vec::new();
    for month in days.chunk_by(|one, other| month_of(one) == month_of(other)) {
        match month.first() {
            Some(first) if images(month) <= most => {
                let (year, number) = month_of(first);
                let [from, to] = [1, number.length(year)].map(|day| first.day.replace_day(day));
                let ends = [from.unwrap_or(first.day), to.unwrap_or(first.day)];
                stretches.push(Stretch::new(format!("{year:04}-{:02}", u8::from(number)), ends, month));
            }
            _ => stretches.extend(
                month
                    .iter()
                    .map(|day| Stretch::new(day.day.to_string(), [day.day; 2], std::slice::from_ref(day))),
            ),
        }
    }
    stretches
}

fn images(days: &[DayStorage]) -> u64 {
    days.iter().map(|day| day.images).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, Month, macros::date};

    use super::*;

    fn day(day: Date, images: u64) -> DayStorage {
        DayStorage { day, images, bytes: ByteSize(images * 10) }
    }

    fn told(days: &[DayStorage]) -> Vec<(String, String, u64)> {
        let between = |part: &ExportPart| part.between.clone().unwrap_or_default().join(" ");
        let parts = grouped(days, 100);
        parts.iter().map(|part| (between(part), part.query.clone(), part.images)).collect()
    }

    fn file(between: &str, query: &str, images: u64) -> (String, String, u64) {
        (between.into(), query.into(), images)
    }

    #[test]
    fn what_fits_is_one_file() {
        assert_eq!(grouped(&[], 100), Vec::new());
        let days =
            [day(date!(2025 - 12 - 03), 20), day(date!(2025 - 12 - 31), 40), day(date!(2026 - 02 - 01), 40)];
        let all = ExportPart { between: None, query: String::new(), images: 100, bytes: ByteSize(1000) };
        assert_eq!(grouped(&days, 100), [all]);
    }

    #[test]
    fn what_does_not_is_cut_between_months() {
        let days = [
            day(date!(2024 - 02 - 10), 60),
            day(date!(2025 - 12 - 01), 20),
            day(date!(2025 - 12 - 02), 10),
            day(date!(2026 - 01 - 31), 30),
            day(date!(2026 - 02 - 14), 90),
        ];
        let expected = [
            file("2026-02 2026-02", "from=2026-02-01&to=2026-02-28", 90),
            file("2025-12 2026-01", "from=2025-12-01&to=2026-01-31", 60),
            file("2024-02 2024-02", "from=2024-02-01&to=2024-02-29", 60),
        ];
        assert_eq!(told(&days), expected);
    }

    #[test]
    fn a_month_that_is_too_much_is_cut_between_days() {
        let days = [
            day(date!(2026 - 01 - 05), 10),
            day(date!(2026 - 02 - 01), 50),
            day(date!(2026 - 02 - 02), 60),
            day(date!(2026 - 02 - 20), 40),
            day(date!(2026 - 03 - 09), 1),
        ];
        let expected = [
            file("2026-02-20 2026-03", "from=2026-02-20&to=2026-03-31", 41),
            file("2026-02-02 2026-02-02", "from=2026-02-02&to=2026-02-02", 60),
            file("2026-01 2026-02-01", "from=2026-01-01&to=2026-02-01", 60),
        ];
        assert_eq!(told(&days), expected);
    }

    proptest! {
        /// Every image is in one file, and a file is too large only where a day is.
        #[test]
        fn nothing_is_lost(sizes in proptest::collection::vec((1_i64..20, 1_u64..150), 0..80)) {
            let mut last = Date::from_calendar_date(2024, Month::January, 1).unwrap();
            let mut days = Vec::new();
            for (later, images) in sizes {
                last += Duration::days(later);
                days.push(day(last, images));
            }
            let parts = grouped(&days, 100);
            prop_assert_eq!(parts.iter().map(|part| part.images).sum::<u64>(), images(&days));
            let within = |part: &ExportPart, day: &DayStorage| {
                let Some((from, to)) = part.query.split_once('&') else { return true };
                let text = day.day.to_string();
                *text >= *from.trim_start_matches("from=") && *text <= *to.trim_start_matches("to=")
            };
            for part in &parts {
                let held = days.iter().filter(|&day| within(part, day)).map(|day| day.images).sum::<u64>();
                prop_assert_eq!(held, part.images);
                let is_day = part.between.as_ref().is_some_and(|[first, last]| first == last);
                prop_assert!(part.images <= 100 || is_day || parts.len() == 1);
            }
        }
    }
}
