mod answers;
mod drawing;
mod naming;
mod queue;
mod schedule;
mod states;
mod sums;

use leptos::prelude::*;
use model::{
    Problem,
    types::{ByteSize, Color, Image, ImageId, MediaType, Timestamp},
};

use super::{
    FailureReason, Kind, Outcome, Tally, TimeLeft, UploadQueue, UploadState, answer, names, policy, rows,
    totals::Meter,
};

const SENDING: UploadState = UploadState::Sending { broken: 0, sent: 0 };
const PROCESSING: UploadState = UploadState::Processing { broken: 0 };

fn image() -> Image {
    Image {
        id: ImageId(Default::default()),
        slug: "abcDEF012345678".parse().unwrap(),
        filename: "cat.jpg".into(),
        media_type: MediaType::Jpeg,
        byte_size: ByteSize(90),
        width: 4,
        height: 3,
        frames: 1,
        color: Color([1, 2, 3]),
        created_at: Timestamp::from_rfc3339("2026-11-20T09:30:00Z".into()),
    }
}

fn failed(problem: Problem) -> UploadState {
    UploadState::failed(FailureReason::Problem(problem))
}
