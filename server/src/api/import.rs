//! An export coming back, or from elsewhere: tags and albums first, then image by image.

use app::service;
use axum::{
    Extension, Json,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode};
use model::{
    Problem,
    types::{
        ByteSize, ExportedImage, Image, ImageId, ImportOutcome, ImportStart, ImportStarted, KnownAnswer,
        KnownQuestion, Scope, UserId,
    },
};
use reflect_core::{
    Core,
    audit::By,
    auth::Client,
    images::{
        ImageError,
        intake::import::{Former, Imported},
        library::{self, Bulk, Which},
    },
};
use serde::Serialize;

use super::{
    caller::{Caller, Upload},
    images::LinkedImage,
    intake::{Limits, Parts, Received},
    parameters::{Body, invalid},
};
use crate::{problem::Denied, state::AppState};

/// What is said of an image, at most: long texts, each character escaped, and a thousand albums.
const METADATA: ByteSize = ByteSize(256 * 1024);

/// What became of an image.
#[derive(Serialize)]
struct Report {
    outcome: ImportOutcome,
    image: LinkedImage,
}

/// `POST /api/v1/import`: the tags and albums of an export, which are made where they aren't there.
pub(super) async fn start(
    State(state): State<AppState>,
    caller: Caller<Upload>,
    Body(start): Body<ImportStart>,
) -> Result<Json<ImportStarted>, Denied> {
    caller.require(Scope::Edit)?;
    let albums = service::import::start(state.core(), caller.user, &start).await?;
    Ok(Json(ImportStarted { albums }))
}

/// `POST /api/v1/import/known`: which images of an export needn't be sent.
pub(super) async fn known(
    State(state): State<AppState>,
    caller: Caller<Upload>,
    Body(question): Body<KnownQuestion>,
) -> Result<Json<KnownAnswer>, Denied> {
    let known = service::import::known(state.core(), caller.user, &question.images).await?;
    Ok(Json(KnownAnswer { known }))
}

/// `POST /api/v1/import/images`: multipart, `metadata` and then `file`.
pub(super) async fn image(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Upload>,
    request: Request,
) -> Result<Response, Denied> {
    caller.require(Scope::Edit)?;
    let (former, received) = read(&state, &caller, request).await?;
    let core = state.core();
    let (outcome, image) = loop {
        match received.import(&state, caller.user, &former).await? {
            Imported::Taken { image, same_slug: true } => break (ImportOutcome::Taken, image),
            Imported::Taken { image, same_slug: false } => break (ImportOutcome::TakenElsewhere, image),
            Imported::Existing(image) => break (ImportOutcome::Existing, image),
            Imported::Binned(id) => {
                // What the bin has is for those who may delete, whichever way.
                caller.require(Scope::Delete)?;
                // Where it has gone for good meanwhile, it comes as new.
                let restored = restore(core, caller.by(&client), caller.user, id).await;
                if let Some(image) = restored.map_err(Problem::from)? {
                    break (ImportOutcome::Restored, image);
                }
            }
        }
    };
    let status = if outcome == ImportOutcome::Existing { StatusCode::OK } else { StatusCode::CREATED };
    let image = LinkedImage::new(image, &core.settings.origins);
    Ok((status, Json(Report { outcome, image })).into_response())
}

/// Takes an image out of the bin; `None` if it is there no more.
async fn restore(core: &Core, by: By<'_>, owner: UserId, id: ImageId) -> Result<Option<Image>, ImageError> {
    let outcome = library::bulk(core, by, owner, Which::Ids(&[id]), &Bulk::Restore).await?;
    if !outcome.missing.is_empty() {
        return Ok(None);
    }
    match library::details(core, owner, id).await {
        Ok(found) => Ok(Some(found.image)),
        Err(ImageError::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a request has: what is said of the image, and its file.
async fn read(
    state: &AppState,
    caller: &Caller<Upload>,
    request: Request,
) -> Result<(Former, Received), Problem> {
    let headers: &HeaderMap = request.headers();
    let limits = Limits::of(state, headers).await?.within(caller.max_upload());
    limits.check_announced_beside(METADATA)?;
    let mut parts = Parts::open(request, state).await?;
    let mut former = None;
    while let Some(part) = parts.next().await? {
        match (part.name().unwrap_or_default(), former) {
            ("metadata", None) => {
                let text = match Received::of_part(state, part, limits, METADATA).await {
                    Err(Problem::FileTooLarge { .. }) => {
                        Err(invalid("metadata", format!("at most {METADATA}")))
                    }
                    other => other,
                }?;
                let described: ExportedImage = serde_json::from_str(&text.text())
                    .map_err(|error| invalid("metadata", format!("a line of an export ({error})")))?;
                former = Some(service::import::former(described, state.core().now())?);
            }
            ("file", Some(former)) => {
                return Ok((former, Received::of_part(state, part, limits, limits.max_file).await?));
            }
            ("file", None) => return Err(invalid("metadata", "a line of an export, before the file")),
            (_, before) => former = before,
        }
    }
    Err(Problem::NoFile)
}
