//! What `reflect` can be told to do.

mod jobs;
mod keys;
mod mail;
mod migrate;
mod output;
mod reference;
mod seed;
mod serve;
mod token;
mod user;
mod verify;

use std::{borrow::Cow, ffi::OsString, process::ExitCode};

use clap::{Args, FromArgMatches as _, Parser, Subcommand};
use futures::future::LocalBoxFuture;
use model::types::{EmailAddress, Language, Username};
use reflect_client::ClientCommand;
use reflect_core::{
    audit::Head,
    jobs::{Chore, Job},
};

use self::reference::ReferenceCommand;
use crate::config::{
    AlertConfigError, KeyError, MailConfigError, OidcConfigError, Origin, ServeConfig, SiteConfig,
    StoreConfig,
};

/// A self-hosted image host.
#[derive(Parser)]
#[command(name = "reflect", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// What is logged: error, warn, info, debug, or by part such as `info,sqlx=debug`.
    #[arg(long, env = "REFLECT_LOG", default_value = "info,sqlx=warn", global = true, value_name = "LEVEL")]
    log: String,
    /// Log as JSON, a line each.
    #[arg(long, env = "REFLECT_LOG_JSON", global = true)]
    log_json: bool,
}

/// An instance: where it keeps things, and what it is called.
#[derive(Args)]
struct Instance {
    #[command(flatten)]
    store: StoreConfig,
    #[command(flatten)]
    site: SiteConfig,
}

/// What is called, by where it is called and what it needs there.
#[derive(Subcommand)]
enum Command {
    #[command(flatten)]
    Server(Box<ServerCommand>),
    #[command(flatten)]
    Client(ClientCommand),
    #[command(flatten)]
    Reference(ReferenceCommand),
}

