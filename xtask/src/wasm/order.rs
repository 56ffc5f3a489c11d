//! Puts the functions of a module into an order in which it compresses well.
//!
//! Brotli finds again what it has seen, and says how far back: the nearer, the shorter. Functions with the same
//! signature come one after the other, so that their section says the same number again and again, and of those
//! each is followed by the one most like it. Of the main module that takes 4 % off.

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use wasm_encoder::{
    CodeSection, ElementSection, FunctionSection, Module,
    reencode::{Error, Reencode, utils},
};
use wasmparser::{
    CodeSectionReader, Element, ElementItems, ElementKind, ElementSectionReader, FunctionBody,
    FunctionSectionReader, Operator, Parser, Payload, TypeRef, Validator,
};

/// The module with its functions in another order, and without what fills places of the table with nothing: they are
/// empty to begin with, and wasm-split names every place that a part will fill.
pub fn order(wasm: &[u8]) -> Result<Vec<u8>> {
    let (imported, functions) = functions(wasm)?;
    let order = alike(&functions);
    let mut places = vec![0; order.len()];
    for (place, function) in (imported..).zip(&order) {
        *places.get_mut(*function).context("a function beyond the last")? = place;
    }
    let mut module = Module::new();
    Ordered { imported, order, places }
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow!("ordering functions: {error}"))?;
    let ordered = module.finish();
    Validator::new().validate_all(&ordered).context("a module that is ordered")?;
    Ok(ordered)
}

struct Function<'a> {
    signature: u32,
    body: &'a [u8],
}

/// How many functions are imported, and those that follow.
fn functions(wasm: &[u8]) -> Result<(u32, Vec<Function<'_>>)> {
    let (mut imported, mut signatures, mut functions) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::FunctionSection(section) => {
                signatures = section.into_iter().collect::<Result<Vec<_>, _>>()?;
            }
            Payload::CodeSectionEntry(body) => {
                let signature = *signatures.get(functions.len()).context("a function without a signature")?;
                functions.push(Function { signature, body: body.as_bytes() });
            }
            _ => {}
        }
    }
    Ok((imported, functions))
}

/// The runs of three bytes that a function has, each a bit by its hash.
struct Sketch([u64; Self::WORDS]);

impl Sketch {
    const WORDS: usize = 64;

    fn of(body: &[u8]) -> Self {
        let mut bits = [0; Self::WORDS];
        for run in body.windows(3) {
            let run = run.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
            // Multiplicative hashing (Knuth, The Art of Computer Programming, 6.4): the upper bits are the best.
            let hash = run.wrapping_mul(0x9e37_79b1) >> 20;
            if let Some(word) = bits.get_mut(hash as usize / 64) {
                *word |= 1 << (hash % 64);
            }
        }
        Self(bits)
    }

    /// How much of what either has both have: Jaccard's index, in parts of 2³².
    fn likeness(&self, other: &Self) -> u64 {
        let (mut both, mut either) = (0, 1);
        for (mine, theirs) in self.0.iter().zip(&other.0) {
            both += u64::from((mine & theirs).count_ones());
            either += u64::from((mine | theirs).count_ones());
        }
        (both << 32) / either
    }
}

