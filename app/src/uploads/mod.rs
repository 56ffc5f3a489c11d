//! Uploads under way, as pages see them. They belong to the app and not to a page, so they go on
//! while one moves about.

use leptos::prelude::*;
use model::types::Image;

/// The queue; cheap to copy, provided as context by [`crate::App`].
#[derive(Clone, Copy)]
pub struct UploadQueue {
    /// Images whose upload has been acknowledged since the page was opened, newest first.
    pub finished: RwSignal<Vec<Image>>,
}

impl UploadQueue {
    /// An empty queue.
    #[must_use]
    pub fn new() -> Self {
        Self { finished: RwSignal::new(Vec::new()) }
    }
}

impl Default for UploadQueue {
    fn default() -> Self {
        Self::new()
    }
}

/// What a person asks of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadCommand {
    /// Stop it.
    Cancel(u32),
    /// Send it again.
    Retry(u32),
    /// Take it off the list.
    Dismiss(u32),
}
