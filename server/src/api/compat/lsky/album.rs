//! Albums as Lsky Pro tells of them: their keys are numbers.

use axum::{Extension, extract::State, response::Response};
use model::{
    Problem,
    types::{Album, AlbumId, UserId},
};
use reflect_core::{
    audit::By,
    auth::Client,
    images::albums::{self, AlbumError},
};
use serde::{Deserialize, Serialize};

use super::{
    envelope::{Nothing, success},
    paginator::{Paginator, Place},
};
use crate::{
    api::{
        Edit, Read,
        compat::credentials::Owner,
        parameters::{Key, Parameters, invalid},
    },
    problem::Refusal,
    state::AppState,
};

/// Entries of a page.
const PER_PAGE: u32 = 40;

#[derive(Serialize)]
struct Listed {
    id: i64,
    name: String,
    intro: String,
    image_num: u32,
}

impl From<(i64, Album)> for Listed {
    fn from((id, album): (i64, Album)) -> Self {
        let intro = album.description.map(String::from).unwrap_or_default();
        Self { id, name: album.name.into(), intro, image_num: album.count }
    }
}

#[derive(Default, Deserialize)]
pub(super) struct Question {
    page: Option<String>,
    order: Option<String>,
    keyword: Option<String>,
}

/// `GET /albums?page&order&keyword`
pub(super) async fn list(
    State(state): State<AppState>,
    Owner { grant, .. }: Owner<Read>,
    Parameters(Question { page, order, keyword }): Parameters<Question>,
) -> Result<Response, Refusal> {
    let core = state.core();
    let mut all: Vec<Listed> =
        albums::numbered(core, grant.user).await?.into_iter().map(Listed::from).collect();
    let words = keyword.as_deref().unwrap_or_default().to_lowercase();
    all.retain(|album| words.split_whitespace().all(|word| album.name.to_lowercase().contains(word)));
    match order.as_deref() {
        None | Some("" | "newest") => all.sort_by_key(|album| std::cmp::Reverse(album.id)),
        Some("earliest") => all.sort_by_key(|album| album.id),
        Some("most") => all.sort_by_key(|album| std::cmp::Reverse(album.image_num)),
        Some("least") => all.sort_by_key(|album| album.image_num),
        Some(_) => return Err(invalid("order", "one of newest, earliest, most, least").into()),
    }
    let page = page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1_u32).max(1);
    let pairs: Vec<(&str, &str)> = [("order", &order), ("keyword", &keyword)]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
        .collect();
    let place = Place { site: &core.settings.origins.site, list: "albums", query: &pairs };
    let total = all.len() as u64;
    let skipped = (page - 1).saturating_mul(PER_PAGE) as usize;
    let data: Vec<Listed> = all.into_iter().skip(skipped).take(PER_PAGE as usize).collect();
    Ok(success("success", Paginator::new(&place, page, PER_PAGE, total, data)))
}

/// `DELETE /albums/{id}`: its images stay.
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Owner { grant, .. }: Owner<Edit>,
    Key(number): Key<i64>,
) -> Result<Response, Refusal> {
    let id = albums::with_number(state.core(), grant.user, number).await?;
    let by = By::user(&client).with_token(Some(&grant.name));
    albums::delete(state.core(), by, grant.user, id).await?;
    Ok(success("删除成功", Nothing {}))
}

/// The album of `owner`'s that a client means by `text`; none where there is no such one.
///
/// # Errors
/// The database.
pub(super) async fn meant(state: &AppState, owner: UserId, text: &str) -> Result<Option<AlbumId>, Problem> {
    let Ok(number) = text.trim().parse() else { return Ok(None) };
    match albums::with_number(state.core(), owner, number).await {
        Ok(id) => Ok(Some(id)),
        Err(AlbumError::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
