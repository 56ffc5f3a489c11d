//! What images are searched by.

use std::collections::BTreeSet;

use model::{
    rules::filename,
    types::{AlbumId, ColorName, ImageId, MediaType, Slug, UserId, Visibility},
};
use sqlx::{PgConnection, Postgres, QueryBuilder};
use time::{Date, OffsetDateTime, Time};
use uuid::Uuid;

use super::{place::least_key, row::escape_like};
use crate::images::{colors::Colors, file_name, likeness::Likeness, tags::Name};

/// Different words of one search.
const MOST_WORDS: usize = 16;

/// What an image must have to be found: all of it. Without any of it every image is.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Words of which each is in the file name, in what is said of the image, or in the name of one of its tags, in any
    /// case.
    pub words: Option<String>,
    /// What the bytes are.
    pub media_type: Option<MediaType>,
    /// Who may see it.
    pub visibility: Option<Visibility>,
    /// Whether somebody else must be let to see it.
    pub for_others: bool,
    /// Whether it must have a star.
    pub favourite: bool,
    /// Bytes, at least.
    pub min_size: Option<u64>,
    /// Bytes, at most.
    pub max_size: Option<u64>,
    /// The first day (UTC) on which it may have been uploaded.
    pub from: Option<Date>,
    /// The last one.
    pub to: Option<Date>,
    /// Tags, of which it has each.
    pub tags: Vec<Name>,
    /// An album that it is in.
    pub album: Option<AlbumId>,
    /// A colour that fills a good part of it.
    pub color: Option<ColorName>,
    /// An image that it looks like; that one is found too.
    pub similar: Option<Slug>,
}

impl Search {
    /// Whether it asks for nothing but days.
    #[must_use]
    pub const fn is_of_days(&self) -> bool {
        let Self {
            words: None,
            media_type: None,
            visibility: None,
            for_others: false,
            favourite: false,
            min_size: None,
            max_size: None,
            from: _,
            to: _,
            tags,
            album: None,
            color: None,
            similar: None,
        } = self
        else {
            return false;
        };
        tags.is_empty()
    }
}

/// What is said of an image, as the index of words has it.
const TEXT: &str = "image_text(filename, title, description, alt_text)";

/// The words that were typed; `None` where nothing can match: a text in PostgreSQL has no U+0000, so no image has one.
/// Words longer than a file's name and more than [`MOST_WORDS`] aren't looked for either.
fn words(typed: Option<&str>) -> Option<Vec<String>> {
    let typed = file_name::composed(typed.unwrap_or_default());
    let words: BTreeSet<&str> = typed.split_whitespace().collect();
    let is_possible = !typed.contains('\0')
        && words.len() <= MOST_WORDS
        && words.iter().all(|word| word.chars().count() <= filename::MAX_CHARS);
    is_possible.then(|| words.into_iter().map(str::to_owned).collect())
}

/// A word of a search.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    /// The owner's tags whose names have it.
    tags: Vec<Uuid>,
}

impl Word {
    /// What a text matches, by LIKE, that has it.
    fn pattern(&self) -> String {
        format!("%{}%", escape_like(&self.text))
    }
}

/// A table of what images belong to, walked by its key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Membership {
    /// The table.
    pub(super) table: &'static str,
    /// Its column of what they belong to.
    pub(super) column: &'static str,
    /// What they belong to.
    pub(super) key: Uuid,
}

/// A [`Search`] by the keys of what it names.
#[derive(Clone, Debug)]
pub(super) struct Criteria {
    owner: UserId,
    words: Vec<Word>,
    media_type: Option<MediaType>,
    visibility: Option<Visibility>,
    for_others: bool,
    favourite: bool,
    sizes: [Option<u64>; 2],
    /// Keys, from the first on and below the second.
    keys: [Option<ImageId>; 2],
    pub(super) memberships: Vec<Membership>,
    color: Option<Colors>,
    likeness: Option<Likeness>,
}

impl Criteria {
    /// Of `owner`'s images; `None` where nothing can match.
    pub(super) async fn new(
        connection: &mut PgConnection,
        owner: UserId,
        search: &Search,
    ) -> Result<Option<Self>, sqlx::Error> {
        let Some(words) = words(search.words.as_deref()) else { return Ok(None) };
        let words = with_tags(connection, owner, words).await?;
        let Some(memberships) = memberships(connection, owner, search).await? else { return Ok(None) };
        let likeness = match &search.similar {
            None => None,
            Some(slug) => match likeness(connection, owner, slug).await? {
                None => return Ok(None),
                found => found,
            },
        };
        let begins = |day: Date| least_key(OffsetDateTime::new_utc(day, Time::MIDNIGHT));
        let end = search.to.and_then(Date::next_day).map(begins);
        Ok(Some(Self {
            owner,
            words,
            media_type: search.media_type,
            visibility: search.visibility,
            for_others: search.for_others,
            favourite: search.favourite,
            sizes: [search.min_size, search.max_size],
            keys: [search.from.map(begins), end],
            memberships,
            color: search.color.map(Colors::one),
            likeness,
        }))
    }

