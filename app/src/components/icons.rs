//! One small set of icons, 24 units square, drawn with the text's colour.

use leptos::prelude::*;

/// An icon by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Glyph {
    Album,
    Bin,
    Check,
    ChevronLeft,
    ChevronRight,
    Close,
    Copy,
    External,
    Gallery,
    Link,
    Restore,
    Search,
    Upload,
    User,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Album => "M4 9h16v11H4zM6 6h12M8 3h8",
            Self::Bin => {
                "M4 7h16M10 11v6M14 11v6M6 7l1 12a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2l1-12M9 7V5a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2"
            }
            Self::Check => "M5 13l4 4L19 7",
            Self::ChevronLeft => "M15 5l-7 7 7 7",
            Self::ChevronRight => "M9 5l7 7-7 7",
            Self::Close => "M6 6l12 12M18 6L6 18",
            Self::Copy => {
                "M9 9h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H9a1 1 0 0 1-1-1V10a1 1 0 0 1 1-1zM5 15H4a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1h10a1 1 0 0 1 1 1v1"
            }
            Self::External => "M14 4h6v6M20 4l-9 9M18 14v5a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1h5",
            Self::Gallery => "M4 5h7v6H4zM14 5h6v9h-6zM4 14h7v5H4zM14 17h6v2h-6z",
            Self::Link => {
                "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-6-6l-1.5 1.5M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 6 6l1.5-1.5"
            }
            Self::Restore => "M4 8v5h5M4.5 13A8 8 0 1 0 7 6.5L4 9",
            Self::Search => "M11 4a7 7 0 1 1 0 14 7 7 0 0 1 0-14zM20 20l-4-4",
            Self::Upload => "M12 16V4M7 9l5-5 5 5M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3",
            Self::User => "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 20c1-4 4-6 8-6s7 2 8 6",
        }
    }
}

/// Draws a [`Glyph`]; hidden from assistive technology, the control around it has the name.
#[component]
pub fn Icon(
    /// Which.
    glyph: Glyph,
) -> impl IntoView {
    drawn(glyph.path())
}

/// Draws a path as an [`Icon`]: those of a part that is loaded later come with that.
pub(crate) fn drawn(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" fill="none" stroke="currentColor"
            stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round">
            <path d=path />
        </svg>
    }
}

/// The mark of reflect: a picture and its mirror image.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <path class="mark-upper" d="M4 15 L12 5 L17 11 L20 8 L28 15 Z" />
            <path class="mark-lower" d="M4 18 L12 28 L17 22 L20 25 L28 18 Z" />
        </svg>
    }
}
