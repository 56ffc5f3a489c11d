//! A large file on its way in pieces (tus): which request follows on which answer.
//!
//! Whatever breaks, the next try asks the server how much it has, and goes on there.

use std::ops::Range;

use model::{Problem, types::ByteSize};
use serde::Deserialize;

use super::{
    answer,
    state::{FailureReason, Outcome},
};

/// Files larger than this are sent in pieces.
pub const LARGE: u64 = ByteSize::mib(8).bytes();

/// Bytes of a piece: few enough for proxies that have a limit, and so many that a request for each costs nothing.
pub const PIECE: u64 = ByteSize::mib(4).bytes();

/// Times in a row that the server may say that it goes on elsewhere.
const ASTRAY: u32 = 3;

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Begin: `POST`.
    Begin,
    /// Ask where to go on: `HEAD`.
    Look,
    /// Send these bytes of the file: `PATCH`.
    Send(Range<u64>),
    /// Ask what became of it: `GET`.
    Ask,
    /// Send the file as a whole, by the other door.
    SendWhole,
    /// Nothing more in this try.
    End(Box<Outcome>),
}

impl Step {
    /// It is over, as `outcome` says.
    #[must_use]
    pub fn ended(outcome: Outcome) -> Self {
        Self::End(Box::new(outcome))
    }
}

/// What was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status; 0 where there was no answer.
    pub status: u16,
    /// `Upload-Offset`.
    pub offset: Option<u64>,
    /// `Location`.
    pub location: Option<String>,
    /// The body.
    pub body: String,
}

/// One try to send a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    size: u64,
    address: Option<String>,
    /// How much of it the server has, as far as is known.
    kept: u64,
    has_begun: bool,
    astray: u32,
}

impl Pieces {
    /// A try to send a file of `size` bytes that goes on at `address`, if it was begun there.
    #[must_use]
    pub const fn new(size: u64, address: Option<String>) -> Self {
        Self { size, address, kept: 0, has_begun: false, astray: 0 }
    }

    /// Where the upload is, once it was begun.
    #[must_use]
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// Bytes that the server has for good.
    #[must_use]
    pub const fn kept(&self) -> u64 {
        self.kept
    }

    /// What comes first.
    #[must_use]
    pub const fn first(&self) -> Step {
        if self.address.is_some() { Step::Look } else { Step::Begin }
    }

    /// What follows where `step` was answered by `reply`.
    #[must_use]
    pub fn next(&mut self, step: &Step, reply: &Reply) -> Step {
        match (step, reply.status) {
            // What a gateway lost isn't lost, nor what the server has waited for.
            (Step::Begin | Step::Look | Step::Send(_), 0 | 502 | 504) | (Step::Send(_), 408) => {
                Step::ended(Outcome::Broken)
            }
            (Step::Send(_), 400) if has_code(&reply.body, "upload-interrupted") => {
                Step::ended(Outcome::Broken)
            }
            (Step::Begin, 201) => match &reply.location {
                Some(address) => {
                    self.address = Some(address.clone());
                    self.has_begun = true;
                    self.send()
                }
                None => Step::SendWhole,
            },
            // There is no room for what isn't whole, or something on the way doesn't know what this is.
            (Step::Begin, 429) if has_code(&reply.body, "too-many-uploads") => Step::SendWhole,
            (Step::Begin, 404 | 405 | 501) | (Step::Send(_), 405 | 501) => Step::SendWhole,
            // There may be room for what is left of it without metadata, or it is there already.
            (Step::Begin, 413) if has_code(&reply.body, "quota-exceeded") => Step::SendWhole,
            (Step::Look, 200) | (Step::Send(_), 204) => match reply.offset {
                Some(offset) if offset <= self.size => {
                    let has_grown = offset > self.kept;
                    self.kept = offset;
                    if has_grown {
                        self.astray = 0;
                    } else if matches!(step, Step::Send(_)) {
                        return self.stray();
                    }
                    self.send()
                }
                _ => Step::SendWhole,
            },
            (Step::Send(_), 409) => self.stray(),
            // It was forgotten; once in a try that is what time does.
            (Step::Look | Step::Send(_) | Step::Ask, 404 | 410) if !self.has_begun => {
                self.address = None;
                self.kept = 0;
                Step::Begin
            }
            (Step::Send(_), 404 | 410) => Step::ended(Outcome::Broken),
            (Step::Look, 401) => Step::ended(Outcome::SignedOut),
            (Step::Look, 503) => Step::ended(busy()),
            // What is wrong, an answer without a body can't say.
            (Step::Look, _) => Step::Ask,
            (_, status) => Step::ended(answer::read(status, &reply.body)),
        }
    }

    /// Asks where to go on, unless that has been asked too often.
    fn stray(&mut self) -> Step {
        if self.astray == ASTRAY {
            return Step::ended(Outcome::Broken);
        }
        self.astray += 1;
        Step::Look
    }

    /// The next piece, or what comes after the last.
    fn send(&self) -> Step {
        if self.kept == self.size {
            return Step::Ask;
        }
        Step::Send(self.kept..self.size.min(self.kept + PIECE))
    }
}

/// `Upload-Metadata` of a file with this name, and these fields that stand before it in a form.
#[must_use]
pub fn metadata(name: &str, fields: &[(&str, String)]) -> String {
    let mut metadata = format!("filename {}", base64(name));
    for (field, text) in fields {
        metadata.extend([",", field, " ", &base64(text)]);
    }
    metadata
}

/// A text in Base64 (RFC 4648, section 4).
fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |bits: u32| DIGITS.get((bits & 63) as usize).copied().map_or('=', char::from);
    let four = |three: &[u8]| {
        let bits = three.iter().chain(&[0; 2]).take(3).fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let digits = [digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)];
        // A digit more than there are bytes.
        let padded = move |(n, digit)| if n <= three.len() { digit } else { '=' };
        digits.into_iter().enumerate().map(padded).collect::<String>()
    };
    text.as_bytes().chunks(3).map(four).collect()
}

fn busy() -> Outcome {
    Outcome::Refused(FailureReason::Problem(Problem::Unavailable { retry_after: 1 }))
}

fn has_code(body: &str, expected: &str) -> bool {
    #[derive(Deserialize)]
    struct Refusal {
        code: String,
    }

    serde_json::from_slice(body.as_bytes()).is_ok_and(|Refusal { code }| code == expected)
}
