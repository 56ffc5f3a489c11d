//! What mails say, a file for each language. A kind of mail without a text doesn't compile.

mod en;
mod zh;

use model::types::Language;

use super::{
    Mail, Occasion,
    letter::{Draft, Frame},
};

/// Where an authenticator's secret is renewed.
const AUTHENTICATORS: &str = "/settings/authenticators";

/// The texts of a language.
pub(super) struct Texts {
    /// What a mail says.
    pub(super) draft: fn(&Mail, &Frame<'_>) -> Draft,
    /// Why one gets it.
    pub(super) footer: fn(&Frame<'_>) -> String,
    /// Between a label and what it labels.
    pub(super) colon: &'static str,
    /// Before the address that the button opens.
    pub(super) link_hint: &'static str,
}

pub(super) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &en::TEXTS,
        Language::Chinese => &zh::TEXTS,
    }
}

/// What the facts of an [`Occasion`] are called.
struct Labels {
    when: &'static str,
    address: &'static str,
    device: &'static str,
}

impl Labels {
    fn facts(
        &self,
        occasion: &Occasion,
        moment: fn(time::OffsetDateTime) -> String,
    ) -> Vec<(&'static str, String)> {
        let address = occasion.address.map(|address| (self.address, address.to_canonical().to_string()));
        let device = occasion.device.as_ref().map(|device| (self.device, device.to_string()));
        [Some((self.when, moment(occasion.at))), device, address].into_iter().flatten().collect()
    }
}
