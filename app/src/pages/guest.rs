//! Where somebody without an account puts images into an album, by a link that its owner made.

use std::sync::Arc;

use leptos::{prelude::*, task::spawn_local};
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use model::{
    Problem,
    rules::links::page_path,
    types::{GuestDoor, Image},
};

use crate::{
    ApiError, api,
    components::{Glyph, Icon, LinkPanel, ProblemNotice, UploadButton, When, ratio_class, tile_face},
    dates,
    i18n::{t_string, use_i18n},
    text::{heading, text, tr},
    uploads::UploadQueue,
};

/// `/g/{secret}`
#[component]
pub fn GuestPage() -> impl IntoView {
    let params = use_params_map();
    let secret = move || params.with(|params| params.get("secret").unwrap_or_default());
    let door = api::page_resource(secret, api::open_guest_link);
    view! {
        <Meta name="robots" content="noindex" />
        <Suspense>
            {move || {
                let secret = secret();
                Suspend::new(async move {
                    match door.await {
                        Ok(door) => view! { <Open secret=secret door=door /> }.into_any(),
                        Err(ApiError(Problem::NotFound)) => view! { <Gone /> }.into_any(),
                        Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// One that isn't there, whether it ever was or not.
#[component]
fn Gone() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Title text=heading(move || t_string!(i18n, guests.gone_title).to_owned()) />
        <section class="empty">
            <h1>{tr!(i18n, guests.gone_title)}</h1>
            <p>{tr!(i18n, guests.gone_text)}</p>
        </section>
    }
}

#[component]
fn Open(secret: String, door: GuestDoor) -> impl IntoView {
    let i18n = use_i18n();
    let queue = expect_context::<UploadQueue>();
    dates::provide_local_time();
    let (album, owner) = (String::from(door.album.clone()), door.owner.to_string());
    let max_upload = StoredValue::new(door.max_upload.to_string());
    let now = followed(queue, secret.clone(), door);
    let secret: Arc<str> = secret.into();
    let (mine, left) = (Arc::clone(&secret), Arc::clone(&secret));
    // What is chosen while this page is on show is the album's, whoever is signed in.
    Effect::new(move |_| queue.options.update(|chosen| chosen.guest = Some(Arc::clone(&mine))));
    on_cleanup(move || {
        // Another link's page may have taken its place.
        if queue.options.with_untracked(|chosen| chosen.guest.as_ref() == Some(&left)) {
            queue.options.update(|chosen| chosen.guest = None);
        }
    });
    let sent = Memo::new(move |_| queue.sent_by(&secret));
    let title = move || t_string!(i18n, guests.door_title, album = album.clone()).to_string();
    let (heading_text, window_title) = (title.clone(), title);
    let is_open = move || now.with(|door| door.as_ref().is_some_and(|door| !door.is_used_up()));
    view! {
        <Title text=heading(window_title) />
        <header class="page-head">
            <div>
                <h1>{text(heading_text)}</h1>
                <p class="hint">{tr!(i18n, guests.door_owner, owner = owner.clone())}</p>
            </div>
        </header>
        <When
            when=is_open
            fallback=move || view! {
                <p class="notice" role="status">{move || if now.with(Option::is_some) {
                    t_string!(i18n, guests.used_up)
                } else {
                    t_string!(i18n, guests.gone_text)
                }}</p>
            }
        >
            <section class="drop-area">
                <Icon glyph=Glyph::Upload />
                <h2>{tr!(i18n, common.drop_title)}</h2>
                <p class="with-mouse">{tr!(i18n, common.drop_text)}</p>
                <UploadButton />
                <p class="hint">{tr!(i18n, common.drop_limits, limit = max_upload.get_value())}</p>
                <Terms door=now />
            </section>
        </When>
        <When when=move || sent.with(|sent| !sent.is_empty())><Sent images=sent /></When>
    }
}

/// What is left of a link, asked for anew when something that was sent has come to an end; nothing once it has ended.
fn followed(queue: UploadQueue, secret: String, first: GuestDoor) -> RwSignal<Option<GuestDoor>> {
    let now = RwSignal::new(Some(first));
    let (asking, known) = (RwSignal::new(false), StoredValue::new(0));
    Effect::new(move |_| {
        let settled = queue.totals.with(|totals| totals.tally.done + totals.tally.failed);
        // Asked again when the answer has come.
        if asking.get() || settled == known.get_value() {
            return;
        }
        known.set_value(settled);
        asking.set(true);
        let asked = api::open_guest_link(secret.clone());
        spawn_local(async move {
            let answer = asked.await;
            // The page may be gone.
            let _ = match answer {
                Ok(door) => now.try_set(Some(door)),
                Err(ApiError(Problem::NotFound)) => now.try_set(None),
                Err(_) => None,
            };
            let _ = asking.try_set(false);
        });
    });
    now
}

/// What the link takes, and what of it is left.
#[component]
fn Terms(door: RwSignal<Option<GuestDoor>>) -> impl IntoView {
    let i18n = use_i18n();
    let of =
        move |left: String, most: String| t_string!(i18n, guests.of, left = left, most = most).to_string();
    let images = move || {
        let (left, most) = door.with(|door| door.as_ref().map(|door| (door.images_left, door.max_images)))?;
        Some(of(left?.to_string(), most?.to_string()))
    };
    let space = move || {
        let (left, most) = door.with(|door| door.as_ref().map(|door| (door.bytes_left, door.max_bytes)))?;
        Some(of(left?.to_string(), most?.to_string()))
    };
    let until = move || {
        let until = door.with(|door| door.as_ref()?.expires_at.clone())?;
        Some(dates::moment(i18n.get_locale(), &until))
    };
    let fact = |name: crate::text::Text, value: String| {
        view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
    };
    view! {
        <dl class="facts">
            {move || images().map(|value| fact(tr!(i18n, guests.images_left), value))}
            {move || space().map(|value| fact(tr!(i18n, guests.space_left), value))}
            {move || until().map(|value| fact(tr!(i18n, guests.open_until), value))}
        </dl>
    }
}

/// What has come of what was sent, with links to keep.
#[component]
fn Sent(images: Memo<Vec<Image>>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <section class="recent" aria-label=tr!(i18n, guests.sent)>
            <header class="section-head">
                <h2>{tr!(i18n, guests.sent)}</h2>
                <p class="hint">{tr!(i18n, guests.sent_hint)}</p>
            </header>
            <ul class="grid">
                <For each=move || images.get() key=|image| image.id let:image>
                    <li class=format!("tile {}", ratio_class(image.width, image.height))>
                        {tile_face(&image, page_path(&image))}
                    </li>
                </For>
            </ul>
            <LinkPanel name="guest" images=images />
        </section>
    }
}
