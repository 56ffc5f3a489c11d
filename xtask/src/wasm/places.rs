//! Shortens the names of source files in the program.
//!
//! Each place that can panic is named by its file. Those of dependencies begin with folders of the machine
//! that built them, and none compresses well; the package with line and column, which stay, find the place.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use wasmparser::{DataKind, Operator, Parser, Payload};

/// Where the standard library's files are said to be, before a commit's hash.
const STANDARD: &str = "/rustc/";
const END: &[u8] = b".rs";

/// What names of files were cut to, with the lengths that these had and places still say.
pub type Names = BTreeMap<Vec<u8>, BTreeSet<usize>>;

/// Cuts the names of files below the `registries`, and of the standard library's, to their package's.
/// What is left of a name is blank: its length is written elsewhere.
pub fn shorten(wasm: &mut [u8], registries: &[PathBuf]) -> Result<Names> {
    let mut names = Names::new();
    for Segment { bytes, .. } in data(wasm)? {
        let segment = wasm.get_mut(bytes).context("data beyond the end of the module")?;
        let mut cut = |prefix: &str, short: &dyn Fn(&[u8]) -> Vec<u8>| {
            each(segment, prefix.as_bytes(), |length, rest| {
                let short = short(rest);
                names.entry(short.clone()).or_default().insert(length);
                short
            });
        };
        for registry in registries {
            cut(&format!("{}/", registry.display()), &|name| {
                name.split(|byte| *byte == b'/').next().unwrap_or_default().to_vec()
            });
        }
        cut(STANDARD, &|_| b"std".to_vec());
    }
    Ok(names)
}

/// Has all places in the modules, the main one first, that are in one package name it by the same bytes of the main
/// one, and overwrites those that nothing names any more with zeros. wasm-split has moved data by now, so they are
/// found by what they are.
pub fn merge(modules: &mut [Vec<u8>], names: &Names) -> Result<()> {
    let segments = modules.iter().map(|module| data(module)).collect::<Result<Vec<_>>>()?;
    // How places that say a short name may begin.
    let mut beginnings = HashMap::<Place, &[u8]>::new();
    for (module, segments) in modules.iter().zip(&segments) {
        for Segment { address, bytes } in segments {
            let bytes = module.get(bytes.clone()).context("data beyond the end of the module")?;
            for (short, lengths) in names {
                for at in occurrences(bytes, short) {
                    let blanks = bytes[at + short.len()..].iter().take_while(|byte| **byte == b' ').count();
                    for length in lengths.iter().filter(|length| **length <= short.len() + blanks) {
                        beginnings.insert(place(address + u32::try_from(at)?, *length)?, short);
                    }
                }
            }
        }
    }
    // The first that a place of the main module says: parts come and go.
    let mut kept = HashMap::<&[u8], Place>::new();
    let mut unnamed = Vec::new();
    for (number, (module, segments)) in modules.iter_mut().zip(&segments).enumerate() {
        let is_main = number == 0;
        for Segment { address, bytes } in segments {
            let bytes = module.get_mut(bytes.clone()).context("data beyond the end of the module")?;
            // Places are aligned as their pointers are.
            let first = (address.next_multiple_of(4) - address) as usize;
            for word in (first..bytes.len()).step_by(4) {
                let Some(found) = bytes.get_mut(word..).and_then(|rest| rest.first_chunk_mut()) else {
                    break;
                };
                let Some(short) = beginnings.get(found) else { continue };
                if is_main && !kept.contains_key(short) {
                    kept.insert(short, place(start(*found), short.len())?);
                }
                if let Some(kept) = kept.get(short) {
                    unnamed.push((*found, *kept));
                    *found = *kept;
                }
            }
        }
    }
    for (gone, kept) in unnamed {
        let whole = start(gone)..end(gone);
        let rest = if whole.start == start(kept) { end(kept)..whole.end } else { whole };
        for (module, segments) in modules.iter_mut().zip(&segments) {
            for Segment { address, bytes } in segments {
                let within = |at: u32| at.checked_sub(*address).map(|at| at as usize);
                let Some((start, end)) = within(rest.start).zip(within(rest.end)) else { continue };
                let name = module.get_mut(bytes.clone()).and_then(|data| data.get_mut(start..end));
                name.unwrap_or_default().fill(0);
            }
        }
    }
    Ok(())
}

/// How a place begins: with the address and length of its file's name.
type Place = [u8; 8];

fn place(address: u32, length: usize) -> Result<Place> {
    Ok((u64::from(u32::try_from(length)?) << 32 | u64::from(address)).to_le_bytes())
}

/// Where its name begins.
fn start([a, b, c, d, ..]: Place) -> u32 {
    u32::from_le_bytes([a, b, c, d])
}

/// Where its name ends.
fn end(place: Place) -> u32 {
    let [.., a, b, c, d] = place;
    start(place).saturating_add(u32::from_le_bytes([a, b, c, d]))
}

