//! What Lsky Pro tells of accounts, and what reflect has nothing of.

use axum::{extract::State, response::Response};
use model::Problem;
use reflect_core::{auth::user, db, images::albums};
use serde::{Deserialize, Serialize};

use super::{
    envelope::{refused, success},
    image::kilobytes,
};
use crate::{
    api::{Any, compat::credentials::Owner, parameters::Parameters},
    problem::Refusal,
    state::AppState,
};

#[derive(Serialize)]
struct Profile {
    name: String,
    avatar: &'static str,
    email: String,
    capacity: f64,
    used_capacity: f64,
    url: String,
    image_num: i64,
    album_num: u64,
    registered_ip: &'static str,
}

/// `GET /profile`
pub(super) async fn profile(
    State(state): State<AppState>,
    Owner { grant, .. }: Owner<Any>,
) -> Result<Response, Refusal> {
    let me = user::me(state.core(), grant.user).await.map_err(|error| db::problem(&error))?;
    let me = me.ok_or(Problem::InvalidToken)?;
    let profile = Profile {
        name: me.name.to_string(),
        avatar: "",
        email: me.email.map(|email| email.as_str().to_owned()).unwrap_or_default(),
        capacity: kilobytes(me.usage.quota),
        used_capacity: kilobytes(me.usage.used),
        url: state.core().settings.origins.site.clone(),
        image_num: me.usage.images,
        album_num: albums::count(state.core(), grant.user).await?,
        registered_ip: "",
    };
    Ok(success("success", profile))
}

#[derive(Serialize)]
struct Strategy {
    id: u32,
    name: &'static str,
}

/// The only place where images are kept.
const STRATEGY: Strategy = Strategy { id: 1, name: "reflect" };

/// Refuses another strategy than the one there is.
///
/// # Errors
/// [`Problem::InvalidParameter`]
pub(super) fn check_strategy(id: Option<&str>) -> Result<(), Problem> {
    match id.map(str::parse) {
        None | Some(Ok(1)) => Ok(()),
        Some(_) => Err(crate::api::parameters::invalid("strategy_id", "1, the only one")),
    }
}

#[derive(Serialize)]
struct Strategies {
    strategies: Vec<Strategy>,
}

#[derive(Default, Deserialize)]
pub(super) struct Search {
    keyword: Option<String>,
}

/// `GET /strategies?keyword`: one.
pub(super) async fn strategies(_: Owner<Any>, Parameters(search): Parameters<Search>) -> Response {
    let matches = search.keyword.is_none_or(|keyword| STRATEGY.name.contains(&keyword.trim().to_lowercase()));
    success("success", Strategies { strategies: matches.then_some(STRATEGY).into_iter().collect() })
}

/// `POST /tokens`: nobody has a password that could be changed for a token.
pub(super) async fn make_token() -> Response {
    refused("Password login is not available. Create a token in Settings > API tokens.".into())
}

/// `DELETE /tokens`: whoever found a token must not be able to take its owner's tools away.
pub(super) async fn revoke_tokens(_: Owner<Any>) -> Response {
    refused("Tokens are revoked in Settings > API tokens, not by a token.".into())
}

#[cfg(test)]
mod tests {
    use model::types::ByteSize;

    use super::*;

    #[test]
    fn there_is_one_strategy() {
        assert_eq!((check_strategy(None), check_strategy(Some("1"))), (Ok(()), Ok(())));
        assert!(check_strategy(Some("2")).is_err() && check_strategy(Some("x")).is_err());
        assert!((kilobytes(ByteSize(1536)) - 1.5).abs() < f64::EPSILON);
    }
}
