//! Images: the way in, the library, the bytes, the variants.

pub mod albums;
mod colors;
mod containers;
mod decode;
mod error;
mod file_name;
pub mod intake;
pub mod library;
mod likeness;
mod placeholder;
pub mod profile;
pub mod store;
pub mod tags;
pub mod variants;
pub mod verify;
pub mod versions;
pub mod views;
mod wire;
mod workers;

pub use error::ImageError;
pub use intake::IntakeLimits;
pub(crate) use variants::encode;
pub use workers::Workers;
