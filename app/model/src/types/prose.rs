//! Texts that people write about their images.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// 1 to `MAX` characters on one line: white space of any kind is a space, and there is none around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Line<const MAX: usize>(String);

/// 1 to `MAX` characters on any number of lines, without white space around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Prose<const MAX: usize>(String);

/// The text is empty or too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotOfLength<const MAX: usize>;

impl<const MAX: usize> fmt::Display for NotOfLength<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1 to {MAX} characters")
    }
}

impl<const MAX: usize> std::error::Error for NotOfLength<MAX> {}

fn of_length<const MAX: usize>(text: String) -> Result<String, NotOfLength<MAX>> {
    if (1..=MAX).contains(&text.chars().count()) { Ok(text) } else { Err(NotOfLength) }
}

impl<const MAX: usize> FromStr for Line<MAX> {
    type Err = NotOfLength<MAX>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let harmless: String = text.chars().filter(|c| c.is_whitespace() || !c.is_control()).collect();
        let words: Vec<&str> = harmless.split_whitespace().collect();
        of_length(words.join(" ")).map(Self)
    }
}

impl<const MAX: usize> FromStr for Prose<MAX> {
    type Err = NotOfLength<MAX>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut prose = text.replace("\r\n", "\n");
        prose.retain(|c| !c.is_control() || matches!(c, '\n' | '\t'));
        of_length(prose.trim().to_owned()).map(Self)
    }
}

macro_rules! text {
    ($name:ident) => {
        impl<const MAX: usize> $name<MAX> {
            /// Characters, at most.
            pub const MAX_CHARS: usize = MAX;

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl<const MAX: usize> TryFrom<String> for $name<MAX> {
            type Error = NotOfLength<MAX>;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl<const MAX: usize> From<$name<MAX>> for String {
            fn from(text: $name<MAX>) -> Self {
                text.0
            }
        }
    };
}

text!(Line);
text!(Prose);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_has_no_breaks_and_prose_has() {
        assert_eq!(" A cat\r\n on\ta\u{85}roof\0 ".parse::<Line<20>>().unwrap().as_str(), "A cat on a roof");
        assert_eq!(
            "\n A cat\r\n\r\non a roof\0\n".parse::<Prose<20>>().unwrap().as_str(),
            "A cat\n\non a roof"
        );
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert!("猫".repeat(20).parse::<Line<20>>().is_ok() && "猫".repeat(20).parse::<Prose<20>>().is_ok());
        for bad in ["", " \n", &"x".repeat(21)] {
            assert_eq!(bad.parse::<Line<20>>().unwrap_err().to_string(), "1 to 20 characters", "{bad:?}");
            assert_eq!(bad.parse::<Prose<20>>(), Err(NotOfLength), "{bad:?}");
        }
    }

    #[test]
    fn what_is_too_long_is_not_read_from_json_either() {
        assert!(serde_json::from_str::<Line<3>>(r#""cats""#).is_err());
        let cat: Prose<3> = serde_json::from_str(r#""cat""#).unwrap();
        assert_eq!(serde_json::to_string(&cat).unwrap(), r#""cat""#);
    }

    proptest! {
        #[test]
        fn a_text_is_what_it_was_when_it_is_read_again(text in ".{0,60}") {
            if let Ok(line) = text.parse::<Line<50>>() {
                prop_assert!(!line.as_str().contains(char::is_control));
                prop_assert_eq!(line.as_str().parse::<Line<50>>(), Ok(line.clone()));
            }
            if let Ok(prose) = text.parse::<Prose<50>>() {
                prop_assert_eq!(prose.as_str().parse::<Prose<50>>(), Ok(prose.clone()));
            }
        }
    }
}
