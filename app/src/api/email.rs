//! The mail address of the person.

use leptos::{prelude::*, server_fn::codec::Json};

use crate::ApiError;

/// Mails a code to another address; answers its ticket, or nothing where no mail can be sent and the
/// address is taken at once.
#[server(prefix = "/api/app", endpoint = "ask-email", input = Json)]
pub async fn ask_email(email: String) -> Result<Option<String>, ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::email::ask(&request, &email).await?)
}

/// Takes the address whose code was mailed.
#[server(prefix = "/api/app", endpoint = "prove-email", input = Json)]
pub async fn prove_email(ticket: String, code: String) -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::email::confirm(&request, &ticket, &code).await?)
}

/// Forgets the address.
#[server(prefix = "/api/app", endpoint = "forget-email", input = Json)]
pub async fn forget_email() -> Result<(), ApiError> {
    let request = crate::context::Request::current().await?;
    Ok(crate::service::email::forget(&request).await?)
}
