//! The person's API tokens.

use leptos::{prelude::*, server_fn::codec::Json};
use model::types::{ApiToken, TokenId, TokenMade};

use crate::ApiError;

/// All of them.
#[server(prefix = "/api/app", endpoint = "tokens", input = Json)]
pub async fn tokens() -> Result<Vec<ApiToken>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::tokens::list(&request).await?)
}

/// Makes one. All but name and scopes may be empty.
#[server(prefix = "/api/app", endpoint = "create-token", input = Json)]
pub async fn create_token(
    name: String,
    scopes: Vec<String>,
    expires_in_days: String,
    requests_per_minute: String,
    max_upload: String,
) -> Result<TokenMade, ApiError> {
    use crate::service::tokens::{TypedTerms, create};
    let request = crate::context::Request::current().await?;
    let typed = TypedTerms { name, scopes, expires_in_days, requests_per_minute, max_upload };
    Ok(create(&request, &typed).await?)
}

/// Ends one of them.
#[server(prefix = "/api/app", endpoint = "revoke-token", input = Json)]
pub async fn revoke_token(id: TokenId) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::tokens::revoke(&request, id).await?)
}

/// Ends all of them.
#[server(prefix = "/api/app", endpoint = "revoke-tokens", input = Json)]
pub async fn revoke_tokens() -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::tokens::revoke_all(&request).await?)
}
