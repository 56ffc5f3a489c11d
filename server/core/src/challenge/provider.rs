//! Kinds of challenges: each draws a secret, shows the task that goes with it, and judges answers.

use model::types::{ChallengeProvider, ChallengeTask, Solution, Work};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{image, slider, work};
use crate::images::ImageError;

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
    pub(super) fn draw(provider: ChallengeProvider, work: Work, rng: &mut impl Rng) -> Self {
        let instead = work::instead(work);
        match provider {
            ChallengeProvider::Off => Self::Done,
            ChallengeProvider::Pow => Self::Work(work),
            ChallengeProvider::Image => Self::Image { text: image::text(rng), instead },
            ChallengeProvider::Slider => Self::Slider { place: slider::Place::draw(rng), instead },
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
