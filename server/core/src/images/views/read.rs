//! What is told of views, and of what images take.

use std::collections::BTreeMap;

use model::types::{
    ByteSize, DayViews, ImageId, ImageStatistics, MediaType, MonthStorage, Statistics, StatisticsDays,
    TypeStorage, UserId, ViewedImage,
};
use sqlx::AssertSqlSafe;
use time::{Date, Duration};

use crate::{
    Core,
    images::{
        ImageError,
        library::{COLUMNS, Row},
    },
};

/// Images of the list of those that were seen most.
const MOST_VIEWED: i64 = 10;

/// How often one of `owner`'s images was seen, the bin excepted.
///
/// # Errors
/// [`ImageError::NotFound`], [`ImageError::Database`].
pub async fn of_image(
    core: &Core,
    owner: UserId,
    id: ImageId,
    days: StatisticsDays,
) -> Result<ImageStatistics, ImageError> {
    let views: Option<i64> = sqlx::query_scalar(
        "SELECT coalesce(totals.views, 0) FROM images LEFT JOIN image_view_totals AS totals ON image_id = id \
         WHERE id = $1 AND owner_id = $2 AND deleted_at IS NULL",
    )
    .bind(id.0)
    .bind(owner.0)
    .fetch_optional(&core.pool)
    .await?;
    let views = number(views.ok_or(ImageError::NotFound)?);
    let dates = dates(core, days);
    let seen = sqlx::query_as("SELECT day, views FROM image_views WHERE image_id = $1 AND day = ANY ($2)")
        .bind(id.0)
        .bind(&dates)
        .fetch_all(&core.pool)
        .await?;
    Ok(ImageStatistics { views, days: each_day(dates, seen) })
}

/// `owner`'s images in figures.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn of_owner(core: &Core, owner: UserId, days: StatisticsDays) -> Result<Statistics, ImageError> {
    let dates = dates(core, days);
    // Each day is looked up in the index of days and owners.
    let seen = sqlx::query_as(
        "SELECT day, sum(views)::bigint FROM image_views WHERE day = ANY ($1) AND owner_id = $2 GROUP BY day",
    )
    .bind(&dates)
    .bind(owner.0)
    .fetch_all(&core.pool)
    .await?;
    let most_viewed = most_viewed(core, owner, &dates).await?;
    let (types, months) = storage(core, owner).await?;
    let days = each_day(dates, seen);
    Ok(Statistics { views: days.iter().map(|day| day.views).sum(), days, most_viewed, types, months })
}

/// The last days, the oldest first.
fn dates(core: &Core, days: StatisticsDays) -> Vec<Date> {
    let today = core.now().date();
    (0..i64::from(days.get())).rev().map(|ago| today - Duration::days(ago)).collect()
}

/// Each of the days, those without views too.
fn each_day(dates: Vec<Date>, seen: Vec<(Date, i64)>) -> Vec<DayViews> {
    let seen: BTreeMap<Date, i64> = seen.into_iter().collect();
    let day = |date: Date| DayViews {
        date: format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day()),
        views: number(seen.get(&date).copied().unwrap_or_default()),
    };
    dates.into_iter().map(day).collect()
}

#[derive(sqlx::FromRow)]
struct Viewed {
    #[sqlx(flatten)]
    row: Row,
    times: i64,
}

async fn most_viewed(core: &Core, owner: UserId, dates: &[Date]) -> Result<Vec<ViewedImage>, ImageError> {
    let found: Vec<Viewed> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT {COLUMNS}, times FROM (SELECT image_id, sum(views)::bigint AS times FROM image_views \
         WHERE day = ANY ($1) AND owner_id = $2 GROUP BY image_id) AS seen JOIN images ON id = image_id \
         WHERE deleted_at IS NULL ORDER BY times DESC, id DESC LIMIT $3"
    )))
    .bind(dates)
    .bind(owner.0)
    .bind(MOST_VIEWED)
    .fetch_all(&core.pool)
    .await?;
    let viewed =
        |Viewed { row, times }: Viewed| Ok(ViewedImage { image: row.image()?, views: number(times) });
    found.into_iter().map(viewed).collect()
}

