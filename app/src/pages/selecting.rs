//! The bar that a selection turns up.

mod all;
mod showing;

use std::collections::HashMap;

use leptos::prelude::*;
use model::types::{Image, ImageId};

use self::{all::SelectAll, showing::ShowTo};
use crate::{
    components::{AddToAlbum, Glyph, Icon, LinkPanel, Selection, TagImages, When},
    i18n::use_i18n,
    text::tr,
};

/// The count, what can be done with the selected images wherever they are shown, and what can be done here.
#[component]
pub(super) fn SelectedBar(
    /// The images that are shown.
    images: RwSignal<Vec<Image>>,
    /// The selected ones.
    selection: Selection,
    /// Shows what can be done with them here.
    actions: Callback<Memo<Vec<Image>>, AnyView>,
    /// What was searched for, where all of that can be selected.
    #[prop(optional)]
    search: Option<StoredValue<String>>,
) -> impl IntoView {
    let i18n = use_i18n();
    // As they are now; those that have left the page are as they were.
    let selected = Memo::new(move |_| {
        let by_id: HashMap<ImageId, Image> =
            images.with(|images| images.iter().map(|image| (image.id, image.clone())).collect());
        let now = |image: &Image| by_id.get(&image.id).unwrap_or(image).clone();
        selection.images.with(|selected| selected.iter().map(now).collect::<Vec<_>>())
    });
    let count = move || selected.with(Vec::len);
    let ids = Signal::derive(move || selected.with(|images| images.iter().map(|image| image.id).collect()));
    let keys = move || {
        ids.with(|ids: &Vec<ImageId>| ids.iter().map(ImageId::to_string).collect::<Vec<_>>().join(","))
    };
    let links_open = RwSignal::new(false);
    view! {
        <section class="selection-bar" aria-label=tr!(i18n, images.selected, count = count().to_string())>
            <div class="row">
                <strong>{tr!(i18n, images.selected, count = count().to_string())}</strong>
                {search.map(|search| view! { <SelectAll selection=selection search=search /> })}
                <button type="button" class="button" aria-expanded=move || links_open.get().to_string()
                    on:click=move |_| links_open.update(|open| *open = !*open)>
                    <Icon glyph=Glyph::Link /><span>{tr!(i18n, images.copy_links)}</span>
                </button>
                <AddToAlbum images=ids />
                <TagImages images=ids />
                <ShowTo images=ids />
                // A form, so that the browser saves what comes.
                <form method="POST" action="/api/v1/images/zip">
                    <input type="hidden" name="ids" value=keys />
                    <button type="submit" class="button">{tr!(i18n, bulk.zip)}</button>
                </form>
                {actions.run(selected)}
                <button type="button" class="button button-quiet" on:click=move |_| selection.images.set(Vec::new())>
                    {tr!(i18n, images.select_none)}
                </button>
            </div>
            <When when=move || links_open.get()>
                <LinkPanel name="selection" images=selected />
            </When>
        </section>
    }
}
