//! The effects of uploads: what the browser holds of them, and when it does what.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use app::uploads::{
    FailureReason, Kind, Outcome, Redraw, UploadCommand, UploadItem, UploadOptions, UploadQueue, UploadState,
    names, policy,
};
use leptos::{
    leptos_dom::helpers::{IntervalHandle, set_interval_with_handle},
    prelude::{GetUntracked, Set, WithUntracked, untrack},
};
use model::{AddressProblem, GuestProblem, Problem, types::MediaType};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File, Url};

use super::{
    line::{Moved, Progress},
    now, pieces,
    preview::Previews,
    redraw,
    send::{self, Transfer},
    with,
};

/// Between looks at the clock: speed, broken connections, pauses that are over.
const TICK: std::time::Duration = std::time::Duration::from_millis(300);

/// Characters of what is no address by which it is told.
const SHOWN: usize = 80;

/// What the browser holds of uploads beside their state.
pub(super) struct Engine {
    pub(super) queue: UploadQueue,
    /// The files not settled for good, by the upload's number.
    files: BTreeMap<u32, Held>,
    transfers: BTreeMap<u32, Transfer>,
    pub(super) previews: Previews,
    ticker: Option<IntervalHandle>,
    tries: u32,
}

/// What is to be uploaded.
#[derive(Clone)]
pub(super) enum Content {
    File(Blob),
    /// What is at this address.
    Address(String),
}

