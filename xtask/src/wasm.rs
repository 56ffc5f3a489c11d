//! The browser's program: cargo, wasm-split, wasm-bindgen, binaryen.

mod blank;
mod order;
mod places;

use std::{
    fs, iter,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use self::places::Names;
use crate::{
    command::{cargo, command, run, say},
    fingerprint::{Fingerprint, Stamp},
    project,
    site::Mode,
};

/// Finished files of the browser's program, in a folder of their own.
pub struct Program {
    /// The glue, an ES module that exports `init` (default) and `hydrate`; it may import its neighbours.
    pub script: PathBuf,
    /// The WebAssembly module, which the page names to `init`.
    pub wasm: PathBuf,
    /// The parts that are loaded later, which [`LOADER`] names by their file names.
    pub parts: Vec<PathBuf>,
}

/// The script, next to the glue and imported by it, that loads parts.
pub const LOADER: &str = "__wasm_split.js";

/// Builds the package `frontend` for browsers. What cargo left unchanged isn't processed again.
pub fn build(mode: Mode) -> Result<Program> {
    let lock = fs::read_to_string(project::root().join("Cargo.lock")).context("reading Cargo.lock")?;
    same_bindgen(&lock)?;
    let (profile, folder) = match mode {
        Mode::Dev => ("dev", "debug"),
        Mode::Release => ("wasm-release", "wasm-release"),
    };
    let target = "wasm32-unknown-unknown";
    let mut build = cargo(["rustc", "--package", "frontend", "--target", target, "--profile", profile]);
    // Splitting needs to know what refers to what.
    run(build.args(["--", "-C", "link-arg=--emit-relocs"]))?;
    let built = project::target().join(target).join(folder).join("frontend.wasm");

    let out = project::scratch().join("wasm").join(mode.name());
    let program =
        |parts| Program { script: out.join("reflect.js"), wasm: out.join("reflect_bg.wasm"), parts };
    let bytes = fs::read(&built).with_context(|| format!("reading {}", built.display()))?;
    let inputs = Fingerprint::default()
        .add(&bytes)
        .add(locked_version(&lock, "wasm-bindgen-cli-support").unwrap_or_default().as_bytes())
        .add_path(&project::root(), "end2end/package-lock.json")?
        .add_path(&project::root(), "xtask/src/wasm.rs")?
        .add_path(&project::root(), "xtask/src/wasm")?
        .add_path(&project::root(), "xtask/shrink.mjs")?
        .finish();
    let stamp = Stamp::at(project::scratch().join(format!("wasm-{}.stamp", mode.name())));
    if stamp.holds(&inputs) && out.join("reflect_bg.wasm").is_file() {
        return Ok(program(parts_in(&out)?));
    }
    stamp.clear()?;
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    let main = out.with_extension("main.wasm");
    let names = split(bytes, &main, &out, mode)?;
    bind(&main, &out, mode)?;
    if mode == Mode::Release {
        terse(&out.join(LOADER))?;
    }
    let program = program(parts_in(&out)?);
    if mode == Mode::Release {
        shrink(&program, &names)?;
    }
    stamp.set(&inputs)?;
    Ok(program)
}

/// All modules in the folder but the main one.
fn parts_in(out: &Path) -> Result<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for entry in fs::read_dir(out)? {
        let path = entry?.path();
        let is_main = path.file_stem().is_some_and(|stem| stem == "reflect_bg");
        if !is_main && path.extension().is_some_and(|extension| extension == "wasm") {
            parts.push(path);
        }
    }
    parts.sort();
    Ok(parts)
}

/// Takes what `#[lazy]` functions alone need out of the program. Answers which names it has shortened.
fn split(mut wasm: Vec<u8>, main: &Path, out: &Path, mode: Mode) -> Result<Names> {
    say("wasm-split");
    let mut names = Names::new();
    if mode == Mode::Release {
        wasm = blank::blank(&wasm)?;
        names = places::shorten(&mut wasm, &places::registries(&project::cargo_home()?)?)?;
    }
    let link = format!("./{LOADER}");
    let mut options = wasm_split_cli_support::Options::new(&wasm);
    options.main_out_path = main;
    options.output_dir = out;
    options.main_module = "./reflect.js";
    options.link_name = &link;
    wasm_split_cli_support::transform(options).map_err(|error| anyhow!("wasm-split: {error:#}"))?;
    patient(&out.join(LOADER))?;
    Ok(names)
}

