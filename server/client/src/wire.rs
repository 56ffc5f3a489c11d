//! What the server answers, as far as it is looked at.
//!
//! Not the types that the server writes it from, where those would refuse what a later version adds, such as a
//! format of images.

use model::rules::links::Links;
use serde::Deserialize;

/// `GET me`
#[derive(Deserialize)]
pub(crate) struct Me {
    pub(crate) name: String,
}

/// An image in lists and behind its key.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Picture {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) filename: String,
    pub(crate) byte_size: u64,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) created_at: String,
    pub(crate) links: Links,
}

/// `POST images`
#[derive(Deserialize)]
pub(crate) struct Uploaded {
    pub(crate) images: Vec<Picture>,
}

/// `GET images`. Images stay as they came, for who asks for JSON.
#[derive(Deserialize)]
pub(crate) struct PictureList {
    pub(crate) images: Vec<serde_json::Value>,
    pub(crate) next_cursor: Option<String>,
}

/// What any call may be refused with (RFC 9457).
#[derive(Default, Deserialize)]
pub(crate) struct Problem {
    pub(crate) code: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) setting: Option<String>,
}
