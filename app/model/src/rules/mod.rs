//! Pure functions that both sides run.

mod alternative;
pub mod filename;
pub mod links;

pub use self::alternative::alternative;
