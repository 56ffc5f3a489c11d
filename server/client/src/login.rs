//! `reflect login`

use std::io::{self, IsTerminal as _};

use clap::Args;
use console::Term;

use crate::{
    api::Api,
    config::{Connection, Local, Saved},
    exit::Exit,
    failure::Failure,
    origin::Origin,
    screen::{Screen, plain, say},
};

#[derive(Args)]
pub struct LoginArguments {
    /// The instance, such as `https://pictures.example`.
    #[arg(value_name = "URL", value_hint = clap::ValueHint::Url)]
    url: Origin,
    #[command(flatten, next_help_heading = "Connection")]
    local: Local,
}

/// Asks for a token, tries it, and keeps it.
pub(crate) async fn run(arguments: LoginArguments, screen: &Screen) -> Result<Exit, Failure> {
    let LoginArguments { url, mut local } = arguments;
    let path = local.path()?;
    if url.is_overheard() {
        screen.note("warning: by http:// the token goes unencrypted over the network. Prefer an address with https://");
    }
    let token = match local.token.take().filter(|token| !token.is_empty()) {
        Some(token) => token,
        None => ask(&url, screen).map_err(here)?,
    };
    let token = token.trim().to_owned();
    if token.is_empty() {
        return Err(Failure::SignedOut(format!("no token was given. Make one at {url}/settings/tokens")));
    }
    let ca_file = local.ca_file.as_deref().map(std::path::absolute).transpose().map_err(here)?;
    // Nobody waits for a server whose name may be mistyped. The file isn't looked at: it may be of another one.
    local.config = None;
    local.home = None;
    local.xdg_config_home = None;
    local.token = Some(token.clone());
    let connection = Connection { url: Some(url.clone()), retries: 0, local };
    let me = Api::new(&connection.settings()?, screen)?.me().await?;
    let saved = Saved { url: Some(url.clone()), token: Some(token), ca_file };
    saved.write(&path).map_err(|error| Failure::Here(format!("{}: {error}", path.display())))?;
    say(format_args!("Signed in to {url} as {}. Only you can read {}.", plain(&me.name), path.display()))?;
    Ok(Exit::Done)
}

fn here(error: io::Error) -> Failure {
    Failure::Here(error.to_string())
}

/// A line from whoever calls; one who types it doesn't see it.
fn ask(url: &Origin, screen: &Screen) -> io::Result<String> {
    if io::stdin().is_terminal() {
        screen.note(format_args!(
            "make a token at {url}/settings/tokens with the scopes upload, read and delete, and paste it here:"
        ));
        let terminal = Term::stderr();
        if terminal.is_term() {
            return terminal.read_secure_line();
        }
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line)
}
