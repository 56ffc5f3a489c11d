//! Uploading, listing, deleting.

use axum::{
    Extension,
    extract::{Path, Request, State},
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderMap, header};
use model::{
    Problem,
    rules::links::unversioned_path,
    types::{Image, Scope},
};
use reflect_core::{
    Core,
    auth::Client,
    images::library::{self, DeleteSecret, NumberedQuery, Order},
};
use serde::{Deserialize, Serialize};

use super::envelope::{Paging, SUCCESS, Spelling, success};
use crate::{
    api::{
        Read,
        compat::{
            credentials::Owner,
            facts::{Described, moment, stored_name},
            form::{self, Stored},
            request_id::RequestId,
        },
        parameters::{Parameters, invalid},
    },
    delete_page,
    problem::Refusal,
    state::AppState,
};

/// Entries of a page of the history.
const PER_PAGE: u32 = 30;

/// An image as sm.ms tells of it.
#[derive(Serialize)]
struct File {
    /// A number for anonymous uploads, which there are none of.
    file_id: u32,
    width: u32,
    height: u32,
    filename: String,
    storename: String,
    size: u64,
    path: String,
    hash: String,
    url: String,
    delete: String,
    page: String,
    created_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_status: Option<u8>,
}

impl File {
    fn new(core: &Core, image: Image, may_delete: bool, spelling: Spelling) -> Result<Self, Problem> {
        let Described { image, links, delete } = Described::new(core, image)?.deletable(may_delete);
        Ok(Self {
            file_id: 0,
            width: image.width,
            height: image.height,
            storename: stored_name(&image),
            size: image.byte_size.bytes(),
            path: unversioned_path(&image),
            created_at: moment(&image.created_at).unix_timestamp(),
            filename: image.filename,
            hash: delete.secret,
            url: links.url,
            delete: delete.address,
            page: links.page,
            // S.EE says 2 of a file that is ready.
            upload_status: (spelling == Spelling::See).then_some(2),
        })
    }
}

/// `POST /api/v2/upload`: one file in `smfile`.
pub(super) async fn upload_classic(
    State(state): State<AppState>,
    id: RequestId,
    request: Request,
) -> Result<Response, Refusal> {
    upload(&state, id, request, Spelling::Classic).await
}

/// `POST /api/v1/file/upload`: the same in S.EE's spelling.
pub(super) async fn upload_see(
    State(state): State<AppState>,
    id: RequestId,
    request: Request,
) -> Result<Response, Refusal> {
    upload(&state, id, request, Spelling::See).await
}

async fn upload(
    state: &AppState,
    id: RequestId,
    request: Request,
    spelling: Spelling,
) -> Result<Response, Refusal> {
    let upload = form::read(state, request, &["smfile", "file"]).await?;
    json_only(upload.fields.get("format"))?;
    upload.fields.refuse("custom_slug", "addresses are made here, so that nobody can guess them")?;
    let Stored { image, may_delete } = upload.store(state).await?;
    Ok(success(spelling, id, SUCCESS, File::new(state.core(), image, may_delete, spelling)?, None))
}

/// Refuses the other form that sm.ms had, which no client is known to read.
fn json_only(format: Option<&str>) -> Result<(), Problem> {
    match format {
        None | Some("" | "json") => Ok(()),
        Some(_) => Err(invalid("format", "json, the only form that answers have here")),
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Question {
    page: Option<String>,
    format: Option<String>,
}

/// `GET /api/v2/upload_history?page`: newest first.
pub(super) async fn history_classic(
    State(state): State<AppState>,
    id: RequestId,
    owner: Owner<Read>,
    Parameters(question): Parameters<Question>,
) -> Result<Response, Refusal> {
    history(&state, id, owner, question, Spelling::Classic).await
}

/// `GET /api/v1/files?page`: the same in S.EE's spelling.
pub(super) async fn history_see(
    State(state): State<AppState>,
    id: RequestId,
    owner: Owner<Read>,
    Parameters(question): Parameters<Question>,
) -> Result<Response, Refusal> {
    history(&state, id, owner, question, Spelling::See).await
}

async fn history(
    state: &AppState,
    id: RequestId,
    Owner { grant, .. }: Owner<Read>,
    question: Question,
    spelling: Spelling,
) -> Result<Response, Refusal> {
    json_only(question.format.as_deref())?;
    let page = question.page.and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
    let query = NumberedQuery { page, per_page: PER_PAGE, order: Order::Newest, ..NumberedQuery::default() };
    let found = library::numbered(state.core(), grant.user, &query).await?;
    let paging = Paging {
        current_page: page,
        total_pages: found.total.div_ceil(PER_PAGE.into()).max(1),
        per_page: PER_PAGE,
        count: found.total,
    };
    // To read is not to delete.
    let may_delete = grant.scopes.has(Scope::Delete);
    let files = found.items.into_iter().map(|image| File::new(state.core(), image, may_delete, spelling));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    Ok(success(spelling, id, SUCCESS, files, Some(paging)))
}

/// `GET /api/v2/delete/{hash}`
pub(super) async fn delete_classic(
    State(state): State<AppState>,
    id: RequestId,
    Extension(client): Extension<Client>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    delete(&state, id, &client, &hash, &headers, Spelling::Classic).await
}

/// `GET /api/v1/file/delete/{hash}`
pub(super) async fn delete_see(
    State(state): State<AppState>,
    id: RequestId,
    Extension(client): Extension<Client>,
    Path(hash): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    delete(&state, id, &client, &hash, &headers, Spelling::See).await
}

/// Deletes at once for a program; a browser is sent to the page that asks first.
async fn delete(
    state: &AppState,
    id: RequestId,
    client: &Client,
    hash: &str,
    headers: &HeaderMap,
    spelling: Spelling,
) -> Result<Response, Refusal> {
    // Nothing else gets into the address of a page.
    hash.parse::<DeleteSecret>().map_err(|_| Problem::NotFound)?;
    if is_browser(headers) {
        return Ok(Redirect::to(&delete_page::page(state.core(), hash)).into_response());
    }
    let message = if delete_page::delete(state.core(), client, hash).await? {
        "File delete success."
    } else {
        "File already deleted."
    };
    Ok(success(spelling, id, message, [(); 0], None))
}

/// Whether somebody opens an address, rather than a program calling it.
fn is_browser(headers: &HeaderMap) -> bool {
    let has = |name, text| {
        let value = headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
        value.is_some_and(|value| value.contains(text))
    };
    has(header::ACCEPT, "text/html") || has(header::HeaderName::from_static("sec-fetch-mode"), "navigate")
}
