use super::*;

#[test]
fn three_at_a_time_first_come_first_served() {
    let mut states = vec![UploadState::NEW; 5];
    assert_eq!(policy::startable(&states, 0), [0, 1, 2]);
    states[0] = SENDING;
    states[1] = PROCESSING;
    states[2] = done();
    assert_eq!(policy::startable(&states, 0), [3]);
    states[3] = SENDING;
    assert!(policy::startable(&states, 0).is_empty());
}

#[test]
fn what_pauses_holds_nobody_up() {
    let pausing = UploadState::Waiting { broken: 1, not_before: 500, kept: 0 };
    let states = [pausing, UploadState::NEW];
    assert_eq!(policy::startable(&states, 499), [1]);
    assert_eq!(policy::startable(&states, 500), [0, 1]);
}

#[test]
fn files_that_cannot_be_taken_are_not_sent() {
    let limit = Some(ByteSize(10));
    assert_eq!(policy::refusal(10, limit), None);
    assert_eq!(
        policy::refusal(11, limit),
        Some(FailureReason::Problem(Problem::FileTooLarge { limit: ByteSize(10) }))
    );
    assert_eq!(policy::refusal(0, limit), Some(FailureReason::Problem(Problem::FileEmpty)));
    assert_eq!(policy::refusal(u64::MAX, None), None);
}

#[test]
fn silence_is_a_broken_connection_sooner_while_bytes_should_leave() {
    assert!(!policy::is_stalled(&SENDING, 60_000));
    assert!(policy::is_stalled(&SENDING, 60_001));
    assert!(!policy::is_stalled(&PROCESSING, 180_000));
    assert!(policy::is_stalled(&PROCESSING, 180_001));
    assert!(!policy::is_stalled(&UploadState::NEW, u64::MAX));
}
