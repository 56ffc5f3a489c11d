//! Where alerts are posted to.

use std::fmt;

use clap::Args;
use reflect_core::alert::{Webhook, WebhookUrl};

/// Where alerts are posted to. `Debug` doesn't show the secret.
#[derive(Args, Clone, Default)]
pub struct AlertConfig {
    /// An address to which alerts are posted as JSON, such as `https://hooks.example/reflect`.
    #[arg(long, env = "REFLECT_ALERT_WEBHOOK", hide_env_values = true, value_name = "URL")]
    pub alert_webhook: Option<WebhookUrl>,
    /// With which they are signed, so that the receiver knows whom they are from: 16 characters or more.
    #[arg(long, env = "REFLECT_ALERT_WEBHOOK_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub alert_webhook_secret: Option<String>,
}

/// What is wrong with these settings. It never repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum AlertConfigError {
    /// A webhook and no secret.
    #[error(
        "REFLECT_ALERT_WEBHOOK is set, but REFLECT_ALERT_WEBHOOK_SECRET is not: `openssl rand -hex 32` makes one"
    )]
    NoSecret,
    /// A secret and no webhook.
    #[error("REFLECT_ALERT_WEBHOOK_SECRET is set, but REFLECT_ALERT_WEBHOOK is not: nothing would be signed")]
    NoWebhook,
    /// The secret is soon guessed.
    #[error("REFLECT_ALERT_WEBHOOK_SECRET is shorter than 16 characters: `openssl rand -hex 32` makes one")]
    ShortSecret,
    /// No TLS.
    #[error("REFLECT_ALERT_WEBHOOK: {0}")]
    Tls(#[from] reflect_core::oidc::InvalidRoots),
}

/// Characters of a secret, at least.
const SECRET: usize = 16;

impl AlertConfig {
    /// The webhook, if one is set.
    ///
    /// # Errors
    /// What is wrong or missing, by the name of its setting.
    pub fn webhook(&self) -> Result<Option<Webhook>, AlertConfigError> {
        match (&self.alert_webhook, &self.alert_webhook_secret) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(AlertConfigError::NoWebhook),
            (Some(_), None) => Err(AlertConfigError::NoSecret),
            (Some(_), Some(secret)) if secret.chars().count() < SECRET => Err(AlertConfigError::ShortSecret),
            (Some(url), Some(secret)) => Ok(Some(Webhook::new(url.clone(), secret.clone())?)),
        }
    }
}

impl fmt::Debug for AlertConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AlertConfig")
            .field("alert_webhook", &self.alert_webhook)
            .field("alert_webhook_secret", &self.alert_webhook_secret.as_ref().map(|_| "…"))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        alert: AlertConfig,
    }

    const URL: &str = "https://hooks.example/T0KEN";
    const SECRET: &str = "hunter2 and fourteen more";

    fn alert(arguments: &[&str]) -> Result<AlertConfig, clap::Error> {
        Line::try_parse_from(std::iter::once("reflect").chain(arguments.iter().copied()))
            .map(|line| line.alert)
    }

    #[test]
    fn alerts_are_posted_with_an_address_and_a_secret() {
        assert!(alert(&[]).unwrap().webhook().unwrap().is_none());
        let both = alert(&["--alert-webhook", URL, "--alert-webhook-secret", SECRET]).unwrap();
        let webhook = both.webhook().unwrap().unwrap();
        let shown = format!("{both:?} {webhook:?}");
        assert!(shown.contains("hooks.example"), "{shown}");
        assert!(!shown.contains("T0KEN") && !shown.contains("hunter2"), "{shown}");
    }

    #[test]
    fn what_is_missing_or_weak_is_named_and_the_secret_never_shown() {
        for (arguments, says) in [
            (vec!["--alert-webhook", URL], "REFLECT_ALERT_WEBHOOK_SECRET is not"),
            (vec!["--alert-webhook-secret", SECRET], "REFLECT_ALERT_WEBHOOK is not"),
            (vec!["--alert-webhook", URL, "--alert-webhook-secret", "hunter2"], "16 characters"),
        ] {
            let error = alert(&arguments).unwrap().webhook().unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn only_https_leaves_this_machine() {
        for address in [URL, "http://127.0.0.1:9/x", "http://[::1]/", "http://localhost:8080/hook?x=y"] {
            assert!(alert(&["--alert-webhook", address]).is_ok(), "{address}");
        }
        for address in
            ["http://hooks.example/", "ftp://hooks.example/", "https://ada:pw@hooks.example/", "hooks", ""]
        {
            assert!(alert(&["--alert-webhook", address]).is_err(), "{address}");
        }
    }
}
