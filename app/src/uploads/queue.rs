//! The list of uploads, as signals.

use std::{collections::HashSet, sync::Arc};

use leptos::prelude::*;
use model::{
    rules::links::Origins,
    types::{ByteSize, Image, ImageId, UserId},
};

use super::{
    options::UploadOptions,
    policy, rows,
    state::{Kind, Millis, PreviewUrl, Taken, UploadState},
    totals::{Meter, Tally, Totals},
};

/// One file on the list. Cheap to clone.
#[derive(Clone, Debug)]
pub struct UploadItem {
    /// Its number in this page, never given twice.
    pub id: u32,
    /// The name it is sent with.
    pub filename: Arc<str>,
    /// Its bytes; none known of what is fetched.
    pub size: ByteSize,
    /// Whether the server fetches it from an address.
    pub is_fetched: bool,
    /// The secret of the link by which a guest sends it. It needs nobody to sign in.
    pub guest: Option<Arc<str>>,
    /// Its preview, once made.
    pub preview: ArcRwSignal<Option<PreviewUrl>>,
    /// Where it stands; changed by [`UploadQueue::change`] only, which keeps the sums.
    pub state: ArcReadSignal<UploadState>,
    set_state: ArcWriteSignal<UploadState>,
}

/// The queue; cheap to copy, provided as context by [`crate::App`].
#[derive(Clone, Copy)]
pub struct UploadQueue {
    /// The uploads in the order they were added.
    pub items: RwSignal<Vec<UploadItem>>,
    /// Images whose upload has been acknowledged since the page was opened, newest first.
    pub finished: RwSignal<Vec<Image>>,
    /// The sums, brought up to date a few times a second.
    pub totals: RwSignal<Totals>,
    /// Whether files are being dragged over the window.
    pub dragging: RwSignal<bool>,
    /// Whether somebody is signed in; until then files wait.
    pub signed_in: RwSignal<bool>,
    /// Whether the person has done anything on this page: what they may need next is loaded then. Who only
    /// looks downloads no more than what is seen.
    pub in_use: RwSignal<bool>,
    /// Counts how often all is to be given up, by who holds files and connections: see [`UploadQueue::abandon`].
    pub abandoned: RwSignal<u32>,
    /// Bytes of one upload at most, where known.
    pub max_upload: RwSignal<Option<ByteSize>>,
    /// What the person chose for uploads to come, on the page where they are asked for.
    pub options: RwSignal<UploadOptions>,
    /// Where links lead, where known.
    pub origins: RwSignal<Option<Origins>>,
    /// Counts changes of any upload's [`Kind`] and of the list.
    revision: RwSignal<u32>,
    books: StoredValue<Books>,
}

/// What nobody needs to be told about.
#[derive(Default)]
struct Books {
    /// Images that were sent by links for guests, newest first, each with the secret.
    sent: Vec<(Arc<str>, Image)>,
    next_id: u32,
    owner: Option<UserId>,
    tally: Tally,
    meter: Meter,
}

