//! What is asked for often, in memory.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use bytes::Bytes;
use http::HeaderMap;
use model::types::{ByteSize, Slug, VariantFormat, VariantWidth};
use quick_cache::{
    DefaultHashBuilder, Equivalent, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use reflect_core::{
    Core,
    images::{ImageError, library, library::StoredImage, store, variants},
};
use time::Date;

use super::{
    answer,
    choice::Choice,
    views::{Known, Views},
};
use crate::zero_copy::{PageStore, Pages};

/// Images whose facts are kept: about 50 MiB.
const FACTS: usize = 100_000;
/// Few, since a shard holds no entry larger than itself.
const SHARDS: usize = 4;
/// The most bytes that are sent by reference. A copy of more costs less than handing over the many
/// pages that they are in (`docs/performance.md`).
const BY_REFERENCE: usize = 64 * 1024;
/// What an entry takes beside its bytes, about.
const OVERHEAD: u64 = 3072;

/// Bytes with their headers, ready to be sent.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) bytes: Bytes,
    /// What the bytes are of, where they can be sent by reference.
    pub(super) pages: Option<Pages>,
    /// The original's.
    hash: [u8; 32],
    plain: HeaderMap,
    /// The same for who may get something else by another `Accept`. Both are kept, since adding to a copy
    /// costs more than the copy.
    negotiated: HeaderMap,
    /// The same as text, with the status line of a whole answer.
    plain_head: Box<[u8]>,
    negotiated_head: Box<[u8]>,
}

impl Ready {
    /// The headers of the whole, at an address that lasts.
    pub(super) fn headers(&self, varies: bool) -> &HeaderMap {
        if varies { &self.negotiated } else { &self.plain }
    }

    /// The same as text, behind `200 OK`; neither `Cache-Control` and `Date` nor the head's end is in it.
    pub(super) fn head(&self, varies: bool) -> &[u8] {
        if varies { &self.negotiated_head } else { &self.plain_head }
    }
}

/// As hyper writes it.
fn head(headers: &HeaderMap) -> Box<[u8]> {
    let mut text = b"HTTP/1.1 200 OK\r\n".to_vec();
    for (name, value) in headers.iter().filter(|(name, _)| *name != http::header::CACHE_CONTROL) {
        text.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    text.into()
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Key(Slug, Option<(VariantWidth, VariantFormat)>);

/// A [`Key`] that owns nothing; hashed alike, field by field.
#[derive(Hash)]
struct Lookup<'a>(&'a Slug, Option<(VariantWidth, VariantFormat)>);

impl Equivalent<Key> for Lookup<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        *self.0 == key.0 && self.1 == key.1
    }
}

#[derive(Clone)]
struct ByBytes;

impl Weighter<Key, Arc<Ready>> for ByBytes {
    fn weight(&self, _: &Key, ready: &Arc<Ready>) -> u64 {
        ready.pages.as_ref().map_or(ready.bytes.len() as u64, Pages::weight) + OVERHEAD
    }
}

/// The caches: facts by slug, bytes by slug and choice. Changes reach them through [`Images::forget`]. Bytes are
/// reached by facts alone, which say whether somebody has to be asked first.
pub struct Images {
    facts: Cache<Slug, Arc<Known>>,
    views: Views,
    ready: Cache<Key, Arc<Ready>, ByBytes>,
    largest: u64,
    pages: PageStore,
    /// The day for which the variants in memory were noted last.
    noted: Mutex<Option<Date>>,
    /// Whether this node would have heard of what others changed.
    is_current: AtomicBool,
}

impl Images {
    /// Caches that hold `capacity` bytes of images.
    #[must_use]
    pub fn new(capacity: ByteSize) -> Self {
        let capacity = capacity.bytes();
        let largest = capacity / SHARDS as u64 / 2;
        // An estimate for the tables only: half of the room in thumbnails of 16 KiB.
        let entries = usize::try_from(capacity / (32 * 1024)).unwrap_or(usize::MAX).clamp(64, 1 << 20);
        let ready = OptionsBuilder::new()
            .estimated_items_capacity(entries)
            .weight_capacity(capacity)
            .shards(SHARDS)
            .build()
            .map_or_else(
                |_| Cache::with_weighter(entries, capacity, ByBytes),
                |options| {
                    Cache::with_options(
                        options,
                        ByBytes,
                        DefaultHashBuilder::default(),
                        DefaultLifecycle::default(),
                    )
                },
            );
        Self {
            facts: Cache::new(FACTS),
            views: Views::default(),
            ready,
            largest,
            pages: PageStore::new(),
            noted: Mutex::default(),
            is_current: AtomicBool::new(true),
        }
    }

    /// What is known of the image with this slug, if it is in memory.
    pub(super) fn known(&self, slug: &Slug) -> Option<Arc<Known>> {
        if self.is_current.load(Ordering::Relaxed) { self.facts.get(slug) } else { None }
    }

    /// What there is to know of the image with this slug. However many ask at once, the database is asked once.
    pub(crate) async fn facts(&self, core: &Core, slug: &Slug) -> Result<Arc<Known>, ImageError> {
        let find = async {
            let mut stored = library::by_slug(core, slug).await?.ok_or(ImageError::NotFound)?;
            // What stands for it until it has loaded is none of what is asked here, and would take much room.
            (stored.image.preview, stored.image.thumbhash) = Default::default();
            Ok(self.views.known(stored))
        };
        if !self.is_current.load(Ordering::Relaxed) {
            return find.await;
        }
        self.facts.get_or_insert_async(slug, find).await
    }

