//! `reflect token …`

use model::types::Username;
use reflect_core::{audit::By, auth};
use serde_json::json;

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

pub(super) async fn create(
    instance: &Instance,
    user: &Username,
    name: &str,
    json: bool,
) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let id = auth::user::find(&core, user).await?.ok_or_else(|| CommandError::NoSuchUser(user.clone()))?;
    let token = auth::token::create(&core, By::COMMAND_LINE, id, name).await?;
    if json {
        say(json!({ "token": token }))?;
    } else {
        say(token)?;
    }
    database.close().await;
    Ok(())
}
