//! An image as Chevereto and imgbb tell of it.

use model::{
    Problem,
    rules::{
        filename,
        links::{links, page_path},
    },
    types::VariantWidth,
};
use serde::Serialize;

pub(super) use crate::api::compat::facts::Described;
use crate::api::compat::facts::{date_time, moment, size_text, stored_name};

/// One rendition.
#[derive(Clone, Serialize)]
struct Rendition {
    filename: String,
    name: String,
    mime: &'static str,
    extension: &'static str,
    url: String,
    /// Known of the original: the others are made when they are asked for, in the format that suits who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
}

/// The image.
#[derive(Clone, Serialize)]
pub(super) struct Uploaded {
    id: String,
    name: String,
    extension: &'static str,
    size: u64,
    width: u32,
    height: u32,
    date: String,
    date_gmt: String,
    time: i64,
    title: String,
    description: Option<String>,
    nsfw: u8,
    /// reflect keeps another checksum.
    md5: &'static str,
    original_filename: String,
    expiration: u32,
    expiration_date_gmt: Option<String>,
    id_encoded: String,
    filename: String,
    mime: &'static str,
    pub(super) url: String,
    size_formatted: String,
    image: Rendition,
    thumb: Rendition,
    medium: Rendition,
    url_viewer: String,
    pub(super) path_viewer: String,
    url_short: String,
    display_url: String,
    display_width: u32,
    display_height: u32,
    delete_url: String,
}

/// The width of `medium`.
const MEDIUM: u32 = 640;

impl Uploaded {
    /// What is told of an image.
    ///
    /// # Errors
    /// [`Problem::Internal`] without the width [`MEDIUM`].
    pub(super) fn new(described: Described, origins: &model::rules::links::Origins) -> Result<Self, Problem> {
        let Described { image, links: all, delete } = described;
        let medium = VariantWidth::try_from(MEDIUM).map_err(|_| Problem::Internal)?;
        let rendition = |url: String, size| Rendition {
            filename: stored_name(&image),
            name: image.slug.to_string(),
            mime: image.media_type.mime(),
            extension: image.media_type.extension(),
            url,
            size,
        };
        let date = date_time(&image.created_at);
        Ok(Self {
            id: image.slug.to_string(),
            name: image.slug.to_string(),
            extension: image.media_type.extension(),
            size: image.byte_size.bytes(),
            width: image.width,
            height: image.height,
            date: date.clone(),
            date_gmt: date,
            time: moment(&image.created_at).unix_timestamp(),
            title: filename::stem(&image.filename).to_owned(),
            description: None,
            nsfw: 0,
            md5: "",
            expiration: 0,
            expiration_date_gmt: None,
            id_encoded: image.slug.to_string(),
            filename: stored_name(&image),
            mime: image.media_type.mime(),
            size_formatted: size_text(image.byte_size),
            image: rendition(all.url.clone(), Some(image.byte_size.bytes())),
            thumb: rendition(all.thumbnail, None),
            medium: rendition(links(&image, origins, Some(medium)).url, None),
            url_viewer: all.page.clone(),
            path_viewer: page_path(&image),
            url_short: all.page,
            display_url: all.url.clone(),
            display_width: image.width,
            display_height: image.height,
            delete_url: delete.address,
            url: all.url,
            original_filename: image.filename,
        })
    }
}