    /// Whether bytes of that size are kept once they have been read.
    pub(super) fn may_keep(&self, size: u64) -> bool {
        size <= self.largest
    }

    /// The bytes, if they are in memory.
    pub(super) fn kept(&self, stored: &StoredImage, choice: Choice) -> Option<Arc<Ready>> {
        let ready = self.ready.get(&Lookup(&stored.image.slug, choice.variant))?;
        // Whoever knew the image from before it was changed may have read its old bytes only now.
        (ready.hash == stored.hash).then_some(ready)
    }

    /// The bytes, which are kept from now on: the original read whole, or the variant from the store or made
    /// now. However many ask at once, it is done once.
    pub(super) async fn load(
        &self,
        core: &Core,
        stored: &StoredImage,
        choice: Choice,
    ) -> Result<Arc<Ready>, ImageError> {
        let read = async || {
            let bytes = match choice.variant {
                None => store::read(&core.pool, &stored.hash).await?.ok_or(ImageError::NotFound)?,
                Some((width, format)) => variants::get_or_make(core, stored, width, format).await?,
            };
            let size = bytes.len() as u64;
            let headers = |varies| answer::headers(stored, &Choice { varies, lasts: true, ..choice }, size);
            let (plain, negotiated) = (headers(false), headers(true));
            let pages = if bytes.len() <= BY_REFERENCE { self.pages.share(&bytes) } else { None };
            let bytes = pages.as_ref().map_or(bytes, |pages| pages.bytes().clone());
            let (plain_head, negotiated_head) = (head(&plain), head(&negotiated));
            Ok(Arc::new(Ready {
                bytes,
                pages,
                hash: stored.hash,
                plain,
                negotiated,
                plain_head,
                negotiated_head,
            }))
        };
        let key = Key(stored.image.slug.clone(), choice.variant);
        let ready = self.ready.get_or_insert_async(&key, read()).await?;
        if ready.hash == stored.hash {
            return Ok(ready);
        }
        // From before the image was changed, or this is. Who comes next reads what it is.
        self.ready.remove(&key);
        read().await
    }

    /// The image has changed, or is gone. Whoever is reading what is known of it keeps nothing of that.
    pub fn forget(&self, slug: &Slug) {
        self.facts.remove(slug);
        // The headers have the file's name.
        let variants = VariantWidth::ALL
            .into_iter()
            .flat_map(|width| VariantFormat::ALL.map(|format| Some((width, format))));
        for variant in variants.chain([None]) {
            self.ready.remove(&Lookup(slug, variant));
        }
    }

    /// Adds the views that were counted since the last time to the database. What can't be added waits for the
    /// next time.
    ///
    /// # Errors
    /// [`ImageError::Database`].
    pub async fn write_views(&self, core: &Core) -> Result<(), ImageError> {
        self.views.write(core).await
    }

    /// Notes once a day that the variants in memory are wanted: nobody reads them from the database, where what
    /// wasn't wanted for longest makes room.
    pub fn note_variants(&self, core: &Core) {
        let today = core.now().date();
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner).replace(today);
        if noted == Some(today) {
            return;
        }
        for (Key(_, variant), ready) in self.ready.iter() {
            if let Some((width, format)) = variant {
                variants::note_used(core, ready.hash, width, format);
            }
        }
    }

    /// Goes by the database alone, since changes elsewhere may not be heard of.
    pub fn doubt(&self) {
        self.is_current.store(false, Ordering::Relaxed);
    }

    /// Goes by memory again: changes are heard of from now on. What was in it may be out of date.
    pub fn trust(&self) {
        self.forget_all();
        self.is_current.store(true, Ordering::Relaxed);
    }

    /// Any image may have changed or be gone.
    pub fn forget_all(&self) {
        self.facts.clear();
        self.ready.clear();
    }
}

#[cfg(test)]
mod tests {
    use model::types::Image;
    use reflect_core::testing;
    use sqlx::PgPool;

    use super::*;

    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn what_was_read_of_an_image_before_it_was_changed_is_not_what_it_is(pool: PgPool) {
        let core = testing::core(pool.clone());
        for version in [1_u8, 2] {
            let hash = [version; 32];
            sqlx::query("INSERT INTO blobs VALUES ($1, 1, 1, now())")
                .bind(hash)
                .execute(&pool)
                .await
                .unwrap();
            let chunk = sqlx::query("INSERT INTO blob_chunks VALUES ($1, 0, $2)").bind(hash);
            chunk.bind([version]).execute(&pool).await.unwrap();
        }
        let images = Images::new(ByteSize::mib(8));
        let choice = Choice { variant: None, varies: false, lasts: true };
        let [before, now] = [1_u8, 2].map(|version| StoredImage {
            image: Image { version: version.into(), ..Image::example() },
            hash: [version; 32],
            title: None,
            restriction: None,
        });
        // Somebody who still knows what it was comes after it was forgotten, and again later.
        for _ in 0..2 {
            assert_eq!(images.load(&core, &before, choice).await.unwrap().bytes, [1][..]);
            assert!(images.kept(&now, choice).is_none_or(|kept| kept.bytes == [2][..]));
            for _ in 0..2 {
                assert_eq!(images.load(&core, &now, choice).await.unwrap().bytes, [2][..]);
            }
            assert_eq!(images.kept(&now, choice).unwrap().bytes, [2][..]);
        }
    }
}