#[derive(sqlx::FromRow)]
struct Share {
    media_type: String,
    month: Date,
    images: i64,
    bytes: i64,
}

/// What the images of one day take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayStorage {
    /// The day, UTC.
    pub day: Date,
    /// How many they are.
    pub images: u64,
    /// What their files take.
    pub bytes: ByteSize,
}

/// What `owner`'s images take by the days on which they were uploaded, the oldest first, without the bin and without
/// days that have none.
///
/// # Errors
/// [`ImageError::Database`].
pub async fn by_day(core: &Core, owner: UserId) -> Result<Vec<DayStorage>, ImageError> {
    let days: Vec<(Date, i64, i64)> = sqlx::query_as(
        "SELECT (created_at AT TIME ZONE 'UTC')::date, count(*), sum(byte_size)::bigint \
         FROM images WHERE owner_id = $1 AND deleted_at IS NULL GROUP BY 1 ORDER BY 1",
    )
    .bind(owner.0)
    .fetch_all(&core.pool)
    .await?;
    let of =
        |(day, images, bytes)| DayStorage { day, images: number(images), bytes: ByteSize(number(bytes)) };
    Ok(days.into_iter().map(of).collect())
}

/// What the images take, their earlier versions included, by type and by month.
async fn storage(core: &Core, owner: UserId) -> Result<(Vec<TypeStorage>, Vec<MonthStorage>), ImageError> {
    let shares: Vec<Share> = sqlx::query_as(
        "WITH own AS (SELECT * FROM images WHERE owner_id = $1 AND deleted_at IS NULL) \
         SELECT media_type, date_trunc('month', at AT TIME ZONE 'UTC')::date AS month, \
         sum(images)::bigint AS images, sum(bytes)::bigint AS bytes FROM (\
         SELECT media_type, created_at AS at, 1 AS images, \
             CASE WHEN changed_at IS NULL THEN byte_size ELSE 0 END AS bytes FROM own \
         UNION ALL SELECT media_type, changed_at, 0, byte_size FROM own WHERE changed_at IS NOT NULL \
         UNION ALL SELECT v.media_type, v.made_at, 0, v.byte_size \
             FROM image_versions v JOIN own ON own.id = v.image_id) AS came GROUP BY 1, 2",
    )
    .bind(owner.0)
    .fetch_all(&core.pool)
    .await?;
    let of = |share: &Share| (number(share.images), number(share.bytes));
    let mut types: Vec<TypeStorage> = MediaType::ALL
        .into_iter()
        .map(|media_type| {
            let own = shares.iter().filter(|share| share.media_type == media_type.mime());
            let (images, bytes) = sum(own.map(of));
            TypeStorage { media_type, images, bytes: ByteSize(bytes) }
        })
        .filter(|kind| kind.images > 0 || kind.bytes.bytes() > 0)
        .collect();
    types.sort_by_key(|kind| std::cmp::Reverse(kind.bytes.bytes()));
    let number_of = |month: &Date| month.year() * 12 + i32::from(u8::from(month.month())) - 1;
    let mut by_month: BTreeMap<i32, (u64, u64)> = BTreeMap::new();
    for share in &shares {
        let month = by_month.entry(number_of(&share.month)).or_default();
        *month = sum([*month, of(share)].into_iter());
    }
    let ends = by_month.keys().next().copied().zip(by_month.keys().next_back().copied());
    let months = ends.into_iter().flat_map(|(first, last)| first..=last).map(|number| {
        let (images, bytes) = by_month.get(&number).copied().unwrap_or_default();
        let month = format!("{:04}-{:02}", number.div_euclid(12), number.rem_euclid(12) + 1);
        MonthStorage { month, images, bytes: ByteSize(bytes) }
    });
    Ok((types, months.collect()))
}

fn sum(parts: impl Iterator<Item = (u64, u64)>) -> (u64, u64) {
    parts.fold((0, 0), |(images, bytes), (more, larger)| (images + more, bytes + larger))
}

fn number(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}
