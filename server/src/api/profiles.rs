//! Pages of what people have made public.

use app::service;
use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse as _, Response},
};
use model::{
    Problem,
    rules::links::profile_path,
    types::{Bio, Page, ProfileChange, Username},
};
use reflect_core::{auth::Client, images::profile};
use serde::{Deserialize, Serialize};

use super::{
    caller::{Any, Caller, Edit},
    images::ImageList,
    parameters::{Body, Key, Parameters, limit},
};
use crate::{problem::Refusal, state::AppState};

#[derive(Default, Deserialize)]
pub(super) struct PageParameters {
    limit: Option<String>,
    cursor: Option<String>,
}

/// What everybody sees of somebody.
#[derive(Serialize)]
struct Shown {
    name: Username,
    bio: Option<Bio>,
    url: String,
    #[serde(flatten)]
    images: ImageList,
}

/// `GET /api/v1/users/{name}?limit&cursor`: for anybody.
pub(super) async fn find(
    State(state): State<AppState>,
    Key(name): Key<String>,
    Parameters(parameters): Parameters<PageParameters>,
) -> Result<Response, Refusal> {
    let limit = limit(parameters.limit.as_deref())?;
    let name: Username = name.parse().map_err(|_| Problem::NotFound)?;
    let core = state.core();
    let found = profile::find(core, &name).await?;
    let Page { items, next_cursor } =
        profile::images(core, &found, limit, parameters.cursor.as_deref()).await?;
    let page = Page { items: items.into_iter().map(|shared| shared.image).collect(), next_cursor };
    let origins = &core.settings.origins;
    let url = format!("{}{}", origins.site, profile_path(&found.name));
    let images = ImageList::new(page, origins);
    Ok(Json(Shown { name: found.name, bio: found.bio, url, images }).into_response())
}

/// `GET /api/v1/me/profile`
pub(super) async fn own(State(state): State<AppState>, caller: Caller<Any>) -> Result<Response, Refusal> {
    Ok(Json(profile::own(state.core(), caller.user).await?).into_response())
}

/// `PATCH /api/v1/me/profile` (RFC 7396): what isn't named stays, what is `null` goes.
pub(super) async fn change(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    caller: Caller<Edit>,
    Body(change): Body<ProfileChange>,
) -> Result<Response, Refusal> {
    let by = caller.by(&client);
    let changed = service::profiles::change(state.core(), by, caller.user, &change).await?;
    Ok(Json(changed).into_response())
}
