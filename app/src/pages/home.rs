//! The first page: what reflect is, or where to drop.

use leptos::{ev, html, prelude::*};
use leptos_meta::Title;
use leptos_router::components::A;
use model::types::Place;

use crate::{
    api,
    components::{Glyph, Icon, ImageGrid, UploadButton, When},
    i18n::{t_string, use_i18n},
    platform::platform,
    session::use_session,
    text::{heading, tr},
    uploads::UploadQueue,
};

/// Images shown below the drop area.
const RECENT: usize = 12;

/// `/` and `/upload`.
#[component]
pub fn HomePage() -> impl IntoView {
    let session = use_session();
    view! { <When when=move || session.signed_in() fallback=Welcome><Upload /></When> }
}

#[component]
fn Welcome() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let has_accounts = move || session.info().is_none_or(|info| info.sign_in.has_accounts);
    view! {
        <Title text="" />
        <section class="welcome">
            <h1>{tr!(i18n, common.welcome_title)}</h1>
            <p class="lead">{tr!(i18n, common.welcome_text)}</p>
            <ul class="points">
                <li><Icon glyph=Glyph::Link />{tr!(i18n, common.welcome_point_links)}</li>
                <li><Icon glyph=Glyph::Check />{tr!(i18n, common.welcome_point_private)}</li>
                <li><Icon glyph=Glyph::User />{tr!(i18n, common.welcome_point_signin)}</li>
            </ul>
            <When
                when=has_accounts
                fallback=move || view! {
                    <div class="notice">
                        <strong>{tr!(i18n, common.not_set_up_title)}</strong>
                        <p>{tr!(i18n, common.not_set_up_text)}</p>
                    </div>
                }
            >
                <A href="/sign-in" attr:class="button button-primary button-large">{tr!(i18n, common.sign_in)}</A>
            </When>
        </section>
    }
}

/// Where the address of an image is typed. Dropped and pasted ones need no field.
#[component]
fn ByAddress() -> impl IntoView {
    let i18n = use_i18n();
    let field = NodeRef::<html::Input>::new();
    let fetch = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let (Some(field), Some(platform)) = (field.get_untracked(), platform()) {
            (platform.fetch)(field.value());
            field.set_value("");
        }
    };
    view! {
        <form class="row" on:submit=fetch>
            <span class="field">
                <input
                    type="url"
                    required
                    pattern="\\s*[Hh][Tt][Tt][Pp][Ss]?://\\S+\\s*"
                    maxlength="8000"
                    placeholder="https://"
                    autocomplete="off"
                    node_ref=field
                    aria-label=tr!(i18n, uploads.address)
                />
            </span>
            <button type="submit" class="button">{tr!(i18n, uploads.fetch)}</button>
        </form>
    }
}

#[component]
fn Upload() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let queue = expect_context::<UploadQueue>();
    let stored = api::page_resource(|| (), |()| api::list_images(Place::Newest, String::new()));
    let limit = move || session.info().map(|info| info.max_upload.to_string()).unwrap_or_default();
    view! {
        <Title text=heading(move || t_string!(i18n, common.upload).to_owned()) />
        <section class="drop-area">
            <Icon glyph=Glyph::Upload />
            <h1>{tr!(i18n, common.drop_title)}</h1>
            <p class="with-mouse">{tr!(i18n, common.drop_text)}</p>
            <UploadButton />
            <ByAddress />
            <p class="hint">{tr!(i18n, common.drop_limits, limit = limit())}</p>
        </section>
        <Suspense>
            {move || Suspend::new(async move {
                let first = stored.await.map(|page| page.images).unwrap_or_default();
                let images = Signal::derive(move || {
                    let mut images = queue.finished.get();
                    let fresh = first.iter().filter(|old| images.iter().all(|new| new.id != old.id));
                    let fresh: Vec<_> = fresh.cloned().collect();
                    images.extend(fresh);
                    images.truncate(RECENT);
                    images
                });
                view! {
                    <When when=move || images.with(|images| !images.is_empty())>
                        <section class="recent">
                            <header class="section-head">
                                <h2>{tr!(i18n, common.recent)}</h2>
                                <A href="/gallery" attr:class="button button-quiet">{tr!(i18n, common.see_all)}</A>
                            </header>
                            <ImageGrid images=images />
                        </section>
                    </When>
                }
            })}
        </Suspense>
    }
}