/// Where the instance is, with its settings.
#[derive(Subcommand)]
enum ServerCommand {
    /// Start the server.
    Serve {
        #[command(flatten)]
        instance: Instance,
        #[command(flatten)]
        serve: Box<ServeConfig>,
    },
    /// Bring the database's schema up to date and end.
    Migrate {
        #[command(flatten)]
        store: StoreConfig,
    },
    /// Accounts.
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Tokens with which programs call the API.
    Token {
        #[command(subcommand)]
        command: token::TokenCommand,
    },
    /// The keys that seal secrets.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Mail.
    Mail {
        #[command(subcommand)]
        command: MailCommand,
    },
    /// Fill an account with any number of small images, to try an instance with. Not for one in use: they
    /// count towards the account's space, and are deleted like all others.
    Seed {
        #[command(flatten)]
        arguments: seed::SeedArguments,
    },
    /// What is done beside requests: which jobs there are, when each is due, how the last one went, and how many mails
    /// wait.
    Jobs {
        /// Do this one now, due or not, and say how much that was.
        #[arg(long, value_name = "JOB")]
        run: Option<Chore>,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Instance,
    },
    /// Check that everything is still there: the audit log whole, every image the bytes that were uploaded,
    /// every count right. Changes nothing, and fails if something is wrong.
    Verify {
        /// A head that an earlier check printed: shows whether the log was cut short since.
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<Head>,
        /// Check the audit log alone. Reading every image takes as long as reading the database.
        #[arg(long)]
        log_only: bool,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Instance,
    },
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add an account: prints a one-time enrolment link, valid for a day.
    Add {
        /// The name to sign in with.
        name: Username,
        /// Let the account administer the instance.
        #[arg(long)]
        admin: bool,
        /// Enrol at once and print the authenticator's secret and the recovery codes.
        #[arg(long)]
        secret_now: bool,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Instance,
    },
    /// Let somebody who has lost every way in enrol anew: prints a one-time link, valid for a day.
    Reset {
        /// Whose account.
        name: Username,
        /// Suspend the account until they have done so: for one that is in strange hands. Needed for one
        /// that is suspended already.
        #[arg(long)]
        force: bool,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Instance,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Seal everything with the present key. With a key file: makes a new key first, and keeps the old
    /// one. Servers may go on meanwhile, and it may be stopped and called again.
    Rotate {
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Instance,
    },
}

#[derive(Subcommand)]
enum MailCommand {
    /// Send one mail as all others are sent, and say what became of it.
    Test {
        /// Whom to.
        address: EmailAddress,
        /// In which language: en or zh.
        #[arg(long, default_value_t = Language::English, value_name = "LANGUAGE")]
        language: Language,
        #[command(flatten)]
        instance: Instance,
    },
}

/// Why a command failed, in words for the terminal.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The log filter.
    #[error("REFLECT_LOG: {0}")]
    Log(#[from] tracing_subscriber::filter::ParseError),
    /// No database.
    #[error(transparent)]
    Database(#[from] crate::database::DatabaseError),
    /// A statement failed.
    #[error("the database refused: {0}")]
    Sql(#[from] sqlx::Error),
    /// No key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no other key to change to.
    #[error(
        "{0} is the only key. To change it, put a new one (`openssl rand -hex 32`) into REFLECT_SECRET_KEY and the \
         present one into REFLECT_SECRET_KEY_FALLBACKS"
    )]
    OnlyKey(String),
    /// Somebody else changes keys.
    #[error("another `reflect keys rotate` is under way")]
    KeysUnderWay,
    /// A server couldn't open what would be sealed.
    #[error(
        "nothing was sealed: a server runs without key {key_id}: {servers}. Give it that key, in \
         REFLECT_SECRET_KEY_FALLBACKS or in a copy of the key file and secret.key.next, restart it and call this again"
    )]
    ServerWithoutKey {
        /// Where they are.
        servers: String,
        /// The key.
        key_id: String,
    },
    /// It has to be called again.
    #[error("{}", unfinished(*rows, behind))]
    KeysUnfinished {
        /// Rows that are still under an older key.
        rows: u64,
        /// Servers that still seal with one.
        behind: String,
    },
    /// The mail settings.
    #[error(transparent)]
    MailConfig(#[from] MailConfigError),
    /// The webhook of alerts.
    #[error(transparent)]
    AlertConfig(#[from] AlertConfigError),
    /// There is none to try.
    #[error("no mail is sent: REFLECT_SMTP_URL and REFLECT_MAIL_FROM are not set")]
    NoMailServer,
    /// The mail wasn't taken.
    #[error("{server} did not take the mail: {reason}")]
    MailRefused {
        /// Who.
        server: String,
        /// Why, in its words.
        reason: String,
    },
    /// The outbox.
    #[error(transparent)]
    Mail(#[from] reflect_core::mail::MailError),
    /// The OpenID Connect provider.
    #[error(transparent)]
    Oidc(#[from] OidcConfigError),
    /// Accounts and links.
    #[error(transparent)]
    Auth(#[from] reflect_core::auth::AuthError),
    /// Images.
    #[error(transparent)]
    Image(#[from] reflect_core::images::ImageError),
    /// What is done to accounts.
    #[error(transparent)]
    Admin(#[from] reflect_core::admin::AdminError),
    /// Somebody else does it.
    #[error("{0} is under way already; `reflect jobs` tells since when")]
    JobUnderWay(&'static str),
    /// It didn't go well.
    #[error("{job} failed: {reason}")]
    JobFailed {
        /// What.
        job: Job,
        /// Why.
        reason: String,
    },
    /// The site in this program.
    #[error(transparent)]
    Site(#[from] crate::site::SiteError),
    /// There is nobody of that name.
    #[error("there is no account `{0}`; `reflect user add {0}` adds it")]
    NoSuchUser(Username),
    /// There is something that would get lost among what is made.
    #[error("`{0}` has images already, in the gallery or in the bin; --add adds to them")]
    HasImages(Username),
    /// They are kept out.
    #[error("`{0}` is suspended; `reflect user reset {0} --force` makes a link that also lets them in again")]
    Suspended(Username),
    /// They have no such token.
    #[error("there is no token {0}; `reflect token list` tells which there are")]
    NoSuchToken(uuid::Uuid),
    /// No token is made so.
    #[error("a token takes {0}")]
    Reach(#[from] model::types::InvalidReach),
    /// What is stored isn't what was stored.
    #[error("{0}")]
    Damaged(String),
    /// There is no page on it.
    #[error("there is no command `reflect {0}`")]
    NoSuchCommand(String),
    /// People would sign in where others listen.
    #[error(
        "people can't sign in at {0}: off this machine that takes https, or whoever listens could take their session. \
         Put a proxy that speaks TLS before reflect and set REFLECT_PUBLIC_URL (--public-url) to its https:// address. \
         In a container whose port is published on this machine only, set it to http://localhost:PORT"
    )]
    Overheard(Origin),
    /// The port is taken, or isn't ours to take.
    #[error("cannot listen on {0}: {1}. Choose another with --addr or REFLECT_ADDR")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// Terminal or signals.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

fn unfinished(rows: u64, behind: &str) -> String {
    let behind = match behind {
        "" => String::new(),
        servers => format!(", and servers seal with an older key: {servers}. Restart them with the new one"),
    };
    format!("{rows} rows are still sealed with an older key{behind}. Then call this again")
}

/// A file of the built site: path and contents.
pub type SiteFile = (String, Cow<'static, [u8]>);

impl Cli {
    /// From the command line; a bare `reflect` is `reflect serve`.
    #[must_use]
    pub fn from_arguments(arguments: impl Iterator<Item = OsString>) -> Self {
        let mut arguments: Vec<OsString> = arguments.collect();
        if arguments.len() <= 1 {
            arguments.push("serve".into());
        }
        let matches = reference::definition().get_matches_from(arguments);
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    /// Does what was asked. `site_files` are the files that `serve` serves.
    ///
    /// Boxed, since an `async fn` is compiled where it is awaited: the program would compile all of it anew.
    ///
    /// # Errors
    /// In words for the terminal.
    pub fn run(
        self,
        site_files: fn() -> Vec<SiteFile>,
    ) -> LocalBoxFuture<'static, Result<ExitCode, CommandError>> {
        Box::pin(self.obey(site_files))
    }

    async fn obey(self, site_files: fn() -> Vec<SiteFile>) -> Result<ExitCode, CommandError> {
        match self.command {
            Command::Server(command) => {
                output::log(&self.log, self.log_json)?;
                (*command).run(site_files).await.map(|()| ExitCode::SUCCESS)
            }
            // It says itself what went wrong, and logs nothing.
            Command::Client(command) => Ok(command.run().await.into()),
            Command::Reference(command) => reference::run(command).map(|()| ExitCode::SUCCESS),
        }
    }
}

impl ServerCommand {
    async fn run(self, site_files: fn() -> Vec<SiteFile>) -> Result<(), CommandError> {
        match self {
            Self::Serve { instance, serve } => serve::run(&instance, &serve, site_files()).await,
            Self::Migrate { store } => migrate::run(&store).await,
            Self::User { command: UserCommand::Add { name, admin, secret_now, json, instance } } => {
                user::add(&instance, &name, user::How { admin, secret_now, json }).await
            }
            Self::User { command: UserCommand::Reset { name, force, json, instance } } => {
                user::reset(&instance, &name, force, json).await
            }
            Self::Token { command } => token::run(command).await,
            Self::Keys { command: KeysCommand::Rotate { json, instance } } => {
                keys::rotate(&instance, json).await
            }
            Self::Mail { command: MailCommand::Test { address, language, instance } } => {
                mail::test(&instance, address, language).await
            }
            Self::Seed { arguments } => seed::run(arguments).await,
            Self::Jobs { run, json, instance } => jobs::run(&instance, run, json).await,
            Self::Verify { head, log_only, json, instance } => {
                verify::run(&instance, verify::What { noted: head, log_only }, json).await
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Cli, Command, ServerCommand, reference::definition};

    #[test]
    fn a_bare_call_serves() {
        let cli = Cli::from_arguments(["reflect".into()].into_iter());
        let Command::Server(command) = cli.command else { panic!("another command") };
        assert!(matches!(*command, ServerCommand::Serve { .. }));
    }

    #[test]
    fn the_command_line_is_consistent() {
        definition().debug_assert();
    }
}
