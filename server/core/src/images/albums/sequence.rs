//! Orders that people give to things.
//!
//! Every thing has a number, and there is room between two of them: moving one writes one row. Where there is
//! no room left, all of them get new numbers. The caller sees to it that one moves at a time.

use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

/// Between two things that were put one after the other: 32 halvings.
const GAP: i64 = 1 << 32;

/// A table whose rows have a `position`.
pub(super) struct Sequence {
    table: &'static str,
    /// The column by which rows belong together.
    scope: &'static str,
    /// The column that tells one of them from the others.
    key: &'static str,
}

/// A person's albums.
pub(super) const ALBUMS: Sequence = Sequence { table: "albums", scope: "owner_id", key: "id" };
/// An album's images.
pub(super) const IMAGES: Sequence = Sequence { table: "album_images", scope: "album_id", key: "image_id" };

impl Sequence {
    /// Positions for `count` things behind all others.
    pub(super) async fn behind(
        &self,
        connection: &mut PgConnection,
        scope: Uuid,
        count: usize,
    ) -> Result<Vec<i64>, sqlx::Error> {
        let Self { table, scope: column, .. } = self;
        let last = format!("SELECT max(position) FROM {table} WHERE {column} = $1");
        let mut end: Option<i64> =
            sqlx::query_scalar(AssertSqlSafe(last.clone())).bind(scope).fetch_one(&mut *connection).await?;
        let room = i64::try_from(count).ok().and_then(|count| count.checked_mul(GAP)).unwrap_or(i64::MAX);
        if end.is_some_and(|end| end.checked_add(room).is_none()) {
            self.renumber(connection, scope).await?;
            end = sqlx::query_scalar(AssertSqlSafe(last)).bind(scope).fetch_one(connection).await?;
        }
        let first = end.map_or(0, |end| end.saturating_add(GAP));
        Ok(std::iter::successors(Some(first), |place| place.checked_add(GAP)).take(count).collect())
    }

    /// Moves `key` before another one, or behind all; `false` if either isn't there.
    pub(super) async fn place(
        &self,
        connection: &mut PgConnection,
        scope: Uuid,
        key: Uuid,
        before: Option<Uuid>,
    ) -> Result<bool, sqlx::Error> {
        let Self { table, scope: scope_column, key: key_column } = self;
        let neighbours = match before {
            Some(_) => format!(
                "SELECT (SELECT max(position) FROM {table} \
                  WHERE {scope_column} = $1 AND {key_column} <> $2 AND position < next.position), next.position \
                 FROM {table} AS next WHERE {scope_column} = $1 AND {key_column} = $3 AND {key_column} <> $2"
            ),
            None => format!(
                "SELECT max(position), NULL::bigint FROM {table} \
                 WHERE {scope_column} = $1 AND {key_column} <> $2 AND $3::uuid IS NULL"
            ),
        };
        let update = AssertSqlSafe(format!(
            "UPDATE {table} SET position = $3 WHERE {scope_column} = $1 AND {key_column} = $2"
        ));
        loop {
            let found: Option<(Option<i64>, Option<i64>)> = sqlx::query_as(AssertSqlSafe(neighbours.clone()))
                .bind(scope)
                .bind(key)
                .bind(before)
                .fetch_optional(&mut *connection)
                .await?;
            let Some((low, high)) = found else { return Ok(false) };
            if let Some(position) = between(low, high) {
                let moved =
                    sqlx::query(update).bind(scope).bind(key).bind(position).execute(connection).await?;
                return Ok(moved.rows_affected() == 1);
            }
            self.renumber(connection, scope).await?;
        }
    }

    /// Gives all of them new positions in the same order, with room between any two.
    async fn renumber(&self, connection: &mut PgConnection, scope: Uuid) -> Result<(), sqlx::Error> {
        let Self { table, scope: scope_column, key: key_column } = self;
        let sql = AssertSqlSafe(format!(
            "UPDATE {table} SET position = numbered.place * $2 FROM \
             (SELECT {key_column} AS key, row_number() OVER (ORDER BY position) AS place \
              FROM {table} WHERE {scope_column} = $1) AS numbered \
             WHERE {scope_column} = $1 AND {key_column} = numbered.key"
        ));
        sqlx::query(sql).bind(scope).bind(GAP).execute(connection).await?;
        Ok(())
    }
}

/// A position above `low` and below `high`, if there is one.
fn between(low: Option<i64>, high: Option<i64>) -> Option<i64> {
    match (low, high) {
        (None, None) => Some(0),
        (Some(low), None) => low.checked_add(GAP),
        (None, Some(high)) => high.checked_sub(GAP),
        (Some(low), Some(high)) => Some(low.midpoint(high)).filter(|middle| *middle > low && *middle < high),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_between_is_between(low in any::<Option<i64>>(), high in any::<Option<i64>>()) {
            match between(low, high) {
                Some(position) => {
                    prop_assert!(low.is_none_or(|low| low < position));
                    prop_assert!(high.is_none_or(|high| position < high));
                }
                None => prop_assert!(
                    low.zip(high).is_none_or(|(low, high)| high.saturating_sub(low) <= 1)
                ),
            }
        }
    }

    #[test]
    fn there_is_room_for_thirty_two_at_one_place() {
        let (mut low, high) = (0, GAP);
        for _ in 0..31 {
            low = between(Some(low), Some(high)).unwrap();
        }
        assert_eq!(between(Some(low), Some(high)), Some(high - 1));
        assert_eq!(between(Some(high - 1), Some(high)), None);
    }
}
