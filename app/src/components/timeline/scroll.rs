//! What of the gallery is in the page while it is scrolled: a few screens around what is seen. The rest is
//! room, as high as it is thought to be until it is known.
//!
//! Whatever is put before what is seen takes its height from the room above, so nothing moves.

mod room;

use leptos::{
    leptos_dom::helpers::request_animation_frame,
    prelude::*,
    task::{spawn_local, tick},
};
use model::{
    Problem,
    types::{Image, ImageId, Place, Stretch, Timestamp},
};

use self::room::anchors;
use super::{dom, months::Months};
use crate::{api, components::Shown};

/// Images in the page, beyond which those far from what is seen go.
const MOST: usize = 240;
/// Images that are worth the work of taking them out.
const FEW: usize = 20;
/// More than the height of a row, in CSS pixels: what is taken out lies so much farther than where loading begins,
/// or the page would take out and load the same images for ever.
const ROW: f64 = 600.0;

/// Where to show what was jumped to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Aim {
    /// So far from the gallery's top, and scrolled to.
    At(f64),
    /// The same for what the page was scrolled to, unless it has been scrolled on from there.
    Seen { height: f64, scrolled: f64 },
    /// At the gallery's end.
    End,
}

/// The page's part of the gallery. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Scroll {
    pub(super) shown: Shown,
    pub(super) months: RwSignal<Months>,
    /// When the first image that is seen was uploaded.
    pub(super) here: RwSignal<Option<Timestamp>>,
    search: StoredValue<String>,
    /// What the viewer shows: it stays in the page.
    viewed: Memo<Option<Image>>,
    /// Room above and below, in CSS pixels.
    room: StoredValue<(f64, f64)>,
    /// Whether an answer is awaited, or what it changed.
    busy: StoredValue<bool>,
    /// Where to jump once it has come.
    wanted: StoredValue<Option<(Place, Aim)>>,
    /// How many images went at the top, each time: they come back in the same rows.
    cuts: StoredValue<Vec<u32>>,
    /// The image that was jumped to, and how far the page was scrolled for it: until somebody scrolls on, it stays
    /// first, whatever comes above.
    target: StoredValue<Option<(String, f64)>>,
    /// Whether what is seen is held where it is, until the page holds what changes now.
    held: StoredValue<bool>,
    /// Whether it is known how high the gallery is, or won't be.
    begun: StoredValue<bool>,
    /// Whether the last question failed: that is told once.
    failed: StoredValue<bool>,
    fail: Callback<Problem>,
}

impl Scroll {
    pub(super) fn new(
        shown: Shown,
        search: StoredValue<String>,
        viewed: Memo<Option<Image>>,
        fail: Callback<Problem>,
    ) -> Self {
        let is_search = search.with_value(|search| !search.trim().is_empty());
        Self {
            begun: StoredValue::new(is_search),
            failed: StoredValue::default(),
            shown,
            search,
            viewed,
            fail,
            months: RwSignal::default(),
            here: RwSignal::default(),
            room: StoredValue::default(),
            busy: StoredValue::default(),
            wanted: StoredValue::default(),
            cuts: StoredValue::default(),
            target: StoredValue::default(),
            held: StoredValue::default(),
        }
    }

    /// Whether the gallery has been left.
    pub(super) fn is_gone(self) -> bool {
        self.busy.try_get_value().is_none()
    }

    /// Takes up loading: how high the gallery is isn't asked for any more.
    pub(super) fn start(self) {
        self.begun.set_value(true);
        self.check();
    }

    /// Whether an answer is awaited.
    pub(super) fn is_busy(self) -> bool {
        self.busy.get_value()
    }

    /// Does something once the page holds what is changed now, before anything else can happen to it: effects run
    /// in the order in which they are woken, in microtasks.
    fn at_once(self, act: impl FnOnce() + 'static) {
        spawn_local(async move {
            tick().await;
            if !self.is_gone() {
                act();
            }
        });
    }

