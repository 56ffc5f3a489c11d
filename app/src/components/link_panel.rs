//! The eight forms of an image's link, each with its copy button.

use leptos_i18n::I18nContext;
use model::rules::links::LinkForm;

use crate::i18n::{Locale, t_string};

/// Where this device keeps the form last used.
pub const LAST_FORM: &str = "link-form";

/// A form's name in the person's language.
#[must_use]
pub fn form_name(i18n: I18nContext<Locale>, form: LinkForm) -> &'static str {
    match form {
        LinkForm::Url => t_string!(i18n, images.form_url),
        LinkForm::Page => t_string!(i18n, images.form_page),
        LinkForm::Html => t_string!(i18n, images.form_html),
        LinkForm::HtmlThumbnail => t_string!(i18n, images.form_html_thumbnail),
        LinkForm::Markdown => t_string!(i18n, images.form_markdown),
        LinkForm::MarkdownThumbnail => t_string!(i18n, images.form_markdown_thumbnail),
        LinkForm::Bbcode => t_string!(i18n, images.form_bbcode),
        LinkForm::BbcodeThumbnail => t_string!(i18n, images.form_bbcode_thumbnail),
    }
}
