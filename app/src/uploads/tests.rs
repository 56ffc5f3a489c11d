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

mod states {
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
        assert_eq!(state.ended(Outcome::Stored(image()), 0), Some(UploadState::Done(image())));
    }

    #[test]
    fn nothing_but_what_waits_starts() {
        for state in [SENDING, PROCESSING, UploadState::Done(image()), UploadState::Cancelled] {
            assert_eq!(state.started(), None);
        }
    }

    #[test]
    fn a_hundred_percent_means_that_all_has_left() {
        assert_eq!(UploadState::Sending { broken: 0, sent: 999 }.percent(1000), 99);
        assert_eq!(UploadState::Sending { broken: 0, sent: 0 }.percent(0), 0);
        assert_eq!(UploadState::Sending { broken: 0, sent: u64::MAX }.percent(u64::MAX), 99);
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
    fn an_answer_that_got_lost_is_not_sent_again_by_itself() {
        let state = PROCESSING.ended(Outcome::Broken, 0).unwrap();
        assert_eq!(state, UploadState::Failed { reason: FailureReason::AnswerLost, retryable: true });
    }

    #[test]
    fn a_busy_server_is_given_the_time_it_asks_for() {
        let busy = Outcome::Refused(FailureReason::Problem(Problem::Unavailable { retry_after: 5 }));
        let state = PROCESSING.ended(busy, 100).unwrap();
        assert_eq!(state, UploadState::Waiting { broken: 1, not_before: 5_100 });
    }

    #[test]
    fn a_refusal_is_final_and_tells_whether_sending_again_can_help() {
        let end = |problem: Problem| {
            PROCESSING.ended(Outcome::Refused(FailureReason::Problem(problem)), 0).unwrap()
        };
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
        let state = UploadState::Sending { broken: 2, sent: 5 }.ended(Outcome::SignedOut, 7);
        assert_eq!(state, Some(UploadState::Waiting { broken: 2, not_before: 7 }));
    }

    #[test]
    fn cancelling_wins_over_what_comes_later_unless_it_is_stored() {
        let state = SENDING.cancelled().unwrap();
        assert_eq!(state.ended(Outcome::Broken, 0), None);
        assert_eq!(state.ended(Outcome::Stored(image()), 0), Some(UploadState::Done(image())));
        assert_eq!(UploadState::Done(image()).cancelled(), None);
        assert_eq!(state.retried(), Some(UploadState::NEW));
    }

    #[test]
    fn the_network_coming_back_ends_a_pause() {
        let waiting = UploadState::Waiting { broken: 1, not_before: 900 };
        assert_eq!(waiting.hurried(100), Some(UploadState::Waiting { broken: 1, not_before: 100 }));
        assert_eq!(UploadState::NEW.hurried(100), None);
        assert_eq!(SENDING.hurried(0), None);
    }
}

mod schedule {
    use super::*;

    #[test]
    fn three_at_a_time_first_come_first_served() {
        let mut states = vec![UploadState::NEW; 5];
        assert_eq!(policy::startable(&states, 0), [0, 1, 2]);
        states[0] = SENDING;
        states[1] = PROCESSING;
        states[2] = UploadState::Done(image());
        assert_eq!(policy::startable(&states, 0), [3]);
        states[3] = SENDING;
        assert!(policy::startable(&states, 0).is_empty());
    }

    #[test]
    fn what_pauses_holds_nobody_up() {
        let pausing = UploadState::Waiting { broken: 1, not_before: 500 };
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
}

mod answers {
    use super::*;

    fn refused(problem: Problem) -> Outcome {
        Outcome::Refused(FailureReason::Problem(problem))
    }

    #[test]
    fn a_stored_image_is_read_beside_members_that_only_programs_want() {
        let mut one = serde_json::to_value(image()).unwrap();
        one["links"] = serde_json::json!({ "url": "https://r.example/i" });
        let body = serde_json::json!({ "images": [one], "errors": [] }).to_string();
        assert_eq!(answer::read(201, &body), Outcome::Stored(image()));
    }

    #[test]
    fn the_reason_comes_with_its_numbers() {
        let problem = Problem::TooManyPixels { limit: 5, found: 6 };
        let body = serde_json::json!({
            "images": [],
            "errors": [{ "filename": "a.png", "code": problem.code(), "detail": "…", "limit": 5, "problem": problem }],
        });
        assert_eq!(answer::read(422, &body.to_string()), refused(problem));
    }

