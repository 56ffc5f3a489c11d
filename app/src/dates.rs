//! Days as people write them. Two languages need no date library in the browser.

use model::types::Timestamp;

use crate::i18n::Locale;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `2026-11-21` as 21 November 2026, or 2026年11月21日. What is no date stays as it is.
pub(crate) fn day(locale: Locale, date: &str) -> String {
    let mut numbers = date.split('-').map(str::parse::<usize>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day)), None) =
        (numbers.next(), numbers.next(), numbers.next(), numbers.next())
    else {
        return date.to_owned();
    };
    match (locale, MONTHS.get(month.wrapping_sub(1))) {
        (Locale::en, Some(name)) => format!("{day} {name} {year}"),
        (Locale::zh, Some(_)) => format!("{year}年{month}月{day}日"),
        (_, None) => date.to_owned(),
    }
}

/// A moment as people write it, with the time of day in UTC: the server doesn't know where the
/// reader is, and what the browser shows must be the same.
pub(crate) fn moment(locale: Locale, moment: &Timestamp) -> String {
    let time = moment.as_str().get(11..16).unwrap_or_default();
    format!("{}, {time} UTC", day(locale, moment.date()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_its_zone() {
        let noon = Timestamp::from_rfc3339("2026-11-20T12:05:09.123Z".into());
        assert_eq!(moment(Locale::en, &noon), "20 November 2026, 12:05 UTC");
    }

    #[test]
    fn each_language_has_its_order() {
        assert_eq!(day(Locale::en, "2026-01-09"), "9 January 2026");
        assert_eq!(day(Locale::zh, "2026-12-21"), "2026年12月21日");
        for strange in ["", "2026", "2026-13-01", "2026-00-01", "2026-1-1-1", "soon"] {
            assert_eq!(day(Locale::en, strange), strange);
        }
    }
}
