//! What only a browser can do, as the app asks for it. The frontend provides it before hydration;
//! on the server there is none, and what needs it does nothing.

use leptos::prelude::*;

use crate::uploads::{UploadCommand, UploadQueue};

/// Doors to the browser.
#[derive(Clone, Copy)]
pub struct Platform {
    /// Puts a text on the clipboard and tells whether that was allowed.
    pub copy_text: fn(String, Callback<bool>),
    /// Opens the print dialog.
    pub print: fn(),
    /// Keeps a small value on this device.
    pub remember: fn(&str, &str),
    /// A value kept before.
    pub recall: fn(&str) -> Option<String>,
    /// Keeps the language chosen, where the server reads it.
    pub remember_language: fn(&str),
    /// Milliseconds since 1970 by this device's clock.
    pub now_millis: fn() -> u64,
    /// Starts listening for dropped, pasted and picked files.
    pub start_uploads: fn(UploadQueue),
    /// Has what is at the addresses in a text uploaded.
    pub fetch: fn(String),
    /// Acts on uploads under way.
    pub uploads: fn(UploadCommand),
}

/// The browser, where there is one.
#[must_use]
pub fn platform() -> Option<Platform> {
    use_context()
}