    #[test]
    fn problem_json_is_read_too() {
        let body = r#"{"type":"about:blank","title":"Service Unavailable","status":503,"code":"unavailable","retry_after":7,"detail":"…"}"#;
        assert_eq!(answer::read(503, body), refused(Problem::Unavailable { retry_after: 7 }));
        let body =
            r#"{"type":"about:blank","title":"Unauthorized","status":401,"code":"signed-out","detail":"…"}"#;
        assert_eq!(answer::read(401, body), Outcome::SignedOut);
    }

    #[test]
    fn what_is_not_reflects_answer_is_judged_by_its_status() {
        let page = "<html><h1>413 Request Entity Too Large</h1><hr>nginx</html>";
        assert_eq!(answer::read(413, page), Outcome::Refused(FailureReason::TooLargeForProxy));
        assert_eq!(answer::read(502, page), Outcome::Refused(FailureReason::AnswerLost));
        assert_eq!(answer::read(503, page), refused(Problem::Unavailable { retry_after: 1 }));
        assert_eq!(answer::read(401, page), Outcome::SignedOut);
        assert_eq!(answer::read(200, page), refused(Problem::Internal));
        assert_eq!(answer::read(201, r#"{"images":[],"errors":[]}"#), refused(Problem::Internal));
        assert_eq!(answer::read(0, ""), Outcome::Broken);
    }
}

mod sums {
    use super::*;

    #[test]
    fn changes_add_up_to_what_counting_anew_gives() {
        let states = [
            UploadState::NEW,
            UploadState::Sending { broken: 0, sent: 40 },
            PROCESSING,
            UploadState::Done(image()),
            failed(Problem::BrokenImage),
            failed(Problem::Offline),
            UploadState::Cancelled,
        ];
        for from in &states {
            for to in &states {
                let mut tally = Tally::default();
                tally.add(from, 100);
                tally.remove(from, 100);
                tally.add(to, 100);
                let mut anew = Tally::default();
                anew.add(to, 100);
                assert_eq!(tally, anew, "{from:?} to {to:?}");
            }
        }
        let mut all = Tally::default();
        states.iter().for_each(|state| all.add(state, 100));
        assert_eq!((all.files(), all.open(), all.retryable), (7, 3, 1));
        assert_eq!((all.bytes, all.sent, all.percent()), (400, 240, 60));
    }

    #[test]
    fn speed_follows_the_network_smoothly_and_starts_anew_after_a_rest() {
        let mut meter = Meter::default();
        meter.tick(0);
        assert_eq!(meter.rate(), None);
        meter.moved(1_000_000);
        meter.tick(100);
        assert_eq!(meter.rate(), None, "too early to tell");
        meter.tick(1_000);
        assert_eq!(meter.rate(), Some(1_000_000));
        meter.moved(0);
        meter.tick(2_000);
        let slower = meter.rate().unwrap();
        assert!((700_000..800_000).contains(&slower), "{slower}");
        assert_eq!(meter.time_left(slower * 7), Some(TimeLeft::Seconds(10)));
        meter.stop();
        meter.tick(60_000);
        assert_eq!(meter.rate(), None);
    }

    #[test]
    fn no_speed_means_no_time_left() {
        let mut meter = Meter::default();
        meter.tick(0);
        meter.tick(5_000);
        assert_eq!(meter.time_left(1), None);
    }

    #[test]
    fn time_left_is_rounded_up_to_what_can_be_read() {
        for (seconds, shown) in [
            (0, TimeLeft::Seconds(5)),
            (5, TimeLeft::Seconds(5)),
            (6, TimeLeft::Seconds(10)),
            (55, TimeLeft::Seconds(55)),
            (56, TimeLeft::Minutes(1)),
            (61, TimeLeft::Minutes(2)),
            (3540, TimeLeft::Minutes(59)),
            (3541, TimeLeft::Hours(1)),
            (7201, TimeLeft::Hours(3)),
        ] {
            assert_eq!(TimeLeft::from_seconds(seconds), shown, "{seconds}");
        }
    }
}

mod drawing {
    use super::*;

    #[test]
    fn a_short_list_is_drawn_whole() {
        assert_eq!(rows::visible(&[Kind::Done, Kind::Failed], 2), [0, 1]);
        assert!(rows::visible(&[], 100).is_empty());
    }

    #[test]
    fn in_a_long_list_the_settled_make_way_and_the_order_stays() {
        let kinds = [Kind::Done, Kind::Waiting, Kind::Cancelled, Kind::Active, Kind::Done, Kind::Failed];
        assert_eq!(rows::visible(&kinds, 3), [1, 3, 5]);
        assert_eq!(rows::visible(&kinds, 4), [0, 1, 3, 5]);
        assert_eq!(rows::visible(&[Kind::Waiting; 1000], 100).len(), 100);
    }
}

mod naming {
    use super::*;

    #[test]
    fn pasted_pictures_are_named_by_their_moment() {
        let at = [2026, 3, 9, 7, 5, 1];
        assert_eq!(names::pasted(at, 0, "image/png"), "pasted-2026-03-09-070501.png");
        assert_eq!(names::pasted(at, 1, "image/jpeg"), "pasted-2026-03-09-070501-2.jpg");
        assert_eq!(names::pasted(at, 0, "image/../x"), "pasted-2026-03-09-070501.png");
        assert_eq!(names::pasted(at, 0, ""), "pasted-2026-03-09-070501.png");
    }

    #[test]
    fn only_names_without_meaning_are_replaced_or_left_out() {
        assert!(names::is_made_up("image.png") && names::is_made_up(""));
        assert!(!names::is_made_up("holiday.png"));
        assert!(names::is_litter(".DS_Store") && names::is_litter("Thumbs.db"));
        assert!(!names::is_litter("photo.jpg"));
    }
}

mod queue {
    use super::*;

    fn with_queue(test: impl FnOnce(UploadQueue)) {
        let owner = Owner::new();
        owner.with(|| test(UploadQueue::new()));
    }

    fn files(sizes: &[u64]) -> Vec<(String, u64)> {
        sizes.iter().enumerate().map(|(i, size)| (format!("{i}.png"), *size)).collect()
    }

    #[test]
    fn nothing_starts_before_somebody_is_signed_in() {
        with_queue(|queue| {
            let ids = queue.push(files(&[1, 2, 3, 4]));
            assert!(queue.startable(0).is_empty());
            queue.signed_in.set(true);
            assert_eq!(queue.startable(0), ids[..3]);
        });
    }

    #[test]
    fn one_bad_file_fails_alone() {
        with_queue(|queue| {
            queue.signed_in.set(true);
            queue.max_upload.set(Some(ByteSize(10)));
            let ids = queue.push(files(&[5, 11, 0, 10]));
            assert_eq!(queue.of_kind(Kind::Failed), [ids[1], ids[2]]);
            assert_eq!(queue.startable(0), [ids[0], ids[3]]);
            let tally = queue.totals.get_untracked().tally;
            assert_eq!((tally.waiting, tally.failed, tally.bytes), (2, 2, 15));
        });
    }

    #[test]
    fn what_is_stored_is_told_newest_first_and_listed_in_order() {
        with_queue(|queue| {
            let ids = queue.push(files(&[5, 5]));
            for (id, name) in ids.iter().rev().zip(["second", "first"]) {
                let stored = Image { filename: name.into(), ..image() };
                assert!(queue.change(*id, UploadState::started));
                assert!(queue.change(*id, |state| state.ended(Outcome::Stored(stored), 0)));
            }
            let names = |images: Vec<Image>| images.into_iter().map(|i| i.filename).collect::<Vec<_>>();
            assert_eq!(names(queue.finished.get_untracked()), ["first", "second"]);
            assert_eq!(names(queue.stored()), ["first", "second"]);
            assert_eq!(queue.totals.get_untracked().tally.percent(), 100);
        });
    }

    #[test]
    fn only_what_is_settled_comes_off_the_list_and_numbers_are_not_given_twice() {
        with_queue(|queue| {
            let ids = queue.push(files(&[5, 5, 5]));
            queue.change(ids[1], UploadState::cancelled);
            let removed = queue.remove(|_| true);
            assert_eq!(removed.iter().map(|item| item.id).collect::<Vec<_>>(), [ids[1]]);
            assert!(queue.item(ids[1]).is_none());
            assert_eq!(queue.item(ids[2]).map(|item| item.id), Some(ids[2]));
            assert_eq!(queue.tally().files(), 2);
            let more = queue.push(files(&[5]));
            assert!(!ids.contains(&more[0]));
        });
    }

    #[test]
    fn speed_counts_bytes_that_leave_and_not_those_taken_back() {
        with_queue(|queue| {
            queue.signed_in.set(true);
            let id = queue.push(files(&[1_000]))[0];
            queue.change(id, UploadState::started);
            queue.tick(0);
            queue.change(id, |state| state.progressed(500, 1_000, 1_000));
            queue.tick(1_000);
            let totals = queue.totals.get_untracked();
            assert_eq!((totals.rate, totals.left), (Some(500), Some(TimeLeft::Seconds(5))));
            queue.change(id, |state| state.ended(Outcome::Broken, 1_000));
            assert_eq!(queue.tally().sent, 0);
            queue.tick(1_300);
            assert_eq!(queue.totals.get_untracked().rate, None, "nothing is under way");
        });
    }
}
