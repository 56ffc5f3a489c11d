//! The OpenID Connect provider of the operator's.

use std::{fmt, fs, io, path::PathBuf};

use clap::Args;
use reflect_core::oidc::{ClientSecret, InvalidRoots, Issuer, Provider, ProviderSettings};

/// With whom people may sign in. `Debug` doesn't show the secret.
#[derive(Args, Clone, Default)]
pub struct OidcConfig {
    /// An OpenID Connect provider with which people may sign in, once they have linked their account:
    /// its issuer, such as `https://id.example/realms/home`, exactly as the provider writes it.
    #[arg(long, env = "REFLECT_OIDC_ISSUER", value_name = "URL")]
    pub oidc_issuer: Option<Issuer>,
    /// What the provider calls this instance.
    #[arg(long, env = "REFLECT_OIDC_CLIENT_ID", value_name = "ID")]
    pub oidc_client_id: Option<String>,
    /// By which the provider knows this instance.
    #[arg(long, env = "REFLECT_OIDC_CLIENT_SECRET", hide_env_values = true, value_name = "SECRET")]
    pub oidc_client_secret: Option<String>,
    /// A file that holds the secret instead.
    #[arg(long, env = "REFLECT_OIDC_CLIENT_SECRET_FILE", value_name = "FILE")]
    pub oidc_client_secret_file: Option<PathBuf>,
    /// What people call the provider: the button says "Sign in with NAME". Default: its host.
    #[arg(long, env = "REFLECT_OIDC_NAME", value_name = "NAME")]
    pub oidc_name: Option<String>,
    /// A PEM file with the root of the provider's certificate, if it is a private one.
    #[arg(long, env = "REFLECT_OIDC_CA", value_name = "FILE")]
    pub oidc_ca: Option<PathBuf>,
}

