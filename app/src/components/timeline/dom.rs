//! What is asked of the page: where tiles are, and how far it is scrolled. In CSS pixels from the window's top.

use leptos::prelude::{document, window};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::months::Measure;

/// The grid, while there is one.
pub(super) fn grid() -> Option<HtmlElement> {
    document().query_selector("main > .grid").ok()??.dyn_into().ok()
}

/// The tile of the image with this key.
pub(super) fn tile(id: &str) -> Option<Element> {
    document().query_selector(&format!(".tile[data-id=\"{id}\"]")).ok()?
}

/// Top and bottom.
pub(super) fn span(element: &Element) -> (f64, f64) {
    let place = element.get_bounding_client_rect();
    (place.top(), place.bottom())
}

/// The height of the window.
pub(super) fn screen() -> f64 {
    window().inner_height().ok().and_then(|height| height.as_f64()).unwrap_or(800.0)
}

/// Where the page begins to be seen: below the bar at the top.
pub(super) fn bar() -> f64 {
    document().query_selector(".top-bar").ok().flatten().map_or(0.0, |bar| span(&bar).1.max(0.0))
}

/// How far the page is scrolled.
pub(super) fn scrolled() -> f64 {
    window().scroll_y().unwrap_or_default()
}

/// How far the page can be scrolled.
pub(super) fn most_scrolled() -> f64 {
    let height = document().document_element().map_or(0, |root| root.scroll_height());
    f64::from(height) - screen()
}

pub(super) fn scroll_to(top: f64) {
    window().scroll_to_with_x_and_y(0.0, top);
}

/// What the grid's style sheet says now.
pub(super) fn measure(grid: &HtmlElement) -> Measure {
    let row = window().get_computed_style(grid).ok().flatten();
    let row = row.and_then(|style| style.get_property_value("--row").ok());
    let row = row.and_then(|row| row.trim().trim_end_matches("px").parse().ok());
    Measure { width: f64::from(grid.client_width()), row: row.unwrap_or(240.0) }
}

/// Leaves room before and after the tiles for all that isn't there.
pub(super) fn pad(grid: &HtmlElement, above: f64, below: f64) {
    let style = grid.style();
    let _ = style.set_property("padding-block", &format!("{above:.1}px {below:.1}px"));
}

/// The tiles, top to bottom.
pub(super) fn tiles(grid: &HtmlElement) -> Vec<Element> {
    let all = grid.query_selector_all(".tile").ok();
    let list = |all: web_sys::NodeList| (0..all.length()).filter_map(move |n| all.item(n)?.dyn_into().ok());
    all.into_iter().flat_map(list).collect()
}
