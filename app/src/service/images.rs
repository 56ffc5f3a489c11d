//! What people say of their images, and to whom they show them.

use model::{
    Problem,
    rules::filename,
    types::{
        Area, DetailedImage, Flip, Image, ImageChange, ImageEdit, ImageId, MaxViews, PublicPage, UserId,
        Visibility, Within,
    },
};
use reflect_core::{
    Core,
    audit::By,
    images::{
        intake::Terms,
        library::{self, Access, Change},
        versions::{self, Edit, Part, Turn},
    },
};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

use super::tags::names;
use crate::context::{Request, parsed};

/// The farthest that an image may lapse from now.
pub(super) const FARTHEST: Duration = Duration::days(365 * 100);
/// Seconds after which an image may lapse at most, by a number of them: 100 years.
const LONGEST: u32 = 100 * 365 * 24 * 60 * 60;

/// Changes one of `owner`'s images, in all that is asked or in nothing.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the member that can't be what it is to become; [`Problem::NotFound`];
/// the database.
pub async fn change(
    core: &Core,
    owner: UserId,
    id: ImageId,
    typed: &ImageChange,
) -> Result<DetailedImage, Problem> {
    let change = Change {
        filename: typed.filename.as_deref().map(file_name).transpose()?,
        title: given("title", typed.title.as_ref())?,
        description: given("description", typed.description.as_ref())?,
        alt_text: given("alt_text", typed.alt_text.as_ref())?,
        favourite: typed.favourite,
        visibility: typed.visibility,
        expires_at: lapse(typed.expires_at.as_ref(), core.now())?,
        max_views: typed.max_views.map(|most| most.map(views).transpose()).transpose()?,
        tags: typed.tags.as_ref().map(|all| names("tags", all.as_deref().unwrap_or_default())).transpose()?,
    };
    Ok(library::change(core, owner, id, &change).await?)
}

/// The fields of a form that are [`term`]s.
pub const TERMS: [&str; 4] = ["visibility", "expires_at", "expires_in", "max_views"];

/// Adds what a form says by one of [`TERMS`] to the terms on which its images are taken in; an empty field says nothing.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the field.
pub fn term(terms: &mut Terms, field: &str, text: &str, now: OffsetDateTime) -> Result<(), Problem> {
    let text = text.trim();
    match field {
        _ if text.is_empty() => {}
        "visibility" => {
            let named = Visibility::from_name(text);
            terms.visibility = named.ok_or_else(|| invalid(field, "unlisted, public or private"))?;
        }
        "expires_at" => terms.expires_at = Some(moment(text, now)?),
        "expires_in" => {
            let seconds: Within<1, LONGEST> = parsed(field, text)?;
            terms.expires_at = Some(now + Duration::seconds(seconds.get().into()));
        }
        _ => terms.max_views = Some(parsed(field, text)?),
    }
    Ok(())
}

/// Turns the picture of one of `owner`'s images, or cuts a part out of it.
///
/// # Errors
/// [`Problem::InvalidParameter`] where it isn't one thing that is asked for, or can't be done to that picture;
/// [`Problem::NotFound`], [`Problem::QuotaExceeded`]; the database.
pub async fn edit(
    core: &Core,
    by: By<'_>,
    owner: UserId,
    id: ImageId,
    typed: &ImageEdit,
) -> Result<Image, Problem> {
    let edit = match (typed.rotate, typed.flip, typed.crop) {
        (Some(90), None, None) => Edit::Turn(Turn::Right),
        (Some(180), None, None) => Edit::Turn(Turn::Around),
        (Some(270), None, None) => Edit::Turn(Turn::Left),
        (None, Some(Flip::Horizontal), None) => Edit::Turn(Turn::Mirror),
        (None, Some(Flip::Vertical), None) => Edit::Turn(Turn::Upset),
        (None, None, Some(Area { x, y, width, height })) => Edit::Crop(Part { x, y, width, height }),
        (Some(_), None, None) => return Err(invalid("rotate", "90, 180 or 270")),
        _ => return Err(invalid("edit", "one of rotate, flip and crop")),
    };
    Ok(versions::edit(core, by, owner, id, edit, typed.version).await?)
}

/// What the page of an image shows to whoever sends `request`.
///
/// # Errors
/// [`Problem::NotFound`], also where it isn't theirs to see; the database.
pub async fn public(request: &Request, slug: &str) -> Result<PublicPage, Problem> {
    let core = &request.app.core;
    let slug = slug.parse().map_err(|_| Problem::NotFound)?;
    let (page, restriction) = library::public(core, &slug).await?.ok_or(Problem::NotFound)?;
    let Some(limits) = restriction else { return Ok(page) };
    let viewer = match request.require_user().await {
        Ok(user) => Some(user),
        Err(Problem::SignedOut) => None,
        Err(problem) => return Err(problem),
    };
    match limits.access(viewer, core.now()) {
        Access::Nothing => Err(Problem::NotFound),
        Access::Own | Access::Open { .. } | Access::Counted => Ok(page),
    }
}

/// A text as it was typed, unless nothing was.
pub(super) fn filled(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

pub(super) fn given<T>(name: &str, typed: Option<&Option<String>>) -> Result<Option<Option<T>>, Problem>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    typed.map(|text| filled(text.as_ref()).map(|text| parsed(name, text)).transpose()).transpose()
}

/// When something is to lapse, if that is to change.
pub(super) fn lapse(
    typed: Option<&Option<String>>,
    now: OffsetDateTime,
) -> Result<Option<Option<OffsetDateTime>>, Problem> {
    typed.map(|text| filled(text.as_ref()).map(|text| moment(text, now)).transpose()).transpose()
}

fn invalid(name: &str, expected: impl Into<String>) -> Problem {
    Problem::InvalidParameter { name: name.into(), expected: expected.into() }
}

fn file_name(text: &str) -> Result<String, Problem> {
    if (1..=filename::MAX_CHARS).contains(&text.trim().chars().count()) {
        Ok(filename::clean(text))
    } else {
        Err(invalid("filename", format!("1 to {} characters", filename::MAX_CHARS)))
    }
}

pub(super) fn moment(text: &str, now: OffsetDateTime) -> Result<OffsetDateTime, Problem> {
    let moment = OffsetDateTime::parse(text, &Rfc3339).ok();
    moment
        .filter(|moment| *moment > now && *moment < now + FARTHEST)
        .ok_or_else(|| invalid("expires_at", "a moment to come, such as 2027-01-31T18:00:00Z"))
}

fn views(most: i64) -> Result<MaxViews, Problem> {
    let most = u32::try_from(most).ok().and_then(|most| MaxViews::try_from(most).ok());
    most.ok_or_else(|| invalid("max_views", "a whole number from 1 to 1000000"))
}
