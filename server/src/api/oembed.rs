//! oEmbed 1.0 (oembed.com §2): forums and blogs ask how to show the page of an image.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use model::{
    Problem,
    rules::{filename, links},
    types::{Slug, VariantWidth},
};
use reflect_core::images::library::{self, Access, StoredImage};
use serde::{Deserialize, Serialize};

use super::parameters::Parameters;
use crate::{problem::Refusal, state::AppState};

/// How long what was answered holds, in seconds.
const DAY: u32 = 86_400;

#[derive(Deserialize)]
pub(super) struct Question {
    url: Option<String>,
    format: Option<String>,
    maxwidth: Option<String>,
    maxheight: Option<String>,
}

#[derive(Debug, Serialize)]
struct Photo {
    version: &'static str,
    r#type: &'static str,
    provider_name: &'static str,
    provider_url: String,
    title: String,
    url: String,
    width: u32,
    height: u32,
    thumbnail_url: String,
    thumbnail_width: u32,
    thumbnail_height: u32,
    cache_age: u32,
}

/// `GET /oembed?url=…&format=json&maxwidth&maxheight`
pub(super) async fn oembed(
    State(state): State<AppState>,
    Parameters(question): Parameters<Question>,
) -> Result<Response, Refusal> {
    if question.format.is_some_and(|format| format != "json") {
        // What the specification asks for where a format isn't offered.
        return Ok(StatusCode::NOT_IMPLEMENTED.into_response());
    }
    let max_width = bound("maxwidth", question.maxwidth)?;
    let max_height = bound("maxheight", question.maxheight)?;
    let origins = &state.core().settings.origins;
    let url = question.url.ok_or_else(|| Problem::InvalidParameter {
        name: "url".into(),
        expected: "the address of an image's page".into(),
    })?;
    let slug: Slug = page_slug(&url, &origins.site).ok_or(Problem::NotFound)?;
    let found = library::by_slug(state.core(), &slug).await?.ok_or(Problem::NotFound)?;
    let now = state.core().now();
    // Who embeds it shows it to everybody.
    let until = match found.access(None, now) {
        Access::Open { until } => until,
        Access::Counted => None,
        Access::Own | Access::Nothing => return Err(Problem::NotFound.into()),
    };
    let left = until.and_then(|end| u32::try_from((end - now).whole_seconds()).ok());
    let cache_age = left.map_or(DAY, |seconds| seconds.min(DAY));
    let photo = Photo { cache_age, ..photo(found, origins, max_width, max_height) };
    Ok(Json(photo).into_response())
}

fn bound(name: &str, value: Option<String>) -> Result<u32, Problem> {
    let Some(value) = value else { return Ok(u32::MAX) };
    value.parse().ok().filter(|n| *n > 0).ok_or_else(|| Problem::InvalidParameter {
        name: name.into(),
        expected: "a positive number of pixels".into(),
    })
}

fn page_slug(url: &str, site: &str) -> Option<Slug> {
    let path = url.strip_prefix(site)?.strip_prefix("/p/")?;
    path.split(['?', '#', '/']).next()?.parse().ok()
}

/// The original where it fits, else the widest variant that does.
fn photo(found: StoredImage, origins: &links::Origins, max_width: u32, max_height: u32) -> Photo {
    let StoredImage { image, title, .. } = found;
    let fits = |size: (u32, u32)| size.0 <= max_width && size.1 <= max_height;
    let sized = |width| links::variant_size(image.width, image.height, width);
    let shown = if fits((image.width, image.height)) {
        None
    } else {
        let fitting = VariantWidth::ALL.into_iter().rev().find(|width| fits(sized(*width)));
        // Nothing is smaller than the smallest there is.
        VariantWidth::ALL.first().copied().map(|smallest| fitting.unwrap_or(smallest))
    };
    let (width, height) = shown.map_or((image.width, image.height), sized);
    let all = links::links(&image, origins, shown);
    let (thumbnail_width, thumbnail_height) = sized(VariantWidth::THUMBNAIL);
    Photo {
        version: "1.0",
        r#type: "photo",
        provider_name: "reflect",
        provider_url: origins.site.clone(),
        title: title.unwrap_or_else(|| filename::stem(&image.filename).to_owned()),
        url: all.url,
        width,
        height,
        thumbnail_url: all.thumbnail,
        thumbnail_width,
        thumbnail_height,
        cache_age: DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::page_slug;

    #[test]
    fn only_own_pages_have_a_slug() {
        let slug = |url| page_slug(url, "https://x.example").map(|slug| slug.to_string());
        assert_eq!(slug("https://x.example/p/abcDEF012345678?a=b").as_deref(), Some("abcDEF012345678"));
        for none in [
            "https://y.example/p/abcDEF012345678",
            "https://x.example.evil/p/abcDEF012345678",
            "https://x.example/p/x",
            "",
        ] {
            assert_eq!(slug(none), None, "{none}");
        }
    }
}
