//! Justified rows of images.
//!
//! A tile's box comes from the stored width and height before any pixel arrives. Inline styles are
//! forbidden by the Content-Security-Policy, so the shape goes into one of [`SHAPES`] classes,
//! 5 % apart; `object-fit: cover` hides the difference.

use std::collections::HashSet;

use leptos::prelude::*;
use model::types::{Image, ImageId, VariantWidth};

use super::icons::{Glyph, Icon};
use crate::{
    dates,
    i18n::{tu_string, use_i18n},
    platform::platform,
    rules::links,
    session::use_session,
    text::{text, tr},
    toasts::use_toasts,
};

/// Shape classes, `r0` (0.4, tall) to `r43` (3.26, wide), each 5 % wider than the one before.
pub const SHAPES: u32 = 44;
const TALLEST: f64 = 0.4;
const STEP: f64 = 1.05;

/// The class of the shape nearest to `width` by `height`.
#[must_use]
pub fn ratio_class(width: u32, height: u32) -> String {
    let mut shape = 0;
    let mut ratio = TALLEST * STEP.sqrt();
    let wanted = f64::from(width.max(1)) / f64::from(height.max(1));
    while wanted > ratio && shape + 1 < SHAPES {
        ratio *= STEP;
        shape += 1;
    }
    format!("r{shape}")
}

/// How wide a tile is, in CSS pixels: 240 high.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "96 to 792")]
fn shown_width(width: u32, height: u32) -> u32 {
    let ratio = f64::from(width) / f64::from(height.max(1));
    (ratio.clamp(TALLEST, 3.3) * 240.0).round() as u32
}

/// What a grid can do with its images, besides showing them.
#[derive(Clone, Copy)]
pub struct Selection {
    /// The selected ones, in the order chosen. They may have left the page since.
    pub images: RwSignal<Vec<Image>>,
}

impl Selection {
    /// Nothing selected.
    #[must_use]
    pub fn new() -> Self {
        Self { images: RwSignal::new(Vec::new()) }
    }

    /// Whether `id` is selected, read reactively.
    #[must_use]
    pub fn has(&self, id: ImageId) -> bool {
        self.images.with(|images| images.iter().any(|image| image.id == id))
    }

    /// Selects what isn't yet.
    pub fn add(&self, found: Vec<Image>) {
        self.images.update(|images| {
            let known: HashSet<ImageId> = images.iter().map(|image| image.id).collect();
            images.extend(found.into_iter().filter(|image| !known.contains(&image.id)));
        });
    }

    /// Selects `image`, or no longer.
    pub fn toggle(&self, image: &Image) {
        self.images.update(|images| match images.iter().position(|other| other.id == image.id) {
            Some(place) => {
                images.remove(place);
            }
            None => images.push(image.clone()),
        });
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::new()
    }
}

/// What a grid is made of.
#[derive(Clone)]
enum Entry {
    /// The heading of a day.
    Day(String),
    /// The end of a row that isn't full.
    Seam(ImageId),
    Tile(Image),
}

impl Entry {
    /// What its owner may change belongs to an image's key.
    fn key(&self) -> String {
        match self {
            Self::Day(date) => date.clone(),
            Self::Seam(id) => id.to_string(),
            Self::Tile(image) => format!("{}{}{}/{}", image.id, image.version, image.alt, image.filename),
        }
    }
}

/// Images in justified rows, under a heading for each day.
#[component]
pub fn ImageGrid(
    /// The images, newest first.
    #[prop(into)]
    images: Signal<Vec<Image>>,
    /// Images with which a row begins.
    #[prop(optional, into)]
    seams: Signal<Vec<ImageId>>,
    /// What is selected, where selecting is offered.
    #[prop(optional)]
    selection: Option<Selection>,
) -> impl IntoView {
    let entries = move || {
        let mut day = String::new();
        let mut entries = Vec::new();
        images.with(|images| {
            for image in images {
                if day != image.created_at.date() {
                    image.created_at.date().clone_into(&mut day);
                    entries.push(Entry::Day(day.clone()));
                } else if seams.with(|seams| seams.contains(&image.id)) {
                    entries.push(Entry::Seam(image.id));
                }
                entries.push(Entry::Tile(image.clone()));
            }
        });
        entries
    };
    view! {
        <ul class="grid">
            <For each=entries key=Entry::key let:entry>
                {match entry {
                    Entry::Day(date) => view! { <DayHeading date=date /> }.into_any(),
                    Entry::Seam(_) => view! { <li class="seam" aria-hidden="true"></li> }.into_any(),
                    Entry::Tile(image) => view! { <Tile image=image selection=selection /> }.into_any(),
                }}
            </For>
        </ul>
    }
}

