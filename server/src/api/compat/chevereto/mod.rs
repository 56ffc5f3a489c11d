//! Chevereto's API v1, and imgbb's spelling of it: `/api/1/upload`.
//!
//! Failures have a status that says so, and a body that repeats it.

mod answer;
mod image;
mod read;

use axum::{
    Router,
    extract::{Request, State},
    response::Response,
    routing::get,
};
use model::Problem;
use reflect_core::images::intake::Accepted;

use self::{
    answer::{Format, success},
    image::{Described, Uploaded},
    read::Source,
};
use super::speaking;
use crate::{
    api::{intake::Limits, uploading},
    problem::Refusal,
    state::AppState,
};

/// The routes.
pub(super) fn routes() -> Router<AppState> {
    let upload = uploading(get(upload).post(upload));
    speaking(Router::new().route("/api/1/upload", upload), answer::failure)
}

/// How the picture's field is called, which decides the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `source`
    Chevereto,
    /// `image`
    Imgbb,
}

/// `GET|POST /api/1/upload`: one picture in `source` or `image`, as a file, in Base64, or by its address.
async fn upload(State(state): State<AppState>, request: Request) -> Result<Response, Refusal> {
    let headers = request.headers().clone();
    let upload = read::read(&state, request).await?;
    let format = Format::parse(upload.fields.get("format"))?;
    for (name, why) in [
        ("expiration", "it is set in the viewer, or by PATCH /api/v1/images/{id}"),
        ("album_id", "POST /api/v1/images puts images into albums"),
        ("width", "images are kept as they are; add ?w= to an address for a smaller one"),
    ] {
        upload.fields.refuse(name, why)?;
    }
    let name = upload.fields.get("title").or(upload.fields.get("name")).map(str::to_owned);
    let file = upload.file.ok_or(Problem::NoFile)?;
    let spelling = if file.field == "image" { Spelling::Imgbb } else { Spelling::Chevereto };
    let limits = Limits::of(&state, &headers).await?.within(upload.max_upload);
    let Source { name: own_name, received } =
        read::source(&state, upload.owner, limits.max_file, file).await?;
    let name = name.or(own_name).unwrap_or_default();
    let Accepted { image, existing } = received.store(&state, upload.owner, &name).await?;
    let described = Described::new(state.core(), image)?.deletable(!existing || upload.may_delete);
    Ok(success(spelling, format, Uploaded::new(described, &state.core().settings.origins)?))
}
