//! Many images as one zip file.

mod described;
mod names;
mod pack;

use app::service;
use axum::{
    Extension,
    body::Body,
    extract::{RawForm, RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use model::{
    Problem,
    types::{EXPORT_MOST, ImageId},
};
use reflect_core::{
    Core,
    auth::Client,
    images::{
        albums,
        library::{self, BULK, Search, StoredImage},
    },
};
use tokio::sync::mpsc;
use url::form_urlencoded;

pub(super) use self::pack::Asker;
use self::{
    described::Described,
    names::safe,
    pack::{Wanted, pack},
};
use super::{
    caller::{Caller, Read},
    parameters::invalid,
};
use crate::{http_headers::disposition, problem::Refusal, state::AppState};

/// `GET /api/v1/images/zip` and what images are searched by: all that are found, as a zip file.
pub(super) async fn of_search(
    State(state): State<AppState>,
    caller: Caller<Read>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let (search, _) = found(&state, &caller, query).await?;
    let name = match search {
        Search { album: Some(album), .. } => {
            let album = albums::find(state.core(), caller.user, album).await.ok();
            album.map(|album| safe(album.name.as_str()))
        }
        _ => None,
    };
    answer(&state, caller, Wanted::Search(search), name).await
}

/// `GET /api/v1/export`: all images, or those of a search, with all that is said of them.
pub(super) async fn export(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Read>,
    RawQuery(query): RawQuery,
) -> Result<Response, Refusal> {
    let (search, count) = found(&state, &caller, query).await?;
    // Also where it comes in parts, day by day: all of them together have everything.
    let is_all = search.is_of_days();
    let wanted = Wanted::Search(search);
    let core = state.core();
    library::record_export(core, caller.by(&client), caller.user, count).await?;
    let asker = Asker { user: caller.user, standing: caller.standing() };
    let described = Described::new(core, asker, is_all).await?;
    let first = library::files(core, caller.user, wanted.which(), None).await?;
    let name = format!("reflect export {}", core.now().date());
    Ok(sent(core, asker, wanted, first, Some(described), &name))
}

/// `HEAD` of what answers with an archive: none is made, nor written down as sent.
pub(super) async fn head(_: Caller<Read>) -> impl IntoResponse {
    [(header::CONTENT_TYPE, HeaderValue::from_static("application/zip"))]
}

/// What is searched for, and how many images that is now, where one file can have so many.
async fn found(
    state: &AppState,
    caller: &Caller<Read>,
    query: Option<String>,
) -> Result<(Search, u64), Refusal> {
    let search = service::search::to_act_on(&query.unwrap_or_default())?;
    let count = library::count(state.core(), caller.user, &search).await?;
    if count > EXPORT_MOST {
        let expected = format!("at most {EXPORT_MOST} in one file; by months they are fewer");
        return Err(invalid("images", expected).into());
    }
    Ok((search, count))
}

/// `POST /api/v1/images/zip` with `ids`: these, as a zip file. A form, so that a page can have the browser save
/// what comes.
pub(super) async fn of_ids(
    State(state): State<AppState>,
    caller: Caller<Read>,
    RawForm(form): RawForm,
) -> Result<Response, Refusal> {
    let ids = form_urlencoded::parse(&form).find(|(name, _)| name == "ids").map(|(_, ids)| ids.into_owned());
    let keys =
        |ids: String| ids.split(',').map(|id| id.trim().parse().ok()).collect::<Option<Vec<ImageId>>>();
    let ids = ids
        .and_then(keys)
        .filter(|ids| ids.len() <= BULK)
        .ok_or_else(|| invalid("ids", format!("1 to {BULK} keys of images, with commas between")))?;
    answer(&state, caller, Wanted::Ids(ids), None).await
}

async fn answer(
    state: &AppState,
    caller: Caller<Read>,
    wanted: Wanted,
    name: Option<String>,
) -> Result<Response, Refusal> {
    let core = state.core();
    let first = library::files(core, caller.user, wanted.which(), None).await?;
    if first.is_empty() {
        return Err(Problem::NotFound.into());
    }
    let name = name.unwrap_or_else(|| format!("reflect {}", core.now().date()));
    let asker = Asker { user: caller.user, standing: caller.standing() };
    Ok(sent(core, asker, wanted, first, None, &name))
}

/// An archive that is made while it is sent.
fn sent(
    core: &Core,
    asker: Asker,
    wanted: Wanted,
    first: Vec<StoredImage>,
    described: Option<Described>,
    name: &str,
) -> Response {
    // One window is made while the one before is sent.
    let (to, from) = mpsc::channel(1);
    tokio::spawn(pack(core.clone(), asker, wanted, first, described, to));
    let body = Body::from_stream(futures::stream::unfold(from, |mut from| async {
        from.recv().await.map(|part| (part, from))
    }));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/zip")),
        (header::CONTENT_DISPOSITION, disposition("attachment", &format!("{name}.zip"))),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    (headers, body).into_response()
}
