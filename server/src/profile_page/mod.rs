//! The page of what somebody has made public.
//!
//! Plain HTML: it works without JavaScript and loads none of the app. A person who has none, one who is suspended, and
//! one who never was are the same to whoever asks.

mod texts;

use std::fmt::Write as _;

use axum::{
    Extension, Router,
    extract::{Path, Query, State},
    middleware::from_fn,
    response::Response,
    routing::get,
};
use http::StatusCode;
use model::{
    Problem,
    rules::links::{Origins, escape_html, links, profile_path},
    types::{Bio, Page, Username, VariantWidth},
};
use reflect_core::{
    auth::Client,
    images::{
        ImageError,
        albums::SharedImage,
        profile::{self, Profile},
    },
};
use serde::Deserialize;

use self::texts::Texts;
use crate::{
    album_page::grid,
    middleware::deadline,
    plain_page::{PlainPage, notice, paragraph},
    problem::Refusal,
    state::AppState,
};

/// Images of one page.
const PER_PAGE: u32 = 100;

/// The page.
pub fn routes() -> Router<AppState> {
    Router::new().route("/u/{name}", get(show)).layer(from_fn(deadline))
}

#[derive(Default, Deserialize)]
struct Place {
    cursor: Option<String>,
}

/// `GET /u/{name}?cursor`
async fn show(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(name): Path<String>,
    Query(Place { cursor }): Query<Place>,
) -> Result<Response, Refusal> {
    let texts = texts::of(client.language);
    let Ok(name) = name.parse::<Username>() else { return Ok(missing(&state, texts)) };
    let core = state.core();
    let found = async {
        let profile = profile::find(core, &name).await?;
        let page = profile::images(core, &profile, PER_PAGE, cursor.as_deref()).await?;
        Ok::<_, ImageError>((profile, page))
    };
    let (profile, page) = match found.await {
        Err(ImageError::NotFound | ImageError::BadCursor) => return Ok(missing(&state, texts)),
        found => found.map_err(Problem::from)?,
    };
    let origins = &core.settings.origins;
    let (head, content) = (head(&profile, &page, origins), content(texts, &profile, &page, origins));
    let page = PlainPage { lang: texts.lang, title: profile.name.as_str(), style: "", head, content };
    Ok(page.answer(&state, StatusCode::OK))
}

/// What stands for the page where its address is posted.
fn head(profile: &Profile, page: &Page<SharedImage>, origins: &Origins) -> String {
    let address = format!("{}{}", origins.site, profile_path(&profile.name));
    let mut head = String::new();
    let mut say = |property: &str, content: &str| {
        let _ = write!(head, "<meta property=\"og:{property}\" content=\"{}\">", escape_html(content));
    };
    say("type", "profile");
    say("site_name", "reflect");
    say("title", profile.name.as_str());
    say("url", &address);
    if let Some(bio) = &profile.bio {
        say("description", bio.as_str());
    }
    // The first that has a preview which doesn't count as a view.
    let thumbnail = VariantWidth::THUMBNAIL.pixels();
    let shown = page.items.iter().find(|shared| !shared.is_counted || shared.image.width > thumbnail);
    if let Some(SharedImage { image, .. }) = shown {
        say("image", &format!("{}&f=jpeg", links(image, origins, None).thumbnail));
        say("image:alt", &image.alt);
    }
    head
}

fn content(texts: &Texts, profile: &Profile, page: &Page<SharedImage>, origins: &Origins) -> String {
    let bio = profile.bio.as_ref().map(Bio::as_str);
    let address = profile_path(&profile.name);
    let around = grid::Around {
        name: profile.name.as_str(),
        text: bio,
        address: &address,
        empty: texts.empty,
        more: texts.more,
    };
    grid::content(&around, page, origins)
}

fn missing(state: &AppState, texts: &Texts) -> Response {
    let content = notice(texts.missing, &paragraph(texts.missing_text));
    let page = PlainPage { lang: texts.lang, title: texts.missing, style: "", head: String::new(), content };
    page.answer(state, StatusCode::NOT_FOUND)
}
