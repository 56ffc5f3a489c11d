//! Tokens with which a person's programs call the API.

use model::{
    Problem,
    types::{
        ApiToken, InvalidReach, Reach, RequestsPerMinute, Scope, Scopes, TokenId, TokenMade, TokenTerms,
    },
};
use reflect_core::auth::token;

use super::or_missing;
use crate::context::{Request, given, label};

/// What is said of a token that is to be. All but name and scopes may be empty.
#[derive(Clone, Debug)]
pub struct TypedTerms {
    /// What it is for.
    pub name: String,
    /// What it opens.
    pub scopes: Vec<String>,
    /// Days that it is good for; until it is revoked, if empty.
    pub expires_in_days: String,
    /// How often it may be used.
    pub requests_per_minute: String,
    /// Bytes of one file, such as `5 MiB`.
    pub max_upload: String,
}

impl TypedTerms {
    fn read(&self) -> Result<TokenTerms, Problem> {
        let days = given("expires_in_days", &self.expires_in_days)?;
        let reach = Reach::new(scopes(&self.scopes)?, days).map_err(|error| {
            let name = match error {
                InvalidReach::Nothing => "scopes",
                InvalidReach::AdminForTooLong => "expires_in_days",
            };
            invalid(name, error.to_string())
        })?;
        let requests = given("requests_per_minute", &self.requests_per_minute)?;
        Ok(TokenTerms {
            name: label(&self.name)?,
            reach,
            requests_per_minute: requests.unwrap_or(RequestsPerMinute::USUAL),
            max_upload: given("max_upload", &self.max_upload)?,
        })
    }
}

fn scopes(names: &[String]) -> Result<Scopes, Problem> {
    let named = |name: &String| name.parse::<Scope>();
    names.iter().map(named).collect::<Result<Scopes, _>>().map_err(|_| {
        let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
        invalid("scopes", format!("some of {}", all.join(", ")))
    })
}

/// All of them.
///
/// # Errors
/// [`Problem::SignedOut`]; the database.
pub async fn list(request: &Request) -> Result<Vec<ApiToken>, Problem> {
    let user = request.require_user().await?;
    Ok(token::list(&request.app.core, user).await?)
}

/// Makes one.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`], [`Problem::InvalidParameter`]; those of
/// [`token::create`].
pub async fn create(request: &Request, typed: &TypedTerms) -> Result<TokenMade, Problem> {
    let signed_in = request.require_fresh().await?;
    let terms = typed.read()?;
    let (core, by, session) = (&request.app.core, request.by(&signed_in), request.asked_in()?);
    Ok(token::create(core, by, signed_in.user, Some(session), &terms).await?)
}

/// Ends one of them.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`], [`Problem::NotFound`]; the database.
pub async fn revoke(request: &Request, id: TokenId) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    or_missing(token::revoke(core, by, signed_in.user, id).await?)
}

/// Ends all of them.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::FreshCodeNeeded`]; the database.
pub async fn revoke_all(request: &Request) -> Result<(), Problem> {
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, request.by(&signed_in));
    Ok(token::revoke_all(core, by, signed_in.user).await.map(drop)?)
}

fn invalid(name: &str, expected: String) -> Problem {
    Problem::InvalidParameter { name: name.to_owned(), expected }
}
