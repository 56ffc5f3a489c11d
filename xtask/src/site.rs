//! The site's folder: hashed names, compressed siblings and the manifest that the server embeds.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{
    command::{command, run, say},
    fingerprint::{self, Fingerprint, Stamp},
    project, setup,
    wasm::{self, LOADER, Program},
};

/// How much work goes into small files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Quick to build: nothing minified or compressed.
    Dev,
    /// What people download.
    Release,
}

impl Mode {
    /// For file names and fingerprints.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// `assets.json`: paths below the site's folder, without a leading slash. The page names these files.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Manifest {
    js: String,
    wasm: String,
    css: String,
    /// Scripts of `app/assets`, by the name they have there.
    files: BTreeMap<String, String>,
}

/// Everything that decides what the site is. A folder counts with every file in it.
const INPUTS: [&str; 15] = [
    ".cargo/config.toml",
    "Cargo.lock",
    "Cargo.toml",
    "app",
    "end2end/package-lock.json",
    "frontend",
    "rust-toolchain.toml",
    "style",
    "xtask/Cargo.toml",
    "xtask/compress.mjs",
    "xtask/shrink.mjs",
    "xtask/src/fingerprint.rs",
    "xtask/src/site.rs",
    "xtask/src/wasm",
    "xtask/src/wasm.rs",
];

/// Brings `target/site` up to date; does nothing when its inputs are those of the last time.
pub fn build(mode: Mode) -> Result<()> {
    let site = project::site();
    let mut inputs = Fingerprint::default();
    inputs.add(mode.name().as_bytes());
    for path in INPUTS {
        inputs.add_path(&project::root(), path)?;
    }
    let inputs = inputs.finish();
    let stamp = Stamp::at(project::scratch().join("site.stamp"));
    if stamp.holds(&inputs) && is_whole(&site) {
        say("the site is up to date");
        return Ok(());
    }
    setup::wasm_target()?;
    setup::npm_packages()?;
    stamp.clear()?;

    let program = wasm::build(mode)?;
    let next = project::scratch().join("site-next");
    if next.exists() {
        fs::remove_dir_all(&next)?;
    }
    assemble(&program, &next, mode)?;
    if site.exists() {
        fs::remove_dir_all(&site)?;
    }
    fs::rename(&next, &site).context("moving the new site into its place")?;
    stamp.set(&inputs)
}

/// Whether every file that the manifest names is there.
fn is_whole(site: &Path) -> bool {
    let Ok(text) = fs::read_to_string(site.join("assets.json")) else { return false };
    let Ok(manifest) = serde_json::from_str::<Manifest>(&text) else { return false };
    [manifest.js, manifest.wasm, manifest.css]
        .iter()
        .chain(manifest.files.values())
        .all(|path| site.join(path).is_file())
}

fn assemble(program: &Program, site: &Path, mode: Mode) -> Result<()> {
    let root = project::root();
    fs::create_dir_all(site.join("pkg"))?;
    let staged = project::scratch().join("bundle");
    name_parts(program, site)?;
    let script = bundle(&program.script, &staged.join("reflect.js"), mode)?;
    let style = bundle(&root.join("style/main.css"), &staged.join("reflect.css"), mode)?;
    let files = other_files(&root.join("app/assets"), &staged, site, mode)?;
    let wasm = staged.join("reflect.wasm");
    fs::copy(&program.wasm, &wasm)?;
    let manifest = Manifest {
        js: publish(&script, site)?,
        wasm: publish(&wasm, site)?,
        css: publish(&style, site)?,
        files,
    };
    if mode == Mode::Release {
        compress(site)?;
    }
    // Last, and after compressing, since a server asks for it by this one name and at build time only.
    fs::write(site.join("assets.json"), serde_json::to_string_pretty(&manifest)?)?;
    Ok(())
}

/// Publishes the parts of the program and has the script that loads them say where they are: in a folder with
/// the hash of all of them, which every page loads once instead of a hash for each. Where it says so already,
/// since the program is that of the last time, that is the same.
fn name_parts(program: &Program, site: &Path) -> Result<()> {
    let loader = program.script.with_file_name(LOADER);
    let mut script = fs::read_to_string(&loader).with_context(|| format!("reading {}", loader.display()))?;
    let mut parts = Vec::new();
    for part in &program.parts {
        let bytes = fs::read(part).with_context(|| format!("reading {}", part.display()))?;
        parts.push((part.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes));
    }
    let all: Vec<u8> = parts.iter().flat_map(|(name, bytes)| [name.as_bytes(), bytes].concat()).collect();
    let folder = fingerprint::short_hash(&all);
    fs::create_dir_all(site.join("pkg").join(&folder))?;
    for (name, bytes) in parts {
        fs::write(site.join("pkg").join(&folder).join(&name), bytes)?;
        script = script.replace(&format!("\"./{name}\""), &format!("\"./{folder}/{name}\""));
    }
    // The release's loader makes addresses of their names.
    let script = script.replace("`./${", &format!("`./{folder}/${{"));
    fs::write(&loader, script)?;
    Ok(())
}

