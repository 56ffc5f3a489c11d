//! Albums of an export, and where its images were in them.

use std::collections::{HashMap, HashSet};

use model::types::{AlbumId, AlbumPlace, Description, ExportedAlbum, ImageId, UserId};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{AlbumError, MOST, lock_all, sequence::ALBUMS};
use crate::Core;

/// The last place that is kept: there is always one behind it.
const FARTHEST: i64 = i64::MAX / 2;

/// The albums of `owner`'s that stand for those of an export, in its order. One that is the same, or has the same name
/// in the same place, does; of several that are called the same each for one. The others are made, behind those that
/// there are.
///
/// # Errors
/// [`AlbumError::TooMany`], [`AlbumError::Database`].
pub async fn make(
    core: &Core,
    owner: UserId,
    exported: &[ExportedAlbum],
) -> Result<Vec<AlbumId>, AlbumError> {
    let mut tx = core.pool.begin().await?;
    lock_all(&mut tx, owner).await?;
    let there: Vec<(Uuid, Option<Uuid>, String)> =
        sqlx::query_as("SELECT id, parent_id, name FROM albums WHERE owner_id = $1 ORDER BY position")
            .bind(owner.0)
            .fetch_all(&mut *tx)
            .await?;
    let (found, missing) = matched(exported, &there);
    if there.len().saturating_add(missing.len()) > usize::try_from(MOST).unwrap_or(usize::MAX) {
        return Err(AlbumError::TooMany);
    }
    let mut ids = found;
    let positions = ALBUMS.behind(&mut tx, owner.0, missing.len()).await?;
    let mut made = Vec::new();
    // In the order of all, and nested only then: one may stand before the one that it lies in.
    for (index, position) in missing.into_iter().zip(positions) {
        let Some(album) = exported.get(index) else { continue };
        let id = core.random.uuid_v7(core.now())?;
        sqlx::query(
            "INSERT INTO albums (id, owner_id, name, description, position, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(id)
        .bind(owner.0)
        .bind(album.name.as_str())
        .bind(album.description.as_ref().map(Description::as_str))
        .bind(position)
        .bind(core.now())
        .execute(&mut *tx)
        .await?;
        ids.insert(index, id);
        made.push((index, id));
    }
    let parents = parents(exported);
    for (index, id) in made {
        if let Some(parent) = parents.get(index).copied().flatten().and_then(|parent| ids.get(&parent)) {
            sqlx::query(
                "UPDATE albums SET parent_id = $2 WHERE id = $1 \
                 AND EXISTS (SELECT FROM albums AS parent WHERE parent.id = $2 AND parent.parent_id IS NULL)",
            )
            .bind(id)
            .bind(parent)
            .execute(&mut *tx)
            .await?;
        }
    }
    tx.commit().await?;
    Ok((0..exported.len()).filter_map(|index| ids.get(&index).copied().map(AlbumId)).collect())
}

/// The place in the list of the album that each lies in; albums that lie in others hold none.
fn parents(exported: &[ExportedAlbum]) -> Vec<Option<usize>> {
    let tops = (0..).zip(exported).filter(|(_, album)| album.parent.is_none());
    let tops: HashMap<AlbumId, usize> = tops.map(|(index, album)| (album.id, index)).collect();
    exported.iter().map(|album| album.parent.and_then(|parent| tops.get(&parent).copied())).collect()
}

/// Which of the albums there are stand for which of an export's, by their places in the list, and which are missing.
fn matched(
    exported: &[ExportedAlbum],
    there: &[(Uuid, Option<Uuid>, String)],
) -> (HashMap<usize, Uuid>, Vec<usize>) {
    let parents = parents(exported);
    let mut found = HashMap::<usize, Uuid>::new();
    let mut taken = HashSet::<Uuid>::new();
    let lies_in_another = |id| there.iter().any(|(other, parent, _)| *other == id && parent.is_some());
    for (index, album) in (0..).zip(exported) {
        if there.iter().any(|(id, ..)| *id == album.id.0) && taken.insert(album.id.0) {
            found.insert(index, album.id.0);
        }
    }
    // Those that lie in none first: where the others lie is known by them.
    for is_nested in [false, true] {
        for (index, album) in (0..).zip(exported) {
            let parent = parents.get(index).copied().flatten();
            if parent.is_some() != is_nested || found.contains_key(&index) {
                continue;
            }
            let inside = match parent.map(|parent| found.get(&parent).copied()) {
                // What it lies in is yet to be made, and so is it.
                Some(None) => continue,
                // By now that lies in another itself, so this one was made in none.
                Some(Some(id)) if lies_in_another(id) => None,
                Some(there) => there,
                None => None,
            };
            let same = there.iter().find(|(id, parent, name)| {
                *parent == inside && name == album.name.as_str() && !taken.contains(id)
            });
            if let Some((id, ..)) = same {
                taken.insert(*id);
                found.insert(index, *id);
            }
        }
    }
    let missing = (0..exported.len()).filter(|index| !found.contains_key(index)).collect();
    (found, missing)
}

/// Locks those of these albums that are `owner`'s; answers the places in them, one for each.
///
/// # Errors
/// The database.
pub(in crate::images) async fn hold(
    connection: &mut PgConnection,
    owner: UserId,
    places: &[AlbumPlace],
) -> Result<Vec<AlbumPlace>, sqlx::Error> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let held: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM albums WHERE id = ANY ($1) AND owner_id = $2 ORDER BY id FOR NO KEY UPDATE",
    )
    .bind(places.iter().map(|place| place.album.0).collect::<Vec<_>>())
    .bind(owner.0)
    .fetch_all(connection)
    .await?;
    let mut left: HashSet<Uuid> = held.into_iter().collect();
    Ok(places.iter().filter(|place| left.remove(&place.album.0)).copied().collect())
}