/// What is wrong with these settings. It never repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum OidcConfigError {
    /// Something is set, and something that it needs isn't.
    #[error("{0} is set, but {1} is not")]
    Missing(&'static str, &'static str),
    /// Two secrets.
    #[error("REFLECT_OIDC_CLIENT_SECRET and REFLECT_OIDC_CLIENT_SECRET_FILE are both set: which one is it?")]
    TwoSecrets,
    /// The secret is empty.
    #[error("{0} is empty")]
    Empty(&'static str),
    /// A file can't be read.
    #[error("{0}: {1}: {2}")]
    Unreadable(&'static str, PathBuf, io::Error),
    /// It holds no certificate.
    #[error("REFLECT_OIDC_CA: {0}")]
    Roots(#[from] InvalidRoots),
}

const ISSUER: &str = "REFLECT_OIDC_ISSUER";
const ID: &str = "REFLECT_OIDC_CLIENT_ID";
const SECRET: &str = "REFLECT_OIDC_CLIENT_SECRET";
const SECRET_FILE: &str = "REFLECT_OIDC_CLIENT_SECRET_FILE";

impl OidcConfig {
    /// The provider, if one is set.
    ///
    /// # Errors
    /// What is wrong or missing, by the name of its setting.
    pub fn provider(&self) -> Result<Option<Provider>, OidcConfigError> {
        let Some(issuer) = self.oidc_issuer.clone() else {
            return match self.any_set() {
                Some(set) => Err(OidcConfigError::Missing(set, ISSUER)),
                None => Ok(None),
            };
        };
        let client_id = self.oidc_client_id.clone().ok_or(OidcConfigError::Missing(ISSUER, ID))?;
        let roots = self.oidc_ca.as_ref().map(|path| {
            fs::read(path)
                .map_err(|error| OidcConfigError::Unreadable("REFLECT_OIDC_CA", path.clone(), error))
        });
        let settings = ProviderSettings {
            issuer,
            client_id,
            client_secret: ClientSecret::new(self.secret()?),
            name: self.oidc_name.clone().filter(|name| !name.trim().is_empty()),
            roots: roots.transpose()?,
        };
        Ok(Some(Provider::new(settings)?))
    }

    fn secret(&self) -> Result<String, OidcConfigError> {
        let (setting, secret) = match (&self.oidc_client_secret, &self.oidc_client_secret_file) {
            (Some(_), Some(_)) => return Err(OidcConfigError::TwoSecrets),
            (None, None) => return Err(OidcConfigError::Missing(ISSUER, SECRET)),
            (Some(secret), None) => (SECRET, secret.clone()),
            (None, Some(path)) => {
                let read = fs::read_to_string(path);
                let unread = |error| OidcConfigError::Unreadable(SECRET_FILE, path.clone(), error);
                (SECRET_FILE, read.map_err(unread)?.trim().to_owned())
            }
        };
        if secret.is_empty() { Err(OidcConfigError::Empty(setting)) } else { Ok(secret) }
    }

    /// A setting that says nothing without an issuer.
    fn any_set(&self) -> Option<&'static str> {
        [
            (self.oidc_client_id.is_some(), ID),
            (self.oidc_client_secret.is_some(), SECRET),
            (self.oidc_client_secret_file.is_some(), SECRET_FILE),
            (self.oidc_name.is_some(), "REFLECT_OIDC_NAME"),
            (self.oidc_ca.is_some(), "REFLECT_OIDC_CA"),
        ]
        .into_iter()
        .find_map(|(is_set, name)| is_set.then_some(name))
    }
}

impl fmt::Debug for OidcConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OidcConfig")
            .field("oidc_issuer", &self.oidc_issuer)
            .field("oidc_client_id", &self.oidc_client_id)
            .field("oidc_client_secret", &self.oidc_client_secret.as_ref().map(|_| "…"))
            .field("oidc_client_secret_file", &self.oidc_client_secret_file)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        oidc: OidcConfig,
    }

    const NEEDED: [&str; 4] =
        ["--oidc-issuer", "https://id.example/realms/home", "--oidc-client-id", "reflect"];

    fn config<T: AsRef<OsStr>>(arguments: impl IntoIterator<Item = T>) -> OidcConfig {
        let arguments = arguments.into_iter().map(|argument| argument.as_ref().to_owned());
        Line::try_parse_from(std::iter::once("reflect".into()).chain(arguments)).unwrap().oidc
    }

    fn refusal(arguments: &[&str]) -> String {
        config(arguments).provider().unwrap_err().to_string()
    }

    #[test]
    fn without_an_issuer_there_is_none() {
        assert!(config::<&str>([]).provider().unwrap().is_none());
        for (flag, setting) in
            [("--oidc-client-id", ID), ("--oidc-client-secret", SECRET), ("--oidc-name", "REFLECT_OIDC_NAME")]
        {
            assert_eq!(refusal(&[flag, "x"]), format!("{setting} is set, but {ISSUER} is not"));
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        assert_eq!(refusal(&NEEDED[..2]), format!("{ISSUER} is set, but {ID} is not"));
        assert_eq!(refusal(&NEEDED), format!("{ISSUER} is set, but {SECRET} is not"));
        assert_eq!(
            refusal(&[&NEEDED[..], &["--oidc-client-secret", ""]].concat()),
            format!("{SECRET} is empty")
        );
        let both =
            [&NEEDED[..], &["--oidc-client-secret", "hunter2", "--oidc-client-secret-file", "f"]].concat();
        assert!(refusal(&both).contains("both") && !refusal(&both).contains("hunter2"));
        let nowhere = [&NEEDED[..], &["--oidc-client-secret-file", "/nowhere/secret"]].concat();
        assert!(refusal(&nowhere).starts_with(&format!("{SECRET_FILE}: /nowhere/secret: ")));
        let no_root = [&NEEDED[..], &["--oidc-client-secret", "hunter2", "--oidc-ca", "/dev/null"]].concat();
        assert!(refusal(&no_root).starts_with("REFLECT_OIDC_CA: "), "{}", refusal(&no_root));
    }

    #[test]
    fn the_secret_may_be_in_a_file_and_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "hunter2\n").unwrap();
        let needed = NEEDED.map(OsStr::new);
        let file =
            config(needed.into_iter().chain([OsStr::new("--oidc-client-secret-file"), path.as_os_str()]));
        assert_eq!(file.secret().unwrap(), "hunter2");
        assert_eq!(file.provider().unwrap().unwrap().name(), "id.example");
        let named = [&NEEDED[..], &["--oidc-client-secret", "hunter2", "--oidc-name", "Home"]].concat();
        let named = config(named);
        assert_eq!(named.provider().unwrap().unwrap().name(), "Home");
        assert!(!format!("{named:?}").contains("hunter2"));
    }

    #[test]
    fn an_issuer_is_checked_as_it_is_read() {
        let line = Line::try_parse_from(["reflect", "--oidc-issuer", "http://id.example"]);
        let message = line.err().unwrap().to_string();
        assert!(message.contains("--oidc-issuer") && message.contains("https://"), "{message}");
    }
}
