//! `reflect token …`

use clap::{ArgGroup, Subcommand};
use model::types::{
    ApiToken, Label, Reach, RequestsPerMinute, Scope, Scopes, TokenDays, TokenId, TokenTerms, UploadLimit,
    UserId, Username,
};
use reflect_core::{
    Core,
    audit::By,
    auth::{token, user},
};
use serde_json::json;
use uuid::Uuid;

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token: it is printed once and stored only as a hash.
    Create {
        /// In whose name programs use it.
        #[arg(long, value_name = "NAME")]
        user: Username,
        /// What it is for, to tell it from others.
        #[arg(long, default_value = "command line", value_name = "TEXT")]
        name: Label,
        /// What it opens, several separated by commas: upload, read, edit, delete, admin.
        #[arg(long, value_delimiter = ',', default_value = "upload,read,edit,delete", value_parser = scope)]
        scope: Vec<Scope>,
        /// Days that it is good for; without it until it is revoked. With the scope admin at most 90.
        #[arg(long, value_name = "DAYS")]
        expires: Option<TokenDays>,
        /// Requests that it is good for in a minute.
        #[arg(long, default_value_t = RequestsPerMinute::USUAL, value_name = "NUMBER")]
        requests_per_minute: RequestsPerMinute,
        /// Bytes of one file, such as "5 MiB", where that is less than the instance takes.
        #[arg(long, value_name = "AMOUNT")]
        max_file: Option<UploadLimit>,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Box<Instance>,
    },
    /// List somebody's tokens. What they are isn't stored.
    List {
        /// Whose.
        #[arg(long, value_name = "NAME")]
        user: Username,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Box<Instance>,
    },
    /// End a token, or all of somebody's.
    #[command(group = ArgGroup::new("which").required(true))]
    Revoke {
        /// Whose.
        #[arg(long, value_name = "NAME")]
        user: Username,
        /// The id that `list` and `create --json` print.
        #[arg(group = "which")]
        id: Option<Uuid>,
        /// All of them.
        #[arg(long, group = "which")]
        all: bool,
        /// Print JSON, for scripts.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: Box<Instance>,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    let all: Vec<_> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    text.trim().parse().map_err(|_| format!("one of {}", all.join(", ")))
}

pub(super) async fn run(command: TokenCommand) -> Result<(), CommandError> {
    match command {
        TokenCommand::Create {
            user,
            name,
            scope,
            expires,
            requests_per_minute,
            max_file,
            json,
            instance,
        } => {
            let reach = Reach::new(scope.into_iter().collect(), expires)?;
            let terms = TokenTerms { name, reach, requests_per_minute, max_upload: max_file };
            with(&instance, &user, async |core, owner| create(core, owner, &terms, json).await).await
        }
        TokenCommand::List { user, json, instance } => {
            with(&instance, &user, async |core, owner| list(core, owner, json).await).await
        }
        TokenCommand::Revoke { user, id, json, instance, .. } => {
            let id = id.map(TokenId);
            with(&instance, &user, async |core, owner| revoke(core, owner, id, json).await).await
        }
    }
}

/// Does `act` to the account of `user`.
async fn with(
    instance: &Instance,
    user: &Username,
    act: impl AsyncFnOnce(&Core, UserId) -> Result<(), CommandError>,
) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let owner = user::find(&core, user).await?.ok_or_else(|| CommandError::NoSuchUser(user.clone()))?;
    act(&core, owner).await?;
    database.close().await;
    Ok(())
}

async fn create(core: &Core, owner: UserId, terms: &TokenTerms, json: bool) -> Result<(), CommandError> {
    let made = token::create(core, By::COMMAND_LINE, owner, None, terms).await?;
    if json { say(json!(made)) } else { say(made.token) }
}

async fn list(core: &Core, owner: UserId, json: bool) -> Result<(), CommandError> {
    let tokens = token::list(core, owner).await?;
    if json {
        return say(json!({ "tokens": tokens }));
    }
    tokens.iter().try_for_each(|token| say(line(token)))
}

