//! Sends what was dropped, pasted or picked. What is sent when, and what follows from an answer,
//! is decided in [`app::uploads`]; here are the effects.

mod engine;
mod entries;
mod line;
mod listen;
mod paste;
mod pieces;
mod preview;
mod redraw;
mod send;

use std::cell::{Cell, RefCell};

use app::uploads::{Millis, UploadCommand, UploadOptions, UploadQueue, names};
use leptos::{
    lazy,
    prelude::{Effect, Get, GetUntracked, With, WithUntracked, window},
};
use wasm_bindgen_futures::spawn_local;
use web_sys::File;

use self::{engine::Engine, entries::Dropped};

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
