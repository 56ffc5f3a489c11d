//! Clipboard, printing, and small values kept on this device.

use app::platform::Platform;
use leptos::prelude::{Callable, Callback, document, window};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Element, HtmlDocument, HtmlElement, HtmlTextAreaElement, Storage};

use crate::uploads;

/// This browser's doors.
pub const PLATFORM: Platform = Platform {
    copy_text,
    print,
    remember,
    recall,
    remember_language,
    now_millis,
    start_uploads: uploads::start,
    fetch: uploads::fetch,
    uploads: uploads::command,
};

fn copy_text(text: String, done: Callback<bool>) {
    spawn_local(async move {
        let copied = copy_by_clipboard(&text).await || copy_by_selection(&text).is_some();
        // The page may be gone by now.
        let _ = done.try_run(copied);
    });
}

/// The modern way; browsers have it on https and on localhost only.
async fn copy_by_clipboard(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    let there = !AsRef::<JsValue>::as_ref(&clipboard).is_undefined();
    there && JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// The old way, which works on plain http too: select a text and have the browser copy it.
fn copy_by_selection(text: &str) -> Option<()> {
    let document = document();
    let before = document.active_element();
    let field: HtmlTextAreaElement = document.create_element("textarea").ok()?.dyn_into().ok()?;
    field.set_value(text);
    field.set_read_only(true);
    field.set_class_name("visually-hidden");
    // Outside an open dialog nothing can be selected.
    let dialog = document.query_selector("dialog[open]").ok().flatten();
    let place: Element = match dialog {
        Some(dialog) => dialog,
        None => document.body()?.into(),
    };
    place.append_child(&field).ok()?;
    field.select();
    let document: HtmlDocument = document.dyn_into().ok()?;
    let copied = document.exec_command("copy").unwrap_or(false);
    field.remove();
    if let Some(before) = before.and_then(|before| before.dyn_into::<HtmlElement>().ok()) {
        let _ = before.focus();
    }
    copied.then_some(())
}

fn print() {
    let _ = window().print();
}

/// There is none where the person forbids it.
fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(key, value);
    }
}

fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// A year; browsers allow little more.
const LANGUAGE_KEPT: &str = "31536000";

fn remember_language(language: &str) {
    let document: HtmlDocument = document().unchecked_into();
    let cookie =
        format!("{}={language}; path=/; max-age={LANGUAGE_KEPT}; samesite=lax", app::LANGUAGE_COOKIE);
    let _ = document.set_cookie(&cookie);
}

/// Whole milliseconds: the clock gives fractions of one, and no year here needs more than 53 bits.
fn now_millis() -> u64 {
    js_sys::Date::now() as u64
}
