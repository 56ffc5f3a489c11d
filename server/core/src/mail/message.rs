//! A letter with its envelope, as RFC 5322 and 2045 have it. lettre writes the headers, and encodes
//! whatever could end one.

use std::{fmt, str::FromStr, time::SystemTime};

use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};
use time::OffsetDateTime;

use super::letter::Letter;

/// Whom mail comes from: `reflect <no-reply@pictures.example>`, or the address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender(Mailbox);

/// The text is no mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidSender;

impl fmt::Display for InvalidSender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected an address like no-reply@pictures.example, or Name <no-reply@pictures.example>")
    }
}

impl std::error::Error for InvalidSender {}

impl Sender {
    /// The same with `name` where there is none.
    #[must_use]
    pub fn or_named(mut self, name: &str) -> Self {
        self.0.name.get_or_insert_with(|| name.to_owned());
        self
    }

    /// A new Message-ID (RFC 5322 §3.6.4), for the row with this key.
    pub(super) fn message_id(&self, id: uuid::Uuid) -> String {
        format!("<{id}@{}>", self.0.email.domain())
    }
}

impl fmt::Display for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Sender {
    type Err = InvalidSender;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.contains(char::is_control) {
            return Err(InvalidSender);
        }
        let mailbox: Mailbox = text.trim().parse().map_err(|_| InvalidSender)?;
        let email = ascii_domain(mailbox.email.as_ref()).ok_or(InvalidSender)?;
        Ok(Self(Mailbox::new(mailbox.name, email)))
    }
}

/// The address with its domain in the letters that every mail server knows (RFC 5890): `bücher.example`
/// as `xn--bcher-kva.example`. What stands before the `@` stays; if it isn't ASCII, the server
/// must speak SMTPUTF8.
fn ascii_domain(address: &str) -> Option<Address> {
    let address: Address = address.parse().ok()?;
    let domain = if address.domain().is_ascii() {
        address.domain().to_owned()
    } else {
        url::Host::parse(address.domain()).ok()?.to_string()
    };
    Address::new(address.user(), domain).ok()
}

/// `Auto-Submitted: auto-generated` (RFC 3834): nobody's holiday notice answers.
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".into())
    }
}

/// What stands on the envelope of a row.
pub(super) struct Envelope<'a> {
    pub(super) from: &'a Sender,
    pub(super) to: &'a str,
    pub(super) message_id: &'a str,
    pub(super) date: OffsetDateTime,
}

/// The message, or in words why there can't be one.
pub(super) fn message(envelope: &Envelope<'_>, letter: &Letter) -> Result<Message, String> {
    let to = ascii_domain(envelope.to).ok_or("the address isn't one that mail can be sent to")?;
    Message::builder()
        .from(envelope.from.0.clone())
        .to(Mailbox::new(None, to))
        .subject(&letter.subject)
        .date(SystemTime::from(envelope.date))
        .message_id(Some(envelope.message_id.to_owned()))
        .header(AutoSubmitted)
        .multipart(MultiPart::alternative_plain_html(letter.text.clone(), letter.html.clone()))
        .map_err(|error| format!("the message cannot be written: {error}"))
}