/// Puts an image that is new where it was in albums, which the caller has [held](hold): right behind what else has its
/// place, so that those that come keep their order. It stands for an album for which nothing was chosen.
///
/// # Errors
/// The database.
pub(in crate::images) async fn put_back(
    connection: &mut PgConnection,
    image: ImageId,
    places: &[AlbumPlace],
) -> Result<(), sqlx::Error> {
    for AlbumPlace { album, place, cover } in places {
        // Lists begin behind the least number there is.
        let place = (*place).clamp(i64::MIN + 1, FARTHEST);
        let free: Option<i64> = sqlx::query_scalar(
            "SELECT taken.position + 1 FROM album_images AS taken WHERE album_id = $1 AND position >= $2 \
             AND EXISTS (SELECT FROM album_images WHERE album_id = $1 AND position = $2) AND NOT EXISTS \
             (SELECT FROM album_images AS next WHERE next.album_id = $1 AND next.position = taken.position + 1) \
             ORDER BY position LIMIT 1",
        )
        .bind(album.0)
        .bind(place)
        .fetch_optional(&mut *connection)
        .await?;
        sqlx::query(
            "INSERT INTO album_images (album_id, image_id, position, is_cover) VALUES ($1, $2, $3, \
             $4 AND NOT EXISTS (SELECT FROM album_images WHERE album_id = $1 AND is_cover))",
        )
        .bind(album.0)
        .bind(image.0)
        .bind(free.unwrap_or(place))
        .bind(cover)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn album(id: u128, name: &str, parent: Option<u128>) -> ExportedAlbum {
        let key = |id| AlbumId(Uuid::from_u128(id));
        ExportedAlbum { id: key(id), name: name.parse().unwrap(), description: None, parent: parent.map(key) }
    }

    fn there(id: u128, name: &str, parent: Option<u128>) -> (Uuid, Option<Uuid>, String) {
        (Uuid::from_u128(id), parent.map(Uuid::from_u128), name.into())
    }

    #[test]
    fn albums_are_told_by_key_or_by_name_and_place() {
        let exported = [
            album(1, "a", None),
            album(2, "a", None),
            album(3, "b", Some(1)),
            album(4, "b", Some(2)),
            album(5, "c", None),
        ];
        let there =
            [there(10, "a", None), there(11, "b", Some(10)), there(5, "renamed", None), there(12, "b", None)];
        let (found, missing) = matched(&exported, &there);
        let key = Uuid::from_u128;
        assert_eq!(found, HashMap::from([(0, key(10)), (2, key(11)), (4, key(5))]));
        assert_eq!(missing, [1, 3]);
        // Once they are made, all are found.
        let made = [
            there[0].clone(),
            there[1].clone(),
            there[2].clone(),
            there[3].clone(),
            (key(13), None, "a".into()),
            (key(14), Some(key(13)), "b".into()),
        ];
        assert_eq!(matched(&exported, &made).1, Vec::<usize>::new());
    }

    #[test]
    fn what_lies_in_an_album_that_lies_in_another_by_now_is_made_once() {
        let exported = [album(1, "a", None), album(2, "b", Some(1))];
        let key = Uuid::from_u128;
        let before = [there(1, "a", Some(9)), there(9, "z", None)];
        assert_eq!(matched(&exported, &before).1, [1]);
        // It was made in none, since albums are nested once.
        let after = [there(1, "a", Some(9)), there(9, "z", None), (key(20), None, "b".into())];
        assert_eq!(matched(&exported, &after).1, Vec::<usize>::new());
    }

    proptest! {
        /// Whatever an export says, each of its albums is found or made, and none stands for two.
        #[test]
        fn none_is_lost_or_shared(
            lines in proptest::collection::vec((0_u128..6, "[ab]", proptest::option::of(0_u128..6)), 0..12),
            rows in proptest::collection::vec((0_u128..9, "[ab]", proptest::option::of(0_u128..9)), 0..9),
        ) {
            let exported: Vec<_> = lines.iter().map(|(id, name, parent)| album(*id, name, *parent)).collect();
            let mut there: Vec<_> = rows.iter().map(|(id, name, parent)| there(*id, name, *parent)).collect();
            there.sort();
            there.dedup_by_key(|row| row.0);
            let (found, missing) = matched(&exported, &there);
            prop_assert_eq!(found.len() + missing.len(), exported.len());
            let different: HashSet<_> = found.values().collect();
            prop_assert_eq!(different.len(), found.len());
        }
    }
}