    /// Leaves out what isn't from one key to another one, both included.
    pub(super) fn narrow(&mut self, from: ImageId, to: ImageId) {
        let above = ImageId(Uuid::from_u128(to.0.as_u128().saturating_add(1)));
        let [least, below] = self.keys;
        self.keys = [least.max(Some(from)), Some(below.map_or(above, |below| below.min(above)))];
    }

    /// Whether every image is meant, but for when it was uploaded.
    pub(super) fn is_everything(&self) -> bool {
        self.words.is_empty()
            && self.memberships.is_empty()
            && self.media_type.is_none()
            && self.visibility.is_none()
            && !self.for_others
            && self.color.is_none()
            && self.likeness.is_none()
            && !self.favourite
            && self.sizes == [None; 2]
    }

    /// Whether texts are read.
    pub(super) fn has_words(&self) -> bool {
        !self.words.is_empty()
    }

    /// Whose they are, and from when to when.
    pub(super) fn push_range(&self, query: &mut QueryBuilder<Postgres>) {
        query.push("owner_id = ").push_bind(self.owner.0).push(" AND deleted_at IS NULL");
        let [from, below] = self.keys;
        if let Some(from) = from {
            query.push(" AND id >= ").push_bind(from.0);
        }
        if let Some(below) = below {
            query.push(" AND id < ").push_bind(below.0);
        }
    }

    /// What they must be.
    pub(super) fn push_filters(&self, query: &mut QueryBuilder<Postgres>) {
        if let Some(kind) = self.media_type {
            query.push(" AND media_type = ").push_bind(kind.mime());
        }
        if let Some(visibility) = self.visibility {
            query.push(" AND visibility = ").push_bind(visibility.name());
        }
        if self.for_others {
            query.push(" AND visibility <> 'private'");
        }
        if self.favourite {
            query.push(" AND is_favourite = true");
        }
        let bytes = |size: u64| i64::try_from(size).unwrap_or(i64::MAX);
        let [least, most] = self.sizes;
        if let Some(least) = least {
            query.push(" AND byte_size >= ").push_bind(bytes(least));
        }
        if let Some(most) = most {
            query.push(" AND byte_size <= ").push_bind(bytes(most));
        }
        if let Some(color) = self.color {
            query.push(" AND colors & ").push_bind(color.stored()).push(" <> 0");
        }
        if let Some(likeness) = self.likeness {
            likeness.push(query, Likeness::ALIKE);
        }
    }

    /// What they must belong to.
    pub(super) fn push_memberships(&self, query: &mut QueryBuilder<Postgres>) {
        for Membership { table, column, key } in &self.memberships {
            query.push(format_args!(
                " AND EXISTS (SELECT FROM {table} WHERE image_id = images.id AND {column} = "
            ));
            query.push_bind(*key).push(")");
        }
    }

    /// Words that are in no tag's name.
    fn plain_words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| word.tags.is_empty())
    }

    fn tagged_words(&self) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(|word| !word.tags.is_empty())
    }

    /// What must be said of them.
    pub(super) fn push_words(&self, query: &mut QueryBuilder<Postgres>) {
        let patterns: Vec<String> = self.plain_words().map(Word::pattern).collect();
        if !patterns.is_empty() {
            query.push(format_args!(" AND {TEXT} ILIKE ALL (")).push_bind(patterns).push(")");
        }
        for word in self.tagged_words() {
            query.push(format_args!(" AND ({TEXT} ILIKE ")).push_bind(word.pattern());
            query.push(" OR EXISTS (SELECT FROM image_tags WHERE image_id = images.id AND tag_id = ANY (");
            query.push_bind(word.tags.clone()).push(")))");
        }
    }

    /// The same, by indexes, and perhaps more: what has a word's grams, or only some of the words.
    pub(super) fn push_grams(&self, query: &mut QueryBuilder<Postgres>) {
        let words: Vec<String> = self.plain_words().map(|word| word.text.clone()).collect();
        if !words.is_empty() {
            return push_grams_of(query, words);
        }
        if !self.memberships.is_empty() {
            return;
        }
        // All that have one word, by text or tag, may be many: not for each of them.
        if let Some(word) = self.tagged_words().max_by_key(|word| word.text.chars().count()) {
            query.push(" AND id IN (SELECT id FROM images WHERE owner_id = ").push_bind(self.owner.0);
            query.push(" AND deleted_at IS NULL");
            push_grams_of(query, vec![word.text.clone()]);
            query.push(" UNION SELECT image_id FROM image_tags WHERE tag_id = ANY (");
            query.push_bind(word.tags.clone()).push("))");
        }
    }
}