    /// Does something in the next frame, before it is painted.
    pub(super) fn after_render(self, act: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            if !self.is_gone() {
                act();
            }
        });
    }

    /// Brings what is missing, and takes away what is far.
    pub(super) fn check(self) {
        let Some(grid) = dom::grid() else { return };
        self.note(&grid);
        if self.busy.get_value() || !self.begun.get_value() {
            return;
        }
        let ((top, bottom), (above, below), screen) =
            (dom::span(&grid), self.room.get_value(), dom::screen());
        let (from, to) = (top + above, bottom - below);
        let newer = self.shown.newer.get_untracked();
        let older = self.shown.older.get_untracked();
        let is_far = (newer.is_some() && from > screen) || (older.is_some() && to < 0.0);
        if is_far && let Some((place, aim)) = self.place_seen(from, to) {
            self.jump(place, aim);
        } else if let Some(edge) = newer.filter(|_| from > -screen) {
            self.load_newer(edge);
        } else if let Some(edge) = older.filter(|_| to < 2.5 * screen) {
            self.load_older(edge);
        } else {
            self.trim(&grid, screen);
        }
    }

    /// The place that the page is scrolled to, where that is best begun anew. `from` and `to` are where the tiles
    /// are.
    fn place_seen(self, from: f64, to: f64) -> Option<(Place, Aim)> {
        let bar = dom::bar();
        if from > bar && dom::scrolled() < 1.0 {
            return Some((Place::Newest, Aim::At(0.0)));
        }
        self.months.with_untracked(|months| {
            // What is soon loaded on to isn't begun anew.
            if months.images() <= MOST as u64 {
                return None;
            }
            if to < bar && dom::most_scrolled() - dom::scrolled() < dom::screen() {
                return Some((Place::Oldest, Aim::End));
            }
            let (first, last) = self.shown.images.with_untracked(|images| {
                let place = |image: Option<&Image>| image.map(|image| months.place_of(&image.created_at));
                (place(images.first()), place(images.last()))
            });
            let (above, _) = self.room.get_value();
            // The room above may be more or less than what it stands for.
            let height =
                if from > bar { first? * (1.0 - (from - bar) / above.max(1.0)) } else { last? + bar - to };
            let (index, share) = months.at(height)?;
            let month = months.get(index)?.month.clone();
            let seen = Aim::Seen { height, scrolled: dom::scrolled() };
            Some((Place::Within { month, share: (share * 1000.0) as u32 }, seen))
        })
    }

    /// Shows the newest or the oldest images for the keys Home and End, where the page doesn't hold them all. Answers
    /// whether it does so.
    pub(super) fn go_to_end(self, key: &str) -> bool {
        let is_large = self.months.with_untracked(|months| months.images() > MOST as u64);
        let (place, aim, is_missing) = match key {
            "Home" => (Place::Newest, Aim::At(0.0), self.shown.newer.get_untracked().is_some()),
            "End" => (Place::Oldest, Aim::End, self.shown.older.get_untracked().is_some()),
            _ => return false,
        };
        if self.viewed.with_untracked(Option::is_some) {
            return false;
        }
        if is_large && is_missing {
            self.jump(place, aim);
        }
        is_large && is_missing
    }

    /// Shows another part of the gallery.
    pub(super) fn jump(self, place: Place, aim: Aim) {
        if self.busy.get_value() {
            self.wanted.set_value(Some((place, aim)));
            return;
        }
        self.ask(place, None, move |stretch| {
            let first = stretch.images.first().map(|image| image.id);
            self.shown.seams.set(first.into_iter().collect());
            self.cuts.set_value(Vec::new());
            self.shown.set(stretch);
            self.at_once(move || self.settle_at(aim));
        });
    }

    fn load_newer(self, edge: ImageId) {
        let cut = self.cuts.try_update_value(Vec::pop).flatten();
        self.ask(Place::NewerThan(edge), cut, move |stretch| {
            self.rearrange(move || {
                let Stretch { images: found, has_newer, .. } = stretch;
                let first = found.first().map(|image| image.id);
                self.shown.images.update(|images| {
                    if let Some(first) = images.first() {
                        self.shown.seams.update(|seams| seams.push(first.id));
                    }
                    images.splice(0..0, self.shown.left_of(found));
                });
                self.shown.newer.set(first.filter(|_| has_newer));
            });
        });
    }

    fn load_older(self, edge: ImageId) {
        self.ask(Place::OlderThan(edge), None, move |stretch| {
            self.rearrange(move || {
                let last = stretch.images.last().map(|image| image.id);
                self.shown.images.update(|images| images.extend(self.shown.left_of(stretch.images)));
                self.shown.older.set(last.filter(|_| stretch.has_older));
            });
        });
    }

    /// Asks, and looks again once what came has been shown.
    fn ask(self, place: Place, most: Option<u32>, show: impl FnOnce(Stretch) + 'static) {
        self.busy.set_value(true);
        let search = self.search.get_value();
        spawn_local(async move {
            let found = api::images_at(place, search, most).await;
            if self.is_gone() {
                return;
            }
            match found {
                Ok(stretch) => {
                    self.failed.set_value(false);
                    show(stretch);
                    self.after_render(move || self.go_on());
                }
                Err(error) => {
                    if !self.failed.get_value() {
                        self.failed.set_value(true);
                        self.fail.run(error.0);
                    }
                    if let Some(cut) = most {
                        self.cuts.update_value(|cuts| cuts.push(cut));
                    }
                    // A network that is away comes back; asking all the time doesn't help it.
                    let again = move || {
                        if !self.is_gone() {
                            self.go_on();
                        }
                    };
                    set_timeout(again, std::time::Duration::from_secs(5));
                }
            }
        });
    }

    fn go_on(self) {
        self.busy.set_value(false);
        match self.wanted.try_update_value(Option::take).flatten() {
            Some((place, aim)) => self.jump(place, aim),
            None => self.check(),
        }
    }

    /// Takes out what is far from what is seen, where there is too much: whole rows at the top, so that the
    /// others stay as they are. Never what the viewer shows.
    fn trim(self, grid: &web_sys::HtmlElement, screen: f64) {
        let count = self.shown.images.with_untracked(Vec::len);
        if count <= MOST {
            return;
        }
        let tops: Vec<f64> = dom::tiles(grid).iter().map(|tile| dom::span(tile).0).collect();
        let begins_row = |pair: &[f64]| matches!(pair, [before, this] if this - before > 1.0 && *this >= -1.5 * screen - ROW);
        let viewed = self.viewed.with_untracked(|viewed| {
            let id = viewed.as_ref()?.id;
            self.shown.images.with_untracked(|images| images.iter().position(|image| image.id == id))
        });
        let first = tops.windows(2).position(begins_row).map_or(0, |n| n + 1);
        let first = if viewed.is_some_and(|viewed| viewed < first) { 0 } else { first };
        let end = tops.iter().position(|top| *top > 3.0 * screen + ROW).unwrap_or(count);
        let end = viewed.map_or(end, |viewed| end.max(viewed + 1));
        if first >= FEW {
            self.rearrange(move || {
                self.shown.images.update(|images| drop(images.drain(..first)));
                self.shown.images.with_untracked(|images| {
                    self.shown.newer.set(images.first().map(|image| image.id));
                    self.shown
                        .seams
                        .update(|seams| seams.retain(|id| images.iter().any(|image| image.id == *id)));
                });
                self.cuts.update_value(|cuts| cuts.push(u32::try_from(first).unwrap_or(u32::MAX)));
            });
        } else if end + FEW <= count {
            self.rearrange(move || {
                self.shown.images.update(|images| images.truncate(end));
                self.shown
                    .older
                    .set(self.shown.images.with_untracked(|images| images.last().map(|image| image.id)));
            });
        }
    }

    /// Notes what is seen first.
    fn note(self, grid: &web_sys::HtmlElement) {
        let seen = anchors(grid).first().and_then(|(id, _)| {
            self.shown.images.with_untracked(|images| {
                let image = images.iter().find(|image| image.id.to_string() == *id)?;
                Some(image.created_at.clone())
            })
        });
        if seen.is_some() && self.here.with_untracked(|here| *here != seen) {
            self.here.set(seen);
        }
    }
}
