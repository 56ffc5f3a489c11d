//! A person's images with all that is said of them: taken away, and brought back.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::types::ExportPart;

use super::import::ImportCard;
use crate::{
    api,
    i18n::{Locale, t_string, use_i18n},
    pages::loaded::{Place, loaded},
    text::{text, tr},
};

pub(super) const ADDRESS: &str = "/settings/export";

/// Where an export is had.
const DOWNLOAD: &str = "/api/v1/export";

/// `/settings/export`
#[component]
pub(super) fn ExportSection() -> impl IntoView {
    let i18n = use_i18n();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::export_parts());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, export.title)}</h1>
            <p>{tr!(i18n, export.text)}</p>
            <p class="hint">{tr!(i18n, export.not_in_it)}</p>
            {loaded(found, again, Place::Card, move |parts| {
                let parts = move || match parts.get() {
                    parts if parts.is_empty() => view! { <p>{tr!(i18n, export.nothing)}</p> }.into_any(),
                    parts => parts.into_iter().map(|part| view! { <Part part=part /> }).collect_view().into_any(),
                };
                view! { {parts} }.into_any()
            })}
        </section>
        <ImportCard on_end=again />
    }
}

/// One of the files.
#[component]
fn Part(part: ExportPart) -> impl IntoView {
    let i18n = use_i18n();
    let address = match part.query.as_str() {
        "" => DOWNLOAD.to_owned(),
        query => format!("{DOWNLOAD}?{query}"),
    };
    view! {
        <div class="row">
            <a class="button button-primary" href=address rel="external" download="">{tr!(i18n, export.download)}</a>
            <span>{text(move || holds(i18n, &part))}</span>
        </div>
    }
}

/// What is in one of the files.
fn holds(i18n: I18nContext<Locale>, part: &ExportPart) -> String {
    let (images, bytes) = (part.images.to_string(), part.bytes.to_string());
    let held = t_string!(i18n, export.holds, images = images, bytes = bytes).to_string();
    match &part.between {
        None => held,
        Some([first, last]) if first == last => format!("{first}: {held}"),
        Some([first, last]) => format!("{first} – {last}: {held}"),
    }
}
