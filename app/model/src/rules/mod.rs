//! Pure functions that both sides run.

pub mod filename;
pub mod links;
