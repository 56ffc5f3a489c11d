//! The typed door between browser and server: who asks, call the core, answer.
//!
//! Every function is a public endpoint, `POST /api/app/{name}`. None trusts its arguments.

mod enrolment;
mod images;
mod session;
mod wire;

pub use enrolment::{begin_enrolment, confirm_enrolment, enrolment_link, finish_enrolment};
pub use images::{
    delete_images, empty_bin, list_bin, list_images, public_image, purge_images, restore_images,
};
pub(crate) use wire::{Wire, page_resource};

pub use session::{current_session, sign_in, sign_in_with_recovery_code, sign_out};
