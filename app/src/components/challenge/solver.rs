//! Proofs of work, done by a worker (`app/assets/work-worker.js`) so that the page stays smooth.
//!
//! Here and not among the doors of [`crate::platform`], which are part of the main program: this is
//! loaded with the challenge.

use leptos::prelude::document;
use model::types::Work;
use wasm_bindgen::{JsCast as _, JsValue, closure::Closure};
use web_sys::{Event, MessageEvent, Worker};

/// Work under way, until it is dropped.
pub(super) struct Solver {
    worker: Worker,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _error: Closure<dyn FnMut(Event)>,
}

impl Solver {
    /// Starts on the challenge `id`; `done` is told the nonces, or nothing if the worker broke. `None`
    /// where there are no workers.
    pub(super) fn start(
        id: &str,
        work: Work,
        done: impl Fn(Option<Vec<u32>>) + Clone + 'static,
    ) -> Option<Self> {
        let meta = document().query_selector("meta[name=reflect-work-worker]").ok()??;
        let worker = Worker::new(&meta.get_attribute("content")?).ok()?;
        let broke = done.clone();
        let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let answer = event.data().as_string().unwrap_or_default();
            done(serde_json::from_slice(answer.as_bytes()).ok());
        });
        let error = Closure::<dyn FnMut(Event)>::new(move |_| broke(None));
        worker.set_onmessage(Some(message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(error.as_ref().unchecked_ref()));
        let Work { rounds, bits } = work;
        // The id is base64url: nothing in it needs escaping.
        let task = format!(r#"{{"id":"{id}","rounds":{rounds},"bits":{bits}}}"#);
        worker.post_message(&JsValue::from_str(&task)).ok()?;
        Some(Self { worker, _message: message, _error: error })
    }
}

impl Drop for Solver {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}
