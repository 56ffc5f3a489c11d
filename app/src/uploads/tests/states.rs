use super::*;

#[test]
fn a_file_goes_from_waiting_to_done() {
    let state = UploadState::NEW.started().unwrap();
    assert_eq!(state, SENDING);
    // The request is 10 bytes longer than the file.
    let state = state.progressed(55, 110, 100).unwrap();
    assert_eq!((state.bytes_sent(100), state.percent(100)), (50, 50));
    assert_eq!(state.progressed(22, 110, 100), None, "progress never goes back");
    let state = state.progressed(110, 110, 100).unwrap();
    assert_eq!((state.clone(), state.percent(100)), (PROCESSING, 100));
    assert_eq!(state.ended(stored(image()), 0), Some(done()));
}

#[test]
fn nothing_but_what_waits_starts() {
    for state in [SENDING, PROCESSING, done(), UploadState::Cancelled] {
        assert_eq!(state.started(), None);
    }
}

#[test]
fn a_hundred_percent_means_that_all_has_left() {
    assert_eq!(UploadState::Sending { broken: 0, sent: 999, kept: 0 }.percent(1000), 99);
    assert_eq!(UploadState::Sending { broken: 0, sent: 0, kept: 0 }.percent(0), 0);
    assert_eq!(UploadState::Sending { broken: 0, sent: u64::MAX, kept: 0 }.percent(u64::MAX), 99);
}

#[test]
fn a_broken_connection_is_tried_three_times_more_with_growing_pauses() {
    let mut state = UploadState::NEW;
    let mut pauses = Vec::new();
    while let Some(sending) = state.started() {
        state = sending.ended(Outcome::Broken, 1_000).unwrap();
        if let UploadState::Waiting { not_before, .. } = state {
            pauses.push(not_before - 1_000);
        }
    }
    assert_eq!(pauses, [1_000, 4_000, 15_000]);
    assert_eq!(state, failed(Problem::Offline));
    assert_eq!(state.retried(), Some(UploadState::NEW), "by hand it goes on");
}

#[test]
fn an_answer_that_got_lost_is_asked_for_again() {
    for lost in [Outcome::Broken, Outcome::Refused(FailureReason::AnswerLost)] {
        let state = PROCESSING.ended(lost.clone(), 5).unwrap();
        assert_eq!(state, UploadState::Waiting { broken: 1, not_before: 1_005, kept: 0 });
        let state = UploadState::Processing { broken: 3, kept: 0 }.ended(lost, 5).unwrap();
        assert_eq!(state, UploadState::Failed { reason: FailureReason::AnswerLost, retryable: true });
    }
}

#[test]
fn a_busy_server_is_given_the_time_it_asks_for() {
    let busy = Outcome::Refused(FailureReason::Problem(Problem::Unavailable { retry_after: 5 }));
    let state = PROCESSING.ended(busy, 100).unwrap();
    assert_eq!(state, UploadState::Waiting { broken: 1, not_before: 5_100, kept: 0 });
}

#[test]
fn a_refusal_is_final_and_tells_whether_sending_again_can_help() {
    let end =
        |problem: Problem| PROCESSING.ended(Outcome::Refused(FailureReason::Problem(problem)), 0).unwrap();
    for (problem, helps) in [
        (Problem::BrokenImage, false),
        (Problem::UnsupportedFormat { found: None }, false),
        (Problem::FileTooLarge { limit: ByteSize(1) }, false),
        (Problem::QuotaExceeded { used: ByteSize(1), quota: ByteSize(1), needed: ByteSize(1) }, true),
        (Problem::TooManyAttempts { retry_after: 9 }, true),
        (Problem::Internal, true),
    ] {
        let state = end(problem.clone());
        let reason = FailureReason::Problem(problem);
        assert_eq!(state, UploadState::Failed { reason, retryable: helps });
        assert_eq!(state.retried().is_some(), helps);
    }
}

#[test]
fn who_is_signed_out_waits_without_losing_a_try() {
    let state = UploadState::Sending { broken: 2, sent: 5, kept: 0 }.ended(Outcome::SignedOut, 7);
    assert_eq!(state, Some(UploadState::Waiting { broken: 2, not_before: 7, kept: 0 }));
}

#[test]
fn cancelling_wins_over_what_comes_later_unless_it_is_stored() {
    let state = SENDING.cancelled().unwrap();
    assert_eq!(state.ended(Outcome::Broken, 0), None);
    assert_eq!(state.ended(stored(image()), 0), Some(done()));
    assert_eq!(done().cancelled(), None);
    assert_eq!(state.retried(), Some(UploadState::NEW));
}

#[test]
fn the_network_coming_back_ends_a_pause() {
    let waiting = UploadState::Waiting { broken: 1, not_before: 900, kept: 0 };
    assert_eq!(waiting.hurried(100), Some(UploadState::Waiting { broken: 1, not_before: 100, kept: 0 }));
    assert_eq!(UploadState::NEW.hurried(100), None);
    assert_eq!(SENDING.hurried(0), None);
}

#[test]
fn what_the_server_has_stays_sent_and_gives_the_next_break_all_its_tries() {
    let state = UploadState::Sending { broken: 2, sent: 70, kept: 0 };
    let state = state.kept(50).unwrap();
    assert_eq!(state, UploadState::Sending { broken: 0, sent: 70, kept: 50 });
    assert_eq!(state.kept(50), None);
    let state = state.ended(Outcome::Broken, 1_000).unwrap();
    assert_eq!(state, UploadState::Waiting { broken: 1, not_before: 2_000, kept: 50 });
    assert_eq!(state.bytes_sent(100), 50, "nothing that is there is taken back");
    let state = state.hurried(1_000).unwrap().started().unwrap();
    assert_eq!(state, UploadState::Sending { broken: 1, sent: 50, kept: 50 });
    // More had come than was acknowledged.
    assert_eq!(state.kept(64), Some(UploadState::Sending { broken: 0, sent: 64, kept: 64 }));
    // It has been forgotten.
    assert_eq!(state.kept(0), Some(UploadState::Sending { broken: 1, sent: 0, kept: 0 }));
    let state = state.progressed(100, 100, 100).unwrap().kept(100).unwrap();
    assert_eq!(state, UploadState::Processing { broken: 0, kept: 100 });
    let lost = state.ended(Outcome::Broken, 0).unwrap();
    assert_eq!(lost, UploadState::Waiting { broken: 1, not_before: 1_000, kept: 100 });
    assert_eq!(UploadState::Cancelled.kept(5), None);
}

#[test]
fn what_makes_no_headway_is_given_up() {
    let mut state = UploadState::NEW;
    let mut tries = 0;
    while let Some(sending) = state.started() {
        tries += 1;
        state = sending.kept(30).unwrap_or(sending).ended(Outcome::Broken, 0).unwrap();
    }
    assert_eq!((tries, state), (4, failed(Problem::Offline)));
}
