//! In whose name a file comes.

use model::types::UserId;

use crate::images::albums::guests::GuestPass;

/// Whose image comes of a file, and who sends it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sender<'a> {
    /// Its owner.
    Owner(UserId),
    /// Somebody without an account. They are told of nothing but what came by the same link.
    Guest(&'a GuestPass),
}

impl Sender<'_> {
    /// Whose image comes of it.
    pub(super) const fn owner(self) -> UserId {
        match self {
            Self::Owner(owner) => owner,
            Self::Guest(pass) => pass.owner(),
        }
    }
}
