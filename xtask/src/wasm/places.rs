//! Shortens the names of source files in the program.
//!
//! Each place that can panic is named by its file. Those of dependencies begin with folders of the machine
//! that built them, and none compresses well; the package with line and column, which stay, find the place.

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasmparser::{Parser, Payload};

/// Where the standard library's files are said to be, before a commit's hash.
const STANDARD: &str = "/rustc/";
const END: &[u8] = b".rs";

/// Cuts the names of files below the `registries`, and of the standard library's, to their package's.
/// What is left of a name is blank: its length is written elsewhere.
pub fn shorten(wasm: &mut [u8], registries: &[PathBuf]) -> Result<()> {
    for segment in data(wasm)? {
        let segment = wasm.get_mut(segment).context("data beyond the end of the module")?;
        for registry in registries {
            let prefix = format!("{}/", registry.display());
            each(segment, prefix.as_bytes(), |name| {
                let package = name.split(|byte| *byte == b'/').next().unwrap_or_default();
                package.to_vec()
            });
        }
        each(segment, STANDARD.as_bytes(), |_| b"std".to_vec());
    }
    Ok(())
}

/// The folders below which cargo unpacks dependencies.
pub fn registries(cargo_home: &Path) -> Result<Vec<PathBuf>> {
    let folder = cargo_home.join("registry/src");
    if !folder.is_dir() {
        // Dependencies that are kept in the repository have short names already.
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}

/// Replaces each name that begins with `prefix` by what `short` makes of the rest, and blanks.
fn each(data: &mut [u8], prefix: &[u8], short: impl Fn(&[u8]) -> Vec<u8>) {
    let mut at = 0;
    while let Some(start) = find(&data[at..], prefix).map(|found| at + found) {
        let rest = &data[start + prefix.len()..];
        let path = rest.iter().position(|byte| !is_of_a_path(*byte)).map_or(rest, |end| &rest[..end]);
        let Some(length) = find(path, END).map(|found| prefix.len() + found + END.len()) else {
            at = start + prefix.len();
            continue;
        };
        let name = &mut data[start..start + length];
        let mut cut = short(&name[prefix.len()..]);
        cut.resize(length, b' ');
        name.copy_from_slice(&cut);
        at = start + length;
    }
}

fn is_of_a_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-' | b'+')
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn data(wasm: &[u8]) -> Result<Vec<Range<usize>>> {
    let mut ranges = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::DataSection(section) = payload? {
            for segment in section {
                let segment = segment?;
                let end = usize::try_from(segment.range.end)?;
                ranges.push(end - segment.data.len()..end);
            }
        }
    }
    Ok(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_package_and_the_length_stays() {
        let before =
            b"x/home/a/src/index-1/pkg-1.2.3/src/b.rsy/rustc/abc/library/core/src/c.rsapp/src/d.rs/rustc/z e.rs";
        let mut data = before.to_vec();
        each(&mut data, b"/home/a/src/index-1/", |name| name[..9].to_vec());
        each(&mut data, STANDARD.as_bytes(), |_| b"std".to_vec());
        let text = String::from_utf8(data).unwrap();
        assert_eq!(text.len(), before.len());
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(words, ["xpkg-1.2.3", "ystd", "app/src/d.rs/rustc/z", "e.rs"]);
    }
}
