//! What the client can be told to do.

use clap::Subcommand;

use crate::{
    exit::{Exit, STATUSES},
    export,
    failure::Failure,
    import, link, list, login, remove,
    screen::Screen,
    upload,
};

/// Commands for people and programs that use an instance from elsewhere.
#[derive(Subcommand)]
pub enum ClientCommand {
    /// Sign in to an instance with an API token, for the commands below: asks for it, on the terminal or standard
    /// input, tries it and keeps it.
    #[command(after_help = STATUSES)]
    Login(login::LoginArguments),
    /// Upload images and print their links, a line for each, in the order of the files.
    #[command(after_help = STATUSES)]
    Upload(upload::UploadArguments),
    /// List images, newest first.
    #[command(after_help = STATUSES)]
    List(list::ListArguments),
    /// Move images to the bin, from where the site brings them back for a week.
    #[command(after_help = STATUSES)]
    Rm(remove::RemoveArguments),
    /// Print links of images that are uploaded already.
    #[command(after_help = STATUSES)]
    Link(link::LinkArguments),
    /// Save all your images in one zip file, with all that is said of them: what `reflect import` takes, here or at
    /// another instance. The token needs the scope `read`.
    #[command(after_help = STATUSES)]
    Export(export::ExportArguments),
    /// Bring back what was exported. Images that are there already aren't sent again, so what was broken off goes on
    /// when it is called again. The token needs the scopes `upload` and `edit`, and `delete` for what is in the bin.
    #[command(after_help = STATUSES)]
    Import(import::ImportArguments),
}

impl ClientCommand {
    /// Does what was asked. What went wrong has been said on standard error when this ends.
    pub async fn run(self) -> Exit {
        let screen = Screen::default();
        let done = match self {
            Self::Login(arguments) => login::run(arguments, &screen).await,
            Self::Upload(arguments) => upload::run(arguments, &screen).await,
            Self::List(arguments) => list::run(arguments, &screen).await,
            Self::Rm(arguments) => remove::run(arguments, &screen).await,
            Self::Link(arguments) => link::run(arguments, &screen).await,
            Self::Export(arguments) => export::run(arguments, &screen).await,
            Self::Import(arguments) => import::run(arguments, &screen).await,
        };
        done.unwrap_or_else(|failure: Failure| {
            screen.note(&failure);
            failure.exit()
        })
    }
}
