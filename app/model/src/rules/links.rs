//! The eight forms in which an image's link is offered, each escaped for where it goes.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::types::{Image, Slug, Username, VariantWidth};

/// A form of link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkForm {
    /// The address of the bytes.
    Url,
    /// The address of the public page.
    Page,
    /// `<img>` with width, height and alternative text.
    Html,
    /// A thumbnail that links to the page, in HTML.
    HtmlThumbnail,
    /// `![name](url)`
    Markdown,
    /// `[![name](thumbnail)](page)`
    MarkdownThumbnail,
    /// `[img]url[/img]`
    Bbcode,
    /// `[url=page][img]thumbnail[/img][/url]`
    BbcodeThumbnail,
}

impl LinkForm {
    /// Every form, in the order shown.
    pub const ALL: [Self; 8] = [
        Self::Url,
        Self::Markdown,
        Self::Html,
        Self::Bbcode,
        Self::Page,
        Self::MarkdownThumbnail,
        Self::HtmlThumbnail,
        Self::BbcodeThumbnail,
    ];

    /// The name used in JSON and in storage.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Url => "url",
            Self::Page => "page",
            Self::Html => "html",
            Self::HtmlThumbnail => "html_thumbnail",
            Self::Markdown => "markdown",
            Self::MarkdownThumbnail => "markdown_thumbnail",
            Self::Bbcode => "bbcode",
            Self::BbcodeThumbnail => "bbcode_thumbnail",
        }
    }

    /// The form with this [`Self::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.key() == key)
    }
}

/// Where the instance is reached: `https://pictures.example`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origins {
    /// The site's.
    pub site: String,
    /// The one images are served from; the site's unless set apart.
    pub images: String,
}

/// Every link of one image, absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// The bytes.
    pub url: String,
    /// The public page.
    pub page: String,
    /// `<img>`.
    pub html: String,
    /// Linked thumbnail in HTML.
    pub html_thumbnail: String,
    /// Markdown image.
    pub markdown: String,
    /// Linked thumbnail in Markdown.
    pub markdown_thumbnail: String,
    /// BBCode image.
    pub bbcode: String,
    /// Linked thumbnail in BBCode.
    pub bbcode_thumbnail: String,
    /// The thumbnail's address.
    pub thumbnail: String,
}

impl Links {
    /// The text of one form.
    #[must_use]
    pub fn get(&self, form: LinkForm) -> &str {
        match form {
            LinkForm::Url => &self.url,
            LinkForm::Page => &self.page,
            LinkForm::Html => &self.html,
            LinkForm::HtmlThumbnail => &self.html_thumbnail,
            LinkForm::Markdown => &self.markdown,
            LinkForm::MarkdownThumbnail => &self.markdown_thumbnail,
            LinkForm::Bbcode => &self.bbcode,
            LinkForm::BbcodeThumbnail => &self.bbcode_thumbnail,
        }
    }
}

/// The path of the bytes, `/i/2026/11/20/{slug}.{ext}`, whichever version they are.
#[must_use]
pub fn unversioned_path(image: &Image) -> String {
    format!("/i/{}/{}.{}", image.created_at.date_path(), image.slug, image.media_type.extension())
}

/// The same, with a query that names the version where it isn't the first: whoever keeps what they got at the address
/// has what is shown now.
#[must_use]
pub fn image_path(image: &Image) -> String {
    versioned(unversioned_path(image), '?', image)
}

/// The path and query of a variant. Widths the image doesn't have are never larger than it.
#[must_use]
pub fn variant_path(image: &Image, width: VariantWidth) -> String {
    versioned(format!("{}?w={}", unversioned_path(image), width.pixels()), '&', image)
}

fn versioned(mut path: String, joint: char, image: &Image) -> String {
    if image.version > 1 {
        let _ = write!(path, "{joint}v={}", image.version);
    }
    path
}

/// The path of the public page.
#[must_use]
pub fn page_path(image: &Image) -> String {
    format!("/p/{}", image.slug)
}

/// The path of a shared album's page.
#[must_use]
pub fn album_path(slug: &Slug) -> String {
    format!("/a/{slug}")
}

/// The path of the page of what somebody has made public.
#[must_use]
pub fn profile_path(name: &Username) -> String {
    format!("/u/{name}")
}

/// The path of the page by which guests add to an album.
#[must_use]
pub fn guest_path(slug: &Slug) -> String {
    format!("/g/{slug}")
}

/// The size of a variant: never wider than the image, at least one pixel high.
#[must_use]
pub fn variant_size(width: u32, height: u32, variant: VariantWidth) -> (u32, u32) {
    let w = variant.pixels().min(width).max(1);
    let h = (u64::from(height) * u64::from(w) + u64::from(width.max(1)) / 2) / u64::from(width.max(1));
    (w, u32::try_from(h).unwrap_or(u32::MAX).max(1))
}

