//! `reflect seed`

use std::{
    io::{self, IsTerminal as _, Write as _},
    num::NonZeroU32,
};

use clap::Args;
use model::types::Username;
use reflect_core::{
    auth::user,
    images::intake::seed::{Seed, SeedError, seed},
};
use serde_json::json;

use super::{CommandError, Instance, output::say};
use crate::database::{Database, Opener};

/// What to make, and for whom.
#[derive(Args)]
pub(super) struct SeedArguments {
    /// Whose images they are.
    #[arg(long, value_name = "NAME")]
    user: Username,
    /// How many.
    #[arg(long, value_name = "NUMBER", default_value = "10000", value_parser = images)]
    images: NonZeroU32,
    /// Over how many years up to now they are spread.
    #[arg(long, value_name = "NUMBER", default_value = "5", value_parser = years)]
    years: NonZeroU32,
    /// Add to the images that the account has already.
    #[arg(long)]
    add: bool,
    /// Print JSON, for scripts.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    instance: Instance,
}

/// From 1 to 50: keys begin in 1970.
fn images(text: &str) -> Result<NonZeroU32, &'static str> {
    let images = text.parse::<NonZeroU32>().ok();
    images.filter(|images| images.get() <= 10_000_000).ok_or("a whole number from 1 to 10000000")
}

fn years(text: &str) -> Result<NonZeroU32, &'static str> {
    let years = text.parse::<NonZeroU32>().ok();
    years.filter(|years| years.get() <= 50).ok_or("a whole number from 1 to 50")
}

pub(super) async fn run(arguments: SeedArguments) -> Result<(), CommandError> {
    let SeedArguments { user: name, images, years, add, json, instance } = arguments;
    let database = Database::open(&instance.store, Opener::Command).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    let owner = user::find(&core, &name).await?.ok_or_else(|| CommandError::NoSuchUser(name.clone()))?;
    let looks_on = io::stderr().is_terminal();
    let tell = |made| {
        if looks_on {
            // Whoever doesn't hear it misses nothing.
            let _ = write!(io::stderr(), "\r{made} of {images} images \x1b[K\r");
        }
    };
    let seeded =
        seed(&core, owner, Seed { images, years, add }, tell).await.map_err(|error| match error {
            SeedError::HasImages => CommandError::HasImages(name.clone()),
            SeedError::Image(error) => error.into(),
        })?;
    database.close().await;
    if json {
        say(json!({ "images": seeded.images, "pictures": seeded.pictures, "bytes": seeded.bytes }))
    } else {
        say(format!(
            "{name} has {} more images, of {} pictures, since {}: {}.",
            seeded.images,
            seeded.pictures,
            seeded.oldest.date(),
            seeded.bytes
        ))
    }
}
