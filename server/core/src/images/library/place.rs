//! Places in the gallery: what an address, the scrubber or the scroll bar point at, as a key to begin below.

use model::types::{ImageId, Slug, UserId};
use sqlx::PgConnection;
use time::{Date, Duration, Month, OffsetDateTime, Time, format_description::well_known::Rfc3339};
use uuid::Uuid;

use crate::images::ImageError;

/// Above every key of an image.
pub(super) const TOP: ImageId = ImageId(Uuid::max());

/// The least key of a moment: a UUIDv7 begins with its milliseconds (RFC 9562 §5.7).
pub(super) fn least_key(moment: OffsetDateTime) -> ImageId {
    let millis = u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap_or(0);
    ImageId(Uuid::from_u128(u128::from(millis) << 80))
}

/// The months of a year by their numbers, and the first day of the next.
fn month_after(year: i32, month: Month) -> Option<Date> {
    let year = if month == Month::December { year.checked_add(1)? } else { year };
    Date::from_calendar_date(year, month.next(), 1).ok()
}

/// The first moment after `2026`, `2026-03`, `2026-03-14` (UTC) or the millisecond of a moment in RFC 3339.
fn end_of(text: &str) -> Option<OffsetDateTime> {
    let millisecond = |moment: OffsetDateTime| moment.checked_add(Duration::MILLISECOND);
    if text.contains('T') {
        return OffsetDateTime::parse(text, &Rfc3339).ok().and_then(millisecond);
    }
    let mut parts = text.split('-');
    let year: i32 = parts.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut number = || match parts.next() {
        None => Some(None),
        Some(part) if part.len() == 2 => part.parse::<u8>().ok().map(Some),
        Some(_) => None,
    };
    let after = match (number()?, number()?, number()?) {
        (None, ..) => month_after(year, Month::December)?,
        (Some(month), None, _) => month_after(year, Month::try_from(month).ok()?)?,
        (Some(month), Some(day), None) => {
            Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?.next_day()?
        }
        _ => return None,
    };
    Some(OffsetDateTime::new_utc(after, Time::MIDNIGHT))
}

/// The key below which the images begin that an address names; see [`model::types::Place::At`]. A slug that
/// is none of the owner's images, or no longer one, names the newest.
///
/// # Errors
/// [`ImageError::BadPlace`], [`ImageError::Database`].
pub(super) async fn named(
    connection: &mut PgConnection,
    owner: UserId,
    text: &str,
) -> Result<ImageId, ImageError> {
    if let Some(end) = end_of(text) {
        return Ok(least_key(end));
    }
    let slug: Slug = text.parse().map_err(|_| ImageError::BadPlace)?;
    let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM images WHERE slug = $1 AND owner_id = $2")
        .bind(slug.as_str())
        .bind(owner.0)
        .fetch_optional(connection)
        .await?;
    Ok(id.map_or(TOP, |id| ImageId(Uuid::from_u128(id.as_u128().saturating_add(1)))))
}

/// The key above which there are `share` thousandths of a month's images. To the day that is counted; within
/// a day the keys, which are moments, are taken to be spread evenly between its first and its last.
///
/// # Errors
/// [`ImageError::BadPlace`], [`ImageError::Database`].
pub(super) async fn within(
    connection: &mut PgConnection,
    owner: UserId,
    month: &str,
    share: u32,
) -> Result<ImageId, ImageError> {
    let end = end_of(month).filter(|_| month.len() == 7).ok_or(ImageError::BadPlace)?;
    let days: Vec<(Date, i32)> = sqlx::query_as(
        "SELECT day, images FROM image_days WHERE owner_id = $1 AND day < $2 AND day >= $2 - interval '1 month' \
         AND images > 0 ORDER BY day DESC",
    )
    .bind(owner.0)
    .bind(end.date())
    .fetch_all(&mut *connection)
    .await?;
    let days: Vec<(Date, u64)> =
        days.into_iter().map(|(day, n)| (day, u64::from(n.unsigned_abs()))).collect();
    let all: u64 = days.iter().map(|(_, images)| images).sum();
    let mut newer = all * u64::from(share.min(999)) / 1000;
    for (day, images) in days {
        if newer < images {
            let after = day.next_day().unwrap_or(day);
            return in_day(connection, owner, [day, after], (newer, images)).await;
        }
        newer -= images;
    }
    Ok(least_key(end))
}

/// The key in a day above which there are about `newer` of its `images` images.
async fn in_day(
    connection: &mut PgConnection,
    owner: UserId,
    day: [Date; 2],
    (newer, images): (u64, u64),
) -> Result<ImageId, ImageError> {
    let [from, to] = day.map(|day| least_key(OffsetDateTime::new_utc(day, Time::MIDNIGHT)));
    if newer == 0 {
        return Ok(to);
    }
    let end = |order| {
        format!(
            "(SELECT id FROM images WHERE owner_id = $1 AND deleted_at IS NULL AND id >= $2 AND id < $3 \
             ORDER BY id {order} LIMIT 1)"
        )
    };
    let (first, last): (Option<Uuid>, Option<Uuid>) =
        sqlx::query_as(sqlx::AssertSqlSafe(format!("SELECT {}, {}", end("ASC"), end("DESC"))))
            .bind(owner.0)
            .bind(from.0)
            .bind(to.0)
            .fetch_one(connection)
            .await?;
    let (Some(first), Some(last)) = (first, last) else { return Ok(to) };
    let (first, last) = (first.as_u128(), last.as_u128());
    let step = (last - first) / u128::from(images.max(1));
    Ok(ImageId(Uuid::from_u128(
        last.saturating_sub(step.saturating_mul(u128::from(newer))).saturating_add(1),
    )))
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_place_ends_where_what_it_names_ends() {
        for (text, end) in [
            ("2026", datetime!(2027-01-01 0:00 UTC)),
            ("2026-03", datetime!(2026-04-01 0:00 UTC)),
            ("2026-12", datetime!(2027-01-01 0:00 UTC)),
            ("2024-02-29", datetime!(2024-03-01 0:00 UTC)),
            ("2026-12-31", datetime!(2027-01-01 0:00 UTC)),
            ("2026-03-14T09:30:15.123Z", datetime!(2026-03-14 9:30:15.124 UTC)),
            ("2026-03-14T09:30:15+02:00", datetime!(2026-03-14 7:30:15.001 UTC)),
        ] {
            assert_eq!(end_of(text), Some(end), "{text}");
        }
        for text in
            ["", "26", "2026-", "2026-3", "2026-13", "2026-02-30", "2026-03-14-1", "2026-03-14T", "march"]
        {
            assert_eq!(end_of(text), None, "{text}");
        }
    }

    #[test]
    fn keys_of_a_moment_are_below_the_least_key_of_the_next() {
        let moment = datetime!(2026-03-14 9:30:15.123 UTC);
        let id = |random: u8| {
            let millis = u64::try_from(moment.unix_timestamp_nanos() / 1_000_000).unwrap();
            ImageId(uuid::Builder::from_unix_timestamp_millis(millis, &[random; 10]).into_uuid())
        };
        let end = least_key(end_of("2026-03-14T09:30:15.123Z").unwrap());
        assert!(id(0) >= least_key(moment) && id(255) < end);
    }
}
