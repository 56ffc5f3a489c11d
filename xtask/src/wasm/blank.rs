//! Empties functions that the browser's program has but can never call.

use std::{collections::HashSet, ops::Range};

use anyhow::{Context, Result, ensure};
use wasmparser::{
    BinaryReader, FromReader, Name, NameSectionReader, Parser, Payload, RelocationEntry, TypeRef,
};

/// How the name of a view's function that hydrates it piece by piece goes on after the view's type. A
/// table of each kind of view names this function, so neither linker nor optimiser can know that nothing
/// calls it: only `leptos::mount::hydrate_lazy` begins it, and `frontend` uses `hydrate_body`.
///
/// Nothing but this one is looked for, above all not the futures that it makes: LLVM folds functions with
/// equal instructions into one, under any of their names, so that the name of a dead one may be that of
/// one in use. No other function has the same instructions as this one, which names its own future.
const PIECEMEAL: &str = "8into_any13hydrate_async17h";

/// How the name of a route's function that lists its addresses goes on after the route's type. A table of each
/// kind of route names it too; only a server that sets its own routes up calls it. Nothing else collects what it
/// collects, so it is folded into nothing that is in use.
const LISTING: &str = "21into_any_nested_route15generate_routes17h";

/// What `wasm-streams` exports and Rust never calls: methods of classes that only Rust makes objects of,
/// when it sends a stream, which no server function here does. Not all of them, for the reason above.
const STREAMS: [&str; 6] = [
    "intounderlyingbytesource_pull",
    "intounderlyingbytesource_start",
    "intounderlyingsink_abort",
    "intounderlyingsink_close",
    "intounderlyingsink_write",
    "intounderlyingsource_pull",
];

fn is_dead(name: &str) -> bool {
    name.contains(PIECEMEAL)
        || name.contains(LISTING)
        || STREAMS.iter().any(|export| name.starts_with(export))
}

/// `unreachable`, without locals.
const TRAP: [u8; 2] = [0x00, 0x00];
const NOP: u8 = 0x01;

/// The module with its dead functions emptied in place: whatever only they use is left out when the
/// module is split and optimised. Their entries in the list of relocations go, since there is nothing to
/// relocate in them any more.
pub fn blank(wasm: &[u8]) -> Result<Vec<u8>> {
    let module = Module::read(wasm)?;
    let mut out = wasm.to_vec();
    let mut blanked = Vec::new();
    for (index, body) in (module.imported..).zip(&module.bodies) {
        if module.dead.contains(&index) && body.len() > TRAP.len() {
            let code = out.get_mut(body.clone()).context("a function beyond the end of the module")?;
            // The last byte is the function's end.
            let (end, rest) = code.split_last_mut().context("an empty function")?;
            ensure!(*end == 0x0b, "a function without an end");
            rest.fill(NOP);
            rest.iter_mut().zip(TRAP).for_each(|(byte, trap)| *byte = trap);
            blanked.push(body.clone());
        }
    }
    ensure!(!blanked.is_empty(), "no function has the name of a dead one: see `PIECEMEAL`");
    match module.relocations {
        Some(section) => section.without(&out, module.code, &blanked),
        None => Ok(out),
    }
}

/// Where things are in a module.
#[derive(Default)]
struct Module {
    /// How many functions are imported; they are counted before the module's own.
    imported: u32,
    bodies: Vec<Range<usize>>,
    dead: HashSet<u32>,
    /// Where the contents of the code section begin, which relocations count from.
    code: usize,
    relocations: Option<Section>,
}

/// A custom section: all of it with its head, and what it holds.
struct Section {
    whole: Range<usize>,
    name: &'static str,
    data: Range<usize>,
}

const RELOCATIONS: &str = "reloc.CODE";

