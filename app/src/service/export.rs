//! What an export consists of.

use model::{
    Problem,
    types::{EXPORT_MOST, ExportPart, MonthStorage, UserId},
};
use reflect_core::{Core, images::views};
use time::Month;

/// The files that hold all images of `owner`'s, the newest first: one, unless there are more than one file may have.
///
/// # Errors
/// The database.
pub async fn parts(core: &Core, owner: UserId) -> Result<Vec<ExportPart>, Problem> {
    Ok(grouped(views::by_month(core, owner).await?, EXPORT_MOST))
}

/// Months, the oldest first, in as few files of at most so many images as hold them. A month isn't cut up.
fn grouped(months: Vec<MonthStorage>, most: u64) -> Vec<ExportPart> {
    let mut parts = Vec::<ExportPart>::new();
    for MonthStorage { month, images, bytes } in months.into_iter().rev().filter(|month| month.images > 0) {
        match parts.last_mut() {
            Some(part) if part.images.saturating_add(images) <= most => {
                part.images += images;
                part.bytes.0 += bytes.bytes();
                if let Some([first, _]) = &mut part.months {
                    *first = month;
                }
            }
            _ => parts.push(ExportPart {
                months: Some([month.clone(), month]),
                query: String::new(),
                images,
                bytes,
            }),
        }
    }
    if let [all] = parts.as_mut_slice() {
        all.months = None;
    }
    for part in &mut parts {
        if let Some([first, last]) = &part.months {
            part.query = format!("from={first}-01&to={last}-{:02}", last_day(last));
        }
    }
    parts
}

/// The number of the last day of a month, `2026-03`.
fn last_day(month: &str) -> u8 {
    let parsed = month.split_once('-').and_then(|(year, month)| {
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        Some(month.length(year.parse().ok()?))
    });
    parsed.unwrap_or(28)
}

#[cfg(test)]
mod tests {
    use model::types::ByteSize;
    use proptest::prelude::*;

    use super::*;

    fn month(month: &str, images: u64) -> MonthStorage {
        MonthStorage { month: month.into(), images, bytes: ByteSize(images * 10) }
    }

    #[test]
    fn what_fits_is_one_file() {
        assert_eq!(grouped(Vec::new(), 100), Vec::new());
        let months = vec![month("2025-12", 60), month("2026-01", 0), month("2026-02", 40)];
        let all = ExportPart { months: None, query: String::new(), images: 100, bytes: ByteSize(1000) };
        assert_eq!(grouped(months, 100), [all]);
    }

    #[test]
    fn what_does_not_is_cut_between_months() {
        let months =
            vec![month("2024-02", 60), month("2025-12", 30), month("2026-01", 30), month("2026-02", 90)];
        let parts = grouped(months, 100);
        let queries: Vec<&str> = parts.iter().map(|part| part.query.as_str()).collect();
        let expected = [
            "from=2026-02-01&to=2026-02-28",
            "from=2025-12-01&to=2026-01-31",
            "from=2024-02-01&to=2024-02-29",
        ];
        assert_eq!(queries, expected);
    }

    proptest! {
        #[test]
        fn nothing_is_lost(sizes in proptest::collection::vec(0_u64..150, 0..40)) {
            let months: Vec<_> =
                (0..).zip(&sizes).map(|(n, size)| month(&format!("{}-{:02}", 2000 + n / 12, n % 12 + 1), *size)).collect();
            let parts = grouped(months, 100);
            prop_assert_eq!(parts.iter().map(|part| part.images).sum::<u64>(), sizes.iter().sum::<u64>());
            for part in &parts {
                let is_month = part.months.as_ref().is_some_and(|[first, last]| first == last);
                prop_assert!(part.images <= 100 || is_month || parts.len() == 1);
            }
        }
    }
}
