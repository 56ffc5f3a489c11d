//! Views whose code the browser loads when they are first shown.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use leptos::prelude::AnyView;

/// What `view` makes, if its code is there, which it always is on the server.
pub(crate) fn at_once(view: impl Future<Output = AnyView>) -> Option<AnyView> {
    match pin!(view).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(view) => Some(view),
        Poll::Pending => None,
    }
}

/// Calls a `#[lazy]` function; nothing stands in its place until its code is loaded. Arguments must be
/// `Copy`.
macro_rules! later {
    ($view:ident($($argument:expr),*)) => {{
        let loaded = leptos::lazy_preload!($view);
        move || {
            let view = $crate::later::at_once($view($($argument),*));
            if view.is_none() {
                leptos::prelude::Track::track(&loaded);
            }
            view
        }
    }};
}

pub(crate) use later;
