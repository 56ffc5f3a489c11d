//! `reflect migrate`

use super::{CommandError, output::say};
use crate::{config::StoreConfig, database::Database};

pub(super) async fn run(store: &StoreConfig) -> Result<(), CommandError> {
    let database = Database::open(store).await?;
    say("The schema is up to date.")?;
    database.close().await;
    Ok(())
}
