//! An export that is brought back: the browser opens the file, and sends what isn't there yet, image by image.
//!
//! Here is what can be decided without a browser: where things are in the archive ([`archive`]), and what there is to
//! tell of an import under way ([`progress`]). The page that does it is one of the settings, so nobody else loads any
//! of this.

pub mod archive;
pub mod progress;
