//! Swiping.

use js_sys::Reflect;
use leptos::prelude::*;
use web_sys::{TouchEvent, TouchList};

/// How far a finger must move, in CSS pixels.
const FAR: i32 = 48;

/// Where the only finger touched the picture. Cheap to copy.
#[derive(Clone, Copy, Default)]
pub(super) struct Swipe(StoredValue<Option<(i32, i32)>>);

impl Swipe {
    /// Several fingers enlarge the picture, and one moves what is enlarged.
    pub(super) fn begin(self, event: &TouchEvent) {
        let touches = event.touches();
        self.0.set_value(place(&touches).filter(|_| touches.length() == 1 && !is_enlarged()));
    }

    pub(super) fn forget(self) {
        self.0.set_value(None);
    }

    /// Which way to move on, if the finger meant that.
    pub(super) fn end(self, event: &TouchEvent) -> Option<isize> {
        let start = self.0.try_update_value(Option::take).flatten()?;
        let end = place(&event.changed_touches())?;
        step(start, end)
    }
}

fn place(touches: &TouchList) -> Option<(i32, i32)> {
    touches.get(0).map(|touch| (touch.client_x(), touch.client_y()))
}

fn step(start: (i32, i32), end: (i32, i32)) -> Option<isize> {
    let (across, along) = (end.0 - start.0, end.1 - start.1);
    let is_swipe = across.abs() > FAR && across.abs() > along.abs();
    is_swipe.then_some(if across > 0 { -1 } else { 1 })
}

/// Whether the page is enlarged by two fingers.
fn is_enlarged() -> bool {
    let scale = Reflect::get(&window(), &"visualViewport".into())
        .and_then(|viewport| Reflect::get(&viewport, &"scale".into()));
    scale.ok().and_then(|scale| scale.as_f64()).is_some_and(|scale| scale > 1.01)
}

#[cfg(test)]
mod tests {
    use super::step;

    #[test]
    fn only_what_goes_across_is_a_swipe() {
        assert_eq!(step((300, 100), (100, 150)), Some(1));
        assert_eq!(step((100, 100), (300, 50)), Some(-1));
        assert_eq!(step((300, 100), (260, 100)), None);
        assert_eq!(step((300, 100), (240, 200)), None);
    }
}