/// All links of `image`, with the original or a variant of width `shown` as the picture that is
/// embedded; thumbnails are [`VariantWidth::THUMBNAIL`] wide in any case.
#[must_use]
pub fn links(image: &Image, origins: &Origins, shown: Option<VariantWidth>) -> Links {
    let shown = shown.filter(|w| w.pixels() < image.width);
    let original = format!("{}{}", origins.images, image_path(image));
    let url =
        shown.map_or_else(|| original.clone(), |w| format!("{}{}", origins.images, variant_path(image, w)));
    let (width, height) =
        shown.map_or((image.width, image.height), |w| variant_size(image.width, image.height, w));
    let page = format!("{}{}", origins.site, page_path(image));
    let thumbnail = format!("{}{}", origins.images, variant_path(image, VariantWidth::THUMBNAIL));
    let (thumb_width, thumb_height) = variant_size(image.width, image.height, VariantWidth::THUMBNAIL);
    let html_alt = escape_html(&image.alt);
    let markdown_alt = escape_markdown(&image.alt);
    Links {
        html: format!(r#"<img src="{url}" width="{width}" height="{height}" alt="{html_alt}">"#),
        html_thumbnail: format!(
            r#"<a href="{page}"><img src="{thumbnail}" width="{thumb_width}" height="{thumb_height}" alt="{html_alt}"></a>"#
        ),
        markdown: format!("![{markdown_alt}]({url})"),
        markdown_thumbnail: format!("[![{markdown_alt}]({thumbnail})]({page})"),
        bbcode: format!("[img]{url}[/img]"),
        bbcode_thumbnail: format!("[url={page}][img]{thumbnail}[/img][/url]"),
        url,
        page,
        thumbnail,
    }
}

/// Text for an HTML attribute in double quotes or for element content.
#[must_use]
pub fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Text for a Markdown image description: every ASCII punctuation character may be escaped with a
/// backslash (CommonMark 0.31 §2.4), so all that could mean something are.
#[must_use]
pub fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(
            c,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '!' | '&' | '~' | '|' | '$' | '#' | '(' | ')'
        ) {
            let _ = write!(out, "\\{c}");
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn image(alt: &str) -> Image {
        Image { alt: alt.to_owned(), ..Image::example() }
    }

    fn origins() -> Origins {
        Origins { site: "https://r.example".into(), images: "https://img.example".into() }
    }

    #[test]
    fn the_eight_forms() {
        let l = links(&image("cat"), &origins(), None);
        let url = "https://img.example/i/2026/11/20/abcDEF012345678.jpg";
        let page = "https://r.example/p/abcDEF012345678";
        assert_eq!(l.url, url);
        assert_eq!(l.page, page);
        assert_eq!(l.html, format!(r#"<img src="{url}" width="4000" height="3000" alt="cat">"#));
        assert_eq!(
            l.html_thumbnail,
            format!(r#"<a href="{page}"><img src="{url}?w=320" width="320" height="240" alt="cat"></a>"#)
        );
        assert_eq!(l.markdown, format!("![cat]({url})"));
        assert_eq!(l.markdown_thumbnail, format!("[![cat]({url}?w=320)]({page})"));
        assert_eq!(l.bbcode, format!("[img]{url}[/img]"));
        assert_eq!(l.bbcode_thumbnail, format!("[url={page}][img]{url}?w=320[/img][/url]"));
    }

    #[test]
    fn a_chosen_width_changes_address_and_size() {
        let l = links(&image("cat"), &origins(), VariantWidth::try_from(640).ok());
        assert!(l.url.ends_with("?w=640"));
        assert!(l.html.contains(r#"width="640" height="480""#));
    }

    #[test]
    fn a_width_beyond_the_image_is_the_original() {
        let mut small = image("cat");
        (small.width, small.height) = (100, 50);
        let l = links(&small, &origins(), VariantWidth::try_from(640).ok());
        assert!(l.url.ends_with(".jpg"));
        assert!(l.html_thumbnail.contains(r#"width="100" height="50""#));
    }

    #[test]
    fn what_was_changed_is_named_by_its_version() {
        let changed = Image { version: 3, ..image("cat") };
        let l = links(&changed, &origins(), VariantWidth::try_from(640).ok());
        let url = "https://img.example/i/2026/11/20/abcDEF012345678.jpg";
        assert_eq!(l.url, format!("{url}?w=640&v=3"));
        assert_eq!(l.thumbnail, format!("{url}?w=320&v=3"));
        assert_eq!(links(&changed, &origins(), None).url, format!("{url}?v=3"));
        assert_eq!(l.page, "https://r.example/p/abcDEF012345678");
    }

    #[test]
    fn texts_cannot_break_out() {
        let l = links(&image("\"><script>alert(1)</script>](x)[/img]"), &origins(), None);
        assert!(!l.html.contains("<script"));
        assert!(!l.markdown.contains("](x)"));
        assert!(l.bbcode.matches("[/img]").count() == 1);
    }

    #[test]
    fn keys_lead_back_to_forms() {
        for form in LinkForm::ALL {
            assert_eq!(LinkForm::from_key(form.key()), Some(form));
        }
    }

    proptest! {
        #[test]
        fn escaped_html_has_no_markup(text in "\\PC{0,80}") {
            let escaped = escape_html(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
        }

        #[test]
        fn variants_keep_the_shape(w in 1_u32..20_000, h in 1_u32..20_000, i in 0_usize..6) {
            let (vw, vh) = variant_size(w, h, VariantWidth::ALL[i]);
            prop_assert!(vw <= w && vw >= 1 && vh >= 1);
            let exact = f64::from(h) * f64::from(vw) / f64::from(w);
            prop_assert!((f64::from(vh) - exact).abs() <= 1.0);
        }
    }
}
