//! Delete links, and the page that asks before one deletes.
//!
//! A link is opened by browsers, but also by whatever previews links or crawls pages, so opening it deletes
//! nothing. The page is plain HTML: it works without JavaScript and loads none of the app.

mod texts;

use axum::{
    Extension, Router,
    extract::{Path, State},
    middleware::from_fn,
    response::Response,
    routing::get,
};
use http::StatusCode;
use model::{
    Problem,
    rules::links::{Links, escape_html, links, variant_size},
    types::{Image, VariantWidth},
};
use reflect_core::{
    Core,
    audit::By,
    auth::Client,
    images::library::{self, Access, DeleteSecret},
};

use self::texts::Texts;
use crate::{
    middleware::deadline,
    plain_page::{PlainPage, notice, paragraph},
    problem::Refusal,
    state::AppState,
};

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
    /// None, for who may not delete.
    #[must_use]
    pub const fn none() -> Self {
        Self { secret: String::new(), address: String::new() }
    }

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

/// Moves the image that a link is for to its owner's bin, for whoever has the link; whether it was still there.
///
/// # Errors
/// [`Problem::NotFound`] for a secret that isn't one of ours; the database.
pub async fn delete(core: &Core, client: &Client, secret: &str) -> Result<bool, Problem> {
    let Some((owner, found)) = library::linked(core, secret).await? else { return Ok(false) };
    Ok(!library::delete(core, By::visitor(client), owner, &[found.image.id]).await?.is_empty())
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
        Ok(Some((_, found))) => {
            let core = state.core();
            // Who may delete an image may not see one for that which others may not.
            let is_seen = found.access(None, core.now()) != Access::Nothing;
            let seen = is_seen.then(|| (&found.image, links(&found.image, &core.settings.origins, None)));
            document(&state, texts, StatusCode::OK, texts.ask, &question(texts, seen.as_ref()))
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
    Ok(match delete(state.core(), &client, &secret).await {
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

/// What is asked, with the image where others may see it.
fn question(texts: &Texts, seen: Option<&(&Image, Links)>) -> String {
    format!(
        "{shown}<p>{warning}</p><form method=\"post\" class=\"row\">\
         <button class=\"button button-danger\">{delete}</button>\
         <a class=\"button button-quiet\" href=\"{back}\">{keep}</a></form>",
        shown = seen.map(|(image, links)| preview(image, links)).unwrap_or_default(),
        warning = escape_html(texts.ask_text),
        delete = escape_html(texts.delete),
        back = seen.map_or("/", |(_, links)| &links.page),
        keep = escape_html(texts.keep),
    )
}

fn preview(image: &Image, links: &Links) -> String {
    let (thumb_width, thumb_height) = variant_size(image.width, image.height, VariantWidth::THUMBNAIL);
    format!(
        "<img class=\"preview\" src=\"{src}\" width=\"{thumb_width}\" height=\"{thumb_height}\" alt=\"\">\
         <p><strong class=\"name\">{name}</strong><br>{width} × {height}, {size}</p>",
        src = links.thumbnail,
        name = escape_html(&image.filename),
        width = image.width,
        height = image.height,
        size = image.byte_size,
    )
}

/// A page of a heading and what is below it.
fn document(state: &AppState, texts: &Texts, status: StatusCode, heading: &str, content: &str) -> Response {
    let content = notice(heading, content);
    PlainPage { lang: texts.lang, title: heading, style: STYLE, head: String::new(), content }
        .answer(state, status)
}
