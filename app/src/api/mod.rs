//! The typed door between browser and server: who asks, call the core, answer.
//!
//! Every function is a public endpoint, `POST /api/app/{name}`. None trusts its arguments.

mod access;
mod account;
mod admin;
mod albums;
mod audit;
mod authenticators;
mod challenge;
mod email;
mod enrolment;
mod export;
mod guests;
mod images;
mod on_demand;
mod profiles;
mod provider;
mod session;
mod statistics;
mod tags;
mod tokens;
mod versions;
mod wire;

pub(crate) use wire::{Wire, page_resource};

pub use access::{
    confirm_code, confirm_recovery_code, devices, end_other_sessions, end_session, rename_device,
    revoke_device, revoke_devices, sessions, trust_device,
};
pub use account::remove_account;
pub use admin::{
    admin, admin_account, admin_accounts, admin_audit, admin_decide, admin_end_sessions, admin_invite,
    admin_invites, admin_outbox, admin_overview, admin_policy, admin_remove, admin_reset, admin_restore,
    admin_retry_mail, admin_revoke_invite, admin_set_quota, admin_set_role, admin_suspend, admin_undecide,
};
pub use albums::{
    album_images, albums, change_album, create_album, delete_album, place_in_album, remove_from_album,
};
pub use audit::activity;
pub use authenticators::{
    authenticators, begin_authenticator, begin_recovery_codes, confirm_authenticator, confirm_recovery_codes,
    recovery_codes, remove_authenticator, rename_authenticator, rotate_authenticator,
};
pub use challenge::{issue_challenge, solve_challenge};
pub use email::{ask_email, forget_email, prove_email};
pub use enrolment::{
    begin_enrolment, confirm_enrolment, enrolment_link, finish_enrolment, prove_enrolment_email,
    request_reset, sign_up,
};
pub use export::export_parts;
pub use guests::{end_guest_link, guest_links, make_guest_link, open_guest_link};
pub(crate) use images::list_images as images_at;
pub use images::{
    change_image, count_images, empty_bin, image_details, image_range, list_bin, public_image, purge_images,
    timeline,
};
pub use on_demand::{bulk, current_session, list_images, sign_out};
pub use profiles::{change_profile, profile};
pub use provider::{link_identity, own_identity, unlink_identity};
pub use session::{
    ask_for_mailed_code, sign_in, sign_in_with_device, sign_in_with_mailed_code, sign_in_with_recovery_code,
    sign_in_with_second_code,
};
pub use statistics::{image_statistics, statistics};
pub use tags::{change_tag, delete_tag, known_tags, tags};
pub use tokens::{create_token, revoke_token, revoke_tokens, tokens};
pub use versions::{delete_version, edit_image, image_versions, restore_version};
