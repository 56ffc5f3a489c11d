//! The room around the tiles, and that what is seen doesn't move when it changes.

use leptos::prelude::*;
use model::types::Image;
use web_sys::Element;

use super::{super::dom, Aim, Scroll};
use crate::components::timeline::months::Months;

/// Tiles of which one may go, as deleting takes some.
const ENOUGH: usize = 24;

/// A tile that must not move: its image's key, and where it is from the page's top.
type Anchor = (String, f64);

impl Scroll {
    /// Changes what is in the page without moving what is seen.
    pub(in super::super) fn rearrange(self, change: impl FnOnce()) {
        self.hold();
        change();
    }

    /// Keeps what is seen where it is when what is in the page changes now.
    pub(in super::super) fn hold(self) {
        // What is held already is held from where it was before all changes.
        if self.held.get_value() {
            return;
        }
        self.held.set_value(true);
        // Who is at the top sees what comes there.
        let is_top = self.shown.newer.get_untracked().is_none() && dom::scrolled() < 1.0;
        let anchors = dom::grid().filter(|_| !is_top).map(|grid| anchors(&grid)).unwrap_or_default();
        self.at_once(move || {
            self.held.set_value(false);
            self.settle(&anchors);
        });
    }

    /// Makes the room right, with the first of `anchors` that is still there where it was.
    fn settle(self, anchors: &[Anchor]) {
        let Some(grid) = dom::grid() else { return };
        let (mut above, _) = self.room.get_value();
        if let Some((tile, before)) = anchors.iter().find_map(|(id, before)| Some((dom::tile(id)?, before))) {
            above -= dom::span(&tile).0 + dom::scrolled() - before;
        }
        let wanted = self.wanted_above(above);
        self.make_room(&grid, wanted);
        let before = dom::scrolled();
        if (wanted - above).abs() > 0.5 {
            dom::scroll_to(before + wanted - above);
        }
        let target = self.target.get_value().filter(|(_, scrolled)| (scrolled - before).abs() < 2.0);
        self.target.set_value(target.and_then(|(id, _)| align(id)));
    }

    /// Shows the images that are there from the first on, as far from the gallery's top as they seem to be.
    pub(in super::super) fn begin(self) {
        let first = self.place_of(<[Image]>::first);
        // Whoever has scrolled on before this could come stays where they are.
        if self.shown.newer.get_untracked().is_some() && dom::scrolled() > 1.0 {
            return self.rearrange(|| {});
        }
        let is_top = self.shown.newer.get_untracked().is_none();
        let height = first.unwrap_or_default();
        // At the top it is where it should be.
        self.settle_at(if is_top { Aim::Seen { height, scrolled: f64::MAX } } else { Aim::At(height) });
    }

    pub(super) fn settle_at(self, aim: Aim) {
        let Some(grid) = dom::grid() else { return };
        let ((top, bottom), (above, below)) = (dom::span(&grid), self.room.get_value());
        let (bar, tiles) = (dom::bar(), bottom - top - above - below);
        let start = top + dom::scrolled();
        let wanted = match aim {
            Aim::At(height) | Aim::Seen { height, .. } => height,
            Aim::End => self.months.with_untracked(Months::height) - tiles,
        };
        let above = self.wanted_above(wanted);
        self.make_room(&grid, above);
        self.target.set_value(None);
        match aim {
            Aim::At(_) if above > 0.0 => {
                dom::scroll_to(start + above - bar);
                let first = dom::tiles(&grid).first().and_then(|tile| tile.get_attribute("data-id"));
                self.target.set_value(first.and_then(align));
            }
            Aim::At(_) => dom::scroll_to(0.0),
            Aim::End => dom::scroll_to(dom::most_scrolled()),
            Aim::Seen { scrolled, .. } if (dom::scrolled() - scrolled).abs() < 1.0 => {
                dom::scroll_to(start + above - bar);
            }
            Aim::Seen { .. } => {}
        }
    }

    /// None where there is nothing above, and enough to scroll into where there is.
    fn wanted_above(self, above: f64) -> f64 {
        if self.shown.newer.get_untracked().is_none() {
            return 0.0;
        }
        let least = dom::screen();
        if above >= least { above } else { self.place_of(<[Image]>::first).unwrap_or(0.0).max(2.0 * least) }
    }

    fn make_room(self, grid: &web_sys::HtmlElement, above: f64) {
        let below = if self.shown.older.get_untracked().is_none() {
            0.0
        } else {
            let all = self.months.with_untracked(Months::height);
            self.place_of(<[Image]>::last).map_or(0.0, |last| all - last).max(dom::screen())
        };
        self.room.set_value((above, below));
        dom::pad(grid, above, below);
    }

    fn place_of(self, pick: fn(&[Image]) -> Option<&Image>) -> Option<f64> {
        let moment =
            self.shown.images.with_untracked(|images| pick(images).map(|image| image.created_at.clone()))?;
        self.months.with_untracked(|months| (months.len() > 0).then(|| months.place_of(&moment)))
    }
}

/// The first tile that is seen, and some after it.
pub(super) fn anchors(grid: &web_sys::HtmlElement) -> Vec<Anchor> {
    let (bar, scrolled) = (dom::bar() + 1.0, dom::scrolled());
    let tiles = dom::tiles(grid);
    // They are in order.
    let first = tiles.partition_point(|tile| dom::span(tile).1 <= bar).min(tiles.len().saturating_sub(1));
    let place = |tile: &Element| Some((tile.get_attribute("data-id")?, dom::span(tile).0 + scrolled));
    tiles.iter().skip(first).take(ENOUGH).filter_map(place).collect()
}

/// Scrolls so that the image's tile, with its day's heading if it has one, is the first thing that is seen.
/// Answers the image, and how far that is.
fn align(id: String) -> Option<(String, f64)> {
    let tile = dom::tile(&id)?;
    let heading = tile.previous_element_sibling().filter(|before| before.class_list().contains("day"));
    let (top, _) = dom::span(heading.as_ref().unwrap_or(&tile));
    dom::scroll_to(dom::scrolled() + top - dom::bar());
    Some((id, dom::scrolled()))
}
