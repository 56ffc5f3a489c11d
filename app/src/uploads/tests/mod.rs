mod answers;
mod choosing;
mod drawing;
mod naming;
mod pieces;
mod queue;
mod schedule;
mod states;
mod sums;

use leptos::prelude::*;
use model::{
    AddressProblem, GuestProblem, Problem,
    types::{ByteSize, Color, Image, UserId, Visibility},
};

use super::{
    FailureReason, Kind, Outcome, Redraw, Taken, Tally, TimeLeft, UploadOptions, UploadQueue, UploadState,
    answer, names, policy, rows, totals::Meter,
};

const NOTHING: UploadOptions = UploadOptions {
    album: None,
    visibility: Visibility::Unlisted,
    lapse: None,
    keeps_metadata: false,
    guest: None,
    redraw: Redraw { side: None, webp: false },
};
const SENDING: UploadState = UploadState::Sending { broken: 0, sent: 0, kept: 0 };
const PROCESSING: UploadState = UploadState::Processing { broken: 0, kept: 0 };

fn image() -> Image {
    // Its colour is for programs: pages don't read it.
    Image { color: Color::default(), ..Image::example() }
}

fn taken(image: Image) -> Taken {
    Taken { image, existing: false, similar: Vec::new() }
}

fn done() -> UploadState {
    UploadState::Done(taken(image()))
}

fn stored(image: Image) -> Outcome {
    Outcome::Stored(taken(image))
}

fn user(last: char) -> UserId {
    format!("00000000-0000-7000-8000-00000000000{last}").parse().unwrap()
}

fn failed(problem: Problem) -> UploadState {
    UploadState::failed(FailureReason::Problem(problem))
}
