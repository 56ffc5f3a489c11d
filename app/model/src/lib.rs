//! The values and the pure rules that the browser and the server share.
//!
//! `types` are plain serde values without I/O, the only home of a type that crosses the wire.
//! `rules` are pure functions over them. A value that has been parsed into one of these types
//! is valid: functions that take it need not check again.

pub mod problem;
pub mod rules;
pub mod types;

pub use problem::{AddressProblem, GuestProblem, Problem};
