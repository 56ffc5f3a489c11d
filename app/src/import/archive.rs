//! Where things are in an archive of which only pieces are in memory.
//!
//! The reader of zip files reads where it likes and doesn't wait; a browser's file is read piece by piece, and one
//! waits for each. So whatever needs a piece that isn't there says which ([`Lack::Bytes`]), and is asked again.

use std::{
    borrow::Cow,
    cell::RefCell,
    collections::BTreeMap,
    io::{self, Read, Seek, SeekFrom},
    ops::Range,
    rc::Rc,
};

use model::types::METADATA;
use zip::{CompressionMethod, ZipArchive};

/// Bytes that are read at once, at least.
const PIECE: u64 = 4096;
/// Bytes at the end that are read first, where an archive has its directory.
const TAIL: u64 = 1 << 20;
/// Bytes of a directory, at most: several times what that of the largest export has.
const MOST: u64 = 128 << 20;

/// Why something isn't known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// These bytes are to be read first.
    Bytes(Range<u64>),
    /// It never will be.
    Flaw(Flaw),
}

/// What is wrong with an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It isn't one, or isn't whole.
    NoArchive,
    /// A file in it is compressed, encrypted or not where it should be.
    NotAsStored,
}

/// The pieces of a file that are in memory.
#[derive(Clone, Debug)]
pub struct Pieces(Rc<RefCell<Held>>);

#[derive(Debug)]
struct Held {
    size: u64,
    at: u64,
    pieces: BTreeMap<u64, Vec<u8>>,
    bytes: u64,
    missing: Option<u64>,
}

impl Pieces {
    /// None yet, of a file of this size.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self(Rc::new(RefCell::new(Held { size, at: 0, pieces: BTreeMap::new(), bytes: 0, missing: None })))
    }

    /// What to read first.
    #[must_use]
    pub fn tail(&self) -> Range<u64> {
        let size = self.0.borrow().size;
        size.saturating_sub(TAIL)..size
    }

    /// Keeps the bytes from `start` on.
    pub fn put(&self, start: u64, bytes: Vec<u8>) {
        let held = &mut *self.0.borrow_mut();
        held.bytes += bytes.len() as u64;
        held.pieces.insert(start, bytes);
    }

    /// Lets go of all that was kept.
    fn clear(&self) {
        let held = &mut *self.0.borrow_mut();
        held.pieces.clear();
        held.bytes = 0;
    }

    /// What is to be made of a failure.
    fn lack(&self) -> Lack {
        let held = &mut *self.0.borrow_mut();
        match held.missing.take() {
            // Twice as much each time: what is read from its beginning again isn't read so often.
            Some(at) if held.bytes <= MOST => {
                let begin = at - at % PIECE;
                // What is behind was read before, most of it.
                let next = held.pieces.range(at..).next().map_or(held.size, |(start, _)| *start);
                Lack::Bytes(begin..begin.saturating_add(held.bytes.max(PIECE)).min(next).max(at + 1))
            }
            _ => Lack::Flaw(Flaw::NoArchive),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let held = &mut *self.0.borrow_mut();
        if held.at >= held.size || buffer.is_empty() {
            return Ok(0);
        }
        let before = held.pieces.range(..=held.at).rev().map(|(start, bytes)| (*start, bytes));
        let covering = before.filter_map(|(start, bytes)| {
            let skipped = usize::try_from(held.at - start).ok()?;
            bytes.get(skipped..).filter(|rest| !rest.is_empty())
        });
        let Some(rest) = covering.take(1).next() else {
            held.missing = Some(held.at);
            return Err(io::Error::other("not read yet"));
        };
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        held.at += count as u64;
        Ok(count)
    }
}

impl Seek for Pieces {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let held = &mut *self.0.borrow_mut();
        let to = match to {
            SeekFrom::Start(to) => Some(to),
            SeekFrom::End(by) => held.size.checked_add_signed(by),
            SeekFrom::Current(by) => held.at.checked_add_signed(by),
        };
        held.at = to.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(held.at)
    }
}

/// An archive whose directory has been read.
pub struct Archive {
    zip: ZipArchive<Pieces>,
    pieces: Pieces,
}

impl Archive {
    /// Reads the directory.
    ///
    /// # Errors
    /// [`Lack`]
    pub fn open(pieces: &Pieces) -> Result<Self, Lack> {
        let zip = ZipArchive::new(pieces.clone()).map_err(|_| pieces.lack())?;
        pieces.clear();
        Ok(Self { zip, pieces: pieces.clone() })
    }

    /// The paths of the files that have what is said of images, in their order.
    #[must_use]
    pub fn metadata(&self) -> Vec<String> {
        let mut paths: Vec<String> = self
            .zip
            .file_names()
            .filter_map(|path| path.ok().map(Cow::into_owned))
            .filter(|path| path.starts_with(METADATA) && path.ends_with(".jsonl"))
            .collect();
        paths.sort_unstable();
        paths
    }

