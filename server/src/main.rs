//! The `reflect` program.

// Pages are deep trees of generic types.
#![recursion_limit = "512"]

use std::process::ExitCode;

use reflect_server::commands::{Cli, SiteFile};
use rust_embed::RustEmbed;

/// The built site. Here and not in the library, so that the library compiles beside it.
#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Files;

fn site_files() -> Vec<SiteFile> {
    Files::iter().filter_map(|path| Some((path.to_string(), Files::get(&path)?.data))).collect()
}

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::from_arguments(std::env::args_os()).run(site_files).await {
        Ok(code) => code,
        Err(error) => {
            #[expect(
                clippy::print_stderr,
                reason = "the end of a command, where no log may have been started"
            )]
            {
                eprintln!("error: {error}");
            }
            ExitCode::FAILURE
        }
    }
}
