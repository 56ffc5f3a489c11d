//! Turns `locales/` into the `i18n` module, so that a missing key doesn't compile.

use std::{error::Error, path::PathBuf};

use leptos_i18n_build::{Config, ParseOptions, TranslationsInfos};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let config = Config::new("en")?.add_locale("zh-CN")?;
    let config = ["common", "auth", "images", "uploads", "problem"]
        .into_iter()
        .try_fold(config, Config::add_namespace)?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let infos = TranslationsInfos::parse(config)?;
    infos.emit_diagnostics();
    infos.rerun_if_locales_changed();
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts where to write so")]
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    infos.generate_i18n_module(out)?;
    Ok(())
}
