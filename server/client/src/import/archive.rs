//! The zip file of an export. Files in it are stored as they are, so each is a part of it.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufReader, Read as _, Seek as _, SeekFrom},
    ops::Range,
    path::Path,
};

use model::types::{ExportFormat, METADATA, SUMMARY};
use serde::Deserialize;
use serde_json::Value;
use zip::{CompressionMethod, ZipArchive};

use crate::failure::Failure;

/// Bytes of a file in it that is read as a whole, at most.
const MOST: u64 = 32 << 20;

/// An export.
pub(crate) struct Archive {
    zip: ZipArchive<BufReader<File>>,
    file: File,
}

/// What is said of the whole. Tags and albums are the server's to read.
#[derive(Deserialize)]
pub(crate) struct Summary {
    #[serde(rename = "format")]
    _format: ExportFormat,
    pub(crate) images: u64,
    #[serde(default)]
    pub(crate) tags: Vec<Value>,
    #[serde(default)]
    pub(crate) albums: Vec<Value>,
}

impl Archive {
    /// Opens it, and reads its directory.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let here = |reason: &dyn std::fmt::Display| Failure::Here(format!("{}: {reason}", path.display()));
        let file = File::open(path).map_err(|error| here(&error))?;
        let read = file.try_clone().map_err(|error| here(&error))?;
        let zip = ZipArchive::new(BufReader::new(read))
            .map_err(|error| here(&format_args!("it is no zip file, or not a whole one ({error})")))?;
        Ok(Self { zip, file })
    }

    /// What is said of the whole, of an export that this program can read.
    pub(crate) fn summary(&mut self) -> Result<Summary, Failure> {
        let other = || Failure::Here("this zip file isn't an export from reflect".to_owned());
        let text = self.text(SUMMARY)?.ok_or_else(other)?;
        let said: Value = serde_json::from_str(&text).map_err(|_| other())?;
        if said
            .get("version")
            .and_then(Value::as_u64)
            .is_some_and(|number| number != u64::from(ExportFormat::VERSION))
        {
            return Err(Failure::Here("this export is of a version that this program can't read".to_owned()));
        }
        let summary: Summary = serde_json::from_value(said).map_err(|_| other())?;
        Ok(summary)
    }

    /// The files that have what is said of images, in their order.
    pub(crate) fn metadata(&self) -> Vec<String> {
        let names = self.zip.file_names().filter_map(|name| name.ok().map(Cow::into_owned));
        let mut names: Vec<String> =
            names.filter(|name| name.starts_with(METADATA) && name.ends_with(".jsonl")).collect();
        names.sort_unstable();
        names
    }

    /// The text of a file in it; `None` where there is no such file.
    pub(crate) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        let Some(range) = self.locate(name)? else { return Ok(None) };
        if range.end - range.start > MOST {
            return Err(Failure::Here(format!("{name} is larger than any that reflect writes")));
        }
        let mut text = Vec::new();
        let read = (&self.file)
            .seek(SeekFrom::Start(range.start))
            .and_then(|_| (&self.file).take(range.end - range.start).read_to_end(&mut text));
        read.map_err(|error| Failure::Here(format!("{name}: {error}")))?;
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }

    /// Where the bytes of a file in it are; `None` where there is no such file.
    pub(crate) fn locate(&mut self, name: &str) -> Result<Option<Range<u64>>, Failure> {
        let Some(index) = self.zip.index_for_name(name) else { return Ok(None) };
        let file = self.zip.by_index_raw(index).map_err(|error| Failure::Here(format!("{name}: {error}")))?;
        let is_plain = file.compression() == CompressionMethod::Stored
            && !file.encrypted()
            && file.compressed_size() == file.size();
        let start = file.data_start().filter(|_| is_plain);
        let range = start.and_then(|start| Some(start..start.checked_add(file.size())?));
        range.map(Some).ok_or_else(|| {
            Failure::Here("its file was packed anew: the zip file must be as it was exported".to_owned())
        })
    }
}
