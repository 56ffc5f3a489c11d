//! `reflect migrate`

use super::{CommandError, output::say};
use crate::{
    config::StoreConfig,
    database::{Database, Opener},
};

pub(super) async fn run(store: &StoreConfig) -> Result<(), CommandError> {
    let database = Database::open(store, Opener::Command).await?;
    say("The schema is up to date.")?;
    database.close().await;
    Ok(())
}
