//! Days as people write them. Two languages need no date library in the browser.

use js_sys::Date;
use leptos::prelude::*;
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

/// Characters of a moment up to its minute.
const MINUTES: usize = "2026-11-20T12:05".len();

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

/// `2026-11` as November 2026, or 2026年11月. What is no month stays as it is.
pub(crate) fn month(locale: Locale, month: &str) -> String {
    let Some((year, number)) = month.split_once('-') else { return month.to_owned() };
    let number: usize = number.parse().unwrap_or_default();
    match (locale, MONTHS.get(number.wrapping_sub(1))) {
        (Locale::en, Some(name)) => format!("{name} {year}"),
        (Locale::zh, Some(_)) => format!("{year}年{number}月"),
        (_, None) => month.to_owned(),
    }
}

/// Whether moments are shown as the reader's clock has them.
#[derive(Clone, Copy)]
struct LocalTime(RwSignal<bool>);

/// Has moments on this page shown as the reader's clock has them, as soon as there is a browser to say
/// so: the server doesn't know where the reader is, and what is hydrated must be the same.
pub(crate) fn provide_local_time() {
    let here = LocalTime(RwSignal::new(false));
    provide_context(here);
    Effect::new(move |_| here.0.set(true));
}

/// A moment as people write it, with the time of day: in UTC, unless the page [knows
/// better](provide_local_time).
pub(crate) fn moment(locale: Locale, moment: &Timestamp) -> String {
    let is_local = use_context::<LocalTime>().is_some_and(|LocalTime(here)| here.get());
    match is_local.then(|| on_this_clock(moment.as_str())) {
        Some(here) => written(locale, &here),
        None => format!("{} UTC", written(locale, moment.as_str())),
    }
}

/// `2026-11-20T12:05:09Z` with the time of day to the minute.
fn written(locale: Locale, moment: &str) -> String {
    let (date, time) = moment.split_once('T').unwrap_or((moment, ""));
    let (date, time) = (day(locale, date), time.get(..5).unwrap_or_default());
    match locale {
        Locale::en => format!("{date}, {time}"),
        Locale::zh => format!("{date} {time}"),
    }
}

/// A moment as a field of the kind `datetime-local` has it, by this device's clock.
pub(crate) fn typed(moment: &Timestamp) -> String {
    on_this_clock(moment.as_str()).get(..MINUTES).unwrap_or_default().to_owned()
}

/// The moment that such a field has, in RFC 3339; none if it is empty.
pub(crate) fn from_typed(text: &str) -> Option<String> {
    let date = Date::new(&text.into());
    (!date.get_time().is_nan()).then(|| date.to_iso_string().into())
}

/// What this device's clock shows at a moment, in the form of an RFC 3339 moment.
fn on_this_clock(moment: &str) -> String {
    const MINUTE: f64 = 60_000.0;
    let date = Date::new(&moment.into());
    let shown = date.get_time() - date.get_timezone_offset() * MINUTE;
    Date::new(&shown.into()).to_iso_string().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_says_its_zone() {
        let noon = Timestamp::from_rfc3339("2026-11-20T12:05:09.123Z".into());
        assert_eq!(moment(Locale::en, &noon), "20 November 2026, 12:05 UTC");
        assert_eq!(moment(Locale::zh, &noon), "2026年11月20日 12:05 UTC");
    }

    #[test]
    fn each_language_has_its_order() {
        assert_eq!(day(Locale::en, "2026-01-09"), "9 January 2026");
        assert_eq!(day(Locale::zh, "2026-12-21"), "2026年12月21日");
        assert_eq!(month(Locale::en, "2026-01"), "January 2026");
        assert_eq!(month(Locale::zh, "2026-12"), "2026年12月");
        assert_eq!(month(Locale::zh, "2026-13"), "2026-13");
        for strange in ["", "2026", "2026-13-01", "2026-00-01", "2026-1-1-1", "soon"] {
            assert_eq!(day(Locale::en, strange), strange);
        }
    }
}
