//! The mail server, and whom mail comes from.

use std::{fmt, fs, io, path::PathBuf};

use clap::Args;
use reflect_core::{
    Settings,
    mail::{
        Sender,
        smtp::{InvalidSmtpUrl, Smtp, SmtpUrl},
    },
};

/// How mail is sent. `Debug` doesn't show the password.
#[derive(Args, Clone)]
pub struct MailConfig {
    /// The mail server, such as `smtp://user:password@mail.example:587`. Without it no mail is sent.
    #[arg(long, env = "REFLECT_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// A PEM file with the root of the mail server's certificate, if it is a private one.
    #[arg(long, env = "REFLECT_SMTP_CA", value_name = "FILE")]
    pub smtp_ca: Option<PathBuf>,
    /// Whom mail comes from: `no-reply@pictures.example`, or `Pictures <no-reply@pictures.example>`.
    #[arg(long, env = "REFLECT_MAIL_FROM", value_name = "MAILBOX")]
    pub mail_from: Option<Sender>,
}

/// What is wrong with the settings of mail. It never repeats a password.
#[derive(Debug, thiserror::Error)]
pub enum MailConfigError {
    /// The mail server's address.
    #[error("REFLECT_SMTP_URL: {0}")]
    Url(#[from] InvalidSmtpUrl),
    /// A server and no sender.
    #[error("REFLECT_MAIL_FROM is missing: whom shall mail come from? For example no-reply@pictures.example")]
    NoSender,
    /// A sender or a root and no server.
    #[error("{0} is set, but REFLECT_SMTP_URL is not: no mail would be sent")]
    NoServer(&'static str),
    /// The file can't be read.
    #[error("REFLECT_SMTP_CA: {0}: {1}")]
    Unreadable(PathBuf, io::Error),
    /// It holds no certificate.
    #[error("REFLECT_SMTP_CA: {0}")]
    Roots(String),
}

/// A mail server that is set, and the way to it.
pub struct MailServer {
    /// Where it is, for people.
    pub url: SmtpUrl,
    /// Connections to it.
    pub smtp: Smtp,
}

impl MailConfig {
    /// Whom mail comes from, if it can be sent; `instance` where the setting has no name.
    #[must_use]
    pub fn sender(&self, instance: &str) -> Option<Sender> {
        self.smtp_url.as_ref()?;
        self.mail_from.clone().map(|sender| sender.or_named(instance))
    }

    /// The mail server, if one is set.
    ///
    /// # Errors
    /// What is wrong or missing, by the name of its setting.
    pub fn server(&self, settings: &Settings) -> Result<Option<MailServer>, MailConfigError> {
        let Some(url) = &self.smtp_url else {
            return match (&self.mail_from, &self.smtp_ca) {
                (Some(_), _) => Err(MailConfigError::NoServer("REFLECT_MAIL_FROM")),
                (None, Some(_)) => Err(MailConfigError::NoServer("REFLECT_SMTP_CA")),
                (None, None) => Ok(None),
            };
        };
        let url: SmtpUrl = url.parse()?;
        if self.mail_from.is_none() {
            return Err(MailConfigError::NoSender);
        }
        let read =
            |path: &PathBuf| fs::read(path).map_err(|error| MailConfigError::Unreadable(path.clone(), error));
        let roots = self.smtp_ca.as_ref().map(read).transpose()?;
        let smtp = Smtp::new(&url, roots.as_deref(), settings).map_err(MailConfigError::Roots)?;
        Ok(Some(MailServer { url, smtp }))
    }
}

impl fmt::Debug for MailConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MailConfig")
            .field("smtp_url", &self.smtp_url.as_ref().map(|_| "…"))
            .field("smtp_ca", &self.smtp_ca)
            .field("mail_from", &self.mail_from)
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
        mail: MailConfig,
    }

    const URL: &str = "smtp://ada:hunter2@mail.example";
    const FROM: &str = "no-reply@pictures.example";

    fn mail(arguments: &[&str]) -> MailConfig {
        Line::try_parse_from(std::iter::once("reflect").chain(arguments.iter().copied())).unwrap().mail
    }

    fn settings() -> Settings {
        reflect_core::testing::settings()
    }

    #[tokio::test]
    async fn mail_is_sent_with_a_server_and_a_sender() {
        let none = mail(&[]);
        assert!(none.sender("Pictures").is_none() && none.server(&settings()).unwrap().is_none());
        let both = mail(&["--smtp-url", URL, "--mail-from", FROM]);
        assert_eq!(both.sender("Pictures").unwrap().to_string(), format!("Pictures <{FROM}>"));
        let server = both.server(&settings()).unwrap().unwrap();
        assert_eq!(server.url.to_string(), "mail.example:587 (STARTTLS, as ada)");
    }

    #[tokio::test]
    async fn what_is_missing_or_wrong_is_named_and_the_password_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty.pem");
        fs::write(&empty, "").unwrap();
        for (arguments, name) in [
            (vec!["--smtp-url", URL], "REFLECT_MAIL_FROM"),
            (vec!["--mail-from", FROM], "REFLECT_MAIL_FROM is set, but REFLECT_SMTP_URL"),
            (vec!["--smtp-ca", "x.pem"], "REFLECT_SMTP_CA is set, but REFLECT_SMTP_URL"),
            (vec!["--smtp-url", "ftp://ada:hunter2@mail.example", "--mail-from", FROM], "REFLECT_SMTP_URL"),
            (vec!["--smtp-url", URL, "--mail-from", FROM, "--smtp-ca", "/none.pem"], "/none.pem"),
            (
                vec!["--smtp-url", URL, "--mail-from", FROM, "--smtp-ca", empty.to_str().unwrap()],
                "REFLECT_SMTP_CA",
            ),
        ] {
            let config = mail(&arguments);
            let error = config.server(&settings()).err().unwrap().to_string();
            assert!(error.contains(name) && !error.contains("hunter2"), "{error}");
            assert!(!format!("{config:?}").contains("hunter2"));
        }
        assert!(Line::try_parse_from(["reflect", "--mail-from", "nobody"]).is_err());
    }
}
