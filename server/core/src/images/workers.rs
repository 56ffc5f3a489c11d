//! The bounded pool on which pixels are worked.

/// Threads for decoding, scaling and encoding, apart from those that serve.
#[derive(Clone)]
pub struct Workers {}

impl Workers {
    /// A pool that works `parallel` images at once.
    #[must_use]
    pub fn new(_parallel: usize) -> Self {
        unimplemented!()
    }
}
