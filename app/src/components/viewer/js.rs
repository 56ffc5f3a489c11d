//! What the viewer alone needs of the browser, asked for by name: each binding would be part of every first visit.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};

/// A property, or `undefined`.
pub(super) fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// A property that is a number, or 0.
pub(super) fn number(of: &JsValue, name: &str) -> f64 {
    get(of, name).as_f64().unwrap_or_default()
}

/// A property that is true, or there.
pub(super) fn is(of: &JsValue, name: &str) -> bool {
    let value = get(of, name);
    value.as_bool().unwrap_or_else(|| !value.is_null() && !value.is_undefined())
}

/// Calls a method. Answers what that does, unless it throws.
pub(super) fn call(of: &JsValue, name: &str) -> Option<JsValue> {
    get(of, name).unchecked_ref::<Function>().call0(of).ok()
}

/// Calls a method that answers a promise, and waits until that is kept or broken.
pub(super) async fn done(of: &JsValue, name: &str) {
    if let Some(answer) = call(of, name) {
        let _ = Promise::resolve(&answer).await;
    }
}
