//! What the tray says.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::{AddressProblem, GuestProblem, Problem, types::ByteSize};

use crate::{
    components::{account_problem::too_often, problem::problem_text},
    i18n::{Locale, t_string},
    uploads::{FailureReason, Taken, Tally, TimeLeft, Totals, UploadQueue, UploadState},
};

type I18n = I18nContext<Locale>;

/// What kind of upload it is.
#[derive(Clone, Copy)]
pub(super) struct Of {
    /// Bytes of its file.
    pub(super) size: ByteSize,
    /// Whether the server fetches it.
    pub(super) is_fetched: bool,
    /// Whether a guest sends it.
    pub(super) is_guests: bool,
}

/// One line about all uploads.
pub(super) fn summary(i18n: I18n, queue: UploadQueue) -> String {
    let tally = queue.totals.with(|totals| totals.tally);
    let total = tally.files() - tally.cancelled;
    if tally.open() == 0 {
        return settled(i18n, &tally);
    }
    if tally.active == 0 && queue.needs_sign_in() {
        return t_string!(i18n, uploads.paused, count = tally.waiting).to_string();
    }
    t_string!(i18n, uploads.uploading, done = tally.done + tally.failed, total = total).to_string()
}

fn settled(i18n: I18n, tally: &Tally) -> String {
    match (tally.done, tally.failed) {
        (0, 0) => t_string!(i18n, uploads.stopped).to_string(),
        (done, 0) => t_string!(i18n, uploads.finished, done = done).to_string(),
        (0, failed) => t_string!(i18n, uploads.all_failed, failed = failed).to_string(),
        (done, failed) => {
            t_string!(i18n, uploads.finished_with_failures, done = done, failed = failed).to_string()
        }
    }
}

/// What assistive technology reads out: that uploads began, that they ended and how. Not each step.
pub(super) fn announcement(i18n: I18n, queue: UploadQueue) -> Memo<String> {
    let tally = Memo::new(move |_| queue.totals.with(|totals| totals.tally));
    let stage = Memo::new(move |_| {
        let tally = tally.get();
        (
            tally.open() > 0,
            tally.files() - tally.cancelled,
            if tally.open() > 0 { (0, 0) } else { (tally.done, tally.failed) },
        )
    });
    Memo::new(move |_| {
        let (open, total, (done, failed)) = stage.get();
        if open && queue.needs_sign_in() {
            t_string!(i18n, uploads.sign_in_needed).to_string()
        } else if open {
            t_string!(i18n, uploads.uploading_short, total = total).to_string()
        } else if total == 0 {
            String::new()
        } else {
            settled(i18n, &Tally { done, failed, ..Tally::default() })
        }
    })
}

/// Speed and time left, where there are any.
pub(super) fn pace(i18n: I18n, totals: &Totals) -> String {
    let Some(rate) = totals.rate else { return String::new() };
    if totals.tally.sent >= totals.tally.bytes {
        return t_string!(i18n, uploads.processing).to_string();
    }
    let speed = t_string!(i18n, uploads.speed, speed = ByteSize(rate).to_string()).to_string();
    let left = match totals.left {
        Some(TimeLeft::Seconds(time)) => t_string!(i18n, uploads.left_seconds, time = time).to_string(),
        Some(TimeLeft::Minutes(time)) => t_string!(i18n, uploads.left_minutes, time = time).to_string(),
        Some(TimeLeft::Hours(time)) => t_string!(i18n, uploads.left_hours, time = time).to_string(),
        None => return speed,
    };
    format!("{speed} · {left}")
}

/// Why there is nothing to be had from an address.
fn address(i18n: I18n, problem: AddressProblem) -> &'static str {
    match problem {
        AddressProblem::AddressInvalid => t_string!(i18n, uploads.address_invalid),
        AddressProblem::AddressOwn => t_string!(i18n, uploads.address_own),
        AddressProblem::AddressNotPublic => t_string!(i18n, uploads.address_not_public),
        AddressProblem::AddressUnreachable => t_string!(i18n, uploads.address_unreachable),
        AddressProblem::AddressRefused => t_string!(i18n, uploads.address_refused),
    }
}

/// Why a link for guests doesn't take a file.
fn guest(i18n: I18n, problem: GuestProblem) -> &'static str {
    match problem {
        GuestProblem::GuestLinkEnded => t_string!(i18n, uploads.guest_link_ended),
        GuestProblem::GuestImagesUsedUp => t_string!(i18n, uploads.guest_images_used_up),
        GuestProblem::GuestSpaceUsedUp => t_string!(i18n, uploads.guest_space_used_up),
        GuestProblem::GuestFilesOnly => t_string!(i18n, uploads.guest_files_only),
    }
}

/// One line about one upload in this state.
pub(super) fn state(i18n: I18n, state: &UploadState, of: Of) -> String {
    let Of { size, is_fetched, is_guests } = of;
    let shown = size.to_string();
    match state {
        UploadState::Waiting { broken: 0, .. } => t_string!(i18n, uploads.waiting).to_string(),
        UploadState::Waiting { .. } => t_string!(i18n, uploads.waiting_again).to_string(),
        UploadState::Sending { .. } | UploadState::Processing { .. } if is_fetched => {
            t_string!(i18n, uploads.fetching).to_string()
        }
        UploadState::Sending { .. } => {
            t_string!(i18n, uploads.sent, percent = state.percent(size.0), size = shown).to_string()
        }
        UploadState::Processing { .. } => t_string!(i18n, uploads.storing).to_string(),
        UploadState::Done(Taken { existing: true, .. }) if is_guests => {
            t_string!(i18n, uploads.sent_before).to_string()
        }
        UploadState::Done(Taken { image, existing: true, .. }) => {
            t_string!(i18n, uploads.existing, name = image.filename.clone()).to_string()
        }
        UploadState::Done(Taken { image, .. }) => {
            t_string!(i18n, uploads.done, size = image.byte_size.to_string()).to_string()
        }
        UploadState::Cancelled => t_string!(i18n, uploads.cancelled).to_string(),
        UploadState::Failed { reason, .. } => match reason {
            FailureReason::Problem(Problem::TooManyAttempts { retry_after }) => too_often(i18n, *retry_after),
            FailureReason::Problem(problem) => problem_text(i18n, problem),
            FailureReason::Address(problem) => address(i18n, *problem).to_owned(),
            FailureReason::Guest(problem) => guest(i18n, *problem).to_owned(),
            FailureReason::TooLargeForProxy => {
                t_string!(i18n, uploads.too_large_for_proxy, size = shown).to_string()
            }
            FailureReason::Unreadable => t_string!(i18n, uploads.unreadable).to_string(),
            FailureReason::AnswerLost => t_string!(i18n, uploads.answer_lost).to_string(),
        },
    }
}