/// Triples of characters that are in these words, and what words there are of one or two.
fn push_grams_of(query: &mut QueryBuilder<Postgres>, words: Vec<String>) {
    query.push(format_args!(" AND image_grams({TEXT}) @> (SELECT array_agg(gram) FROM unnest("));
    query.push_bind(words).push(
        "::text[]) AS word, unnest(image_grams(word)) AS gram WHERE length(gram) = least(length(word), 3))",
    );
}

/// The words with `owner`'s tags whose names have them.
async fn with_tags(
    connection: &mut PgConnection,
    owner: UserId,
    words: Vec<String>,
) -> Result<Vec<Word>, sqlx::Error> {
    let mut words: Vec<Word> = words.into_iter().map(|text| Word { text, tags: Vec::new() }).collect();
    if words.is_empty() {
        return Ok(words);
    }
    let found: Vec<(i64, Uuid)> = sqlx::query_as(
        "SELECT place, id FROM unnest($2::text[]) WITH ORDINALITY AS patterns (pattern, place) \
         JOIN tags ON owner_id = $1 AND name ILIKE pattern",
    )
    .bind(owner.0)
    .bind(words.iter().map(Word::pattern).collect::<Vec<_>>())
    .fetch_all(connection)
    .await?;
    for (place, tag) in found {
        let word = usize::try_from(place - 1).ok().and_then(|place| words.get_mut(place));
        if let Some(word) = word {
            word.tags.push(tag);
        }
    }
    Ok(words)
}

/// What the image with this slug looks like, if it is `owner`'s and has been looked at.
async fn likeness(
    connection: &mut PgConnection,
    owner: UserId,
    slug: &Slug,
) -> Result<Option<Likeness>, sqlx::Error> {
    let found: Option<Option<i64>> = sqlx::query_scalar(
        "SELECT likeness FROM images WHERE slug = $1 AND owner_id = $2 AND deleted_at IS NULL",
    )
    .bind(slug.as_str())
    .bind(owner.0)
    .fetch_optional(connection)
    .await?;
    Ok(found.flatten().and_then(Likeness::from_stored))
}

/// What `search` names, if all of that is there and `owner`'s.
async fn memberships(
    connection: &mut PgConnection,
    owner: UserId,
    search: &Search,
) -> Result<Option<Vec<Membership>>, sqlx::Error> {
    let mut found = Vec::new();
    if !search.tags.is_empty() {
        let names: BTreeSet<String> = search.tags.iter().map(Name::folded).collect();
        let wanted = names.len();
        let tags: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM tags WHERE owner_id = $1 AND name_folded = ANY ($2)")
                .bind(owner.0)
                .bind(names.into_iter().collect::<Vec<_>>())
                .fetch_all(&mut *connection)
                .await?;
        if tags.len() < wanted {
            return Ok(None);
        }
        found.extend(tags.into_iter().map(|key| Membership { table: "image_tags", column: "tag_id", key }));
    }
    if let Some(album) = search.album {
        let own = sqlx::query("SELECT FROM albums WHERE id = $1 AND owner_id = $2")
            .bind(album.0)
            .bind(owner.0)
            .fetch_optional(connection)
            .await?;
        if own.is_none() {
            return Ok(None);
        }
        found.push(Membership { table: "album_images", column: "album_id", key: album.0 });
    }
    Ok(Some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_bounded_in_number_and_length() {
        let count = |typed: &str| words(Some(typed)).map(|words| words.len());
        let numbered = |count| (0..count).map(|n: usize| n.to_string()).collect::<Vec<_>>().join(" ");
        assert_eq!((count(""), count("a b  a")), (Some(0), Some(2)));
        assert_eq!(
            (count(&numbered(MOST_WORDS)), count(&numbered(MOST_WORDS + 1))),
            (Some(MOST_WORDS), None)
        );
        let (longest, longer) = ("x".repeat(filename::MAX_CHARS), "x".repeat(filename::MAX_CHARS + 1));
        assert_eq!((count(&longest), count(&longer)), (Some(1), None));
        assert_eq!(count("a\0"), None);
    }

    #[test]
    fn words_are_composed_as_names_are() {
        assert_eq!(words(Some("Zu\u{308}rich Z\u{fc}rich")).unwrap(), ["Zürich"]);
        assert_eq!(words(Some("\u{1112}\u{1161}\u{11ab}")).unwrap(), ["한"]);
    }
}