/// One file from a script or style sheet and all that it imports by relative path.
fn bundle(source: &Path, target: &Path, mode: Mode) -> Result<PathBuf> {
    let mut esbuild = setup::npm_program("esbuild");
    esbuild.arg(source).args(["--bundle", "--format=esm", "--target=esnext", "--log-level=warning"]);
    // wasm-bindgen lists a module that is imported from many times over.
    esbuild.arg("--log-override:duplicate-object-key=silent");
    if mode == Mode::Release {
        esbuild.args(["--minify", "--legal-comments=none"]);
    }
    esbuild.arg(format!("--outfile={}", target.display()));
    run(&mut esbuild)?;
    Ok(target.to_path_buf())
}

/// Copies a file into `pkg/` under a name with its hash, which may be cached for ever. Answers its path
/// below the site's folder.
fn publish(file: &Path, site: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("reading {}", file.display()))?;
    let path = hashed_path(file, &bytes);
    fs::write(site.join(&path), bytes)?;
    Ok(path)
}

fn hashed_path(file: &Path, bytes: &[u8]) -> String {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    format!("pkg/{}.{}.{}", part(file.file_stem()), fingerprint::short_hash(bytes), part(file.extension()))
}

/// Scripts get hashed names, which are answered by the names they had; the rest is copied with its folders.
/// `assets.json` is the one that `cargo leptos` needs, whose files have no hashes.
fn other_files(from: &Path, staged: &Path, site: &Path, mode: Mode) -> Result<BTreeMap<String, String>> {
    let mut scripts = BTreeMap::new();
    for file in fingerprint::files(from)? {
        let path = file.strip_prefix(from)?;
        if path.extension().is_some_and(|extension| extension == "js") {
            let bundled = bundle(&file, &staged.join(path), mode)?;
            scripts.insert(path.to_string_lossy().into_owned(), publish(&bundled, site)?);
        } else if path != Path::new("assets.json") {
            let target = site.join(path);
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::copy(&file, &target).with_context(|| format!("copying {}", file.display()))?;
        }
    }
    Ok(scripts)
}

fn compress(site: &Path) -> Result<()> {
    say("compressing");
    let mut node = command("node");
    node.arg("xtask/compress.mjs").args(fingerprint::files(site)?);
    let status = node.status().context("`node` did not start")?;
    anyhow::ensure!(status.success(), "compressing the site failed");
    sizes(site)
}

/// What the first page costs a visitor.
fn sizes(site: &Path) -> Result<()> {
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    for file in fingerprint::files(&site.join("pkg"))? {
        if file.extension().is_some_and(|extension| extension != "br" && extension != "gz") {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let brotli = size(&PathBuf::from(format!("{}.br", file.display())));
            eprintln!("    {name}: {} bytes, {brotli} as brotli", size(&file));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_follow_the_contents() {
        let name = |bytes: &[u8]| hashed_path(Path::new("somewhere/preview-worker.js"), bytes);
        assert_eq!(name(b"one"), name(b"one"));
        assert_ne!(name(b"one"), name(b"two"));
        let path = name(b"one");
        let hash =
            path.strip_prefix("pkg/preview-worker.").and_then(|rest| rest.strip_suffix(".js")).unwrap();
        assert_eq!(hash.len(), 8);
        assert!(hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }

    #[test]
    fn a_site_with_a_missing_file_is_not_whole() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        assert!(!is_whole(site));
        let manifest = r#"{"js":"a.js","wasm":"a.wasm","css":"a.css","files":{"w.js":"w.js"}}"#;
        fs::write(site.join("assets.json"), manifest).unwrap();
        for file in ["a.js", "a.wasm", "a.css"] {
            fs::write(site.join(file), "").unwrap();
        }
        assert!(!is_whole(site));
        fs::write(site.join("w.js"), "").unwrap();
        assert!(is_whole(site));
    }

    #[test]
    fn files_are_copied_with_their_folders_but_for_the_other_manifest() {
        let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(from.path().join("icons")).unwrap();
        fs::write(from.path().join("icons/mark.svg"), "<svg/>").unwrap();
        fs::write(from.path().join("assets.json"), "{}").unwrap();
        let scripts = other_files(from.path(), to.path(), to.path(), Mode::Dev).unwrap();
        assert!(scripts.is_empty());
        assert_eq!(fs::read(to.path().join("icons/mark.svg")).unwrap(), b"<svg/>");
        assert!(!to.path().join("assets.json").exists());
    }

    #[test]
    fn the_manifest_for_cargo_leptos_is_one() {
        let text = fs::read_to_string(project::root().join("app/assets/assets.json")).unwrap();
        let manifest: Manifest = serde_json::from_str(&text).unwrap();
        for worker in ["preview-worker.js", "work-worker.js"] {
            assert!(manifest.files.contains_key(worker), "{worker}");
        }
    }
}
