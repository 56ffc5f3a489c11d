//! Which instance, and by which token: flags before variables before the file that `reflect login` writes.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use clap::{
    Args, ValueHint,
    builder::{OsStringValueParser, TypedValueParser},
};
use toml::de::DeTable;

use crate::{failure::Failure, origin::Origin};

/// How an instance is reached.
#[derive(Args, Clone, Default)]
pub(crate) struct Connection {
    /// The instance, such as `https://pictures.example`. Default: the one that `reflect login` was given.
    #[arg(long, env = "REFLECT_CLIENT_URL", value_name = "URL", value_hint = ValueHint::Url)]
    pub(crate) url: Option<Origin>,
    /// How often to try again when the network fails or the server has no time.
    #[arg(long, env = "REFLECT_CLIENT_RETRIES", default_value_t = 4, value_name = "N",
          value_parser = clap::value_parser!(u32).range(0..=20))]
    pub(crate) retries: u32,
    #[command(flatten)]
    pub(crate) local: Local,
}

/// What this machine has for it.
#[derive(Args, Clone, Default)]
pub(crate) struct Local {
    /// An API token, `rfl_…`. Default: the one that `reflect login` was given. Others on this machine may see what
    /// a program is called with, so prefer the variable.
    #[arg(long, env = "REFLECT_CLIENT_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
    /// A PEM file with one more root, for a server with a private certificate.
    #[arg(long, env = "REFLECT_CLIENT_CA", value_name = "FILE", value_hint = ValueHint::FilePath,
          value_parser = any_path())]
    pub(crate) ca_file: Option<PathBuf>,
    /// Where `reflect login` keeps address and token. Default: `reflect/client.toml` in `$XDG_CONFIG_HOME`, which is
    /// `~/.config` unless set.
    #[arg(long, env = "REFLECT_CLIENT_CONFIG", value_name = "FILE", value_hint = ValueHint::FilePath,
          value_parser = any_path())]
    pub(crate) config: Option<PathBuf>,
    /// Where programs keep their settings.
    #[arg(long, env = "XDG_CONFIG_HOME", hide = true, value_parser = any_path())]
    pub(crate) xdg_config_home: Option<PathBuf>,
    /// Whoever calls.
    #[arg(long, env = "HOME", hide = true, value_parser = any_path())]
    pub(crate) home: Option<PathBuf>,
}

/// A path that may be empty, which means the same as none (XDG Base Directory Specification): clap would refuse it.
fn any_path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

fn said(path: Option<&PathBuf>) -> Option<&PathBuf> {
    path.filter(|path| !path.as_os_str().is_empty())
}

/// What a command goes by.
pub(crate) struct Settings {
    pub(crate) origin: Origin,
    pub(crate) token: String,
    pub(crate) ca_file: Option<PathBuf>,
    pub(crate) retries: u32,
    /// Something that whoever calls should put right.
    pub(crate) warning: Option<String>,
}

/// What the file holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) url: Option<Origin>,
    pub(crate) token: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
}

impl Local {
    /// The file.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = said(self.config.as_ref()) {
            return Ok(path.clone());
        }
        // A relative one is to be ignored (XDG Base Directory Specification).
        let folder = self.xdg_config_home.clone().filter(|folder| folder.is_absolute());
        let folder = folder.or_else(|| said(self.home.as_ref()).map(|home| home.join(".config")));
        let folder = folder.ok_or_else(|| {
            Failure::Settings(
                "neither HOME nor XDG_CONFIG_HOME is set: name the file with --config".to_owned(),
            )
        })?;
        Ok(folder.join("reflect/client.toml"))
    }
}

