//! What seeded images are called, as cameras, telephones, screenshots and people call files.

use model::types::MediaType;
use time::OffsetDateTime;

/// Words of names that people give, in two languages.
const PLACES: [&str; 12] = [
    "sunset lisbon",
    "birthday",
    "whiteboard",
    "mountain hut",
    "invoice",
    "cat",
    "北京 天坛",
    "西湖日落",
    "生日",
    "会议白板",
    "小猫",
    "外滩夜景",
];

/// The name of the image with this number.
pub(super) fn name(number: usize, kind: MediaType, at: OffsetDateTime) -> String {
    let (year, month, day) = at.to_calendar_date();
    let month = u8::from(month);
    let (hour, minute, second) = at.to_hms();
    let extension = kind.extension();
    match number % 8 {
        0..=2 => format!("IMG_{year}{month:02}{day:02}_{hour:02}{minute:02}{second:02}.{extension}"),
        3 => format!("DSC{:05}.{extension}", number % 100_000),
        4 => {
            format!("Screenshot {year}-{month:02}-{day:02} at {hour:02}.{minute:02}.{second:02}.{extension}")
        }
        5 => format!("屏幕截图 {year}-{month:02}-{day:02} {hour:02}{minute:02}{second:02}.{extension}"),
        6 => format!("微信图片_{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}.{extension}"),
        _ => {
            let place = PLACES.get(number / 8 % PLACES.len()).unwrap_or(&"image");
            format!("{place} {number}.{extension}")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use time::macros::datetime;

    use super::*;

    #[test]
    fn names_are_of_many_kinds_and_have_the_right_extension() {
        let at = datetime!(2026-03-04 5:06:07 UTC);
        let names: BTreeSet<String> = (0..96).map(|number| name(number, MediaType::Png, at)).collect();
        for one in [
            "IMG_20260304_050607.png",
            "DSC00003.png",
            "Screenshot 2026-03-04 at 05.06.07.png",
            "屏幕截图 2026-03-04 050607.png",
            "微信图片_20260304050607.png",
            "西湖日落 63.png",
        ] {
            assert!(names.contains(one), "{one}: {names:?}");
        }
    }
}