    /// Where the bytes of a file are; `None` if there is no such file.
    ///
    /// # Errors
    /// [`Lack`]
    pub fn locate(&mut self, path: &str) -> Result<Option<Range<u64>>, Lack> {
        let Some(index) = self.zip.index_for_name(path) else { return Ok(None) };
        let found = match self.zip.by_index_raw(index) {
            Err(_) => return Err(self.pieces.lack()),
            Ok(file) => {
                let is_plain = file.compression() == CompressionMethod::Stored
                    && !file.encrypted()
                    && file.compressed_size() == file.size();
                let start = file.data_start().filter(|_| is_plain);
                start.and_then(|start| Some(start..start.checked_add(file.size())?))
            }
        };
        self.pieces.clear();
        let size = self.pieces.0.borrow().size;
        found.filter(|bytes| bytes.end <= size).map(Some).ok_or(Lack::Flaw(Flaw::NotAsStored))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// Does as the browser does, and counts the reads.
    fn ask<T>(
        file: &[u8],
        pieces: &Pieces,
        reads: &mut usize,
        mut question: impl FnMut() -> Result<T, Lack>,
    ) -> Result<T, Flaw> {
        loop {
            match question() {
                Ok(answer) => return Ok(answer),
                Err(Lack::Flaw(flaw)) => return Err(flaw),
                Err(Lack::Bytes(range)) => {
                    *reads += 1;
                    assert!(!range.is_empty() && *reads < 1000, "{range:?}");
                    let range = usize::try_from(range.start).unwrap()..usize::try_from(range.end).unwrap();
                    pieces.put(range.start as u64, file[range].to_vec());
                }
            }
        }
    }

    fn open(file: &[u8], reads: &mut usize) -> Result<Archive, Flaw> {
        let pieces = Pieces::new(file.len() as u64);
        let tail = pieces.tail();
        pieces.put(tail.start, file[usize::try_from(tail.start).unwrap()..].to_vec());
        ask(file, &pieces, reads, || Archive::open(&pieces))
    }

    fn located(file: &[u8], archive: &mut Archive, path: &str) -> Result<Option<Vec<u8>>, Flaw> {
        let pieces = archive.pieces.clone();
        let found = ask(file, &pieces, &mut 0, || archive.locate(path))?;
        Ok(found
            .map(|at| file[usize::try_from(at.start).unwrap()..usize::try_from(at.end).unwrap()].to_vec()))
    }

    fn written(files: &[(&str, &[u8])]) -> Vec<u8> {
        // As an export is written: what is known only afterwards stands behind each file.
        let mut zip = ZipWriter::new_stream(Vec::new());
        for (path, bytes) in files {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
            zip.start_file(*path, options).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn files_are_found_where_they_are() {
        let large = vec![7; 3 << 20];
        let file = written(&[
            ("images/a.png", &large),
            ("metadata/000002.jsonl", b"{}"),
            ("images/../b.png", b"b"),
            ("metadata/000001.jsonl", b"{\n}"),
            ("reflect.json", b""),
        ]);
        let mut reads = 0;
        let mut archive = open(&file, &mut reads).unwrap();
        assert_eq!(reads, 0, "the tail was enough");
        assert_eq!(archive.metadata(), ["metadata/000001.jsonl", "metadata/000002.jsonl"]);
        assert_eq!(located(&file, &mut archive, "images/a.png").unwrap().unwrap(), large);
        assert_eq!(located(&file, &mut archive, "metadata/000001.jsonl").unwrap().unwrap(), b"{\n}");
        assert_eq!(located(&file, &mut archive, "images/../b.png").unwrap().unwrap(), b"b");
        assert_eq!(located(&file, &mut archive, "reflect.json").unwrap().unwrap(), b"");
        assert_eq!(located(&file, &mut archive, "b.png"), Ok(None));
    }

    /// More files than the old form has numbers for, and a directory longer than the tail.
    #[test]
    fn a_long_directory_is_read_in_few_pieces() {
        let names: Vec<String> = (0..66_000).map(|n| format!("images/{n:060}.png")).collect();
        let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
        let file = written(&files);
        let mut reads = 0;
        let mut archive = open(&file, &mut reads).unwrap();
        assert!((1..12).contains(&reads), "{reads}");
        for name in [&names[0], &names[65_999]] {
            assert_eq!(located(&file, &mut archive, name).unwrap().unwrap(), name.as_bytes());
        }
    }

    #[test]
    fn what_ends_early_is_no_archive() {
        let file = written(&[("images/a.png", b"abc"), ("reflect.json", b"{}")]);
        for length in 0..file.len() {
            assert!(open(&file[..length], &mut 0).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn whatever_comes_there_is_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = open(&bytes, &mut 0);
        }

        /// A directory that lies leads nowhere outside the file, and nowhere without end.
        #[test]
        fn damage_is_answered(at in 0_usize..1000, byte: u8) {
            let mut file = written(&[("images/a.png", b"abcdefgh"), ("reflect.json", b"{}")]);
            let at = at % file.len();
            file[at] = byte;
            if let Ok(mut archive) = open(&file, &mut 0) {
                for path in ["images/a.png", "reflect.json"] {
                    let _ = located(&file, &mut archive, path);
                }
            }
        }
    }

    #[test]
    fn compressed_files_are_not_taken() {
        // The method of the only file in local header and directory: deflated.
        let mut file = written(&[("a", b"abc")]);
        let directory = file.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        file[8] = 8;
        file[directory + 10] = 8;
        let mut archive = open(&file, &mut 0).unwrap();
        assert_eq!(located(&file, &mut archive, "a"), Err(Flaw::NotAsStored));
    }
}