impl Connection {
    /// All of it, or what to do about what is missing.
    pub(crate) fn settings(&self) -> Result<Settings, Failure> {
        let path = match self.local.path() {
            Ok(path) => Some(path),
            // Whoever says all of it needs no file.
            Err(_) if self.url.is_some() && self.local.token.is_some() => None,
            Err(failure) => return Err(failure),
        };
        let (saved, warning) = match &path {
            Some(path) => read(path, said(self.local.config.as_ref()).is_some())?,
            None => (Saved::default(), None),
        };
        let Some(origin) = self.url.clone().or_else(|| saved.url.clone()) else {
            return Err(Failure::SignedOut(
                "not signed in to any instance. Sign in to yours: reflect login https://pictures.example"
                    .to_owned(),
            ));
        };
        // A token is for the address that it was given for, and nobody else gets to see it.
        let saved = if saved.url.as_ref() == Some(&origin) { saved } else { Saved::default() };
        let token = self.local.token.clone().filter(|token| !token.is_empty()).or(saved.token);
        let Some(token) = token else {
            return Err(Failure::SignedOut(format!(
                "not signed in to {origin}. Sign in: reflect login {origin}, or set REFLECT_CLIENT_TOKEN"
            )));
        };
        let ca_file = said(self.local.ca_file.as_ref()).cloned().or(saved.ca_file);
        Ok(Settings { origin, token: token.trim().to_owned(), ca_file, retries: self.retries, warning })
    }
}

/// What is in the file, and what is wrong with it. There may be none, unless somebody named it.
fn read(path: &Path, is_named: bool) -> Result<(Saved, Option<String>), Failure> {
    let wrong = |reason: &str| Failure::Settings(format!("{}: {reason}", path.display()));
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_named => {
            return Ok((Saved::default(), None));
        }
        read => read.map_err(|error| wrong(&error.to_string()))?,
    };
    let mut saved = parse(&text).map_err(|reason| wrong(&reason))?;
    saved.ca_file = saved.ca_file.map(|ca_file| path.parent().unwrap_or(path).join(ca_file));
    let mode = fs::metadata(path).map_err(|error| wrong(&error.to_string()))?.mode();
    let warning = (saved.token.is_some() && mode & 0o077 != 0).then(|| {
        let path = path.display();
        format!("others can read the token in {path}. Take that from them: chmod 600 {path}")
    });
    Ok((saved, warning))
}

fn parse(text: &str) -> Result<Saved, String> {
    let table = DeTable::parse(text).map_err(|error| {
        // Without the line itself, which its whole text has: that may be the token.
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        format!("line {}: {}", before.matches('\n').count() + 1, error.message())
    })?;
    let mut saved = Saved::default();
    for (name, value) in table.get_ref() {
        let name: &str = name.get_ref();
        let value = value.get_ref().as_str().ok_or_else(|| format!("`{name}` must be a text in quotes"))?;
        match name {
            "url" => saved.url = Some(value.parse()?),
            "token" => saved.token = Some(value.to_owned()),
            "ca_file" => saved.ca_file = Some(value.into()),
            _ => return Err(format!("there is no setting `{name}`: there are url, token and ca_file")),
        }
    }
    Ok(saved)
}

impl Saved {
    fn to_toml(&self) -> String {
        let url = self.url.as_ref().map(ToString::to_string);
        let ca_file = self.ca_file.as_ref().map(|path| path.display().to_string());
        let lines =
            [("url", url.as_deref()), ("token", self.token.as_deref()), ("ca_file", ca_file.as_deref())];
        let lines =
            lines.into_iter().filter_map(|(name, value)| Some(format!("{name} = {}\n", quoted(value?))));
        lines.collect()
    }

    /// Writes the file, which nobody else can read at any moment, whole or not at all.
    pub(crate) fn write(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        if let Some(folder) = folder {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut name = path.as_os_str().to_owned();
        name.push(".new");
        let new = PathBuf::from(name);
        // What an earlier try left may be open to others.
        match fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
        file.write_all(self.to_toml().as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, path)
    }
}

/// A basic string of TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\U{:08X}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use tempfile::TempDir;

    use super::*;
    use crate::exit::Exit;

    const SITE: &str = "https://pictures.example";

    fn origin(text: &str) -> Option<Origin> {
        Some(text.parse().unwrap())
    }

    fn saved() -> Saved {
        Saved {
            url: origin(SITE),
            token: Some("rfl_saved".to_owned()),
            ca_file: Some("/etc/a \"root\".pem".into()),
        }
    }

    /// A home with the file of `saved()` in it.
    fn home() -> (TempDir, Connection) {
        let home = tempfile::tempdir().unwrap();
        let local = Local { home: Some(home.path().to_owned()), ..Local::default() };
        saved().write(&local.path().unwrap()).unwrap();
        (home, Connection { local, ..Connection::default() })
    }

