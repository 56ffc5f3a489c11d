//! The cookie of somebody who is on their way to the OpenID Connect provider and back.
//!
//! It is `Lax`: the provider sends them back, and no stricter one would come along. What it holds is
//! sealed, works once, and opens nothing by itself.

use http::{HeaderMap, HeaderValue};
use model::{Problem, types::UserId};
use reflect_core::auth::{Client, session::SignedIn};
use time::{Duration, OffsetDateTime};
use tower_sessions::{Session, cookie::SameSite};

use super::{AppContext, cookies, visitor::open_session};

/// Longer than somebody may take, so that who comes too late can be told so where they began.
const AGE: Duration = Duration::HOUR;

const fn name(is_https: bool) -> &'static str {
    if is_https { "__Host-reflect-provider" } else { "reflect-provider" }
}

/// What a request has of it.
#[must_use]
pub fn read(headers: &HeaderMap, is_https: bool) -> Option<&str> {
    cookies::value(headers, name(is_https))
}

/// Keeps it.
#[must_use]
pub fn keep(value: String, is_https: bool) -> Option<HeaderValue> {
    cookies::set(name(is_https), value, AGE, SameSite::Lax, is_https)
}

/// Forgets it.
#[must_use]
pub fn forget(is_https: bool) -> Option<HeaderValue> {
    cookies::set(name(is_https), String::new(), Duration::ZERO, SameSite::Lax, is_https)
}

/// Opens a session for `user`, whom the provider knows since before their link was looked up. No code was typed: what changes how one signs in
/// asks for one.
///
/// # Errors
/// [`Problem::Unavailable`] when sessions can't be written.
pub async fn sign_in(
    context: &AppContext,
    session: &Session,
    client: &Client,
    user: UserId,
    since: OffsetDateTime,
) -> Result<(), Problem> {
    open_session(context, session, &SignedIn::by_provider(user, client, since)).await
}
