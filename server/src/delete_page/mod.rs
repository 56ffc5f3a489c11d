//! Delete links, and the page that asks before one deletes.
//!
//! A link is opened by browsers, but also by whatever previews links or crawls pages, so opening it deletes
//! nothing. The page is plain HTML: it works without JavaScript and loads none of the app.

mod texts;

use axum::{
    Extension, Router,
    extract::{Path, State},
    middleware::from_fn,
    response::{Html, IntoResponse as _, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use model::{
    Problem,
    rules::links::{Links, escape_html, links, variant_size},
    types::{Image, VariantWidth},
};
use reflect_core::{
    Core,
    auth::Client,
    images::library::{self, DeleteSecret},
};

use sha2::{Digest as _, Sha256};

use self::texts::Texts;
use crate::{middleware::deadline, problem::Refusal, state::AppState};

/// Where the links lead.
const PATH: &str = "/delete/";

/// What the site's style sheet lacks for this page alone.
const STYLE: &str = ".preview{inline-size:auto;block-size:auto;max-block-size:50vh;border-radius:var(--radius)}\
                     .name{overflow-wrap:anywhere}";

/// The link by which one image is deleted without an account.
pub struct DeleteLink {
    /// What it holds, for clients that call an address of their own with it.
    pub secret: String,
    /// Where a browser opens it.
    pub address: String,
}

impl DeleteLink {
    /// That of `image`.
    ///
    /// # Errors
    /// [`Problem::Internal`] if the key can't be derived.
    pub fn to(core: &Core, image: &Image) -> Result<Self, Problem> {
        let secret = DeleteSecret::of(&core.keys, &image.slug)?.reveal();
        Ok(Self { address: page(core, &secret), secret })
    }
}

/// The page of the link with this secret.
pub fn page(core: &Core, secret: &str) -> String {
    format!("{}{PATH}{secret}", core.settings.origins.site)
}

/// Moves the image that a link is for to its owner's bin; whether it was still there.
///
/// # Errors
/// [`Problem::NotFound`] for a secret that isn't one of ours; the database.
pub async fn delete(core: &Core, secret: &str) -> Result<bool, Problem> {
    let Some((owner, image)) = library::linked(core, secret).await? else { return Ok(false) };
    Ok(!library::delete(core, owner, &[image.id]).await?.is_empty())
}

/// The page.
pub fn routes() -> Router<AppState> {
    Router::new().route("/delete/{secret}", get(ask).post(confirm)).layer(from_fn(deadline))
}

/// `GET /delete/{secret}`: what it would delete, and a button.
async fn ask(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let texts = texts::of(client.language);
    Ok(match library::linked(state.core(), &secret).await.map_err(Problem::from) {
        Ok(Some((_, image))) => {
            let links = links(&image, &state.core().settings.origins, None);
            document(&state, texts, StatusCode::OK, texts.ask, &question(texts, &image, &links))
        }
        Ok(None) => document(&state, texts, StatusCode::GONE, texts.gone, &paragraph(texts.gone_text)),
        Err(problem) => failed(&state, texts, problem)?,
    })
}

/// `POST /delete/{secret}`: somebody pressed it.
async fn confirm(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Path(secret): Path<String>,
) -> Result<Response, Refusal> {
    let texts = texts::of(client.language);
    Ok(match delete(state.core(), &secret).await {
        Ok(true) => document(&state, texts, StatusCode::OK, texts.done, &paragraph(texts.done_text)),
        Ok(false) => document(&state, texts, StatusCode::GONE, texts.gone, &paragraph(texts.gone_text)),
        Err(problem) => failed(&state, texts, problem)?,
    })
}

fn failed(state: &AppState, texts: &Texts, problem: Problem) -> Result<Response, Refusal> {
    if problem != Problem::NotFound {
        return Err(problem.into());
    }
    Ok(document(state, texts, StatusCode::NOT_FOUND, texts.unknown, &paragraph(texts.unknown_text)))
}

fn paragraph(text: &str) -> String {
    format!("<p>{}</p>", escape_html(text))
}

fn question(texts: &Texts, image: &Image, links: &Links) -> String {
    let name = escape_html(&image.filename);
    let (thumb_width, thumb_height) = variant_size(image.width, image.height, VariantWidth::THUMBNAIL);
    format!(
        "<img class=\"preview\" src=\"{src}\" width=\"{thumb_width}\" height=\"{thumb_height}\" alt=\"\">\
         <p><strong class=\"name\">{name}</strong><br>{width} × {height}, {size}</p><p>{warning}</p>\
         <form method=\"post\" class=\"row\"><button class=\"button button-danger\">{delete}</button>\
         <a class=\"button button-quiet\" href=\"{page}\">{keep}</a></form>",
        src = links.thumbnail,
        width = image.width,
        height = image.height,
        size = image.byte_size,
        warning = escape_html(texts.ask_text),
        delete = escape_html(texts.delete),
        page = links.page,
        keep = escape_html(texts.keep),
    )
}

/// A page of a heading and what is below it.
fn document(state: &AppState, texts: &Texts, status: StatusCode, heading: &str, content: &str) -> Response {
    let (heading, css) = (escape_html(heading), &state.app.assets.css);
    let page = format!(
        "<!DOCTYPE html><html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{heading} · reflect</title>\
         <link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"{css}\">\
         <style>{STYLE}</style></head>\
         <body><main id=\"main\"><section class=\"empty\"><h1>{heading}</h1>{content}</section></main></body></html>",
        lang = texts.lang,
    );
    (status, headers(state), Html(page)).into_response()
}

fn headers(state: &AppState) -> HeaderMap {
    let images = &state.core().settings.origins.images;
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'self' 'sha256-{style}'; img-src 'self' {images}; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'"
    );
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers
}
