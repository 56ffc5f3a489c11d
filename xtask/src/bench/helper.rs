//! `server/core/examples/figures`: what needs reflect's own code, in a program that is built as the server is.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;

use crate::{
    command::{cargo, command, output, run, spelled},
    project,
};

/// The program, built.
pub struct Helper(PathBuf);

impl Helper {
    /// Brings the program up to date. The server is named so that the libraries have the features that they
    /// have in it, and are compiled already.
    pub fn build() -> Result<Self> {
        let packages = ["--package", "server", "--package", "reflect-core", "--example", "figures"];
        run(cargo(["build", "--release"]).args(packages))?;
        Ok(Self(project::target().join("release/examples/figures")))
    }

    /// The program with these words.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = command(&self.0);
        command.args(words);
        command
    }

    /// Makes photos in the folder and answers their paths. `noise` decides how many bytes they have.
    pub fn photos(
        &self,
        folder: &Path,
        count: usize,
        (width, height): (u32, u32),
        noise: u8,
    ) -> Result<Vec<PathBuf>> {
        let mut photos = self.command(&["photos"]);
        photos.arg(folder).args([count.to_string(), width.to_string(), height.to_string()]);
        photos.args([noise.to_string(), "90".to_owned()]);
        answer::<serde_json::Value>(&mut photos)?;
        Ok((0..count).map(|number| folder.join(format!("{number:04}.jpg"))).collect())
    }
}

/// A duration as the program tells it.
#[derive(serde::Deserialize)]
pub struct Took {
    pub seconds: f64,
}

/// Runs a command and reads the JSON that it prints.
pub fn answer<T: DeserializeOwned>(command: &mut Command) -> Result<T> {
    // Hundreds of file names are no good error message.
    let shown: String = spelled(command).chars().take(200).collect();
    let text = output(command).with_context(|| format!("`{shown}` failed"))?;
    serde_json::from_str(&text).with_context(|| format!("`{shown}` said {text}"))
}

/// Bytes of files.
pub fn bytes(files: &[PathBuf]) -> Result<f64> {
    let mut sum = 0;
    for file in files {
        sum += std::fs::metadata(file)?.len();
    }
    Ok(sum as f64)
}
