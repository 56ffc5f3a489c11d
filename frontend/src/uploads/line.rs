//! Requests of one try, one after the other.
//!
//! `XMLHttpRequest`, because `fetch` tells nothing about how much of a request has left.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use app::uploads::{Millis, pieces::Reply};
use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData, ProgressEvent, XmlHttpRequest};

use super::now;

/// What is told of a file on its way.
pub enum Moved {
    /// So many bytes have left, of so many.
    Left(u64, u64),
    /// So many of its bytes the server has for good.
    Kept(u64),
}

/// Whoever is told of it.
pub type Progress = Rc<dyn Fn(Moved)>;

/// What a request brings.
pub enum Payload<'a> {
    Nothing,
    Form(&'a FormData),
    /// From this place in the file on, which has so many bytes.
    Piece(&'a Blob, u64, u64),
}

/// Where the requests of a try go.
pub struct Line {
    heard: Cell<Millis>,
    request: RefCell<Option<XmlHttpRequest>>,
    is_cut: Cell<bool>,
}

type Listener = Closure<dyn FnMut(ProgressEvent)>;

impl Line {
    pub fn new() -> Self {
        Self { heard: Cell::new(now()), request: RefCell::new(None), is_cut: Cell::new(false) }
    }

    /// When it last moved.
    pub fn heard_at(&self) -> Millis {
        self.heard.get()
    }

    /// Ends the request under way, which is then answered by nothing, as is every other.
    pub fn abort(&self) {
        self.is_cut.set(true);
        let request = self.request.borrow_mut().take();
        if let Some(request) = request {
            let _ = request.abort();
        }
    }

    /// Sends a request and waits for its end, however that comes.
    pub async fn ask(
        self: &Rc<Self>,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        payload: Payload<'_>,
        progress: Progress,
    ) -> Reply {
        if self.is_cut.get() {
            return Reply::default();
        }
        self.heard.set(now());
        let Ok((request, ended, _listener)) = self.begin(method, address, headers, &payload, progress) else {
            return Reply::default();
        };
        *self.request.borrow_mut() = Some(request.clone());
        let _ = JsFuture::from(ended).await;
        self.heard.set(now());
        let header = |name| header(&request, name);
        Reply {
            status: request.status().unwrap_or(0),
            offset: header("Upload-Offset").and_then(|offset| offset.parse().ok()),
            location: header("Location"),
            body: request.response_text().ok().flatten().unwrap_or_default(),
        }
    }

    /// The request, a promise of its end, and what listens to its progress.
    fn begin(
        self: &Rc<Self>,
        method: &str,
        address: &str,
        headers: &[(&str, &str)],
        payload: &Payload<'_>,
        progress: Progress,
    ) -> Result<(XmlHttpRequest, Promise, Listener), JsValue> {
        let request = XmlHttpRequest::new()?;
        request.open(method, address)?;
        for (name, value) in headers {
            request.set_request_header(name, value)?;
        }
        let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        let of_piece = match payload {
            Payload::Piece(_, from, size) => Some((*from, *size)),
            Payload::Nothing | Payload::Form(_) => None,
        };
        let line = Rc::clone(self);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "numbers of bytes")]
        let listener = Listener::new(move |event: ProgressEvent| {
            line.heard.set(now());
            let (left, of) = (event.loaded() as u64, event.total() as u64);
            progress(match of_piece {
                Some((from, size)) => Moved::Left(from + left, size),
                None => Moved::Left(left, of),
            });
        });
        // One binding for all that is sent: each costs everybody who opens the gallery some bytes of JavaScript.
        let body: Option<&FormData> = match payload {
            Payload::Nothing => None,
            Payload::Form(form) => Some(form),
            Payload::Piece(blob, ..) => Some(blob.unchecked_ref()),
        };
        if body.is_some() {
            request.upload()?.set_onprogress(Some(listener.as_ref().unchecked_ref()));
        }
        request.send_with_opt_form_data(body)?;
        Ok((request, ended, listener))
    }
}

/// A header of the answer, by bindings that there are for other things.
fn header(request: &XmlHttpRequest, name: &str) -> Option<String> {
    let get: Function = Reflect::get(request, &"getResponseHeader".into()).ok()?.dyn_into().ok()?;
    get.call1(request, &name.into()).ok()?.as_string()
}
