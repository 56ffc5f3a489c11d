//! Sending without copying.
//!
//! A write copies the bytes into buffers of the kernel, which for a picture of some ten kilobytes
//! is most of its work, and leaves the reader with bytes that no cache has seen. `sendfile` from a
//! file that lives in memory hands the kernel the pages themselves. hyper knows nothing of files:
//! it is given the same bytes through a mapping of that file, and [`ZeroCopyStream`] below it tells
//! by their address which file they are. What it doesn't recognise is written as ever.

mod pages;
mod stream;

pub use self::{
    pages::{PageStore, Pages, WeakPages},
    stream::{Outbox, ZeroCopyStream, send_all},
};
