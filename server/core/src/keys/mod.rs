//! Keys: sealing, keyed hashes, and changing from one key to the next.
//!
//! Everything is derived by HKDF-SHA256 from one 32-byte secret per key, a key of its own for each
//! purpose. Sealing is XChaCha20-Poly1305 with a random nonce; its 192 bits make a repeated one
//! unthinkable. The first key of the ring seals, all of them open, so that keys can be rotated:
//!
//! ```text
//! every server opens with the new key ─▶ every server seals with it ─▶ what is stored is sealed anew
//!                           (`presence`)                  (`presence`)                     (`reseal`)
//! ```
//!
//! What is keyed but can't be made anew keeps its old key in use: `uses` counts it.

mod presence;
mod reseal;
mod ring;
#[cfg(test)]
mod tests;
mod uses;

pub(crate) use self::ring::selector;
pub use self::{
    presence::{Announced, CHANNEL, Rotating, Server, call, servers},
    reseal::{Resealed, Stored, reseal},
    ring::{Keyring, Sealed, Signed},
    uses::{Use, What, missing, older},
};
