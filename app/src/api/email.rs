//! The mail address of the person.

use leptos::{prelude::*, server_fn::codec::Json};

use crate::ApiError;

/// Mails a code to another address; answers its ticket, or nothing where no mail can be sent and the
/// address is taken at once.
#[server(prefix = "/api/app", endpoint = "ask-email", input = Json)]
pub async fn ask_email(email: String) -> Result<Option<String>, ApiError> {
    use crate::context::fail;
    use reflect_core::audit::By;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let address = email.trim().parse().map_err(|_| fail(model::Problem::EmailInvalid))?;
    let by = By::signed_in(&signed_in, &request.client);
    let asked =
        reflect_core::auth::email::ask(&request.app.core, &request.client, by, signed_in.user, &address);
    asked.await.map_err(fail)
}

/// Takes the address whose code was mailed.
#[server(prefix = "/api/app", endpoint = "prove-email", input = Json)]
pub async fn prove_email(ticket: String, code: String) -> Result<(), ApiError> {
    use crate::context::fail;
    use reflect_core::{
        audit::By,
        auth::{
            email,
            email_code::{Subject, prove},
        },
    };
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let (core, by) = (&request.app.core, By::signed_in(&signed_in, &request.client));
    let code = code.parse().map_err(|_| fail(model::Problem::WrongCode))?;
    let proved = prove(core, &Subject::Account(signed_in.user), &ticket, code).await.map_err(fail)?;
    email::change(core, by, signed_in.user, &proved).await.map_err(fail)
}

/// Forgets the address.
#[server(prefix = "/api/app", endpoint = "forget-email", input = Json)]
pub async fn forget_email() -> Result<(), ApiError> {
    use reflect_core::audit::By;
    let request = crate::context::Request::current().await?;
    let signed_in = request.require_fresh().await?;
    let by = By::signed_in(&signed_in, &request.client);
    let forgotten = reflect_core::auth::email::forget(&request.app.core, by, signed_in.user).await;
    forgotten.map_err(crate::context::fail)
}