/// What the loader does about a part that doesn't come: it says so once, and Leptos' `#[lazy]` panics, which
/// ends the page.
const IMPATIENT: &str = "        let success;
        try {
            await callee();
            success = true;
        } catch (e) {
            console.error(e);
            success = false;
        } finally {
            const sharedImports = getSharedImports();
            sharedImports.__wasm_split.__indirect_function_table.get(callbackIndex)(callbackData, success);
        }
";
/// What it does instead: networks come back.
const PATIENT: &str = "        for (let pause = 500; ; pause = Math.min(2 * pause, 30_000)) {
            try {
                await callee();
                break;
            } catch {
                await new Promise((again) => {
                    setTimeout(again, pause);
                    addEventListener(\"online\", again, { once: true });
                });
            }
        }
        getSharedImports().__wasm_split.__indirect_function_table.get(callbackIndex)(callbackData, true);
";

/// How the loader gets a part.
const FETCH: &str = "fetch(new URL(";
/// How it gets one that may be gone: a server of another version has parts of its own, in another folder, so the
/// page is loaded anew. Once for each version: behind a balancer, what it has then may come from the other again.
const GET: &str = "get(new URL(";
const GONE: &str = "async function get(url) {
    const answer = await fetch(url);
    const gone = \"gone \" + new URL(\".\", url);
    if ([404, 410].includes(answer.status) && !sessionStorage[gone]) {
        sessionStorage[gone] = 1;
        location.reload();
    }
    return answer;
}
";

/// Has the loader ask again for what doesn't come, until it does, or the page is one whose parts are gone.
fn patient(loader: &Path) -> Result<()> {
    let text = fs::read_to_string(loader).with_context(|| format!("reading {}", loader.display()))?;
    ensure!(text.matches(IMPATIENT).count() == 1, "wasm-split's loader is another one: see `IMPATIENT`");
    ensure!(text.contains(FETCH), "wasm-split's loader is another one: see `FETCH`");
    let text = text.replace(IMPATIENT, PATIENT).replace(FETCH, GET);
    // What it imports comes first.
    let (imports, rest) =
        text.split_once("\n\n").context("wasm-split's loader is another one: see `GONE`")?;
    fs::write(loader, format!("{imports}\n\n{GONE}{rest}"))?;
    Ok(())
}

/// What the loader says of each part around its address, and what is enough. There are hundreds of parts, and
/// every page loads the loader.
const WORDY: [(&str, &str); 4] = [
    ("makeLoad(() => {\n    const src = get(new URL(\"./", "makeLoad(\""),
    (
        ".wasm\", import.meta.url));\n    src.catch(() => {});\n    \
         return async (imports) => (WebAssembly.instantiateStreaming(src, imports));\n}\n, [",
        "\", [",
    ),
    (
        "const instantiate = fetcher();",
        "const src = get(new URL(`./${fetcher}.wasm`, import.meta.url));\n        src.catch(() => {});",
    ),
    ("return instantiate(imports);", "return WebAssembly.instantiateStreaming(src, imports);"),
];

/// Has the loader say once what it says of each part.
fn terse(loader: &Path) -> Result<()> {
    let mut text = fs::read_to_string(loader).with_context(|| format!("reading {}", loader.display()))?;
    let parts = text.matches(", import.meta.url));").count();
    for ((wordy, short), times) in WORDY.into_iter().zip([parts, parts, 1, 1]) {
        let found = text.matches(wordy).count();
        ensure!(found == times && found > 0, "wasm-split's loader is another one: see `WORDY`, {wordy:?}");
        text = text.replace(wordy, short);
    }
    fs::write(loader, text)?;
    Ok(())
}

fn bind(built: &Path, out: &Path, mode: Mode) -> Result<()> {
    say("wasm-bindgen");
    let release = mode == Mode::Release;
    let mut bindgen = Bindgen::new();
    bindgen.input_path(built).out_name("reflect").typescript(false);
    bindgen.web(true)?.omit_default_module_path(true).keep_lld_exports(true);
    bindgen.keep_debug(!release).remove_name_section(release).remove_producers_section(release);
    let mut output = bindgen.generate_output().context("wasm-bindgen")?;
    let (mut names, mut loads) = (Vec::new(), Vec::new());
    if release {
        let loader = format!("./{LOADER}");
        for import in output.wasm_mut().imports.iter_mut() {
            let (names, letter) = match import.module.as_str() {
                "./reflect_bg.js" => (&mut names, ""),
                module if module == loader => (&mut loads, "l"),
                _ => continue,
            };
            let short = format!("{letter}{:x}", names.len());
            names.push((std::mem::replace(&mut import.name, short.clone()), short));
        }
    }
    output.emit(out).context("wasm-bindgen")?;
    let glue = |name: &str| format!("\n        {name}: ");
    shorten(&out.join("reflect.js"), &names, glue, |short| format!("\n        \"{short}\": "))?;
    let load = |name: &str| format!("export const {name} = ");
    shorten(&out.join(LOADER), &loads, load, load)?;
    rename_parts(out)
}