impl UploadQueue {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self {
            items: RwSignal::new(Vec::new()),
            finished: RwSignal::new(Vec::new()),
            totals: RwSignal::new(Totals::default()),
            dragging: RwSignal::new(false),
            signed_in: RwSignal::new(false),
            in_use: RwSignal::new(false),
            abandoned: RwSignal::new(0),
            max_upload: RwSignal::new(None),
            options: RwSignal::new(UploadOptions::default()),
            origins: RwSignal::new(None),
            revision: RwSignal::new(0),
            books: StoredValue::new(Books::default()),
        }
    }

    /// Who is signed in from now on, if anybody. Files that were chosen before wait for them, unless they are
    /// another person's: those are given up.
    pub fn signed_in_as(self, me: Option<UserId>) {
        let before = self.books.with_value(|books| books.owner);
        if me.is_some() && me != before {
            self.finished.set(Vec::new());
            if before.is_some() {
                self.leave();
            }
            self.books.update_value(|books| books.owner = me);
        }
        self.signed_in.set(me.is_some());
    }

    /// The person leaves: whoever comes to this page is shown no uploads of theirs, and sends none. What is chosen
    /// from now on waits for whoever signs in.
    pub fn leave(self) {
        self.books.update_value(|books| books.owner = None);
        self.abandoned.update(|times| *times = times.wrapping_add(1));
    }

    /// Takes all uploads off the list, whatever they are at, and answers them. Apart from
    /// [`UploadQueue::leave`], which is in every page, since this is among what sends files.
    #[must_use]
    pub fn abandon(self) -> Vec<UploadItem> {
        for id in [Kind::Waiting, Kind::Active].into_iter().flat_map(|kind| self.of_kind(kind)) {
            self.change(id, UploadState::cancelled);
        }
        self.remove(|_| true)
    }

    /// Puts files (name, bytes) at the end of the list and answers their numbers, in order. A file
    /// that can't be taken is listed as failed at once, unless it may become smaller before it is sent.
    pub fn push(self, files: impl IntoIterator<Item = (String, u64)>, options: &UploadOptions) -> Vec<u32> {
        let limit = if options.redraw.is_asked() { None } else { self.max_upload.get_untracked() };
        self.list(files.into_iter().map(|(name, size)| (name, Some(size))), limit, options)
    }

    /// The same for what the server is to fetch, by names.
    pub fn push_fetched(self, names: impl IntoIterator<Item = String>, options: &UploadOptions) -> Vec<u32> {
        self.list(names.into_iter().map(|name| (name, None)), None, options)
    }

    fn list(
        self,
        files: impl Iterator<Item = (String, Option<u64>)>,
        limit: Option<ByteSize>,
        UploadOptions { guest, .. }: &UploadOptions,
    ) -> Vec<u32> {
        let mut added = Vec::new();
        self.books.update_value(|books| {
            for (filename, size) in files {
                let refusal = size.and_then(|size| policy::refusal(size, limit));
                let state = refusal.map_or(UploadState::NEW, UploadState::failed);
                let (is_fetched, size) = (size.is_none(), size.unwrap_or(0));
                books.tally.add(&state, size);
                let (state, set_state) = arc_signal(state);
                added.push(UploadItem {
                    id: books.next_id,
                    filename: filename.into(),
                    size: ByteSize(size),
                    is_fetched,
                    guest: guest.clone(),
                    preview: ArcRwSignal::new(None),
                    state,
                    set_state,
                });
                books.next_id = books.next_id.wrapping_add(1);
            }
        });
        let ids = added.iter().map(|item| item.id).collect();
        self.items.update(|items| items.append(&mut added));
        self.changed();
        ids
    }

    /// Moves upload `id` to the state that `next` answers, if it answers one, and tells whether
    /// it did. All changes of state go through here.
    pub fn change(self, id: u32, next: impl FnOnce(&UploadState) -> Option<UploadState>) -> bool {
        let Some(item) = self.item(id) else { return false };
        let old = item.state.get_untracked();
        let Some(new) = next(&old) else { return false };
        let size = item.size.0;
        let (before, after) = (old.kind(), new.kind());
        self.books.update_value(|books| {
            books.tally.remove(&old, size);
            books.tally.add(&new, size);
            books.meter.moved(new.bytes_sent(size).saturating_sub(old.bytes_sent(size)));
        });
        if let UploadState::Done(Taken { image, .. }) = &new {
            match &item.guest {
                None => self.finished.update(|finished| {
                    finished.retain(|known| known.id != image.id);
                    finished.insert(0, image.clone());
                }),
                Some(guest) => self.books.update_value(|books| {
                    books.sent.retain(|(_, known)| known.id != image.id);
                    books.sent.insert(0, (Arc::clone(guest), image.clone()));
                }),
            }
        }
        item.set_state.set(new);
        if before != after {
            self.changed();
        }
        true
    }

    /// Images that were sent by the link with this secret since the page was opened, newest first.
    pub fn sent_by(self, secret: &str) -> Vec<Image> {
        self.revision.track();
        self.books.with_value(|books| {
            let ours = books.sent.iter().filter(|(link, _)| &**link == secret);
            ours.map(|(_, image)| image.clone()).collect()
        })
    }

    /// Images that are deleted aren't new any more.
    pub fn forget(self, gone: &HashSet<ImageId>) {
        self.finished.update(|images| images.retain(|image| !gone.contains(&image.id)));
    }

    /// Takes the uploads for which `gone` holds off the list; those not settled stay. Answers them.
    pub fn remove(self, gone: impl Fn(u32) -> bool) -> Vec<UploadItem> {
        let goes = |item: &UploadItem| gone(item.id) && !item.state.with_untracked(UploadState::is_open);
        let mut removed = Vec::new();
        self.items.update(|items| removed = items.extract_if(.., |item| goes(item)).collect());
        self.books.update_value(|books| {
            for item in &removed {
                item.state.with_untracked(|state| books.tally.remove(state, item.size.0));
            }
        });
        self.changed();
        removed
    }

    /// The upload with this number.
    #[must_use]
    pub fn item(self, id: u32) -> Option<UploadItem> {
        // Numbers ascend along the list.
        self.items.with_untracked(|items| {
            let index = items.binary_search_by_key(&id, |item| item.id).ok()?;
            items.get(index).cloned()
        })
    }

    /// The numbers of the uploads of kind `kind`.
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Vec<u32> {
        self.items.with_untracked(|items| {
            let of_kind = |item: &&UploadItem| item.state.with_untracked(UploadState::kind) == kind;
            items.iter().filter(of_kind).map(|item| item.id).collect()
        })
    }

    /// The numbers of the uploads to start at `now`. While nobody is signed in, guests' alone.
    #[must_use]
    pub fn startable(self, now: Millis) -> Vec<u32> {
        let signed_in = self.signed_in.get_untracked();
        self.items.with_untracked(|items| {
            let items: Vec<_> = items.iter().filter(|item| signed_in || item.guest.is_some()).collect();
            let states: Vec<_> = items.iter().map(|item| item.state.read_untracked()).collect();
            let ready = policy::startable(states.iter().map(|state| &**state), now);
            ready.into_iter().filter_map(|index| items.get(index)).map(|item| item.id).collect()
        })
    }

    /// Whether anything waits for somebody to sign in, read reactively.
    #[must_use]
    pub fn needs_sign_in(self) -> bool {
        self.revision.track();
        !self.signed_in.get() && self.any_waiting(|item| item.guest.is_none())
    }

    /// Whether anything waits for nothing but its moment.
    #[must_use]
    pub fn goes_on(self) -> bool {
        let signed_in = self.signed_in.get_untracked();
        self.any_waiting(|item| signed_in || item.guest.is_some())
    }

    fn any_waiting(self, which: impl Fn(&UploadItem) -> bool) -> bool {
        let waits =
            |item: &UploadItem| which(item) && item.state.with_untracked(UploadState::kind) == Kind::Waiting;
        self.items.with_untracked(|items| items.iter().any(waits))
    }

    /// The uploads to draw, read reactively.
    #[must_use]
    pub fn visible(self) -> Vec<UploadItem> {
        self.revision.track();
        self.items.with(|items| {
            let kinds: Vec<_> =
                items.iter().map(|item| item.state.with_untracked(UploadState::kind)).collect();
            let indices = rows::visible(&kinds, rows::ROWS);
            indices.into_iter().filter_map(|index| items.get(index)).cloned().collect()
        })
    }

    /// The images stored by uploads still on the list, in the list's order.
    #[must_use]
    pub fn stored(self) -> Vec<Image> {
        self.items.with_untracked(|items| {
            let image = |item: &UploadItem| {
                item.state.with_untracked(|state| match state {
                    UploadState::Done(Taken { image, .. }) => Some(image.clone()),
                    _ => None,
                })
            };
            items.iter().filter_map(image).collect()
        })
    }

    /// The sums as of now, without the speed.
    #[must_use]
    pub fn tally(self) -> Tally {
        self.books.with_value(|books| books.tally)
    }

    /// Looks at the clock and shows the sums. To be called a few times a second while uploads are
    /// under way.
    pub fn tick(self, now: Millis) {
        let totals = self.books.try_update_value(|books| {
            if books.tally.active == 0 {
                books.meter.stop();
            } else {
                books.meter.tick(now);
            }
            let rest = books.tally.bytes.saturating_sub(books.tally.sent);
            Totals { tally: books.tally, rate: books.meter.rate(), left: books.meter.time_left(rest) }
        });
        if let Some(totals) = totals.filter(|totals| *totals != self.totals.get_untracked()) {
            self.totals.set(totals);
        }
    }

    fn changed(self) {
        let tally = self.tally();
        self.totals.update(|totals| totals.tally = tally);
        self.revision.update(|revision| *revision = revision.wrapping_add(1));
    }
}

impl Default for UploadQueue {
    fn default() -> Self {
        Self::new()
    }
}
