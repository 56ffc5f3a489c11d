//! The way back by mail.

use model::{
    Problem,
    types::{Begun, EnrolmentKind, EnrolmentLinkInfo},
};
use reflect_core::{auth::reset, challenge};

use super::enrolment;
use crate::context::Request;

/// Asks for it. Answers the same whether the address is somebody's or not. Takes what the client has
/// solved.
///
/// # Errors
/// [`Problem::EmailInvalid`]; those of [`challenge::verify`] and [`reset::request`].
pub async fn request(request: &Request, email: &str) -> Result<(), Problem> {
    let (core, client) = (&request.app.core, &request.client);
    let email = email.trim().parse().map_err(|_| Problem::EmailInvalid)?;
    let solved = challenge::verify(core, client.address, client.challenge.as_ref()).await?;
    Ok(reset::request(core, client, &email, solved).await?)
}

/// What a link that was mailed is good for. Uses nothing up.
///
/// # Errors
/// [`Problem::EnrolmentLinkInvalid`], also for a link that is no way back; the database.
pub async fn link(request: &Request, token: &str) -> Result<EnrolmentLinkInfo, Problem> {
    let info = enrolment::link(request, token).await?;
    if info.kind == EnrolmentKind::Reset { Ok(info) } else { Err(Problem::EnrolmentLinkInvalid) }
}

/// Makes the secret. From here on it is an enrolment like any other.
///
/// # Errors
/// As [`link`]; randomness.
pub async fn begin(request: &Request, token: &str) -> Result<Begun, Problem> {
    link(request, token).await?;
    enrolment::begin(request, token, "", "").await
}
