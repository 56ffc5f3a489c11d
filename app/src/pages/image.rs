//! The public page of one image. Rendered on the server, and usable without JavaScript.

use leptos::prelude::*;
use leptos_meta::{Link, Meta, Title};
use leptos_router::hooks::use_params_map;
use model::types::{PublicPage, VariantWidth};

use super::NotFoundPage;
use crate::{
    api,
    components::{Facts, LinkPanel, Picture},
    i18n::use_i18n,
    rules::links,
    session::use_session,
    text::tr,
};

/// `/p/{slug}`
#[component]
pub fn ImagePage() -> impl IntoView {
    let params = use_params_map();
    let slug = move || params.with(|params| params.get("slug").unwrap_or_default());
    let image = api::page_resource(slug, api::public_image);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match image.await {
                    Ok(page) => view! { <Public page=page /> }.into_any(),
                    Err(_) => view! { <NotFoundPage /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn Public(page: PublicPage) -> impl IntoView {
    let PublicPage { image, title, description, is_private, is_counted } = page;
    let i18n = use_i18n();
    let session = use_session();
    let origins = untrack(|| session.origins());
    let all = links::links(&image, &origins, None);
    // Relative addresses where images share the site's origin, so that the page works under whatever name it was
    // reached; and for private ones, whose owner only the site knows.
    let from_site = is_private || origins.images == origins.site;
    let origin = if from_site { String::new() } else { origins.images.clone() };
    let original = format!("{origin}{}", links::image_path(&image));
    // A preview wide enough for a card; the original where it is smaller or moves. One that doesn't count as a
    // view where views are counted.
    let card = if is_counted { Some(VariantWidth::THUMBNAIL) } else { VariantWidth::try_from(1280).ok() };
    let card = card.filter(|w| (is_counted || image.frames == 1) && w.pixels() < image.width);
    let (card_width, card_height) =
        card.map_or((image.width, image.height), |w| links::variant_size(image.width, image.height, w));
    let card_url = card.map_or_else(
        || all.url.clone(),
        |w| format!("{}{}&f=jpeg", origins.images, links::variant_path(&image, w)),
    );
    let oembed = format!("{}/oembed?format=json&url={}", origins.site, all.page);
    view! {
        <Title text=title.clone() />
        <Meta property="og:type" content="website" />
        <Meta property="og:site_name" content="reflect" />
        <Meta property="og:title" content=title.clone() />
        <Meta property="og:url" content=all.page.clone() />
        <Meta property="og:image" content=card_url />
        <Meta property="og:image:width" content=card_width.to_string() />
        <Meta property="og:image:height" content=card_height.to_string() />
        <Meta property="og:image:alt" content=image.alt.clone() />
        {description.clone().map(|text| view! { <Meta property="og:description" content=String::from(text) /> })}
        <Meta name="twitter:card" content="summary_large_image" />
        <Link rel="canonical" href=all.page.clone() />
        <Link rel="alternate" type_="application/json+oembed" href=oembed title=title.clone() />
        <article class="public-image">
            <figure>
                <a href=original.clone() rel="external"><Picture image=image.clone() origin=origin for_others=true /></a>
                <figcaption>
                    <h1>{title}</h1>
                    {description.map(|text| view! { <p>{String::from(text)}</p> })}
                </figcaption>
            </figure>
            <div class="public-side">
                {is_private.then(|| view! { <p class="notice">{tr!(i18n, details.only_you)}</p> })}
                <Facts image=image.clone() />
                <a class="button" href=original rel="external">{tr!(i18n, images.original)}</a>
                <h2>{tr!(i18n, images.links_title)}</h2>
                <LinkPanel name="page" images=vec![image] />
            </div>
        </article>
    }
}
