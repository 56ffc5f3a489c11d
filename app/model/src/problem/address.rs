//! What can go wrong with a picture that is to be fetched from an address.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why there is nothing from an address. No [`Problem`](crate::Problem), which every page reads: only what uploads has
/// to. It tells nothing about networks that whoever asks can't reach themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum AddressProblem {
    /// It is none that is fetched from.
    AddressInvalid,
    /// It is the instance's own.
    AddressOwn,
    /// It doesn't lead to a public server, or nobody knows its name: which of these isn't told, since names within a
    /// network would be learned by it.
    AddressNotPublic,
    /// No server answers there, or too slowly.
    AddressUnreachable,
    /// The server there doesn't give it.
    AddressRefused,
}

impl AddressProblem {
    /// All there are.
    pub const ALL: [Self; 5] = [
        Self::AddressInvalid,
        Self::AddressOwn,
        Self::AddressNotPublic,
        Self::AddressUnreachable,
        Self::AddressRefused,
    ];

    /// The stable kebab-case code, the same as in JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AddressInvalid => "address-invalid",
            Self::AddressOwn => "address-own",
            Self::AddressNotPublic => "address-not-public",
            Self::AddressUnreachable => "address-unreachable",
            Self::AddressRefused => "address-refused",
        }
    }

    /// The HTTP status. Never one by which a gateway between would speak for itself.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::AddressInvalid | Self::AddressOwn => 400,
            Self::AddressNotPublic | Self::AddressUnreachable | Self::AddressRefused => 422,
        }
    }

    /// What is expected instead, for those who know no more than a parameter that is wrong.
    #[must_use]
    pub const fn expected(self) -> &'static str {
        match self {
            Self::AddressInvalid => "an http:// or https:// address without a user and password",
            Self::AddressOwn => "an address elsewhere: this image is here already",
            Self::AddressNotPublic => "an address on the public internet, at port 80 or 443",
            Self::AddressUnreachable => "an address where a server answers in time",
            Self::AddressRefused => "an address that gives anybody an image",
        }
    }
}

/// The English sentence: what happened, and what to do.
impl fmt::Display for AddressProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AddressInvalid => {
                "That is no address that is fetched from: it begins with http:// or https:// and has neither user nor \
                 password."
            }
            Self::AddressOwn => "That is an address of this instance: what is there is here already.",
            Self::AddressNotPublic => {
                "The address is not public, or nobody knows its name. Images are fetched from servers on the public \
                 internet, at port 80 or 443, and from networks in REFLECT_FETCH_ALLOW. Look whether the address is \
                 right, or download the image and upload the file."
            }
            Self::AddressUnreachable => {
                "The server at the address did not answer, or too slowly. Look whether the address is right and try \
                 again, or download the image and upload the file."
            }
            Self::AddressRefused => {
                "The server at the address does not give the image to everybody, or there is none. Download it, and \
                 upload the file."
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_the_json_tag() {
        for problem in AddressProblem::ALL {
            let json = serde_json::to_value(problem).unwrap();
            assert_eq!(json, serde_json::json!({ "code": problem.code() }));
            assert_eq!(serde_json::from_value::<AddressProblem>(json).unwrap(), problem);
        }
    }
}
