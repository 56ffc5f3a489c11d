//! The room around the tiles, and that what is seen doesn't move when it changes.

use leptos::prelude::*;
use model::types::Image;

use super::{super::dom, Aim, Scroll};
use crate::components::timeline::months::Months;

/// A tile that must not move: its image's key, and where it is from the page's top.
pub(super) type Anchor = Option<(String, f64)>;

impl Scroll {
    /// Changes what is in the page without moving what is seen.
    pub(in super::super) fn rearrange(self, change: impl FnOnce()) {
        let anchor = dom::grid().and_then(|grid| anchor(&grid));
        change();
        self.after_render(move || self.settle(anchor));
    }

    /// Makes the room right, with `anchor` where it was.
    fn settle(self, anchor: Anchor) {
        let Some(grid) = dom::grid() else { return };
        let (mut above, _) = self.room.get_value();
        if let Some((id, before)) = anchor
            && let Some(tile) = dom::tile(&id)
        {
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

/// The first tile that is seen.
pub(super) fn anchor(grid: &web_sys::HtmlElement) -> Anchor {
    let bar = dom::bar() + 1.0;
    let tiles = dom::tiles(grid);
    // They are in order.
    let first = tiles.partition_point(|tile| dom::span(tile).1 <= bar);
    let tile = tiles.get(first).or(tiles.last())?;
    Some((tile.get_attribute("data-id")?, dom::span(tile).0 + dom::scrolled()))
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