    fn refused(connection: &Connection) -> (Exit, String) {
        let failure = connection.settings().err().unwrap();
        (failure.exit(), failure.to_string())
    }

    #[test]
    fn what_was_written_comes_back_and_is_ours_alone() {
        let (home, connection) = home();
        let path = home.path().join(".config/reflect/client.toml");
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        let settings = connection.settings().unwrap();
        assert_eq!((settings.origin.to_string(), settings.token.as_str()), (SITE.to_owned(), "rfl_saved"));
        assert_eq!(settings.ca_file, saved().ca_file);
        assert_eq!(settings.warning, None);

        // What was open before is not open any more, whatever lay about.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let warning = connection.settings().unwrap().warning.unwrap();
        assert!(warning.contains("chmod 600") && warning.contains("client.toml"), "{warning}");
        fs::write(path.with_file_name("client.toml.new"), "half").unwrap();
        saved().write(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(connection.settings().unwrap().warning, None);
    }

    #[test]
    fn what_is_said_goes_before_what_is_saved() {
        let (_home, mut connection) = home();
        connection.local.token = Some("rfl_said".to_owned());
        connection.local.ca_file = Some("/said.pem".into());
        let settings = connection.settings().unwrap();
        assert_eq!((settings.token.as_str(), settings.ca_file), ("rfl_said", Some("/said.pem".into())));
        // A variable that is set to nothing says nothing.
        connection.local.token = Some(String::new());
        assert_eq!(connection.settings().unwrap().token, "rfl_saved");
    }

    #[test]
    fn a_token_goes_to_no_other_address() {
        let (_home, mut connection) = home();
        connection.url = origin("https://elsewhere.example");
        let (exit, said) = refused(&connection);
        assert_eq!(exit, Exit::SignedOut);
        assert!(said.contains("reflect login https://elsewhere.example"), "{said}");
        connection.local.token = Some("rfl_theirs".to_owned());
        let settings = connection.settings().unwrap();
        assert_eq!((settings.token.as_str(), settings.ca_file), ("rfl_theirs", None));
    }

    #[test]
    fn the_file_is_where_programs_keep_such() {
        let mut local = Local { home: Some("/home/ada".into()), ..Local::default() };
        assert_eq!(local.path().unwrap(), Path::new("/home/ada/.config/reflect/client.toml"));
        local.xdg_config_home = Some("relative".into());
        assert_eq!(local.path().unwrap(), Path::new("/home/ada/.config/reflect/client.toml"));
        local.xdg_config_home = Some("/settings".into());
        assert_eq!(local.path().unwrap(), Path::new("/settings/reflect/client.toml"));
        local.config = Some("own.toml".into());
        assert_eq!(local.path().unwrap(), Path::new("own.toml"));
    }

    #[test]
    fn without_a_file_one_is_told_to_sign_in() {
        let home = tempfile::tempdir().unwrap();
        let mut connection = Connection::default();
        connection.local.home = Some(home.path().to_owned());
        let (exit, said) = refused(&connection);
        assert_eq!(exit, Exit::SignedOut);
        assert!(said.contains("reflect login"), "{said}");
        // One that was named has to be there.
        connection.local.config = Some(home.path().join("none.toml"));
        assert_eq!(refused(&connection).0, Exit::Usage);
        // And whoever says all of it needs none, nor a home.
        let mut connection = Connection { url: origin(SITE), ..Connection::default() };
        connection.local.token = Some("rfl_said".to_owned());
        assert_eq!(connection.settings().unwrap().token, "rfl_said");
    }

    #[test]
    fn a_file_that_is_wrong_says_where_but_shows_no_token() {
        for (text, says) in [
            ("url = \"https://pictures.example\"\ntoken = \"rfl_secret\n", "line 2: "),
            ("tokn = \"rfl_secret\"", "there is no setting `tokn`"),
            ("token = 7", "`token` must be a text"),
            ("url = \"nowhere at all\"", "is no address"),
        ] {
            let said = parse(text).unwrap_err();
            assert!(said.contains(says) && !said.contains("rfl_secret"), "{said}");
        }
    }
}