impl Module {
    fn read(wasm: &[u8]) -> Result<Self> {
        let mut module = Self::default();
        let mut section_start = 8;
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload?;
            let section = payload.as_section().map(|(_, range)| range);
            match &payload {
                Payload::ImportSection(imports) => {
                    for import in imports.clone().into_imports() {
                        module.imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionStart { range, .. } => module.code = usize::try_from(range.start)?,
                Payload::CodeSectionEntry(body) => module.bodies.push(bytes(&body.range())?),
                Payload::CustomSection(custom) if custom.name() == RELOCATIONS => {
                    let start = usize::try_from(custom.data_offset())?;
                    module.relocations = Some(Section {
                        whole: section_start..bytes(&custom.range())?.end,
                        name: RELOCATIONS,
                        data: start..start + custom.data().len(),
                    });
                }
                Payload::CustomSection(custom) if custom.name() == "name" => {
                    let reader = BinaryReader::new(custom.data(), custom.data_offset());
                    for subsection in NameSectionReader::new(reader) {
                        let Name::Function(names) = subsection? else { continue };
                        for naming in names {
                            let naming = naming?;
                            if is_dead(naming.name) {
                                module.dead.insert(naming.index);
                            }
                        }
                    }
                }
                _ => {}
            }
            if let Some(range) = section {
                section_start = usize::try_from(range.end)?;
            }
        }
        Ok(module)
    }
}

fn bytes(range: &Range<u64>) -> Result<Range<usize>> {
    Ok(usize::try_from(range.start)?..usize::try_from(range.end)?)
}

impl Section {
    /// The module with this list of relocations less those within `gone`, offsets from the module's begin.
    fn without(&self, wasm: &[u8], code: usize, gone: &[Range<usize>]) -> Result<Vec<u8>> {
        let data = wasm.get(self.data.clone()).context("relocations beyond the end of the module")?;
        let mut reader = BinaryReader::new(data, 0);
        let section = reader.read_var_u32()?;
        let mut kept = Vec::new();
        let mut count = 0;
        for _ in 0..reader.read_var_u32()? {
            let start = usize::try_from(reader.original_position())?;
            let entry = RelocationEntry::from_reader(&mut reader)?;
            let end = usize::try_from(reader.original_position())?;
            let place = code + usize::try_from(entry.offset)?;
            let after = gone.partition_point(|range| range.end <= place);
            if !gone.get(after).is_some_and(|range| range.contains(&place)) {
                kept.extend_from_slice(data.get(start..end).context("a relocation beyond its list")?);
                count += 1;
            }
        }
        let mut contents = Vec::new();
        write_number(&mut contents, self.name.len().try_into()?);
        contents.extend_from_slice(self.name.as_bytes());
        write_number(&mut contents, section);
        write_number(&mut contents, count);
        contents.append(&mut kept);
        let mut out = wasm.get(..self.whole.start).context("a section beyond the end")?.to_vec();
        out.push(0);
        write_number(&mut out, contents.len().try_into()?);
        out.append(&mut contents);
        out.extend_from_slice(wasm.get(self.whole.end..).context("a section beyond the end")?);
        Ok(out)
    }
}

/// LEB128, as everywhere in WebAssembly.
fn write_number(out: &mut Vec<u8>, mut number: u32) {
    loop {
        let [low, ..] = (number & 0x7f).to_le_bytes();
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: u8, name: Option<&str>, contents: &[u8]) -> Vec<u8> {
        let mut body = Vec::<u8>::new();
        if let Some(name) = name {
            body.push(name.len().try_into().unwrap());
            body.extend(name.as_bytes());
        }
        body.extend(contents);
        let mut out = vec![id, body.len().try_into().unwrap()];
        out.extend(body);
        out
    }

    /// Two functions, each of `i32.const 1; drop; nop; nop; nop`, of which the second has the name, and a
    /// relocation in each.
    fn module(name: &str) -> Vec<u8> {
        let body = [9, 0, 0x41, 1, 0x1a, NOP, NOP, NOP, NOP, 0x0b];
        let mut names = vec![1, u8::try_from(name.len() + 3).unwrap(), 1, 1, name.len().try_into().unwrap()];
        names.extend(name.as_bytes());
        [
            b"\0asm\x01\0\0\0".to_vec(),
            section(1, None, &[1, 0x60, 0, 0]),
            section(3, None, &[2, 0, 0]),
            section(10, None, &[&[2][..], &body, &body].concat()),
            // Of section 2: two of kind 0 (a function's number), 4 and 14 bytes in, for symbol 7.
            section(0, Some(RELOCATIONS), &[2, 2, 0, 4, 7, 0, 14, 7]),
            section(0, Some("name"), &names),
        ]
        .concat()
    }

    #[test]
    fn a_dead_function_is_emptied_and_loses_its_relocations() {
        let name = format!("_ZN{PIECEMEAL}0123456789abcdefE");
        let before = module(&name);
        let after = blank(&before).unwrap();
        let live = [0, 0x41, 1, 0x1a, NOP, NOP, NOP, NOP, 0x0b];
        let dead = [0, 0, NOP, NOP, NOP, NOP, NOP, NOP, 0x0b];
        let has = |part: &[u8]| after.windows(part.len()).any(|window| window == part);
        assert!(has(&[&live[..], &[9], &dead].concat()));
        assert!(has(&section(0, Some(RELOCATIONS), &[2, 1, 0, 4, 7])));
        assert_eq!(after.len(), before.len() - 3);
        Module::read(&after).unwrap();
    }

    #[test]
    fn names_that_went_out_of_use_are_noticed() {
        assert!(blank(&module("something else")).is_err());
    }
}