/// `019a…  laptop  upload,read  until 2027-02-18  last used 2026-11-20T12:00:00Z from 192.0.2.0/24 by curl`
fn line(token: &ApiToken) -> String {
    let until = match &token.expires_at {
        Some(at) if token.expired => format!("expired {}", at.date()),
        Some(at) => format!("until {}", at.date()),
        None => "until revoked".to_owned(),
    };
    let used = match &token.last_used_at {
        Some(at) => {
            let network = token.network.as_deref().unwrap_or("somewhere");
            let agent = token.agent.as_deref().unwrap_or("something");
            format!("last used {} from {network} by {agent}", at.as_str())
        }
        None => "not used yet".to_owned(),
    };
    format!("{}  {}  {}  {until}  {used}", token.id.0, token.name, names(token.scopes))
}

fn names(scopes: Scopes) -> String {
    scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(",")
}

/// One, or all.
async fn revoke(core: &Core, owner: UserId, id: Option<TokenId>, json: bool) -> Result<(), CommandError> {
    let revoked = match id {
        Some(id) if token::revoke(core, By::COMMAND_LINE, owner, id).await? => 1,
        Some(id) => return Err(CommandError::NoSuchToken(id.0)),
        None => token::revoke_all(core, By::COMMAND_LINE, owner).await?,
    };
    if json { say(json!({ "revoked": revoked })) } else { say(format!("Revoked: {revoked}")) }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::commands::{Cli, Command, ServerCommand};

    fn parsed(words: &str) -> Result<TokenCommand, String> {
        let words = format!("reflect token {words} --user ada");
        match Cli::try_parse_from(words.split(' ')).map_err(|error| error.to_string())?.command {
            Command::Server(command) => match *command {
                ServerCommand::Token { command } => Ok(command),
                _ => panic!("{words}"),
            },
            _ => panic!("{words}"),
        }
    }

    #[test]
    fn a_token_has_all_scopes_of_images_unless_said_otherwise() {
        let scopes = |words| match parsed(words) {
            Ok(TokenCommand::Create { scope, .. }) => scope.into_iter().collect::<Scopes>(),
            _ => panic!("{words}"),
        };
        assert_eq!(scopes("create"), Scopes::IMAGES);
        assert_eq!(scopes("create --scope upload,read"), [Scope::Upload, Scope::Read].into_iter().collect());
        assert_eq!(
            scopes("create --scope read --scope delete"),
            [Scope::Read, Scope::Delete].into_iter().collect()
        );
    }

    #[test]
    fn a_refusal_says_what_is_taken() {
        for (words, says) in [
            ("create --scope all", "one of upload, read, edit, delete, admin"),
            ("create --expires 0", "a whole number from 1 to 3650"),
            ("create --requests-per-minute 0", "a whole number from 1 to 60000"),
            ("create --max-file lots", "an amount from"),
            ("revoke", "required"),
            ("revoke --all 019aa000-0000-7000-8000-000000000000", "cannot be used with"),
        ] {
            let Err(refusal) = parsed(words) else { panic!("{words}") };
            assert!(refusal.contains(says), "{refusal}");
        }
    }

    #[test]
    fn a_line_tells_all_that_there_is() {
        let day = |text: &str| model::types::Timestamp::from_rfc3339(text.to_owned());
        let mut token = ApiToken {
            id: TokenId(Uuid::nil()),
            name: "laptop".into(),
            scopes: [Scope::Upload, Scope::Read].into_iter().collect(),
            created_at: day("2026-11-20T12:00:00Z"),
            expires_at: None,
            expired: false,
            last_used_at: None,
            network: None,
            agent: None,
            requests_per_minute: RequestsPerMinute::USUAL,
            max_upload: None,
        };
        let id = Uuid::nil();
        assert_eq!(line(&token), format!("{id}  laptop  upload,read  until revoked  not used yet"));
        token.expires_at = Some(day("2026-12-20T12:00:00Z"));
        token.last_used_at = Some(day("2026-11-21T08:00:00Z"));
        token.network = Some("192.0.2.0/24".into());
        token.agent = Some("curl".into());
        let said = line(&token);
        assert!(
            said.ends_with("until 2026-12-20  last used 2026-11-21T08:00:00Z from 192.0.2.0/24 by curl"),
            "{said}"
        );
    }
}
