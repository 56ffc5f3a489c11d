//! Images for everybody who may see them, as plain HTML.

use std::fmt::Write as _;

use app::components::ratio_class;
use model::{
    rules::links::{Origins, escape_html, links, page_path, variant_path, variant_size},
    types::{Page, VariantWidth},
};
use reflect_core::images::albums::SharedImage;

/// What stands around a page of images.
pub(crate) struct Around<'a> {
    /// What they are together.
    pub(crate) name: &'a str,
    /// What there is to say about that.
    pub(crate) text: Option<&'a str>,
    /// The path of the first page.
    pub(crate) address: &'a str,
    /// What is said where there are none.
    pub(crate) empty: &'a str,
    /// What the way to the next page is called.
    pub(crate) more: &'a str,
}

/// A page of images, each leading to its own page.
pub(crate) fn content(around: &Around<'_>, page: &Page<SharedImage>, origins: &Origins) -> String {
    let mut html = format!("<header class=\"page-head\"><div><h1>{}</h1>", escape_html(around.name));
    if let Some(text) = around.text {
        let _ = write!(html, "<p class=\"prose\">{}</p>", escape_html(text));
    }
    html.push_str("</div></header>");
    if page.items.is_empty() {
        let _ = write!(html, "<p>{}</p>", escape_html(around.empty));
    }
    html.push_str("<ul class=\"grid\">");
    for shared in &page.items {
        html.push_str(&tile(shared, origins));
    }
    html.push_str("</ul>");
    if let Some(cursor) = &page.next_cursor {
        let _ = write!(
            html,
            "<div class=\"grid-end\"><a class=\"button\" href=\"{}?cursor={cursor}\">{}</a></div>",
            around.address,
            escape_html(around.more)
        );
    }
    html
}

fn tile(SharedImage { image, is_counted }: &SharedImage, origins: &Origins) -> String {
    let thumbnail = VariantWidth::THUMBNAIL;
    // A preview that is as large as the image would be one of the views that are counted.
    let is_seen = !is_counted || image.width > thumbnail.pixels();
    let larger = VariantWidth::try_from(640).ok().filter(|_| !is_counted);
    let set = larger.map(|larger| {
        let [small, large] = [thumbnail, larger]
            .map(|width| format!("{}{} {}w", origins.images, variant_path(image, width), width.pixels()));
        format!(" srcset=\"{small}, {large}\" sizes=\"320px\"")
    });
    let (width, height) = variant_size(image.width, image.height, thumbnail);
    let alt = escape_html(&image.alt);
    let picture = if is_seen {
        format!(
            "<img src=\"{}\"{} width=\"{width}\" height=\"{height}\" alt=\"{alt}\" loading=\"lazy\" decoding=\"async\" \
             referrerpolicy=\"same-origin\">",
            links(image, origins, None).thumbnail,
            set.unwrap_or_default(),
        )
    } else {
        format!("<span class=\"visually-hidden\">{alt}</span>")
    };
    format!(
        "<li class=\"tile {shape}\"><svg class=\"placeholder\" aria-hidden=\"true\">\
         <rect width=\"100%\" height=\"100%\" fill=\"{color}\"/></svg>\
         <a class=\"tile-link\" href=\"{page}\">{picture}</a></li>",
        shape = ratio_class(image.width, image.height),
        color = image.color,
        page = page_path(image),
    )
}
