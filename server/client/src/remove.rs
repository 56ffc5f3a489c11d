//! `reflect rm`

use clap::Args;

use crate::{
    api::Api, config::Connection, each::each, exit::Exit, failure::Failure, named::Named, screen::Screen,
};

#[derive(Args)]
pub struct RemoveArguments {
    /// An id, a slug, or an address of an image or its page.
    #[arg(required = true, value_name = "IMAGE")]
    images: Vec<Named>,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// Puts each into the bin.
pub(crate) async fn run(arguments: RemoveArguments, screen: &Screen) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.connection.settings()?, screen)?;
    each(&arguments.images, screen, async |named| {
        api.remove(named).await?;
        Ok(format!("In the bin: {named}"))
    })
    .await
}