/// Where `wanted` begins in `bytes`.
fn occurrences<'a>(bytes: &'a [u8], wanted: &'a [u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let found = at + find(bytes.get(at..)?, wanted)?;
        at = found + 1;
        Some(found)
    })
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

/// Replaces each name that begins with `prefix` by what `short` makes of its length and its rest, and blanks.
fn each(data: &mut [u8], prefix: &[u8], mut short: impl FnMut(usize, &[u8]) -> Vec<u8>) {
    let mut at = 0;
    while let Some(start) = find(&data[at..], prefix).map(|found| at + found) {
        let rest = &data[start + prefix.len()..];
        let path = rest.iter().position(|byte| !is_of_a_path(*byte)).map_or(rest, |end| &rest[..end]);
        let Some(length) = find(path, END).map(|found| prefix.len() + found + END.len()) else {
            at = start + prefix.len();
            continue;
        };
        let name = &mut data[start..start + length];
        let mut cut = short(length, &name[prefix.len()..]);
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

/// Data that is in memory from the start.
struct Segment {
    address: u32,
    /// Where it stands in the module.
    bytes: Range<usize>,
}

fn data(wasm: &[u8]) -> Result<Vec<Segment>> {
    let mut segments = Vec::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Payload::DataSection(section) = payload? {
            for segment in section {
                let segment = segment?;
                let DataKind::Active { offset_expr, .. } = &segment.kind else { continue };
                let Operator::I32Const { value } = offset_expr.get_operators_reader().read()? else {
                    continue;
                };
                let end = usize::try_from(segment.range.end)?;
                segments
                    .push(Segment { address: value.cast_unsigned(), bytes: end - segment.data.len()..end });
            }
        }
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_by_its_package_and_the_length_stays() {
        let before =
            b"x/home/a/src/index-1/pkg-1.2.3/src/b.rsy/rustc/abc/library/core/src/c.rsapp/src/d.rs/rustc/z e.rs";
        let mut data = before.to_vec();
        each(&mut data, b"/home/a/src/index-1/", |_, name| name[..9].to_vec());
        each(&mut data, STANDARD.as_bytes(), |_, _| b"std".to_vec());
        let text = String::from_utf8(data).unwrap();
        assert_eq!(text.len(), before.len());
        let words: Vec<_> = text.split_whitespace().collect();
        assert_eq!(words, ["xpkg-1.2.3", "ystd", "app/src/d.rs/rustc/z", "e.rs"]);
    }

    /// A module with this data at 1,024.
    fn module(data: &[u8]) -> Vec<u8> {
        let mut section = wasm_encoder::DataSection::new();
        section.active(0, &wasm_encoder::ConstExpr::i32_const(1024), data.iter().copied());
        let mut memories = wasm_encoder::MemorySection::new();
        let (minimum, maximum) = (1, None);
        memories.memory(wasm_encoder::MemoryType {
            minimum,
            maximum,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let mut module = wasm_encoder::Module::new();
        module.section(&memories).section(&section);
        module.finish()
    }

    #[test]
    fn places_in_one_package_share_its_name() {
        let files = ["/r/pkg-1.2.3/src/b.rs", "/r/pkg-1.2.3/src/long.rs", "/r/other-1.0.0/src/a.rs"];
        let mut bytes = Vec::new();
        let mut places = Vec::new();
        for (file, line) in files.into_iter().zip([7_u32, 8, 9]) {
            let place = (1024 + u32::try_from(bytes.len()).unwrap(), u32::try_from(file.len()).unwrap());
            places.push((place.0, place.1, line));
            bytes.extend(file.as_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(4), b'-');
        let names = bytes.len();
        for (address, length, line) in places {
            bytes.extend([address, length, line].into_iter().flat_map(u32::to_le_bytes));
        }
        let mut modules = [module(&bytes), module(&[0; 8])];
        let shortened = shorten(&mut modules[0], &[PathBuf::from("/r")]).unwrap();
        merge(&mut modules, &shortened).unwrap();
        let segment = data(&modules[0]).unwrap().remove(0);
        let bytes = &modules[0][segment.bytes];
        let text = |address: u32, length: u32| {
            let start = address as usize - 1024;
            String::from_utf8(bytes[start..start + length as usize].to_vec()).unwrap()
        };
        let words: Vec<u32> =
            bytes[names..].chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
        let said: Vec<_> = words.chunks(3).map(|place| (text(place[0], place[1]), place[2])).collect();
        let said: Vec<_> = said.iter().map(|(name, line)| (name.as_str(), *line)).collect();
        assert_eq!(said, [("pkg-1.2.3", 7), ("pkg-1.2.3", 8), ("other-1.0.0", 9)]);
        assert_eq!(bytes[..names].iter().filter(|byte| byte.is_ascii_alphanumeric()).count(), 6 + 8);
    }
}
