//! One file, one request: `POST /api/v1/images`, or to the address of a link for guests; or, where it is large,
//! [pieces] of it. Those that guests send are counted one by one, so they are never in pieces.

use std::{cell::RefCell, rc::Rc};

use app::uploads::{Millis, Outcome, answer, pieces as policy};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, FormData};

use super::{
    engine::{Content, Held, bytes_of},
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

/// Sends what is held, by the link with the secret of `guest` where a guest does; what has been sent of it before, or
/// under its key, isn't stored again.
pub fn send(
    held: &Held,
    guest: Option<&str>,
    number: u32,
    progress: Progress,
) -> (Transfer, impl Future<Output = Outcome> + use<>) {
    let line = Rc::new(Line::new());
    let transfer = Transfer { number, line: Rc::clone(&line) };
    let sent = Sent {
        content: held.content.clone(),
        name: held.name.clone(),
        key: held.key.clone(),
        fields: Rc::clone(&held.fields),
        address: guest.map(|secret| format!("/api/v1/guest-links/{secret}/images")),
    };
    let place = Rc::clone(&held.place);
    let answer = async move {
        let Content::File(file) = &sent.content else { return whole(&line, &sent, &progress).await };
        let outcome = match in_pieces(&line, file, &sent, &place, &progress).await {
            Some(outcome) => outcome,
            None => whole(&line, &sent, &progress).await,
        };
        match outcome {
            Outcome::Broken if !is_readable(file).await => Outcome::Unreadable,
            outcome => outcome,
        }
    };
    (transfer, answer)
}

/// What a try sends.
struct Sent {
    content: Content,
    name: String,
    key: String,
    fields: Rc<[(&'static str, String)]>,
    /// Where a guest's goes.
    address: Option<String>,
}

/// How a try in pieces ended; none where the file is to be sent as a whole.
async fn in_pieces(
    line: &Rc<Line>,
    file: &Blob,
    Sent { name, fields, address, .. }: &Sent,
    place: &RefCell<Option<String>>,
    progress: &Progress,
) -> Option<Outcome> {
    if bytes_of(file) <= policy::LARGE || address.is_some() {
        return None;
    }
    pieces::send(line, file, name, fields, place, progress).await
}

/// All of it in one request.
async fn whole(line: &Rc<Line>, sent: &Sent, progress: &Progress) -> Outcome {
    let Ok(form) = form(sent) else { return Outcome::Broken };
    let headers = [("Accept", "application/json"), ("Idempotency-Key", &*sent.key)];
    let address = sent.address.as_deref().unwrap_or(ADDRESS);
    let reply = line.ask("POST", address, &headers, Payload::Form(&form), Rc::clone(progress)).await;
    answer::read(reply.status, &reply.body)
}

fn form(Sent { content, name, fields, .. }: &Sent) -> Result<FormData, JsValue> {
    let form = FormData::new()?;
    for (field, text) in fields.iter() {
        form.append_with_str(field, text)?;
    }
    match content {
        Content::File(file) => form.append_with_blob_and_filename("file", file, name)?,
        Content::Address(address) => form.append_with_str("url", address)?,
    }
    Ok(form)
}

/// Whether the file is still what it was when it was chosen; browsers only say "network error".
async fn is_readable(file: &Blob) -> bool {
    match file.slice_with_f64_and_f64(0.0, 1.0) {
        Ok(first) => JsFuture::from(first.array_buffer()).await.is_ok(),
        Err(_) => false,
    }
}