#[component]
fn DayHeading(date: String) -> impl IntoView {
    let i18n = use_i18n();
    let shown = date.clone();
    view! {
        <li class="day"><h2>
            <time datetime=date>{text(move || dates::day(i18n.get_locale(), &shown))}</time>
        </h2></li>
    }
}

/// What is seen of an image in a tile: a few soft colours until it has loaded, and the way to it.
pub fn tile_face(image: &Image, href: String) -> impl IntoView + use<> {
    let i18n = use_i18n();
    let src =
        |width| VariantWidth::try_from(width).ok().map(|w| links::variant_path(image, w)).unwrap_or_default();
    let (small, large) = (src(320), src(640));
    let set = format!("{small} 320w, {large} 640w");
    let sizes = format!("{}px", shown_width(image.width, image.height));
    let (name, alt) = (StoredValue::new(image.filename.clone()), image.alt.clone());
    let (width, height, preview) = (image.width, image.height, image.preview.clone());
    view! {
        {(!preview.is_empty()).then(|| view! { <img class="placeholder" src=preview alt="" /> })}
        <a class="tile-link" href=href aria-label=tr!(i18n, images.open, name = name.get_value())>
            <img src=small srcset=set sizes=sizes width=width height=height alt=alt loading="lazy" decoding="async" />
        </a>
    }
}

/// One image of a grid.
#[component]
pub fn Tile(
    /// The image.
    image: Image,
    /// What is selected, where selecting is offered.
    #[prop(into)]
    selection: Option<Selection>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let id = image.id;
    let name = StoredValue::new(image.filename.clone());
    let named = move || name.get_value();
    let class = format!("tile {}", ratio_class(image.width, image.height));
    let face = tile_face(&image, format!("/gallery?view={}", image.slug));
    let copied = RwSignal::new(false);
    let shown = StoredValue::new(image);
    let copy = move |_| {
        let Some(platform) = platform() else { return };
        let last = (platform.recall)(super::LAST_FORM).and_then(|key| links::LinkForm::from_key(&key));
        let all = shown.with_value(|image| links::links(image, &session.origins(), None));
        let done = Callback::new(move |ok: bool| {
            if ok {
                copied.set(true);
                toasts.tell(tu_string!(i18n, common.copied));
                let unset = move || {
                    let _ = copied.try_set(false);
                };
                set_timeout(unset, std::time::Duration::from_secs(2));
            } else {
                toasts.fail(tu_string!(i18n, common.copy_refused));
            }
        });
        (platform.copy_text)(all.get(last.unwrap_or(links::LinkForm::Url)).to_owned(), done);
    };
    view! {
        <li class=class class:selected=move || selection.is_some_and(|s| s.has(id)) data-id=id.to_string()>
            {face}
            {selection.map(|selection| view! {
                <label class="tile-select">
                    <input
                        type="checkbox"
                        prop:checked=move || selection.has(id)
                        on:change=move |_| shown.with_value(|image| selection.toggle(image))
                        aria-label=tr!(i18n, images.select, name = named())
                    />
                </label>
            })}
            <button type="button" class="tile-copy js-only" on:click=copy
                aria-label=tr!(i18n, images.copy_link, name = named())>
                {move || view! { <Icon glyph=if copied.get() { Glyph::Check } else { Glyph::Link } /> }}
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_at_most_two_and_a_half_percent_off() {
        for (width, height) in [(1, 1), (4000, 3000), (3000, 4000), (1920, 1080), (1080, 1920), (3, 1)] {
            let class: i32 = ratio_class(width, height)[1..].parse().unwrap();
            let error = TALLEST * STEP.powi(class) / (f64::from(width) / f64::from(height));
            assert!((0.975..=1.025).contains(&error), "{width}x{height}: {error}");
        }
    }

    #[test]
    fn extreme_shapes_are_the_outermost_classes() {
        assert_eq!(ratio_class(1, 10_000), "r0");
        assert_eq!(ratio_class(10_000, 1), format!("r{}", SHAPES - 1));
        assert_eq!(ratio_class(0, 0), ratio_class(1, 1));
    }
}
