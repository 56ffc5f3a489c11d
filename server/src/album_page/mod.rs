//! The page of a shared album: for whoever has its link, and its password if it has one.
//!
//! Plain HTML: it works without JavaScript and loads none of the app. A page that was never there, one that was
//! switched off and one that has lapsed are the same to whoever asks.

mod cookie;
pub(crate) mod grid;
mod texts;

use axum::{
    Extension, Form, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    middleware::from_fn,
    response::{IntoResponse as _, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use model::{
    Problem,
    rules::links::{album_path, escape_html},
    types::{AlbumPassword, Description, Slug},
};
use reflect_core::{
    auth::Client,
    images::albums::{self, AlbumError, SharedAlbum},
};
use serde::Deserialize;

use self::texts::Texts;
use crate::{
    middleware::{deadline, is_from_elsewhere},
    plain_page::{PlainPage, notice, paragraph},
    problem::Refusal,
    state::AppState,
};

/// Images of one page.
const PER_PAGE: u32 = 100;
/// A password, each character of it escaped, and what stands around it.
const BODY: usize = 8 * 1024;

/// The page.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/a/{slug}", get(show).post(unlock))
        .layer(DefaultBodyLimit::max(BODY))
        .layer(from_fn(deadline))
}

#[derive(Default, Deserialize)]
struct Place {
    cursor: Option<String>,
}

/// `GET /a/{slug}?cursor`
async fn show(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(slug): Path<String>,
    Query(Place { cursor }): Query<Place>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let texts = texts::of(client.language);
    let album = match found(&state, &slug).await {
        Err(Problem::NotFound) => return Ok(missing(&state, texts)),
        found => found?,
    };
    if !albums::is_open(state.core(), &album, cookie::read(&headers)).map_err(Problem::from)? {
        return Ok(asking(&state, texts, &album, StatusCode::OK, None));
    }
    let page = match albums::shared_images(state.core(), &album, PER_PAGE, cursor.as_deref()).await {
        Err(AlbumError::Image(_)) => return Ok(missing(&state, texts)),
        page => page.map_err(Problem::from)?,
    };
    let origins = &state.core().settings.origins;
    let around = grid::Around {
        name: album.name.as_str(),
        text: album.description.as_ref().map(Description::as_str),
        address: &album_path(album.slug()),
        empty: texts.empty,
        more: texts.more,
    };
    let content = grid::content(&around, &page, origins);
    let page =
        PlainPage { lang: texts.lang, title: album.name.as_str(), style: "", head: String::new(), content };
    Ok(page.answer(&state, StatusCode::OK))
}

#[derive(Default, Deserialize)]
struct Typed {
    #[serde(default)]
    password: String,
}

/// `POST /a/{slug}`: somebody typed a password.
async fn unlock(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(slug): Path<String>,
    headers: HeaderMap,
    Form(Typed { password }): Form<Typed>,
) -> Result<Response, Refusal> {
    // Else any page could have its visitors use up the tries.
    if is_from_elsewhere(&headers) {
        return Err(Problem::CrossSite.into());
    }
    let texts = texts::of(client.language);
    let album = match found(&state, &slug).await {
        Err(Problem::NotFound) => return Ok(missing(&state, texts)),
        found => found?,
    };
    if !album.has_password() {
        return Ok(back(&slug, None));
    }
    match albums::unlock(state.core(), &album, client.address, &password).await.map_err(Problem::from) {
        Ok(Some(key)) => Ok(back(&slug, cookie::keep(key, &slug, state.app.is_https()))),
        Ok(None) => Ok(asking(&state, texts, &album, StatusCode::FORBIDDEN, Some(texts.wrong))),
        Err(problem @ (Problem::TooManyAttempts { .. } | Problem::Unavailable { .. })) => {
            let (status, why) = match problem {
                Problem::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, texts.busy),
                _ => (StatusCode::TOO_MANY_REQUESTS, texts.too_many),
            };
            let mut answer = asking(&state, texts, &album, status, Some(why));
            if let Some(seconds) = problem.retry_after() {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            Ok(answer)
        }
        Err(problem) => Err(problem.into()),
    }
}

async fn found(state: &AppState, slug: &str) -> Result<SharedAlbum, Problem> {
    let slug: Slug = slug.parse().map_err(|_| Problem::NotFound)?;
    Ok(albums::shared(state.core(), &slug).await?)
}

/// To the page that was asked for, which is open now.
fn back(slug: &str, cookie: Option<HeaderValue>) -> Response {
    let path = slug.parse().map(|slug| album_path(&slug)).unwrap_or_default();
    let mut answer = (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response();
    if let Some(cookie) = cookie {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

fn missing(state: &AppState, texts: &Texts) -> Response {
    let content = notice(texts.missing, &paragraph(texts.missing_text));
    let page = PlainPage { lang: texts.lang, title: texts.missing, style: "", head: String::new(), content };
    page.answer(state, StatusCode::NOT_FOUND)
}

/// Asks for the password, without telling anything of the album.
fn asking(
    state: &AppState,
    texts: &Texts,
    album: &SharedAlbum,
    status: StatusCode,
    wrong: Option<&str>,
) -> Response {
    let form = format!(
        "{wrong}<form method=\"post\" action=\"{action}\" class=\"things\"><label class=\"field\"><span>{label}</span>\
         <input type=\"password\" name=\"password\" required autofocus maxlength=\"{most}\" \
         autocomplete=\"current-password\"></label>\
         <button class=\"button button-primary\">{open}</button></form>",
        wrong = wrong
            .map(|text| format!("<p class=\"notice notice-error\" role=\"alert\">{}</p>", escape_html(text)))
            .unwrap_or_default(),
        action = album_path(album.slug()),
        label = escape_html(texts.password),
        most = AlbumPassword::MAX_CHARS,
        open = escape_html(texts.open),
    );
    let content = notice(texts.locked, &form);
    PlainPage { lang: texts.lang, title: texts.locked, style: "", head: String::new(), content }
        .answer(state, status)
}
