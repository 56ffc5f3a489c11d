//! Pictures drawn anew before they are sent, by a worker of their own each: they are large, and nothing of them stays.

use app::uploads::Redraw;
use js_sys::{Object, Promise, Reflect, Uint8Array};
use model::types::MediaType;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, MessageEvent, Worker};

use super::preview;

/// Bytes at a picture's start in which is said whether it moves.
const START: f64 = 65_536.0;

/// The picture as it is asked for, and its media type; none where it is to be sent as it is, since it may move, can't be
/// drawn here, or is so already.
pub async fn redrawn(file: &Blob, wish: Redraw) -> Option<(Blob, MediaType)> {
    let start = file.slice_with_f64_and_f64(0.0, START).ok()?.array_buffer();
    let start = Uint8Array::new(&JsFuture::from(start).await.ok()?).to_vec();
    let kind = wish.media_type(&start)?;
    let worker = preview::worker()?;
    let drawn = draw(&worker, file, wish, kind).await;
    worker.terminate();
    drawn.map(|blob| (blob, kind))
}

async fn draw(worker: &Worker, file: &Blob, wish: Redraw, kind: MediaType) -> Option<Blob> {
    let answer = Promise::new(&mut |resolve, _| {
        worker.set_onmessage(Some(&resolve));
        worker.set_onerror(Some(&resolve));
    });
    post(worker, file, wish, kind).ok()?;
    let answer = JsFuture::from(answer).await.ok()?.dyn_into::<MessageEvent>().ok()?;
    Reflect::get(&answer.data(), &"blob".into()).ok()?.dyn_into().ok()
}

fn post(worker: &Worker, file: &Blob, wish: Redraw, kind: MediaType) -> Result<(), JsValue> {
    let message = Object::new();
    Reflect::set(&message, &"file".into(), file)?;
    Reflect::set(&message, &"type".into(), &kind.mime().into())?;
    if let Some(side) = wish.side {
        Reflect::set(&message, &"side".into(), &side.into())?;
    }
    worker.post_message(&message)
}
