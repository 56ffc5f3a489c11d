//! A large file, in pieces (tus). What follows on what is decided in [`app::uploads::pieces`].

use std::{cell::RefCell, ops::Range, rc::Rc};

use app::uploads::{
    Outcome,
    pieces::{Pieces, Reply, Step, metadata},
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::{
    engine::bytes_of,
    line::{Line, Moved, Payload, Progress},
};

const ADDRESS: &str = "/api/v1/uploads";
const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");

/// Sends what the server doesn't have of `file`, which was begun at `place`, if it was; none where it is to be sent as
/// a whole.
pub async fn send(
    line: &Rc<Line>,
    file: &Blob,
    name: &str,
    fields: &[(&str, String)],
    place: &RefCell<Option<String>>,
    progress: &Progress,
) -> Option<Outcome> {
    let size = bytes_of(file);
    let mut pieces = Pieces::new(size, place.borrow().clone());
    let mut step = pieces.first();
    loop {
        let at = pieces.address().unwrap_or_default();
        let reply = match &step {
            Step::Begin => begin(line, name, fields, size).await,
            Step::Look => ask(line, "HEAD", at, &[TUS]).await,
            Step::Ask => {
                progress(Moved::Left(size, size));
                ask(line, "GET", at, &[("Accept", "application/json")]).await
            }
            Step::Send(range) => {
                let Ok(blob) = slice(file, range) else { return Some(Outcome::Unreadable) };
                let offset = range.start.to_string();
                let kind = ("Content-Type", "application/offset+octet-stream");
                let headers = [TUS, kind, ("Upload-Offset", &*offset)];
                let piece = Payload::Piece(&blob, range.start, size);
                line.ask("PATCH", at, &headers, piece, Rc::clone(progress)).await
            }
            Step::SendWhole => {
                progress(Moved::Kept(0));
                return None;
            }
            Step::End(outcome) => return Some((**outcome).clone()),
        };
        let before = pieces.kept();
        let next = pieces.next(&step, &reply);
        *place.borrow_mut() = pieces.address().map(str::to_owned);
        if step == Step::Begin || pieces.kept() != before {
            progress(Moved::Kept(pieces.kept()));
        }
        step = next;
    }
}

/// Says that nothing more comes of what was begun at `address`.
pub fn forget(address: String) {
    spawn_local(async move {
        ask(&Rc::new(Line::new()), "DELETE", &address, &[TUS]).await;
    });
}

async fn begin(line: &Rc<Line>, name: &str, fields: &[(&str, String)], size: u64) -> Reply {
    let metadata = metadata(name, fields);
    let length = size.to_string();
    let headers = [TUS, ("Upload-Length", &*length), ("Upload-Metadata", &*metadata)];
    ask(line, "POST", ADDRESS, &headers).await
}

/// A request without a body.
async fn ask(line: &Rc<Line>, method: &str, address: &str, headers: &[(&str, &str)]) -> Reply {
    line.ask(method, address, headers, Payload::Nothing, Rc::new(|_| {})).await
}

#[expect(clippy::cast_precision_loss, reason = "a number of bytes")]
fn slice(file: &Blob, range: &Range<u64>) -> Result<Blob, JsValue> {
    file.slice_with_f64_and_f64(range.start as f64, range.end as f64)
}
