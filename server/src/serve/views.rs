//! What a view is, and how often that was.
//!
//! An answer adds one to a number beside what is known of its image, which it holds anyway, and that is all: no
//! lock, no clock, no row. Every few seconds [`Views::write`] adds what came together to the database.

use std::{
    collections::{HashMap, HashSet},
    mem,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use http::{HeaderName, HeaderValue, StatusCode, header};
use model::types::ImageId;
use reflect_core::{
    Core,
    images::{
        ImageError,
        library::StoredImage,
        views::{self, BATCH, Seen},
    },
};
use time::Date;

use super::{Asked, answer::Answer};

/// Whose page a browser asks for. Scripts can't set it.
static SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// What is known of an image, and how often it was seen.
#[derive(Debug)]
pub(crate) struct Known {
    pub(super) stored: StoredImage,
    /// Views that [`Views`] hasn't heard of.
    views: AtomicU64,
}

impl Known {
    /// It was seen once more.
    pub(super) fn count_view(&self) {
        self.views.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether an answer shows the image to somebody: with bytes from the first one on, and not for one of its owner's
/// pages. So a file that is fetched in parts is one view, and `HEAD` and 304 are none.
pub(super) fn is_view(asked: Asked<'_>, answer: &Answer) -> bool {
    let begins = match answer.status() {
        StatusCode::OK => true,
        StatusCode::PARTIAL_CONTENT => {
            let part = answer.headers().get(header::CONTENT_RANGE);
            part.is_some_and(|part| part.as_bytes().starts_with(b"bytes 0-"))
        }
        _ => false,
    };
    let site = asked.headers.get(&SEC_FETCH_SITE).map(HeaderValue::as_bytes);
    begins && !asked.head && !is_own_page(site, asked.headers.contains_key(header::REFERER))
}

/// Whether a page of the app asks that only who is signed in sees: the gallery, the viewer. Our pages send no
/// referrer, but for the pictures of those that are for others.
pub(super) fn is_own_page(fetch_site: Option<&[u8]>, has_referrer: bool) -> bool {
    fetch_site == Some(b"same-origin") && !has_referrer
}

/// Views that aren't in the database yet.
#[derive(Default)]
pub(super) struct Views {
    /// All that may have been seen since this was looked at, in the cache or not any more: what leaves it takes
    /// no view along.
    counted: Mutex<Vec<Arc<Known>>>,
    /// What was taken from there, by day. Whoever writes holds it.
    waiting: tokio::sync::Mutex<HashMap<(ImageId, Date), u64>>,
}

impl Views {
    /// Something to be known, whose views are counted from now on.
    pub(super) fn known(&self, stored: StoredImage) -> Arc<Known> {
        let known = Arc::new(Known { stored, views: AtomicU64::new(0) });
        self.counted.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&known));
        known
    }

    /// Adds what was counted to the database, as views of today. What can't be added stays for the next time, with
    /// its day.
    pub(super) async fn write(&self, core: &Core) -> Result<(), ImageError> {
        let mut waiting = self.waiting.lock().await;
        let today = core.now().date();
        self.take(|image, views| *waiting.entry((image, today)).or_default() += views);
        let mut all: Vec<Seen> =
            waiting.iter().map(|(&(image, day), &views)| Seen { image, day, views }).collect();
        all.sort_unstable_by_key(|seen| (seen.image, seen.day));
        for batch in all.chunks(BATCH) {
            let later: HashSet<ImageId> = views::add(&core.pool, batch).await?.into_iter().collect();
            for seen in batch.iter().filter(|seen| !later.contains(&seen.image)) {
                waiting.remove(&(seen.image, seen.day));
            }
        }
        Ok(())
    }

    /// Takes all that was counted, and forgets what has left the cache.
    fn take(&self, mut add: impl FnMut(ImageId, u64)) {
        // Whoever reads what is known of an image meanwhile isn't held up.
        let all = || self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = mem::take(&mut *all());
        known.retain_mut(|known| {
            // Most weren't seen, and are only looked at. What nobody else holds can't be counted on any more.
            let is_held = Arc::strong_count(known) > 1 || Arc::get_mut(known).is_none();
            if known.views.load(Ordering::Relaxed) > 0 {
                add(known.stored.image.id, known.views.swap(0, Ordering::Relaxed));
            }
            is_held
        });
        all().append(&mut known);
    }
}

#[cfg(test)]
mod tests;
