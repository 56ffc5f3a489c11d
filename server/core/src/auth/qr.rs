//! Secrets as people move them to their app, the QR code as SVG that can stand in a page.

use model::types::SecretForms;
use qrcode::{EcLevel, QrCode, render::svg};

use super::{AuthError, totp::TotpSecret};
use crate::Core;

/// A secret as it is shown, for the app's entry `account`.
pub(super) fn forms(core: &Core, secret: &TotpSecret, account: &str) -> Result<SecretForms, AuthError> {
    let otpauth_url = secret.otpauth_url(&core.settings.issuer, account)?;
    Ok(SecretForms { qr_svg: svg(&otpauth_url)?, otpauth_url, groups: secret.groups() })
}

/// `text` as a QR code with its quiet zone, black on white in dark pages too, since scanners want
/// it so.
fn svg(text: &str) -> Result<String, AuthError> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|_| AuthError::Crypto("QR code"))?;
    let document = code
        .render::<svg::Color<'_>>()
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .quiet_zone(true)
        .build();
    // Inside a page an XML declaration is an error.
    Ok(document.split_once("?>").map_or(document.clone(), |(_, svg)| svg.to_owned()))
}
