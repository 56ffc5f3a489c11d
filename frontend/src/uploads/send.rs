//! One file, one request: `POST /api/v1/images`; or, where it is large, [pieces] of it.

use std::{cell::RefCell, rc::Rc};

use app::uploads::{Millis, Outcome, answer, pieces as policy};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FormData};

use super::{
    Content, Held,
    line::{Line, Payload, Progress},
    pieces,
};

const ADDRESS: &str = "/api/v1/images";

/// A try under way.
pub struct Transfer {
    /// Tells this try from the others of the same file.
    pub number: u32,
    line: Rc<Line>,
}

impl Transfer {
    /// When it last moved.
    pub fn heard_at(&self) -> Millis {
        self.line.heard_at()
    }

    /// Stops it; its outcome is then [`Outcome::Broken`].
    pub fn abort(&self) {
        self.line.abort();
    }
}

/// Sends what is held, of `size` bytes; what has been sent of it before isn't stored again.
pub fn send(
    held: &Held,
    name: &str,
    size: u64,
    number: u32,
    progress: Progress,
) -> (Transfer, impl Future<Output = Outcome> + use<>) {
    let line = Rc::new(Line::new());
    let transfer = Transfer { number, line: Rc::clone(&line) };
    let (content, key, place) = (held.content.clone(), held.key.clone(), Rc::clone(&held.place));
    let name = name.to_owned();
    let answer = async move {
        let Content::File(file) = &content else {
            return whole(&line, &content, &name, &key, &progress).await;
        };
        let outcome = match of_large(&line, file, &name, size, &place, &progress).await {
            Some(outcome) => outcome,
            None => whole(&line, &content, &name, &key, &progress).await,
        };
        match outcome {
            Outcome::Broken if !is_readable(file).await => Outcome::Unreadable,
            outcome => outcome,
        }
    };
    (transfer, answer)
}

/// How a try in pieces ended; none where the file is to be sent as a whole.
async fn of_large(
    line: &Rc<Line>,
    file: &File,
    name: &str,
    size: u64,
    place: &RefCell<Option<String>>,
    progress: &Progress,
) -> Option<Outcome> {
    if size <= policy::LARGE {
        return None;
    }
    pieces::send(line, file, name, size, place, progress).await
}

/// All of it in one request.
async fn whole(line: &Rc<Line>, content: &Content, name: &str, key: &str, progress: &Progress) -> Outcome {
    let Ok(form) = form(content, name) else { return Outcome::Broken };
    let headers = [("Accept", "application/json"), ("Idempotency-Key", key)];
    let reply = line.ask("POST", ADDRESS, &headers, Payload::Form(&form), Rc::clone(progress)).await;
    answer::read(reply.status, &reply.body)
}

fn form(content: &Content, name: &str) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    match content {
        Content::File(file) => form.append_with_blob_and_filename("file", file, name)?,
        Content::Address(address) => form.append_with_str("url", address)?,
    }
    Ok(form)
}

/// Whether the file is still what it was when it was chosen; browsers only say "network error".
async fn is_readable(file: &File) -> bool {
    match file.slice_with_f64_and_f64(0.0, 1.0) {
        Ok(first) => JsFuture::from(first.array_buffer()).await.is_ok(),
        Err(_) => false,
    }
}
