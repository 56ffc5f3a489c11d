//! What administrators decide for all.

use model::{
    Problem,
    types::{Decision, PolicyInForce, Setting},
};
use reflect_core::db;

use super::Administrator;

/// What holds, and what of it was decided.
///
/// # Errors
/// The database.
pub async fn in_force(administrator: &Administrator) -> Result<PolicyInForce, Problem> {
    administrator.core().policy_in_force().await.map_err(|error| db::problem(&error))
}

/// Decides some of it, all that is given or nothing.
///
/// # Errors
/// [`Problem::InvalidParameter`]; the database, randomness.
pub async fn decide(administrator: &Administrator, typed: &[(Setting, String)]) -> Result<(), Problem> {
    let decisions = typed.iter().map(|(setting, value)| read(*setting, value)).collect::<Result<Vec<_>, _>>();
    Ok(administrator.core().decide_all(administrator.by(), &decisions?).await?)
}

/// Goes back to what holds at start.
///
/// # Errors
/// The database, randomness.
pub async fn undecide(administrator: &Administrator, setting: Setting) -> Result<(), Problem> {
    Ok(administrator.core().undecide(administrator.by(), setting).await?)
}

fn read(setting: Setting, value: &str) -> Result<Decision, Problem> {
    setting
        .read(value)
        .map_err(|expected| Problem::InvalidParameter { name: setting.as_str().to_owned(), expected })
}
