//! A mail as it is read: subject, HTML and plain text.
//!
//! The texts of a language fill a [`Draft`], and two templates lay every draft out, so the HTML and
//! the plain text can't say different things. Askama escapes what goes into the HTML.

use std::fmt;

use askama::Template;
use model::types::Language;
use serde::{Deserialize, Serialize};

use super::{Mail, SiteLink, texts};
use crate::Settings;

/// What a mail says, before it has a form.
#[derive(Default)]
pub(super) struct Draft {
    /// The subject, without the instance's name, and the heading.
    pub(super) title: String,
    /// What happened.
    pub(super) paragraphs: Vec<String>,
    /// Digits to type elsewhere.
    pub(super) code: Option<String>,
    /// When, where, which: label and value.
    pub(super) facts: Vec<(&'static str, String)>,
    /// The one link, and what its button says.
    pub(super) action: Option<(String, SiteLink)>,
    /// What to do, above all if it wasn't them.
    pub(super) advice: Vec<String>,
}

/// What stands around every draft.
pub(super) struct Frame<'a> {
    /// The instance's name.
    pub(super) instance: &'a str,
    /// Where it is reached, without the scheme: a name, not a second link.
    pub(super) host: &'a str,
    /// Its first page.
    pub(super) home: SiteLink,
    settings: &'a Settings,
}

impl<'a> Frame<'a> {
    fn new(settings: &'a Settings) -> Self {
        let site = settings.origins.site.as_str();
        let host = site.split_once("://").map_or(site, |(_, host)| host);
        Self { instance: &settings.issuer, host, home: SiteLink::new(settings, "/"), settings }
    }

    /// Another of its pages.
    pub(super) fn page(&self, path: &str) -> SiteLink {
        SiteLink::new(self.settings, path)
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: Language,
    draft: &'a Draft,
    link_hint: &'static str,
    footer: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Plain<'a> {
    draft: &'a Draft,
    colon: &'static str,
    footer: &'a str,
}

/// Subject and both texts. `Debug` shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) html: String,
    pub(super) text: String,
}

impl Letter {
    /// Writes `mail` in `language`.
    pub(super) fn write(settings: &Settings, mail: &Mail, language: Language) -> Result<Self, askama::Error> {
        let frame = Frame::new(settings);
        let texts = texts::of(language);
        let draft = (texts.draft)(mail, &frame);
        let footer = (texts.footer)(&frame);
        Ok(Self {
            subject: format!("[{}] {}", frame.instance, draft.title),
            html: Html { language, draft: &draft, link_hint: texts.link_hint, footer: &footer }.render()?,
            text: Plain { draft: &draft, colon: texts.colon, footer: &footer }.render()?,
        })
    }

    /// As it is sealed.
    pub(super) fn to_bytes(&self) -> Result<Vec<u8>, askama::Error> {
        serde_json::to_vec(self).map_err(|error| askama::Error::Custom(Box::new(error)))
    }
}

impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Letter(…)")
    }
}
