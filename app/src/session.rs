//! Who is signed in, as every component sees it.

use leptos::prelude::*;
use leptos_router::{hooks::use_location, location::Url};
use model::{rules::links::Origins, types::SessionInfo};

use crate::{
    api::{self, Wire},
    uploads::UploadQueue,
};

/// The visitor. Cheap to copy, provided as context by [`crate::App`].
#[derive(Clone, Copy)]
pub struct Session {
    info: RwSignal<Option<SessionInfo>>,
    queue: UploadQueue,
    /// How often it has changed: an answer that was asked for before is older than what is known.
    changes: StoredValue<u32>,
}

impl Session {
    /// Takes what the server found for this page. In the browser it comes from the page itself.
    #[must_use]
    pub fn from_page(queue: UploadQueue) -> Self {
        let found = SharedValue::<Option<SessionInfo>, Wire>::new_with_encoding(use_context::<SessionInfo>)
            .into_inner();
        let session = Self { info: RwSignal::new(None), queue, changes: StoredValue::new(0) };
        if let Some(info) = found {
            session.set(info);
        }
        session
    }

    /// Shows `info` from now on.
    pub fn set(&self, mut info: SessionInfo) {
        // The server tells of a copied device once, and whoever is here may not have read it yet.
        let was_copied = |before: &SessionInfo| before.me.is_none() && before.sign_in.copied;
        if info.me.is_none() && self.info.with_untracked(|before| before.as_ref().is_some_and(was_copied)) {
            info.sign_in.copied = true;
        }
        self.queue.signed_in_as(info.me.as_ref().map(|me| me.id));
        self.queue.origins.set(Some(info.origins.clone()));
        self.queue.max_upload.set(Some(info.max_upload));
        self.changes.update_value(|changes| *changes += 1);
        self.info.set(Some(info));
    }

    /// Shows `info` after a person has signed out: whoever comes next sees nothing of theirs.
    pub fn leave(&self, info: SessionInfo) {
        self.queue.leave();
        self.set(info);
    }

    /// Asks the server anew: after uploads and deletions, and when a page reached from another
    /// site, where the strict cookie isn't sent, came up signed out.
    pub fn refresh(self) {
        leptos::task::spawn_local(async move {
            let before = self.changes.get_value();
            if let Ok(info) = api::current_session().await
                && self.changes.get_value() == before
            {
                self.set(info);
            }
        });
    }

    /// Whether somebody is signed in.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.info.with(|info| info.as_ref().is_some_and(|info| info.me.is_some()))
    }

    /// What is known, read reactively.
    #[must_use]
    pub fn info(&self) -> Option<SessionInfo> {
        self.info.get()
    }

    /// Where the instance is reached; empty (relative addresses) while unknown.
    #[must_use]
    pub fn origins(&self) -> Origins {
        self.info.with(|info| {
            info.as_ref().map_or_else(
                || Origins { site: String::new(), images: String::new() },
                |info| info.origins.clone(),
            )
        })
    }
}

/// Where one signs in to come back to where one is.
#[must_use]
pub fn sign_in_and_back() -> String {
    let location = use_location();
    let (path, query) = untrack(|| (location.pathname.get(), location.search.get()));
    let here = if query.is_empty() { path } else { format!("{path}?{query}") };
    format!("/sign-in?to={}", Url::escape(&here))
}

/// The visitor.
///
/// # Panics
/// Outside [`crate::App`].
#[must_use]
pub fn use_session() -> Session {
    expect_context()
}
