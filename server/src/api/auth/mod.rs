//! Signing in and how one does, `/api/v1/auth/…`: the other door to `app::service`.
//!
//! Only in person: none of it takes an API token. What comes next is told as `status`.

mod elevate;
mod email_code;
mod registration;
mod reset;
mod sign_in;
mod totp;

use axum::{
    Router,
    routing::{get, post},
};

use super::{
    authenticators,
    caller::InPerson,
    captcha,
    parameters::{Body, invalid},
};
use crate::{problem::Refusal, state::AppState};

pub(super) fn routes() -> Router<AppState> {
    Router::new()
        .route("/api/v1/auth/captcha", post(captcha::issue))
        .route("/api/v1/auth/captcha/verify", post(captcha::verify))
        .route("/api/v1/auth/elevate", post(elevate::elevate))
        .route("/api/v1/auth/email-code", post(email_code::email_code))
        .route("/api/v1/auth/request-totp-reset", post(reset::request))
        .route("/api/v1/auth/reset-totp/confirm", post(reset::confirm))
        .route("/api/v1/auth/reset-totp/verify", post(reset::verify))
        .route("/api/v1/auth/sign-in", post(sign_in::sign_in))
        .route("/api/v1/auth/sign-out", post(sign_in::sign_out))
        .route("/api/v1/auth/sign-up", post(registration::sign_up))
        .route("/api/v1/auth/totp/disable", post(authenticators::disable))
        .route("/api/v1/auth/totp/recovery-codes", get(totp::recovery_codes))
        .route("/api/v1/auth/totp/recovery-codes/regenerate", post(totp::regenerate))
        .route("/api/v1/auth/totp/registration-options", post(registration::options))
        .route("/api/v1/auth/totp/registration-verify", post(registration::verify))
        .route("/api/v1/auth/totp/status", get(totp::status))
        .route("/api/v1/auth/totp/verify", post(sign_in::verify))
}
