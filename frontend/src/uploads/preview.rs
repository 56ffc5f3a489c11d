//! Previews, scaled by a worker so that the page stays smooth, two at a time so that it stays
//! small in memory.

use std::collections::{BTreeSet, VecDeque};

use app::uploads::PreviewUrl;
use js_sys::{Object, Reflect};
use leptos::prelude::{Set, document};
use model::types::MediaType;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Blob, Event, MessageEvent, Url, Worker};

use super::with;

const PARALLEL: usize = 2;

/// What scales pictures.
#[derive(Default)]
enum Scaler {
    /// Not asked for yet.
    #[default]
    Unknown,
    Ready(Worker),
    /// The browser or the page has none.
    Missing,
}

/// Previews asked for.
#[derive(Default)]
pub struct Previews {
    scaler: Scaler,
    waiting: VecDeque<(u32, Blob)>,
    busy: Vec<(u32, Blob)>,
    /// Every upload that was asked for, so that none is asked for twice.
    asked: BTreeSet<u32>,
}

impl Previews {
    /// Makes the preview of upload `id` when it is its turn; does nothing the second time.
    pub fn ask(&mut self, id: u32, file: &Blob) {
        if self.asked.insert(id) {
            self.waiting.push_back((id, file.clone()));
            self.next();
        }
    }

    /// Nobody looks at upload `id` any more.
    pub fn forget(&mut self, id: u32) {
        self.asked.remove(&id);
        self.waiting.retain(|(waiting, _)| *waiting != id);
    }

    fn next(&mut self) {
        if matches!(self.scaler, Scaler::Unknown) {
            self.scaler = scaler().map_or(Scaler::Missing, Scaler::Ready);
        }
        while self.busy.len() < PARALLEL {
            let Some((id, file)) = self.waiting.pop_front() else { return };
            match &self.scaler {
                Scaler::Ready(worker) if post(worker, id, &file).is_ok() => self.busy.push((id, file)),
                _ => show_whole(id, &file),
            }
        }
    }

    /// The worker is done with upload `id`.
    fn finished(&mut self, id: u32) {
        self.busy.retain(|(busy, _)| *busy != id);
        self.next();
    }

    /// The worker's script did not load or broke.
    fn broke(&mut self) {
        self.scaler = Scaler::Missing;
        for (id, file) in std::mem::take(&mut self.busy) {
            show_whole(id, &file);
        }
        self.next();
    }
}

/// A new worker of the address that the page names.
pub(super) fn worker() -> Option<Worker> {
    let meta = document().query_selector("meta[name=reflect-preview-worker]").ok()??;
    let address = meta.get_attribute("content").filter(|address| !address.is_empty())?;
    Worker::new(&address).ok()
}

/// One that makes previews.
fn scaler() -> Option<Worker> {
    let worker = worker()?;
    // It lives as long as the page, so its listeners may too.
    let message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| answered(&event.data()));
    worker.set_onmessage(Some(message.into_js_value().unchecked_ref()));
    let error = Closure::<dyn FnMut(Event)>::new(|_| {
        with(|engine| engine.previews.broke());
    });
    worker.set_onerror(Some(error.into_js_value().unchecked_ref()));
    Some(worker)
}

fn post(worker: &Worker, id: u32, file: &Blob) -> Result<(), JsValue> {
    let message = Object::new();
    Reflect::set(&message, &"id".into(), &id.into())?;
    Reflect::set(&message, &"file".into(), file)?;
    worker.post_message(&message)
}

/// Takes `{ id, blob, width, height }` from the worker; without a blob the browser can't show the
/// file, which doesn't mean that the server can't.
fn answered(data: &JsValue) {
    let number = |name: &str| {
        let value = Reflect::get(data, &name.into()).ok()?.as_f64()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an id or pixels")]
        Some(value as u32)
    };
    let Some(id) = number("id") else { return };
    let blob = Reflect::get(data, &"blob".into()).ok().and_then(|blob| blob.dyn_into::<Blob>().ok());
    if let Some(url) = blob.and_then(|blob| Url::create_object_url_with_blob(&blob).ok()) {
        show(id, PreviewUrl { url, size: number("width").zip(number("height")) });
    }
    with(|engine| engine.previews.finished(id));
}

/// Without a worker the browser shows the file itself, if it is of a kind that it can show.
fn show_whole(id: u32, file: &Blob) {
    if MediaType::from_mime(&file.type_()).is_some()
        && let Ok(url) = Url::create_object_url_with_blob(file)
    {
        // Called while the engine is in use.
        leptos::task::spawn_local(async move { show(id, PreviewUrl { url, size: None }) });
    }
}

fn show(id: u32, preview: PreviewUrl) {
    match with(|engine| engine.queue.item(id)).flatten() {
        Some(item) => item.preview.set(Some(preview)),
        None => {
            let _ = Url::revoke_object_url(&preview.url);
        }
    }
}
