//! What was dropped: files, and folders with whatever is in them.

use app::uploads::names;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use super::listen::named;

/// What a drop event held.
pub struct Dropped {
    files: Vec<(String, File)>,
    folders: Vec<FileSystemDirectoryEntry>,
}

/// Takes it out of the event; impossible once the event is over.
pub fn take(transfer: &DataTransfer) -> Dropped {
    let items = transfer.items();
    let items: Vec<_> = (0..items.length()).filter_map(|index| items.get(index)).collect();
    let entry = |item: &web_sys::DataTransferItem| item.webkit_get_as_entry().ok().flatten();
    let mut dropped = Dropped { files: Vec::new(), folders: Vec::new() };
    for item in items.iter().filter(|item| item.kind() == "file") {
        match entry(item).filter(FileSystemEntry::is_directory) {
            Some(folder) => dropped.folders.push(folder.unchecked_into()),
            None => dropped.files.extend(item.get_as_file().ok().flatten().map(|file| (file.name(), file))),
        }
    }
    if dropped.files.is_empty() && dropped.folders.is_empty() {
        dropped.files = named(transfer.files());
    }
    dropped
}

impl Dropped {
    /// All files, those in folders after the others. What can't be read is left out.
    pub async fn into_files(self) -> Vec<(String, File)> {
        let Self { mut files, mut folders } = self;
        while let Some(folder) = folders.pop() {
            let reader = folder.create_reader();
            // A folder is read in parts; an empty part is its end.
            loop {
                let part =
                    ask(|done, failed| reader.read_entries_with_callback_and_callback(done, failed).is_ok());
                let Ok(part) = part.await else { break };
                let part: Array = part.unchecked_into();
                if part.length() == 0 {
                    break;
                }
                for entry in part.iter() {
                    let entry: FileSystemEntry = entry.unchecked_into();
                    if entry.is_directory() {
                        folders.push(entry.unchecked_into());
                    } else if !names::is_litter(&entry.name()) {
                        let entry: FileSystemFileEntry = entry.unchecked_into();
                        let file = ask(|done, failed| {
                            entry.file_with_callback_and_callback(done, failed);
                            true
                        });
                        files.extend(
                            file.await
                                .ok()
                                .map(JsCast::unchecked_into::<File>)
                                .map(|file| (file.name(), file)),
                        );
                    }
                }
            }
        }
        files
    }
}

/// Awaits an old-style function that takes two callbacks; it may also say at once that it can't.
async fn ask(mut call: impl FnMut(&Function, &Function) -> bool) -> Result<JsValue, JsValue> {
    let answer = Promise::new(&mut |done, failed| {
        if !call(&done, &failed) {
            let _ = failed.call0(&JsValue::UNDEFINED);
        }
    });
    JsFuture::from(answer).await
}
