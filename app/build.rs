//! Turns `locales/` into the `i18n` module, so that a missing key doesn't compile.
//!
//! The two halves of `leptos_i18n_build` directly: the whole of it also builds the data of ICU,
//! which nothing here uses and which costs a first build a minute.

use std::{error::Error, fs, path::PathBuf};

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};

/// A function of the trait that says what locales there are, which stands in its implementation once.
const CHOOSES: &str = "fn as_icu_locale (self)";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let config = Config::new("en")?.add_locale("zh")?;
    let config = [
        "common",
        "auth",
        "images",
        "details",
        "uploads",
        "problem",
        "security",
        "challenge",
        "audit",
        "admin",
        "tokens",
        "albums",
        "guests",
        "profile",
        "tags",
        "timeline",
        "colors",
        "bulk",
        "statistics",
        "viewer",
        "export",
    ]
    .into_iter()
    .try_fold(config, Config::add_namespace)?
    .parse_options(ParseOptions::new().interpolate_display(true));
    let locales = parse_locales(None, config)?;
    for warning in locales.diag.warnings().iter() {
        println!("cargo::warning={warning}");
    }
    for error in locales.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    for path in locales.tracked_files.iter().flatten() {
        println!("cargo::rerun-if-changed={path}");
    }
    let code = leptos_i18n_codegen::gen_code(&locales, None, false, None, true)?.to_string();
    // The library's way to choose is ICU's, 10 KB of every first visit, for what the server has decided already.
    let (before, after) =
        code.split_once(CHOOSES).ok_or("leptos_i18n_codegen writes other code: see CHOOSES")?;
    let code = format!(
        "{before} fn find_locale < T : AsRef < [u8] >> (accepted : & [T]) -> Self {{ crate :: text :: spoken (accepted) }} {CHOOSES}{after}"
    );
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write so")]
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    fs::write(out.join("mod.rs"), code)?;
    Ok(())
}