/// The functions' numbers, each followed by the one that is most like it of those with its signature that are left.
fn alike(functions: &[Function<'_>]) -> Vec<usize> {
    let mut groups = BTreeMap::<u32, Vec<usize>>::new();
    for (number, function) in functions.iter().enumerate() {
        groups.entry(function.signature).or_default().push(number);
    }
    let mut order = Vec::with_capacity(functions.len());
    let mut last = Sketch::of(&[]);
    for mut group in groups.into_values() {
        // What is alike to the same degree comes in one order, whatever the linker's was.
        group.sort_by_key(|number| functions.get(*number).map(|function| function.body));
        let mut left: Vec<_> = group
            .into_iter()
            .filter_map(|number| Some((number, Sketch::of(functions.get(number)?.body))))
            .collect();
        while !left.is_empty() {
            let mut best = (0, 0);
            for (at, (_, sketch)) in left.iter().enumerate() {
                let likeness = last.likeness(sketch);
                if likeness > best.1 {
                    best = (at, likeness);
                }
            }
            let (number, sketch) = left.remove(best.0);
            order.push(number);
            last = sketch;
        }
    }
    order
}

/// Writes a module with its own functions in the `order` of their numbers less those `imported`; `places` are the
/// numbers that they then have.
struct Ordered {
    imported: u32,
    order: Vec<usize>,
    places: Vec<u32>,
}

impl Ordered {
    fn sorted<T: Clone>(&self, all: &[T]) -> Result<Vec<T>, Error> {
        let sorted: Option<Vec<T>> = self.order.iter().map(|number| all.get(*number).cloned()).collect();
        sorted.filter(|sorted| sorted.len() == all.len()).ok_or(Error::InvalidCodeSectionSize)
    }
}

impl Reencode for Ordered {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let Some(own) = function.checked_sub(self.imported) else { return Ok(function) };
        self.places.get(own as usize).copied().ok_or(Error::InvalidCodeSectionSize)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), Error> {
        let signatures = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        for signature in self.sorted(&signatures)? {
            functions.function(signature);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), Error> {
        let bodies = section.into_iter().collect::<Result<Vec<FunctionBody<'_>>, _>>()?;
        for body in self.sorted(&bodies)? {
            self.parse_function_body(code, body)?;
        }
        Ok(())
    }

    fn parse_element_section(
        &mut self,
        elements: &mut ElementSection,
        section: ElementSectionReader<'_>,
    ) -> Result<(), Error> {
        let all = section.into_iter().collect::<Result<Vec<_>, _>>()?;
        // Others are named by their numbers.
        let may_go = all.iter().all(|element| matches!(element.kind, ElementKind::Active { .. }));
        for element in all {
            if !(may_go && fills_nothing(&element)?) {
                utils::parse_element(self, elements, element)?;
            }
        }
        Ok(())
    }
}

/// Whether it puts no function anywhere.
fn fills_nothing(element: &Element<'_>) -> Result<bool, Error> {
    let ElementItems::Expressions(_, items) = &element.items else {
        return Ok(matches!(&element.items, ElementItems::Functions(items) if items.count() == 0));
    };
    for item in items.clone() {
        let mut operators = item?.get_operators_reader().into_iter();
        if !matches!(operators.next().transpose()?, Some(Operator::RefNull { .. })) {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use wasm_encoder::{
        ConstExpr, Elements, EntityType, ExportKind, ExportSection, Function as Body, ImportSection, RefType,
        TableSection, TableType, TypeSection, ValType,
    };

    use super::*;

    /// One imported function, then five: two that are alike, each after one of another signature, and a last one
    /// that calls the fourth. Each is exported by its name.
    fn module() -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], []);
        types.ty().function([ValType::I64], []);
        let mut imports = ImportSection::new();
        imports.import("m", "f", EntityType::Function(0));
        let (mut functions, mut code, mut exports) =
            (FunctionSection::new(), CodeSection::new(), ExportSection::new());
        let constants = |constants: &[i32], calls: Option<u32>| {
            let mut body = Body::new([]);
            for constant in constants {
                body.instructions().i32_const(*constant).drop();
            }
            if let Some(function) = calls {
                body.instructions().call(function);
            }
            body.instructions().end();
            body
        };
        for (index, (name, signature, body)) in (1..).zip([
            ("a", 0, constants(&[1, 2, 3, 4], None)),
            ("wide", 1, constants(&[70], None)),
            ("z", 0, constants(&[90, 91, 92], None)),
            ("like a", 0, constants(&[5, 1, 2, 3, 4], None)),
            ("caller", 1, constants(&[], Some(4))),
        ]) {
            functions.function(signature);
            code.function(&body);
            exports.export(name, ExportKind::Func, index);
        }
        let mut tables = TableSection::new();
        let (minimum, maximum) = (8, None);
        tables.table(TableType {
            element_type: RefType::FUNCREF,
            minimum,
            maximum,
            table64: false,
            shared: false,
        });
        let mut elements = ElementSection::new();
        let nothing = vec![ConstExpr::ref_null(RefType::FUNCREF.heap_type); 3];
        elements.active(
            Some(0),
            &ConstExpr::i32_const(5),
            Elements::Expressions(RefType::FUNCREF, Cow::Owned(nothing)),
        );
        elements.active(None, &ConstExpr::i32_const(1), Elements::Functions(Cow::Borrowed(&[2, 4])));
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&tables).section(&exports);
        module.section(&elements).section(&code);
        module.finish()
    }

    /// A name that it is exported under, and its body.
    type Named = (String, Vec<u8>);

    /// The functions in their order, the names of those that the table has, in its order, and from how many segments.
    fn named(wasm: &[u8]) -> (Vec<Named>, Vec<String>, usize) {
        let (imported, functions) = functions(wasm).unwrap();
        let (mut named, mut numbers, mut segments) = (Vec::new(), Vec::new(), 0);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export.unwrap();
                        named.push((export.index, export.name.to_owned()));
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        segments += 1;
                        if let ElementItems::Functions(items) = element.unwrap().items {
                            numbers.extend(items.into_iter().map(Result::unwrap));
                        }
                    }
                }
                _ => {}
            }
        }
        named.sort();
        let name = |number: &u32| named.iter().find(|(index, _)| index == number).unwrap().1.clone();
        let table = numbers.iter().map(name).collect();
        let body = |index: u32| functions[(index - imported) as usize].body.to_vec();
        (named.iter().map(|(index, name)| (name.clone(), body(*index))).collect(), table, segments)
    }

    #[test]
    fn functions_follow_the_most_alike_and_whoever_refers_to_them_finds_them() {
        let (before, table, segments) = named(&module());
        assert_eq!((table.as_slice(), segments), (&["wide".to_owned(), "like a".to_owned()][..], 2));
        let ordered = order(&module()).unwrap();
        let (after, table_after, segments) = named(&ordered);
        let names: Vec<_> = after.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "like a", "z", "wide", "caller"]);
        assert_eq!((table_after, segments), (table, 1), "what fills nothing is gone");
        for (name, body) in after {
            // `like a` is the second of its own after one import.
            let expected = if name == "caller" { &[0, 0x10, 2, 0x0b] } else { &*body };
            assert_eq!(body, expected, "{name}");
            assert_eq!(before.iter().find(|(other, _)| *other == name).unwrap().1.len(), body.len());
        }
        assert_eq!(order(&ordered).unwrap(), ordered);
    }
}
