//! The ways in for files: dropping them anywhere on the window, pasting, picking.

use std::{cell::RefCell, rc::Rc};

use app::uploads::UploadQueue;
use leptos::{
    ev,
    leptos_dom::helpers::WindowListenerHandle,
    prelude::{GetUntracked, Set, window_event_listener, window_event_listener_untyped},
};
use wasm_bindgen::JsCast;
use web_sys::{
    ClipboardEvent, DataTransfer, DragEvent, Element, Event, EventTarget, File, FileList, HtmlInputElement,
};

use super::{Task, ask, entries};

/// Addresses of what is dragged from another page.
const URI_LIST: &str = "text/uri-list";

/// Listens as long as the page lives.
pub fn all(queue: UploadQueue) {
    drag_and_drop(queue);
    signs_of_life(queue);
    window_event_listener(ev::paste, |event| pasted(&event));
    window_event_listener(ev::change, |event| picked(&event));
    window_event_listener(ev::online, |_| ask(Task::Hurry));
    window_event_listener(ev::beforeunload, move |event| {
        if queue.tally().open() > 0 {
            event.prevent_default();
            // Older browsers ask only for this.
            event.set_return_value("uploads");
        }
    });
}

/// Whatever a person does first, and never after that.
fn signs_of_life(queue: UploadQueue) {
    let listeners = Rc::new(RefCell::new(Vec::new()));
    for event in
        ["pointermove", "pointerdown", "click", "touchstart", "wheel", "scroll", "keydown", "dragenter"]
    {
        let all = Rc::clone(&listeners);
        let listener = window_event_listener_untyped(event, move |_| {
            queue.in_use.set(true);
            all.take().into_iter().for_each(WindowListenerHandle::remove);
        });
        listeners.borrow_mut().push(listener);
    }
}

fn drag_and_drop(queue: UploadQueue) {
    // Some browsers present a picture dragged from the page itself as a file.
    let ours = Rc::new(RefCell::new(false));
    // An element is entered before the one around it is left, so the drag is over the window until
    // what was entered last is left. Counting would go wrong with elements that vanish meanwhile.
    let entered = Rc::new(RefCell::new(None::<EventTarget>));

    let started = Rc::clone(&ours);
    window_event_listener(ev::dragstart, move |_| {
        started.replace(true);
    });
    let ended = Rc::clone(&ours);
    window_event_listener(ev::dragend, move |_| {
        ended.replace(false);
    });

    let is_from_outside = move |event: &DragEvent| {
        let is_wanted = |t: DataTransfer| has_files(&t) || (has(&t, URI_LIST) && !takes_text(event.target()));
        !*ours.borrow() && event.data_transfer().is_some_and(is_wanted)
    };
    let (on_enter, on_over) = (is_from_outside.clone(), is_from_outside.clone());
    let (enter, leave) = (Rc::clone(&entered), Rc::clone(&entered));
    window_event_listener(ev::dragenter, move |event| {
        if on_enter(&event) {
            event.prevent_default();
            enter.replace(event.target());
            set_dragging(queue, true);
        }
    });
    window_event_listener(ev::dragover, move |event| {
        if on_over(&event) {
            event.prevent_default();
            if let Some(transfer) = event.data_transfer() {
                transfer.set_drop_effect("copy");
            }
        }
    });
    window_event_listener(ev::dragleave, move |event| {
        if event.target() == *leave.borrow() {
            set_dragging(queue, false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        entered.replace(None);
        set_dragging(queue, false);
        if is_from_outside(&event) {
            event.prevent_default();
            if let Some(transfer) = event.data_transfer() {
                // What was dropped can be looked at during the event only.
                let dropped = entries::take(&transfer);
                let addresses = transfer.get_data(URI_LIST);
                if let (false, Ok(addresses)) = (has_files(&transfer), addresses) {
                    ask(Task::Fetch(addresses));
                } else {
                    ask(Task::Open(dropped));
                }
            }
        }
    });
}

fn set_dragging(queue: UploadQueue, dragging: bool) {
    if queue.dragging.get_untracked() != dragging {
        queue.dragging.set(dragging);
    }
}

fn has_files(transfer: &DataTransfer) -> bool {
    has(transfer, "Files")
}

fn has(transfer: &DataTransfer, wanted: &str) -> bool {
    transfer.types().iter().any(|kind| kind == wanted)
}

/// The files of a list, under their own names.
pub fn named(list: Option<FileList>) -> Vec<(String, File)> {
    let list = list.into_iter().flat_map(|list| (0..list.length()).filter_map(move |index| list.get(index)));
    list.map(|file| (file.name(), file)).collect()
}

/// Takes pictures from the clipboard, or the address of one, but leaves text that is pasted into a field alone.
fn pasted(event: &ClipboardEvent) {
    let Some(transfer) = event.clipboard_data() else { return };
    let has_text = has(&transfer, "text/plain");
    if has_text && takes_text(event.target()) {
        return;
    }
    let mut files = named(transfer.files());
    files.retain(|(_, file)| file.type_().starts_with("image/"));
    if files.is_empty() {
        // A text that starts otherwise isn't worth loading the engine.
        if let (true, Ok(text)) = (has_text, transfer.get_data("text/plain"))
            && text.starts_with("http")
        {
            ask(Task::FetchOne(text));
        }
        return;
    }
    event.prevent_default();
    ask(Task::Paste(files));
}

fn takes_text(target: Option<EventTarget>) -> bool {
    let element = target.and_then(|target| target.dyn_into::<Element>().ok());
    let field = element.map(|element| element.closest("input, textarea, [contenteditable]"));
    field.and_then(Result::ok).flatten().is_some()
}

/// Takes what was picked in any `<input type="file" data-upload>`.
fn picked(event: &Event) {
    let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    if let Some(input) = input.filter(|input| input.has_attribute("data-upload")) {
        let files = named(input.files());
        // So that the same file can be picked again.
        input.set_value("");
        ask(Task::Add(files));
    }
}
