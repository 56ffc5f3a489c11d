//! Kinds of challenges: each draws a secret, shows the task that goes with it, and judges answers.

use std::{fmt, str::FromStr};

use model::types::{ChallengeTask, Solution, Work};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{image, slider, work};
use crate::images::ImageError;

/// What an instance has people solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A proof of work, which the device does by itself.
    Pow,
    /// Distorted text to be typed.
    Image,
    /// A puzzle piece to be moved into its place.
    Slider,
    /// Nothing.
    Off,
}

impl Provider {
    const ALL: [Self; 4] = [Self::Pow, Self::Image, Self::Slider, Self::Off];

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

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a challenge is one of pow, image, slider, off")]
pub struct InvalidProvider;

impl FromStr for Provider {
    type Err = InvalidProvider;

    fn from_str(text: &str) -> Result<Self, InvalidProvider> {
        Self::ALL.into_iter().find(|provider| provider.as_str() == text).ok_or(InvalidProvider)
    }
}

/// What solves a challenge. It stays on the server, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Secret {
    /// It is solved.
    Done,
    Work(Work),
    Image {
        text: String,
        instead: Work,
    },
    Slider {
        place: slider::Place,
        instead: Work,
    },
}

impl Secret {
    /// A new one; `work` is what a proof of work costs now.
    pub(super) fn draw(provider: Provider, work: Work, rng: &mut impl Rng) -> Self {
        let instead = work::instead(work);
        match provider {
            Provider::Off => Self::Done,
            Provider::Pow => Self::Work(work),
            Provider::Image => Self::Image { text: image::text(rng), instead },
            Provider::Slider => Self::Slider { place: slider::Place::draw(rng), instead },
        }
    }

    /// What is shown. Draws pictures, which takes milliseconds.
    pub(super) fn task(&self, rng: &mut impl Rng) -> Result<ChallengeTask, ImageError> {
        Ok(match self {
            Self::Done => ChallengeTask::None,
            Self::Work(work) => ChallengeTask::Work(*work),
            Self::Image { text, instead } => {
                ChallengeTask::Image { picture: image::picture(text, rng)?, instead: *instead }
            }
            Self::Slider { place, instead } => {
                let (picture, piece) = slider::pictures(*place, rng)?;
                ChallengeTask::Slider { picture, piece, top: place.top, instead: *instead }
            }
        })
    }

    /// Whether `solution` solves the challenge `id`.
    pub(super) fn is_solved_by(&self, id: &str, solution: &Solution) -> bool {
        match (self, solution) {
            (Self::Done, Solution::Done) => true,
            (
                Self::Work(work) | Self::Image { instead: work, .. } | Self::Slider { instead: work, .. },
                Solution::Work(nonces),
            ) => work::is_done(*work, id, nonces),
            (Self::Image { text, .. }, Solution::Text(typed)) => image::reads(text, typed),
            (Self::Slider { place, .. }, Solution::Offset(offset)) => place.fits(*offset),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_as_it_is_written() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        for text in ["", "POW", "recaptcha"] {
            assert_eq!(text.parse::<Provider>(), Err(InvalidProvider), "{text}");
        }
    }

    #[test]
    fn no_kind_of_answer_solves_a_challenge_of_another_kind() {
        let hard = Work { rounds: 1, bits: 32 };
        let place = slider::Place { left: 100, top: 20 };
        let secrets = [
            Secret::Done,
            Secret::Work(hard),
            Secret::Image { text: "ACE34".into(), instead: hard },
            Secret::Slider { place, instead: hard },
        ];
        let answers =
            [Solution::Done, Solution::Work(vec![0]), Solution::Text("ace34".into()), Solution::Offset(100)];
        for (i, secret) in secrets.iter().enumerate() {
            for (j, answer) in answers.iter().enumerate() {
                // The work is too hard to be solved by chance.
                assert_eq!(secret.is_solved_by("id", answer), i == j && i != 1, "{secret:?} {answer:?}");
            }
        }
    }
}
