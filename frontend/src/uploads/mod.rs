//! Sends what was dropped, pasted or picked. What is sent when, and what follows from an answer,
//! is decided in [`app::uploads`]; here are the effects.

mod entries;
mod listen;
mod paste;
mod preview;
mod redraw;
mod send;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};

use app::uploads::{
    FailureReason, Kind, Millis, Outcome, Redraw, UploadCommand, UploadItem, UploadOptions, UploadQueue,
    UploadState, names, policy,
};
use leptos::{
    lazy,
    leptos_dom::helpers::{IntervalHandle, set_interval_with_handle},
    prelude::{Effect, Get, GetUntracked, Set, With, WithUntracked, untrack, window},
};
use model::{AddressProblem, GuestProblem, Problem, types::MediaType};
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, File, Url};

use self::{entries::Dropped, preview::Previews, send::Transfer};

/// Between looks at the clock: speed, broken connections, pauses that are over.
const TICK: std::time::Duration = std::time::Duration::from_millis(300);

/// Characters of what is no address by which it is told.
const SHOWN: usize = 80;

/// What the browser holds of uploads beside their state.
struct Engine {
    queue: UploadQueue,
    /// The files not settled for good, by the upload's number.
    files: BTreeMap<u32, Held>,
    transfers: BTreeMap<u32, Transfer>,
    previews: Previews,
    ticker: Option<IntervalHandle>,
    tries: u32,
}

/// What is to be uploaded.
enum Content {
    File(Blob),
    /// What is at this address.
    Address(String),
}

/// What is sent, and the key under which it is however often that takes.
struct Held {
    content: Content,
    /// The name it is sent with.
    name: String,
    key: String,
    /// What stands before it.
    fields: Rc<[(&'static str, String)]>,
    /// How it is to be drawn anew first.
    redraw: Option<Redraw>,
}

thread_local! {
    static QUEUE: Cell<Option<UploadQueue>> = const { Cell::new(None) };
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// What the engine is asked to do.
enum Task {
    /// Take files under the names they are to be sent with.
    Add(Vec<(String, File)>),
    /// Take what was dropped.
    Open(Dropped),
    /// Take files from the clipboard.
    Paste(Vec<(String, File)>),
    /// Have what is at the addresses in a text fetched; what is none is told.
    Fetch(String),
    /// Have what is at an address fetched, if a text is one and nothing else.
    FetchOne(String),
    /// Do what a person asked for.
    Command(UploadCommand),
    /// Let go of everything: the person has left.
    Abandon,
    /// Try again at once: the network is back.
    Hurry,
    /// Look what can start now.
    Pump,
}

/// Has the engine do something. Its code comes after the page, for those who may send files.
fn ask(task: Task) {
    let Some(queue) = QUEUE.get() else { return };
    let idle = queue.items.with_untracked(Vec::is_empty);
    if !idle || !matches!(task, Task::Command(_) | Task::Abandon | Task::Hurry | Task::Pump) {
        ask_for(queue, task, queue.options.get_untracked());
    }
}

/// The same with what was chosen when it was asked for, however long it takes until the files are known.
fn ask_for(queue: UploadQueue, task: Task, options: UploadOptions) {
    spawn_local(act(queue, task, options));
}

#[lazy]
fn act(queue: UploadQueue, task: Task, options: UploadOptions) {
    ENGINE.with(|slot| {
        if let Ok(mut slot) = slot.try_borrow_mut() {
            slot.get_or_insert_with(|| Engine::new(queue));
        }
    });
    with(|engine| {
        match task {
            Task::Add(files) => engine.add(files, &options),
            Task::Open(dropped) => spawn_local(async move {
                ask_for(queue, Task::Add(dropped.into_files().await), options);
            }),
            Task::Paste(files) => engine.add(paste::renamed(files), &options),
            Task::Fetch(text) => names::lines(&text).for_each(|line| engine.fetch(line, &options)),
            Task::FetchOne(text) => {
                if let Some(address) = names::address(&text) {
                    engine.fetch(address, &options);
                }
            }
            Task::Command(command) => engine.obey(command),
            Task::Abandon => engine.abandon(),
            Task::Hurry => engine.hurry(),
            Task::Pump => {}
        }
        engine.pump();
    });
}

/// Runs `f` on the engine once it was started. Signals may be set inside: effects run later.
fn with<R>(f: impl FnOnce(&mut Engine) -> R) -> Option<R> {
    ENGINE.with(|engine| engine.try_borrow_mut().ok()?.as_mut().map(f))
}

/// Milliseconds on the browser's monotonic clock.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "page life in milliseconds")]
fn now() -> Millis {
    window().performance().map_or(0, |performance| performance.now() as Millis)
}

/// Listens for files from now on.
pub fn start(queue: UploadQueue) {
    if QUEUE.replace(Some(queue)).is_none() {
        listen::all(queue);
    }
    Effect::new(move |_| {
        if queue.abandoned.get() > 0 {
            ask(Task::Abandon);
        }
    });
    Effect::new(move |_| {
        if (queue.signed_in.get() || queue.options.with(|chosen| chosen.guest.is_some()))
            && queue.in_use.get()
        {
            // Now, not with the first file: by then the network may be gone.
            spawn_local(async {
                __preload_act().await;
                app::components::load_tray().await;
            });
            ask(Task::Pump);
        }
    });
}

/// Acts on uploads.
pub fn command(command: UploadCommand) {
    ask(Task::Command(command));
}

/// Has what is at the addresses in a text fetched, and what is no address told.
pub fn fetch(text: String) {
    ask(Task::Fetch(text));
}

impl Engine {
    fn new(queue: UploadQueue) -> Self {
        Self {
            queue,
            files: BTreeMap::new(),
            transfers: BTreeMap::new(),
            previews: Previews::default(),
            ticker: None,
            tries: 0,
        }
    }

    fn add(&mut self, files: Vec<(String, File)>, options: &UploadOptions) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
        let listed = files.iter().map(|(name, file)| (name.clone(), file.size() as u64));
        let ids = self.queue.push(listed, options);
        let contents = files.into_iter().map(|(name, file)| (name, Content::File(file.into())));
        self.hold(ids, contents, options);
    }

    fn fetch(&mut self, address: &str, options: &UploadOptions) {
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
            fields: Rc::clone(&fields),
            redraw: options.redraw.is_asked().then_some(options.redraw),
        });
        self.files.extend(ids.into_iter().zip(held));
    }

    fn hurry(&mut self) {
        for id in self.queue.of_kind(Kind::Waiting) {
            self.queue.change(id, |state| state.hurried(now()));
        }
    }

    fn obey(&mut self, command: UploadCommand) {
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
    fn abandon(&mut self) {
        let items = self.queue.abandon();
        for transfer in std::mem::take(&mut self.transfers).into_values() {
            transfer.abort();
        }
        self.forget(items);
    }

    /// Starts whatever can start now.
    fn pump(&mut self) {
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
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
        if let Content::File(file) = &held.content
            && let Some(reason) = policy::refusal(file.size() as u64, queue.max_upload.get_untracked())
        {
            queue.change(id, |_| Some(UploadState::failed(reason)));
            return;
        }
        self.tries = self.tries.wrapping_add(1);
        let mine = self.tries;
        let size = item.size.0;
        let progress = move |loaded, total| {
            queue.change(id, |state| state.progressed(loaded, total, size));
        };
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
            self.files.remove(&item.id);
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
