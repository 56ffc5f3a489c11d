//! `reflect user …`

use model::types::Username;
use reflect_core::{
    Core, admin,
    audit::By,
    auth::{AuthError, enrolment, user},
};
use serde_json::json;

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

/// How to add.
pub(super) struct How {
    pub(super) admin: bool,
    pub(super) secret_now: bool,
    pub(super) json: bool,
}

pub(super) async fn add(instance: &Instance, name: &Username, how: How) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    if how.secret_now {
        let enrolled = enrolment::enrol_now(&core, name.clone(), None, how.admin).await?;
        let codes: Vec<String> = enrolled.recovery_codes.into_iter().map(Into::into).collect();
        if how.json {
            say(json!({
                "name": name,
                "user_id": enrolled.user_id,
                "secret": enrolled.secret,
                "otpauth_url": enrolled.otpauth_url,
                "recovery_codes": codes,
            }))?;
        } else {
            say(format!("{name} can sign in.\nSecret:         {}", enrolled.secret))?;
            say(format!("Link:           {}\nRecovery codes:", enrolled.otpauth_url))?;
            for code in codes {
                say(format!("  {code}"))?;
            }
        }
    } else {
        let token = enrolment::create_link(&core, By::COMMAND_LINE, name, how.admin).await?;
        say_link(name, &page(&core, &token), how.json)?;
    }
    database.close().await;
    Ok(())
}

pub(super) async fn reset(
    instance: &Instance,
    name: &Username,
    force: bool,
    json: bool,
) -> Result<(), CommandError> {
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let missing = || CommandError::NoSuchUser(name.clone());
    let link = if force {
        let id = user::find(&core, name).await?.ok_or_else(missing)?;
        admin::force_reset(&core, By::COMMAND_LINE, id).await?.link
    } else {
        let made = enrolment::reset_link(&core, By::COMMAND_LINE, name).await;
        let token = made.map_err(|error| match error {
            AuthError::Suspended => CommandError::Suspended(name.clone()),
            error => error.into(),
        })?;
        page(&core, &token.ok_or_else(missing)?)
    };
    say_link(name, &link, json)?;
    database.close().await;
    Ok(())
}

/// The address of the wizard for the link with this token.
fn page(core: &Core, token: &str) -> String {
    core.settings.origins.site.clone() + &enrolment::page(token)
}

fn say_link(name: &Username, link: &str, json: bool) -> Result<(), CommandError> {
    if json {
        say(json!({ "name": name, "link": link }))?;
    } else {
        say(format!("Within a day, {name} opens this link once:\n{link}"))?;
    }
    Ok(())
}
