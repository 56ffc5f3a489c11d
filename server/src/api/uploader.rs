//! In whose name files come, and what whoever sends them may.

use std::net::IpAddr;

use app::service::images::TERMS;
use model::types::{ByteSize, Scope, UserId};
use reflect_core::images::{albums::guests::GuestPass, intake::once::UploadKey};

use super::caller::{Caller, Upload};

/// Somebody who sends files: in their own name, or as a guest.
pub(super) struct Uploader {
    /// Whose images come of them.
    pub(super) owner: UserId,
    /// Whether they are told of other images of the owner's.
    pub(super) may_read: bool,
    /// Whether they may delete these.
    pub(super) may_delete: bool,
    /// Bytes of one file, where they may send less than the instance takes.
    pub(super) max_file: Option<ByteSize>,
    /// What a guest came with.
    pub(super) guest: Option<Guest>,
}

/// Somebody without an account.
pub(super) struct Guest {
    /// The link that they came by.
    pub(super) pass: GuestPass,
    /// From where.
    pub(super) address: IpAddr,
}

impl From<&Caller<Upload>> for Uploader {
    fn from(caller: &Caller<Upload>) -> Self {
        Self {
            owner: caller.user,
            may_read: caller.may(Scope::Read),
            may_delete: caller.may(Scope::Delete),
            max_file: caller.max_upload(),
            guest: None,
        }
    }
}

impl From<Guest> for Uploader {
    fn from(guest: Guest) -> Self {
        Self {
            owner: guest.pass.owner(),
            may_read: false,
            may_delete: false,
            max_file: None,
            guest: Some(guest),
        }
    }
}

impl Uploader {
    /// Whether a part means something here. Album and terms aren't for guests to choose.
    pub(super) fn counts(&self, field: &str, has_file_name: bool) -> bool {
        let is_owners = field == "album" || TERMS.contains(&field);
        has_file_name || matches!(field, "file" | "url") || (is_owners && self.guest.is_none())
    }

    /// What the owner's uploads, or those by a link, are told apart by.
    pub(super) fn key(&self, named: UploadKey) -> UploadKey {
        match &self.guest {
            None => named,
            Some(guest) => named.of_guest(guest.pass.link()),
        }
    }
}
