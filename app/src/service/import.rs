//! What people bring back, or from elsewhere.

use model::{
    Problem,
    types::{
        AlbumId, ExportedImage, FileHash, ImportStart, KnownImage, KnownTag, MaxViews, UserId, Visibility,
    },
};
use reflect_core::{
    Core,
    images::{
        albums,
        intake::import::{self, Former, MOST_KNOWN},
        library::Change,
        tags::{self, MOST},
    },
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use super::{images::FARTHEST, tags::names};
use crate::context::parsed;

/// Makes the tags and albums that aren't there; answers for each album the one of `owner`'s that stands for it.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub async fn start(core: &Core, owner: UserId, start: &ImportStart) -> Result<Vec<AlbumId>, Problem> {
    if start.tags.len() > MOST {
        return Err(invalid("tags", format!("at most {MOST}")));
    }
    let named = |tag: &KnownTag| Ok((parsed("tags", tag.name.as_str())?, tag.color));
    let tags = start.tags.iter().map(named).collect::<Result<Vec<_>, Problem>>()?;
    let most = usize::try_from(albums::MOST).unwrap_or(usize::MAX);
    if start.albums.len() > most {
        return Err(invalid("albums", format!("at most {most}")));
    }
    tags::make(core, owner, &tags).await?;
    Ok(albums::make(core, owner, &start.albums).await?)
}

/// Which of these images `owner` has: one answer for each.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database.
pub async fn known(core: &Core, owner: UserId, images: &[KnownImage]) -> Result<Vec<bool>, Problem> {
    if images.len() > MOST_KNOWN {
        return Err(invalid("images", format!("at most {MOST_KNOWN}")));
    }
    let now = core.now();
    // What can't be is not here: the reason is told when it is sent.
    let asked = |image: &KnownImage| {
        (image.hash, import::moment(&image.created_at, now).unwrap_or(OffsetDateTime::UNIX_EPOCH))
    };
    let asked: Vec<(FileHash, OffsetDateTime)> = images.iter().map(asked).collect();
    Ok(import::known(&core.pool, owner, &asked).await?)
}

/// An image as an export describes it.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be.
pub fn former(described: ExportedImage, now: OffsetDateTime) -> Result<Former, Problem> {
    let created_at = import::moment(&described.created_at, now)
        .ok_or_else(|| invalid("created_at", "a moment that has passed, such as 2026-01-31T18:00:00Z"))?;
    let lapse = |text: &str| {
        let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
        moment
            .filter(|moment| *moment >= OffsetDateTime::UNIX_EPOCH && *moment < now + FARTHEST)
            .ok_or_else(|| invalid("expires_at", "a moment such as 2027-01-31T18:00:00Z"))
    };
    let expires_at = described.expires_at.as_ref().map(|moment| lapse(moment.as_str())).transpose()?;
    let tags = names("tags", &described.tags)?;
    let ExportedImage { hash, slug, filename, title, description, alt_text, favourite, visibility, .. } =
        described;
    // One whose time is over would go to the bin at once: it comes as its owner's alone, as out of the bin.
    let is_over = expires_at.is_some_and(|moment| moment <= now);
    let said = Change {
        filename: None,
        title: Some(title),
        description: Some(description),
        alt_text: Some(alt_text),
        favourite: Some(favourite),
        visibility: Some(if is_over { Visibility::Private } else { visibility }),
        expires_at: Some(expires_at.filter(|_| !is_over)),
        max_views: Some(described.max_views),
        // None to give it is nothing to wait for others for.
        tags: (!tags.is_empty()).then_some(tags),
    };
    let views = described.views.min(described.max_views.map_or(0, MaxViews::get));
    let (version, removed, albums) = (described.version, described.removed, described.albums);
    Ok(Former { hash, slug, created_at, version, removed, filename, said, views, albums })
}

fn invalid(name: &str, expected: impl Into<String>) -> Problem {
    Problem::InvalidParameter { name: name.into(), expected: expected.into() }
}