/// Names parts after their function without the hash of where it stands in the sources, and what several share
/// by its number.
fn rename_parts(out: &Path) -> Result<()> {
    let loader = out.join(LOADER);
    let mut text = fs::read_to_string(&loader).with_context(|| format!("reading {}", loader.display()))?;
    for part in parts_in(out)? {
        let stem = part.file_stem().unwrap_or_default().to_string_lossy();
        let name = match (stem.strip_prefix("split_"), stem.strip_prefix("chunk_")) {
            (Some(name), _) => name.trim_matches(|c: char| c == '_' || c.is_ascii_digit()),
            (None, Some(number)) => number,
            (None, None) => continue,
        };
        let target = out.join(format!("{name}.wasm"));
        if target.exists() {
            bail!("two parts are named `{name}`: give their functions different names");
        }
        text = text.replace(&format!("./{stem}.wasm"), &format!("./{name}.wasm"));
        fs::rename(&part, target)?;
    }
    fs::write(&loader, text)?;
    Ok(())
}

/// Has a script give its functions by the short names that the module now imports them under: each name
/// has a hash, which doesn't compress, and stands in both files. `before` and `after` say how a name that
/// is given is written.
fn shorten(
    script: &Path,
    names: &[(String, String)],
    before: impl Fn(&str) -> String,
    after: impl Fn(&str) -> String,
) -> Result<()> {
    let mut text = fs::read_to_string(script).with_context(|| format!("reading {}", script.display()))?;
    for (long, short) in names {
        let given = before(long);
        if text.matches(&given).count() != 1 {
            bail!("`{long}` is not given once in {}", script.display());
        }
        text = text.replace(&given, &after(short));
    }
    fs::write(script, text)?;
    Ok(())
}

fn shrink(program: &Program, names: &Names) -> Result<()> {
    say("binaryen");
    let mut node = command("node");
    node.arg(project::root().join("xtask/shrink.mjs"))
        .arg(project::npm().join("node_modules/binaryen/index.js"));
    run(node.arg(&program.wasm).args(&program.parts))?;
    say("ordering functions");
    let files: Vec<_> = iter::once(&program.wasm).chain(&program.parts).collect();
    let read = |file: &&PathBuf| fs::read(file).with_context(|| format!("reading {}", file.display()));
    let mut modules = files.iter().map(read).collect::<Result<Vec<_>>>()?;
    places::merge(&mut modules, names)?;
    for (file, module) in files.into_iter().zip(modules) {
        fs::write(file, order::order(&module)?)?;
    }
    Ok(())
}

/// wasm-bindgen's two halves speak a format of their own, which differs from version to version.
fn same_bindgen(lock: &str) -> Result<()> {
    let library = locked_version(lock, "wasm-bindgen").context("Cargo.lock has no wasm-bindgen")?;
    let tool = locked_version(lock, "wasm-bindgen-cli-support")
        .context("Cargo.lock has no wasm-bindgen-cli-support")?;
    if library != tool {
        bail!(
            "Cargo.lock has wasm-bindgen {library} and wasm-bindgen-cli-support {tool}, which must be equal: \
             run `cargo update --package wasm-bindgen-cli-support --precise {library}`"
        );
    }
    Ok(())
}

fn locked_version<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.nth(1)?.strip_prefix("version = \"")?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(library: &str, tool: &str) -> String {
        format!(
            "[[package]]\nname = \"wasm-bindgen\"\nversion = \"{library}\"\n\n\
             [[package]]\nname = \"wasm-bindgen-cli-support\"\nversion = \"{tool}\"\n"
        )
    }

    #[test]
    fn versions_that_differ_are_refused_with_the_cure() {
        assert!(same_bindgen(&lock("0.2.9", "0.2.9")).is_ok());
        let error = same_bindgen(&lock("0.2.9", "0.2.10")).unwrap_err().to_string();
        assert!(error.contains("--precise 0.2.9"), "{error}");
        assert!(same_bindgen("").is_err());
    }

    #[test]
    fn this_repository_agrees_with_itself() {
        let lock = fs::read_to_string(project::root().join("Cargo.lock")).unwrap();
        same_bindgen(&lock).unwrap();
    }
}