/// What is sent, and the key under which it is however often that takes.
pub(super) struct Held {
    pub(super) content: Content,
    /// The name it is sent with.
    pub(super) name: String,
    pub(super) key: String,
    /// What stands before it.
    pub(super) fields: Rc<[(&'static str, String)]>,
    /// How it is to be drawn anew first.
    redraw: Option<Redraw>,
    /// Where the server has what has come of it, if it comes in pieces and was begun.
    pub(super) place: Rc<RefCell<Option<String>>>,
}

impl Engine {
    pub(super) fn new(queue: UploadQueue) -> Self {
        Self {
            queue,
            files: BTreeMap::new(),
            transfers: BTreeMap::new(),
            previews: Previews::default(),
            ticker: None,
            tries: 0,
        }
    }

    pub(super) fn add(&mut self, files: Vec<(String, File)>, options: &UploadOptions) {
        let listed = files.iter().map(|(name, file)| (name.clone(), bytes_of(file)));
        let ids = self.queue.push(listed, options);
        let contents = files.into_iter().map(|(name, file)| (name, Content::File(file.into())));
        self.hold(ids, contents, options);
    }

    pub(super) fn fetch(&mut self, address: &str, options: &UploadOptions) {
        let refusal = if options.guest.is_some() {
            Some(FailureReason::Guest(GuestProblem::GuestFilesOnly))
        } else {
            (!names::is_address(address)).then_some(FailureReason::Address(AddressProblem::AddressInvalid))
        };
        if let Some(reason) = refusal {
            let shown: String = address.chars().take(SHOWN).collect();
            for id in self.queue.push_fetched([shown], options) {
                self.queue.change(id, |_| Some(UploadState::failed(reason.clone())));
            }
            return;
        }
        let name = names::of_address(address);
        let name = js_sys::decode_uri_component(name).map_or_else(|_| name.to_owned(), String::from);
        let ids = self.queue.push_fetched([name.clone()], options);
        self.hold(ids, std::iter::once((name, Content::Address(address.to_owned()))), options);
    }

    fn hold(
        &mut self,
        ids: Vec<u32>,
        contents: impl Iterator<Item = (String, Content)>,
        options: &UploadOptions,
    ) {
        let fields: Rc<[_]> = options.fields().into();
        let held = contents.map(|(name, content)| Held {
            content,
            name,
            key: new_key(),
            place: Rc::default(),
            fields: Rc::clone(&fields),
            redraw: options.redraw.is_asked().then_some(options.redraw),
        });
        self.files.extend(ids.into_iter().zip(held));
    }

    pub(super) fn hurry(&mut self) {
        for id in self.queue.of_kind(Kind::Waiting) {
            self.queue.change(id, |state| state.hurried(now()));
        }
    }

    pub(super) fn obey(&mut self, command: UploadCommand) {
        let queue = self.queue;
        match command {
            UploadCommand::Cancel(id) => self.cancel(id),
            UploadCommand::CancelAll => {
                // What waits goes first, or it would start in the freed places.
                for kind in [Kind::Waiting, Kind::Active] {
                    queue.of_kind(kind).into_iter().for_each(|id| self.cancel(id));
                }
            }
            UploadCommand::Retry(id) => {
                queue.change(id, UploadState::retried);
            }
            UploadCommand::RetryFailed => {
                for id in queue.of_kind(Kind::Failed) {
                    queue.change(id, UploadState::retried);
                }
            }
            UploadCommand::Dismiss(id) => self.forget(queue.remove(|other| other == id)),
            UploadCommand::Clear => self.forget(queue.remove(|_| true)),
        }
    }

    /// Stops what is on its way, and lets go of everything.
    pub(super) fn abandon(&mut self) {
        let items = self.queue.abandon();
        for transfer in std::mem::take(&mut self.transfers).into_values() {
            transfer.abort();
        }
        self.forget(items);
    }

    /// Starts whatever can start now.
    pub(super) fn pump(&mut self) {
        let queue = self.queue;
        loop {
            let ready = queue.startable(now());
            if ready.is_empty() {
                break;
            }
            ready.into_iter().for_each(|id| self.send(id));
        }
        for item in untrack(|| queue.visible()) {
            if let Some(Held { content: Content::File(file), .. }) = self.files.get(&item.id) {
                self.previews.ask(item.id, file);
            }
        }
        queue.tick(now());
        self.keep_ticking();
    }

    /// Sends one file, drawn anew first where that was asked for.
    fn send(&mut self, id: u32) {
        self.queue.change(id, UploadState::started);
        match self.files.get(&id) {
            Some(Held { content: Content::File(file), redraw: Some(redraw), .. }) => {
                let (file, redraw) = (file.clone(), *redraw);
                spawn_local(async move {
                    let drawn = redraw::redrawn(&file, redraw).await;
                    with(|engine| engine.redrawn(id, drawn));
                });
            }
            _ => self.transfer(id),
        }
    }

    /// A picture was drawn anew, or is to be sent as it is.
    fn redrawn(&mut self, id: u32, drawn: Option<(Blob, MediaType)>) {
        let Some(held) = self.files.get_mut(&id) else { return };
        // Cancelled and tried again meanwhile, it was drawn twice.
        if held.redraw.take().is_none() {
            return;
        }
        if let Some((file, kind)) = drawn {
            held.content = Content::File(file);
            held.name = names::with_extension(&held.name, kind.extension());
        }
        let state = self.queue.item(id).map(|item| item.state.with_untracked(UploadState::kind));
        if state == Some(Kind::Active) {
            self.transfer(id);
            self.pump();
        }
    }

    /// Sends what has been started, unless the limit, which may have become known since, forbids it.
    fn transfer(&mut self, id: u32) {
        let queue = self.queue;
        let (Some(item), Some(held)) = (queue.item(id), self.files.get(&id)) else {
            queue.change(id, |state| state.ended(Outcome::Unreadable, now()));
            return;
        };
        if let Content::File(file) = &held.content
            && let Some(reason) = policy::refusal(bytes_of(file), queue.max_upload.get_untracked())
        {
            queue.change(id, |_| Some(UploadState::failed(reason)));
            return;
        }
        self.tries = self.tries.wrapping_add(1);
        let mine = self.tries;
        let size = item.size.0;
        let whole = match &held.content {
            Content::File(file) => bytes_of(file),
            Content::Address(_) => size,
        };
        let progress: Progress = Rc::new(move |moved| {
            queue.change(id, |state| match moved {
                Moved::Left(bytes, of) => state.progressed(bytes, of, size),
                // What was drawn anew has another size than the list says.
                Moved::Kept(bytes) => state.kept(bytes.saturating_mul(size) / whole.max(1)),
            });
        });
        let guest = item.guest;
        let (transfer, answer) = send::send(held, guest.as_deref(), mine, progress);
        self.transfers.insert(id, transfer);
        spawn_local(async move {
            let outcome = match answer.await {
                // Nobody has to be signed in: it is something in between that asks for a password.
                Outcome::SignedOut if guest.is_some() => {
                    Outcome::Refused(FailureReason::Problem(Problem::Forbidden))
                }
                outcome => outcome,
            };
            with(|engine| engine.ended(id, mine, outcome));
        });
    }

    /// A try is over. One that was stopped and replaced by another counts for nothing.
    fn ended(&mut self, id: u32, mine: u32, outcome: Outcome) {
        let queue = self.queue;
        if self.transfers.get(&id).is_some_and(|transfer| transfer.number == mine) {
            self.transfers.remove(&id);
            if outcome == Outcome::SignedOut {
                queue.signed_in.set(false);
            }
            queue.change(id, |state| state.ended(outcome, now()));
            let over = queue.item(id).is_none_or(|item| item.state.with_untracked(|state| !may_go_on(state)));
            if over {
                self.files.remove(&id);
            }
        }
        self.pump();
    }

    fn cancel(&mut self, id: u32) {
        self.queue.change(id, UploadState::cancelled);
        if let Some(transfer) = self.transfers.get(&id) {
            transfer.abort();
        }
    }

    /// Lets go of what was held for uploads that are off the list.
    fn forget(&mut self, items: Vec<UploadItem>) {
        for item in items {
            if let Some(address) = self.files.remove(&item.id).and_then(|held| held.place.take()) {
                pieces::forget(address);
            }
            self.previews.forget(item.id);
            if let Some(preview) = item.preview.get_untracked() {
                let _ = Url::revoke_object_url(&preview.url);
            }
        }
    }

    fn tick(&mut self) {
        let now = now();
        for (id, transfer) in &self.transfers {
            let silent = now.saturating_sub(transfer.heard_at());
            let item = self.queue.item(*id);
            if item.is_some_and(|item| item.state.with_untracked(|state| policy::is_stalled(state, silent))) {
                transfer.abort();
            }
        }
        self.pump();
    }

    /// The clock is looked at only while something is to happen by itself.
    fn keep_ticking(&mut self) {
        let tally = self.queue.tally();
        let needed = tally.active > 0 || self.queue.goes_on();
        match (needed, self.ticker.take()) {
            (true, None) => {
                let tick = || {
                    with(Engine::tick);
                };
                self.ticker = set_interval_with_handle(tick, TICK).ok();
            }
            (false, Some(ticker)) => ticker.clear(),
            (_, ticker) => self.ticker = ticker,
        }
    }
}

/// How large a file is.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
pub(super) fn bytes_of(file: &Blob) -> u64 {
    file.size() as u64
}

/// A key that no other file of this person has; nobody else is to be kept from guessing it. `crypto.randomUUID` is
/// missing where the site has no https.
fn new_key() -> String {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2^32")]
    let word = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
    format!("{:08x}{:08x}{:08x}{:08x}", word(), word(), word(), word())
}

/// Whether the file may be needed again.
fn may_go_on(state: &UploadState) -> bool {
    state.is_open() || state.retried().is_some()
}
