//! Images of a search below or above a key, all of them, or how many there are.

use model::types::ImageId;
use sqlx::{PgConnection, Postgres, QueryBuilder};
use uuid::Uuid;

use super::{COLUMNS, Row, search::Criteria};

/// Images that are looked at one by one before all that match are gathered: what isn't a page's worth of them
/// is rare enough for that. Few in tests, which so do both.
const NEAR: i64 = if cfg!(test) { 3 } else { 5_000 };
/// The same where their texts are read, which may be long.
const NEAR_TEXTS: i64 = if cfg!(test) { 3 } else { 1_000 };

const fn near_by(has_words: bool) -> i64 {
    if has_words { NEAR_TEXTS } else { NEAR }
}

/// Where from, and which way.
#[derive(Clone, Copy, Debug)]
pub(super) enum From {
    /// What is older than the key, the newest first.
    Below(ImageId),
    /// What is newer than the key, the oldest first.
    Above(ImageId),
}

impl From {
    /// Comparison, key and order.
    const fn sql(self) -> (&'static str, ImageId, &'static str) {
        match self {
            Self::Below(key) => ("<", key, "DESC"),
            Self::Above(key) => (">", key, "ASC"),
        }
    }
}

/// At most `limit` images that match.
///
/// # Errors
/// The database.
pub(super) async fn find(
    connection: &mut PgConnection,
    criteria: &Criteria,
    from: From,
    limit: u32,
) -> Result<Vec<Row>, sqlx::Error> {
    let limit = i64::from(limit);
    if criteria.is_everything() {
        let (comparison, key, order) = from.sql();
        let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM images WHERE "));
        criteria.push_range(&mut query);
        query.push(format_args!(" AND id {comparison} ")).push_bind(key.0);
        query.push(format_args!(" ORDER BY id {order} LIMIT {limit}"));
        return query.build_query_as().fetch_all(connection).await;
    }
    // More than are looked at there aren't found there.
    if limit <= near_by(criteria.has_words()) {
        let rows: Vec<Row> = near(criteria, from, limit).build_query_as().fetch_all(&mut *connection).await?;
        if rows.len() as i64 >= limit {
            return Ok(rows);
        }
    }
    far(criteria, from, limit).build_query_as().fetch_all(connection).await
}

/// Those among the nearest, of all or of what belongs to the first thing that is asked for. Limits are part of
/// the text: the planner should know them.
fn near(criteria: &Criteria, from: From, limit: i64) -> QueryBuilder<Postgres> {
    let (comparison, key, order) = from.sql();
    let most = near_by(criteria.has_words());
    let mut query = QueryBuilder::new(format!("SELECT {COLUMNS} FROM (SELECT images.* FROM "));
    match criteria.memberships.first() {
        Some(first) => {
            let (table, column) = (first.table, first.column);
            query.push(format_args!("(SELECT image_id FROM {table} WHERE {column} = ")).push_bind(first.key);
            query.push(format_args!(" AND image_id {comparison} ")).push_bind(key.0);
            query.push(format_args!(
                " ORDER BY image_id {order} LIMIT {most}) AS nearest JOIN images ON id = image_id WHERE "
            ));
            criteria.push_range(&mut query);
        }
        None => {
            query.push("images WHERE ");
            criteria.push_range(&mut query);
            query.push(format_args!(" AND id {comparison} ")).push_bind(key.0);
            query.push(format_args!(" ORDER BY id {order} LIMIT {most}"));
        }
    }
    query.push(") AS images WHERE true");
    criteria.push_filters(&mut query);
    criteria.push_memberships(&mut query);
    criteria.push_words(&mut query);
    query.push(format_args!(" ORDER BY id {order} LIMIT {limit}"));
    query
}

/// The same among all that match, whose keys are gathered first: else the planner might walk all images in the
/// hope of an early end.
fn far(criteria: &Criteria, from: From, limit: i64) -> QueryBuilder<Postgres> {
    let (comparison, key, order) = from.sql();
    let mut query = QueryBuilder::new("WITH found AS MATERIALIZED (");
    push_matching(&mut query, criteria, "id");
    query.push(format_args!(" AND id {comparison} ")).push_bind(key.0);
    query.push(format_args!(
        ") SELECT {COLUMNS} FROM images WHERE id IN (SELECT id FROM found ORDER BY id {order} LIMIT {limit}) \
         ORDER BY id {order}"
    ));
    query
}

/// An SQL text that answers `what` of all that match.
pub(super) fn push_matching(query: &mut QueryBuilder<Postgres>, criteria: &Criteria, what: &str) {
    query.push(format_args!("SELECT {what} FROM images WHERE "));
    criteria.push_range(query);
    criteria.push_filters(query);
    criteria.push_memberships(query);
    criteria.push_words(query);
    criteria.push_grams(query);
}

/// The keys of all that match, or of one more than `most` of them.
///
/// # Errors
/// The database.
pub(super) async fn keys(
    connection: &mut PgConnection,
    criteria: &Criteria,
    most: usize,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let mut query = QueryBuilder::new("");
    push_matching(&mut query, criteria, "id");
    query.push(" LIMIT ").push_bind(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1));
    query.build_query_scalar().fetch_all(connection).await
}

/// How many match.
///
/// # Errors
/// The database.
pub(super) async fn count(connection: &mut PgConnection, criteria: &Criteria) -> Result<i64, sqlx::Error> {
    let mut query = QueryBuilder::new("");
    push_matching(&mut query, criteria, "count(*)");
    query.build_query_scalar().fetch_one(connection).await
}

#[cfg(test)]
mod tests;
