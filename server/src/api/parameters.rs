//! The query of a request, and its body.

use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Path, Query, Request},
};
use http::request::Parts;
use model::Problem;
use serde::{Deserialize, de::DeserializeOwned};

use crate::problem::Refusal;

/// A request's query; one that can't be read is refused with a problem document.
pub(super) struct Parameters<T>(pub(super) T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Parameters<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let Ok(Query(parameters)) = Query::try_from_uri(&parts.uri) else {
            return Err(Problem::InvalidParameter {
                name: "query".into(),
                expected: "one with each parameter at most once".into(),
            }
            .into());
        };
        Ok(Self(parameters))
    }
}

/// What shows that deleting an account is meant: in the query, since what a `DELETE` carries has no meaning
/// (RFC 9110 §9.3.5) and gets lost.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    /// The account's name.
    #[serde(default)]
    pub(super) name: String,
}

/// The key, or the name, in a request's path. A text that is none is nothing's.
pub(super) struct Key<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Key<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let key = Path::from_request_parts(parts, state).await;
        key.map(|Path(key)| Self(key)).map_err(|_| Problem::NotFound.into())
    }
}

/// A request's body as JSON; one that can't be read is refused with a problem document.
pub(super) struct Body<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Json::from_request(request, state).await {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(Problem::InvalidParameter {
                name: "body".into(),
                expected: format!("the JSON that this address takes ({})", rejection.body_text()),
            }
            .into()),
        }
    }
}

/// What something is called from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Renamed {
    pub(super) name: String,
}

/// A value in a body as the text that a form would have: `"10 GiB"`, `12`, `true`. Whoever reads it says
/// by its name what it takes.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, a number, true or false")]
enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
}

/// The text of a [`Scalar`].
#[derive(Deserialize)]
#[serde(from = "Scalar")]
pub(super) struct Typed(pub(super) String);

impl From<Scalar> for Typed {
    fn from(scalar: Scalar) -> Self {
        Self(match scalar {
            Scalar::Text(text) => text,
            Scalar::Number(number) => number.to_string(),
            Scalar::Flag(flag) => flag.to_string(),
        })
    }
}

/// Entries of a page that doesn't say how many it wants.
const DEFAULT_LIMIT: u32 = 60;

/// What a list takes as `limit`.
///
/// # Errors
/// [`Problem::InvalidParameter`]
pub(super) fn limit(text: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    text.parse()
        .ok()
        .filter(|n| (1..=200).contains(n))
        .ok_or_else(|| invalid("limit", "a number from 1 to 200"))
}

/// The one with this name; none where a form left it empty.
pub(super) fn one_of<T: Copy>(
    parameter: &str,
    text: Option<&str>,
    all: &[T],
    name: fn(T) -> &'static str,
) -> Result<Option<T>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return Ok(None) };
    let found = all.iter().copied().find(|one| name(*one) == text);
    let names = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| invalid(parameter, format!("one of {}", names())))
}

/// What is said of a parameter with a wrong value.
pub(super) fn invalid(name: &str, expected: impl Into<String>) -> Problem {
    Problem::InvalidParameter { name: name.into(), expected: expected.into() }
}
