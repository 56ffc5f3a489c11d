//! What somebody solves to show that they aren't one of a thousand programs.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What an instance has people solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeProvider {
    /// A proof of work, which the device does by itself.
    Pow,
    /// Distorted text to be typed.
    Image,
    /// A puzzle piece to be moved into its place.
    Slider,
    /// Nothing.
    Off,
}

impl ChallengeProvider {
    /// The four, the default first.
    pub const ALL: [Self; 4] = [Self::Pow, Self::Image, Self::Slider, Self::Off];

    /// The name in settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pow => "pow",
            Self::Image => "image",
            Self::Slider => "slider",
            Self::Off => "off",
        }
    }
}

impl fmt::Display for ChallengeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no [`ChallengeProvider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidChallengeProvider;

impl fmt::Display for InvalidChallengeProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one of pow, image, slider, off")
    }
}

impl std::error::Error for InvalidChallengeProvider {}

impl FromStr for ChallengeProvider {
    type Err = InvalidChallengeProvider;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(InvalidChallengeProvider)
    }
}

/// What a challenge is solved for. It is good for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePurpose {
    /// Making an account.
    SignUp,
    /// Asking for a way back in.
    Reset,
    /// Going on after failures.
    SignIn,
}

/// A challenge as it is handed out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Names it in the answer.
    pub id: String,
    /// Seconds until it lapses.
    pub expires_in: u32,
    /// What is to be done.
    pub task: ChallengeTask,
}

impl Challenge {
    /// Seconds that a challenge is good, and so what its answer is traded for.
    pub const LIFETIME: u32 = 300;
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeTask {
    /// Nothing: the instance asks for no challenges. The answer is [`Solution::Done`].
    None,
    /// Work for the device, none for the person.
    Work(Work),
    /// Text to be read from a picture, or more work instead.
    Image {
        /// The picture.
        picture: Picture,
        /// What is taken instead.
        instead: Work,
    },
    /// A piece to be moved over the hole in a picture, or more work instead.
    Slider {
        /// The picture with the hole.
        picture: Picture,
        /// The piece.
        piece: Picture,
        /// How far the piece lies below the picture's upper edge, in pixels.
        top: u32,
        /// What is taken instead.
        instead: Work,
    },
}

/// A proof of work (hashcash): for each round, counted from 0, a nonce such that the SHA-256 of
/// nonce, round (both 32 bits, big-endian) and the challenge's id (as text) begins with so many zero
/// bits. Many rounds of little work take about the same time always, where one of much work
/// may take five times as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// Nonces wanted.
    pub rounds: u32,
    /// Zero bits wanted in each round. A solution takes `rounds` · 2^`bits` hashes on average.
    pub bits: u32,
}

/// A picture in its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// A `data:` URL.
    pub url: String,
    /// In the pixels that positions are counted in; the file may have more for sharp screens.
    pub width: u32,
    /// The same.
    pub height: u32,
}

/// The answer to a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChallengeAnswer {
    /// The challenge's.
    pub id: String,
    /// What solves it.
    pub answer: Solution,
}

/// What solves a challenge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Solution {
    /// Nothing is left to do: none was asked for, or it was judged before and the id is what came of it.
    Done,
    /// The nonces, one for each round.
    Work(Vec<u32>),
    /// The text of the picture. Case and white space are forgiven.
    Text(String),
    /// How far the piece lies from the picture's left edge, in pixels.
    Offset(u32),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_setting_is_read_as_it_is_written() {
        for provider in ChallengeProvider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
            assert_eq!(serde_json::to_value(provider).unwrap(), provider.as_str());
        }
        for text in ["", "POW", "recaptcha"] {
            assert_eq!(text.parse::<ChallengeProvider>(), Err(InvalidChallengeProvider), "{text}");
        }
    }

    #[test]
    fn the_wire_is_what_the_api_documents() {
        let task = ChallengeTask::Work(Work { rounds: 16, bits: 14 });
        let challenge = Challenge { id: "x".into(), expires_in: 300, task };
        let wire = json!({ "id": "x", "expires_in": 300, "task": { "work": { "rounds": 16, "bits": 14 } } });
        assert_eq!(serde_json::to_value(challenge).unwrap(), wire);
        for (answer, wire) in [
            (Solution::Done, json!("done")),
            (Solution::Work(vec![7, 8]), json!({ "work": [7, 8] })),
            (Solution::Text("ab".into()), json!({ "text": "ab" })),
            (Solution::Offset(9), json!({ "offset": 9 })),
        ] {
            assert_eq!(serde_json::to_value(&answer).unwrap(), wire);
            assert_eq!(serde_json::from_value::<Solution>(wire).unwrap(), answer);
        }
        assert_eq!(serde_json::to_value(ChallengePurpose::SignUp).unwrap(), "sign_up");
    }
}
