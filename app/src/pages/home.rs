//! The first page: what reflect is, or where to drop.

use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::components::A;
use model::types::{Album, Place, Visibility};

use crate::{
    api,
    components::{Glyph, Icon, ImageGrid, UploadButton, When},
    i18n::{t_string, use_i18n},
    platform::platform,
    session::use_session,
    text::{heading, tr},
    uploads::{
        UploadOptions as Chosen, UploadQueue,
        options::{Lapse, SIDES},
    },
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

/// How what is uploaded from this page is to be stored.
#[component]
fn UploadOptions() -> impl IntoView {
    let i18n = use_i18n();
    let UploadQueue { options, .. } = expect_context::<UploadQueue>();
    // Elsewhere nobody would see what they had chosen here.
    on_cleanup(move || {
        options.update(|chosen| *chosen = Chosen { guest: chosen.guest.take(), ..Chosen::default() });
    });
    let albums = RwSignal::new(Vec::<Album>::new());
    let load = move |_: ev::Event| {
        spawn_local(async move {
            if let Ok(found) = api::albums().await {
                let _ = albums.try_set(found);
            }
        });
    };
    let lapses = [
        (Lapse::Hour, tr!(i18n, uploads.for_hour).into_any()),
        (Lapse::Day, tr!(i18n, uploads.for_day).into_any()),
        (Lapse::Week, tr!(i18n, uploads.for_week).into_any()),
        (Lapse::Month, tr!(i18n, uploads.for_month).into_any()),
    ];
    view! {
        <details class="options" on:toggle=load>
            <summary>{tr!(i18n, uploads.options)}</summary>
            <Choice label=tr!(i18n, uploads.into_album) choose=move |id| options.update(|o| o.album = id.parse().ok())>
                <option value="">{tr!(i18n, uploads.no_album)}</option>
                <For each=move || albums.get() key=|album| album.id let:album>
                    <option value=album.id.to_string()>{String::from(album.name)}</option>
                </For>
            </Choice>
            <Choice
                label=tr!(i18n, details.visibility)
                choose=move |name| options.update(|o| o.visibility = Visibility::from_name(&name).unwrap_or_default())
            >
                <option value=Visibility::Public.name()>{tr!(i18n, profile.public)}</option>
                <option value=Visibility::Unlisted.name() selected>{tr!(i18n, details.unlisted)}</option>
                <option value=Visibility::Private.name()>{tr!(i18n, details.private)}</option>
            </Choice>
            <Choice
                label=tr!(i18n, uploads.lapses)
                choose=move |seconds| options.update(|o| o.lapse = Lapse::of_seconds(&seconds))
            >
                <option value="">{tr!(i18n, uploads.for_good)}</option>
                {lapses.map(|(lapse, label)| view! { <option value=lapse.seconds()>{label}</option> }).collect_view()}
            </Choice>
            <Choice
                label=tr!(i18n, uploads.side)
                choose=move |side| options.update(|o| o.redraw.side = side.parse().ok())
            >
                <option value="">{tr!(i18n, uploads.as_it_is)}</option>
                {SIDES.map(|side| view! { <option value=side>{format!("{side} px")}</option> }).collect_view()}
            </Choice>
            <label class="check">
                <input
                    type="checkbox"
                    on:change=move |event| options.update(|o| o.redraw.webp = event_target_checked(&event))
                />
                <span>{tr!(i18n, uploads.webp)}<small>{tr!(i18n, uploads.redraw_hint)}</small></span>
            </label>
        </details>
    }
}

#[component]
fn Choice(
    label: impl IntoView + 'static,
    choose: impl Fn(String) + 'static,
    children: Children,
) -> impl IntoView {
    view! {
        <label class="field">
            {label}
            <select on:change=move |event| choose(event_target_value(&event))>{children()}</select>
        </label>
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
            <UploadOptions />
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
