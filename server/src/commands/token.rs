//! `reflect token …`

use model::types::Username;
use reflect_core::auth;
use serde_json::json;

use super::{CommandError, output::say};
use crate::{
    config::{SiteConfig, StoreConfig},
    database::{Database, Opener},
};

pub(super) async fn create(
    store: &StoreConfig,
    site: &SiteConfig,
    user: &Username,
    name: &str,
    json: bool,
) -> Result<(), CommandError> {
    let database = Database::open(store, Opener::Command).await?;
    let core = database.core(store, site)?;
    let id = auth::user::find(&core, user).await?.ok_or_else(|| CommandError::NoSuchUser(user.clone()))?;
    let token = auth::token::create(&core, id, name).await?;
    if json {
        say(json!({ "token": token }))?;
    } else {
        say(token)?;
    }
    database.close().await;
    Ok(())
}
