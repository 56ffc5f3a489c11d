//! Other bytes for an image whose address stays, and what it was before.

use app::service;
use axum::{
    Extension, Json, body,
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use model::{
    Problem,
    rules::filename,
    types::{ImageEdit, ImageId, ImageVersion, MOST_VERSIONS, VariantFormat, VariantWidth},
};
use reflect_core::{
    auth::Client,
    images::{variants, versions},
};
use serde::{Deserialize, Serialize};

use super::{
    caller::{Caller, Delete, Edit, Read},
    images::LinkedImage,
    intake::{Limits, Received},
    parameters::{Body, Key, Parameters, invalid},
};
use crate::{http_headers::disposition, problem::Refusal, serve::windows, state::AppState};

/// `PUT /api/v1/images/{id}/file`: the body is the file that the image shows from now on.
pub(super) async fn replace(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key(id): Key<ImageId>,
    request: Request,
) -> Result<Response, Refusal> {
    // Before a file is taken for nothing.
    versions::check(state.core(), caller.user, id).await?;
    let limits = Limits::of(&state, request.headers()).await?.within(caller.max_upload());
    limits.check_announced(1)?;
    let received = Received::of_body(&state, request.into_body(), limits).await?;
    let image = received.replace(&state, caller.by(&client), caller.user, id).await?;
    Ok(Json(LinkedImage::new(image, &state.core().settings.origins)).into_response())
}

/// `POST /api/v1/images/{id}/edit`: turns the picture, or cuts a part out of it.
pub(super) async fn edit(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key(id): Key<ImageId>,
    Body(edit): Body<ImageEdit>,
) -> Result<Response, Refusal> {
    let image = service::images::edit(state.core(), caller.by(&client), caller.user, id, &edit).await?;
    Ok(Json(LinkedImage::new(image, &state.core().settings.origins)).into_response())
}

#[derive(Serialize)]
struct Version {
    #[serde(flatten)]
    version: ImageVersion,
    url: String,
}

#[derive(Serialize)]
struct Versions {
    versions: Vec<Version>,
    /// Earlier ones that are kept.
    most: u32,
}

/// `GET /api/v1/images/{id}/versions`: what is shown, and what was before it.
pub(super) async fn list(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key(id): Key<ImageId>,
) -> Result<Response, Refusal> {
    let found = versions::list(state.core(), caller.user, id).await?;
    let site = &state.core().settings.origins.site;
    let url = |number| format!("{site}/api/v1/images/{id}/versions/{number}/file");
    let versions = found.into_iter().map(|version| Version { url: url(version.number), version }).collect();
    Ok(Json(Versions { versions, most: MOST_VERSIONS }).into_response())
}

#[derive(Deserialize)]
pub(super) struct Size {
    w: Option<String>,
}

/// `GET /api/v1/images/{id}/versions/{number}/file?w`: its bytes, or a still WebP of that width.
pub(super) async fn file(
    State(state): State<AppState>,
    caller: Caller<Read>,
    Key((id, number)): Key<(ImageId, u32)>,
    Parameters(size): Parameters<Size>,
) -> Result<Response, Refusal> {
    let width: Option<VariantWidth> = match size.w {
        Some(text) => Some(text.parse().map_err(|_| invalid("w", "160, 320, 640, 1280, 1920 or 2560"))?),
        None => None,
    };
    let core = state.core();
    let stored = versions::file(core, caller.user, id, number).await?;
    let (kind, size, body) = match width {
        Some(width) => {
            let bytes = variants::get_or_make(core, &stored, width, VariantFormat::WebP).await?;
            (VariantFormat::WebP.media_type(), bytes.len() as u64, body::Body::from(bytes))
        }
        None => {
            let size = stored.image.byte_size.bytes();
            let bytes = windows(core.pool.clone(), stored.hash, 0, size);
            (stored.image.media_type, size, body::Body::from_stream(bytes))
        }
    };
    let name = format!("{}.{}", filename::stem(&stored.image.filename), kind.extension());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.mime())),
        (header::CONTENT_LENGTH, size.into()),
        (header::CONTENT_DISPOSITION, disposition("inline", &name)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; default-src 'none'")),
    ];
    Ok((headers, body).into_response())
}

/// `POST /api/v1/images/{id}/versions/{number}/restore`: the image is again what it was.
pub(super) async fn restore(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Key((id, number)): Key<(ImageId, u32)>,
) -> Result<Response, Refusal> {
    let image = versions::restore(state.core(), caller.by(&client), caller.user, id, number).await?;
    Ok(Json(LinkedImage::new(image, &state.core().settings.origins)).into_response())
}

/// `DELETE /api/v1/images/{id}/versions/{number}`: one of the earlier ones goes for good.
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Delete>,
    Key((id, number)): Key<(ImageId, u32)>,
) -> Result<StatusCode, Refusal> {
    let gone = versions::delete(state.core(), caller.by(&client), caller.user, id, number).await;
    gone.map(|()| StatusCode::NO_CONTENT).map_err(|error| Problem::from(error).into())
}
