//! One file, one request: `POST /api/v1/images`, or to the address of a link for guests.
//!
//! `XMLHttpRequest`, because `fetch` tells nothing about how much of a request has left.

use std::{cell::Cell, rc::Rc};

use app::uploads::{Millis, Outcome, answer};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest};

use super::{Content, Held, now};

const ADDRESS: &str = "/api/v1/images";

/// A request under way.
pub struct Transfer {
    /// Tells this try from the others of the same file.
    pub number: u32,
    request: Option<XmlHttpRequest>,
    heard: Rc<Cell<Millis>>,
}

impl Transfer {
    /// When it last moved.
    pub fn heard_at(&self) -> Millis {
        self.heard.get()
    }

    /// Stops it; its outcome is then [`Outcome::Broken`].
    pub fn abort(&self) {
        if let Some(request) = &self.request {
            let _ = request.abort();
        }
    }
}

/// Starts sending, by the link with the secret of `guest` where a guest does; what has been sent under its key before
/// isn't stored again. `progress` is told the bytes of the request that have left, and all there are.
pub fn send<P: FnMut(u64, u64) + 'static>(
    held: &Held,
    guest: Option<&str>,
    number: u32,
    progress: P,
) -> (Transfer, impl Future<Output = Outcome> + use<P>) {
    let heard = Rc::new(Cell::new(now()));
    let begun = begin(held, guest, progress, Rc::clone(&heard));
    let request = begun.as_ref().ok().map(|(request, ..)| request.clone());
    let file = match &held.content {
        Content::File(file) => Some(file.clone()),
        Content::Address(_) => None,
    };
    let answer = async move {
        let Ok((request, ended, _listener)) = begun else { return Outcome::Broken };
        let _ = JsFuture::from(ended).await;
        let status = request.status().unwrap_or(0);
        let body = request.response_text().ok().flatten().unwrap_or_default();
        match (answer::read(status, &body), file) {
            (Outcome::Broken, Some(file)) if !is_readable(&file).await => Outcome::Unreadable,
            (outcome, _) => outcome,
        }
    };
    (Transfer { number, request, heard }, answer)
}

type Listener = Closure<dyn FnMut(ProgressEvent)>;

/// The request, a promise of its end however it comes, and what listens to its progress.
fn begin(
    Held { content, name, key, fields, .. }: &Held,
    guest: Option<&str>,
    mut progress: impl FnMut(u64, u64) + 'static,
    heard: Rc<Cell<Millis>>,
) -> Result<(XmlHttpRequest, Promise, Listener), JsValue> {
    let form = FormData::new()?;
    for (field, text) in fields.iter() {
        form.append_with_str(field, text)?;
    }
    match content {
        Content::File(file) => form.append_with_blob_and_filename("file", file, name)?,
        Content::Address(address) => form.append_with_str("url", address)?,
    }
    let request = XmlHttpRequest::new()?;
    match guest {
        None => request.open("POST", ADDRESS)?,
        Some(secret) => request.open("POST", &format!("/api/v1/guest-links/{secret}/images"))?,
    }
    request.set_request_header("Accept", "application/json")?;
    request.set_request_header("Idempotency-Key", key)?;
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of bytes")]
    let listener = Listener::new(move |event: ProgressEvent| {
        heard.set(now());
        progress(event.loaded() as u64, event.total() as u64);
    });
    request.upload()?.set_onprogress(Some(listener.as_ref().unchecked_ref()));
    request.send_with_opt_form_data(Some(&form))?;
    Ok((request, ended, listener))
}

/// Whether the file is still what it was when it was chosen; browsers only say "network error".
async fn is_readable(file: &Blob) -> bool {
    match file.slice_with_f64_and_f64(0.0, 1.0) {
        Ok(first) => JsFuture::from(first.array_buffer()).await.is_ok(),
        Err(_) => false,
    }
}
