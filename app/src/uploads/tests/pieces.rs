use std::ops::Range;

use proptest::prelude::*;

use super::{
    super::pieces::{LARGE, PIECE, Pieces, Reply, Step, metadata},
    *,
};

const AT: &str = "/api/v1/uploads/1";
const SIZE: u64 = 2 * PIECE + 5;

fn status(status: u16) -> Reply {
    Reply { status, ..Reply::default() }
}

fn at(code: u16, offset: u64) -> Reply {
    Reply { offset: Some(offset), ..status(code) }
}

fn with(code: u16, body: &str) -> Reply {
    Reply { body: body.into(), ..status(code) }
}

fn begun() -> Reply {
    Reply { location: Some(AT.into()), ..status(201) }
}

/// A try that has begun, before its first piece.
fn sending() -> (Pieces, Step) {
    let mut pieces = Pieces::new(SIZE, None);
    let step = pieces.next(&Step::Begin, &begun());
    (pieces, step)
}

/// A try that goes on with what was begun before.
fn again() -> Pieces {
    Pieces::new(SIZE, Some(AT.into()))
}

fn broken() -> Step {
    Step::ended(Outcome::Broken)
}

#[test]
fn a_file_is_begun_sent_and_asked_for() {
    let mut pieces = Pieces::new(SIZE, None);
    assert_eq!(pieces.first(), Step::Begin);
    let mut step = pieces.next(&Step::Begin, &begun());
    assert_eq!(pieces.address(), Some(AT));
    for range in [0..PIECE, PIECE..2 * PIECE, 2 * PIECE..SIZE] {
        assert_eq!((&step, pieces.kept()), (&Step::Send(range.clone()), range.start));
        step = pieces.next(&step, &at(204, range.end));
    }
    assert_eq!(step, Step::Ask);
    let report = serde_json::json!({ "images": [serde_json::to_value(image()).unwrap()], "errors": [] });
    assert_eq!(pieces.next(&step, &with(201, &report.to_string())), Step::ended(stored(image())));
}

#[test]
fn what_is_said_of_a_file_is_encoded() {
    // RFC 4648, section 10.
    for (text, encoded) in [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("foobar", "Zm9vYmFy"),
    ] {
        assert_eq!(metadata(text, &[]), format!("filename {encoded}"));
    }
    let fields = [("visibility", "private".to_owned()), ("expires_in", "3600".to_owned())];
    assert_eq!(
        metadata("猫?>.png", &fields),
        "filename 54yrPz4ucG5n,visibility cHJpdmF0ZQ==,expires_in MzYwMA=="
    );
}

#[test]
fn the_next_try_goes_on_where_the_server_is() {
    let (mut pieces, first) = sending();
    let second = pieces.next(&first, &at(204, PIECE));
    assert_eq!(pieces.next(&second, &status(0)), broken());
    let mut pieces = again();
    assert_eq!(pieces.first(), Step::Look);
    assert_eq!(pieces.next(&Step::Look, &at(200, PIECE + 3)), Step::Send(PIECE + 3..2 * PIECE + 3));
    assert_eq!(pieces.kept(), PIECE + 3);
    // All of it was there already.
    assert_eq!(again().next(&Step::Look, &at(200, SIZE)), Step::Ask);
}

#[test]
fn what_a_gateway_lost_is_tried_again() {
    for code in [0, 502, 504] {
        let (mut pieces, step) = sending();
        assert_eq!(pieces.next(&step, &status(code)), broken());
        assert_eq!(again().next(&Step::Look, &status(code)), broken());
        assert_eq!(Pieces::new(SIZE, None).next(&Step::Begin, &status(code)), broken());
    }
    let cut = with(400, r#"{"code":"upload-interrupted","status":400}"#);
    for reply in [cut, status(408)] {
        let (mut pieces, step) = sending();
        assert_eq!(pieces.next(&step, &reply), broken());
    }
    // All has left: what became of it is not known.
    assert_eq!(again().next(&Step::Ask, &status(0)), broken());
    let lost = Step::ended(Outcome::Refused(FailureReason::AnswerLost));
    assert_eq!(again().next(&Step::Ask, &status(502)), lost);
}

#[test]
fn who_is_at_another_place_is_asked_for_it_but_not_for_ever() {
    let (mut pieces, step) = sending();
    assert_eq!(pieces.next(&step, &at(409, 9)), Step::Look);
    let step = pieces.next(&Step::Look, &at(200, 9));
    assert_eq!(step, Step::Send(9..9 + PIECE));
    for _ in 0..3 {
        assert_eq!(pieces.next(&step, &status(409)), Step::Look);
        assert_eq!(pieces.next(&Step::Look, &at(200, 9)), step);
    }
    assert_eq!(pieces.next(&step, &status(409)), broken());
    // The same of what is taken and doesn't grow.
    let (mut pieces, step) = sending();
    for _ in 0..3 {
        assert_eq!(pieces.next(&step, &at(204, 0)), Step::Look);
        assert_eq!(pieces.next(&Step::Look, &at(200, 0)), step);
    }
    assert_eq!(pieces.next(&step, &at(204, 0)), broken());
}

#[test]
fn what_was_forgotten_is_begun_anew_once() {
    for step in [Step::Look, Step::Send(0..PIECE), Step::Ask] {
        let mut pieces = again();
        assert_eq!(pieces.next(&step, &status(404)), Step::Begin);
        assert_eq!(pieces.address(), None);
        assert!(matches!(pieces.next(&Step::Begin, &begun()), Step::Send(Range { start: 0, .. })));
        let gone = pieces.next(&Step::Send(0..PIECE), &with(404, r#"{"code":"not-found","status":404}"#));
        assert_eq!(gone, broken(), "another server doesn't know it yet");
    }
}

#[test]
fn what_can_t_go_in_pieces_goes_whole() {
    let many =
        with(429, r#"{"title":"Too Many Requests","status":429,"code":"too-many-uploads","detail":"…"}"#);
    assert_eq!(Pieces::new(SIZE, None).next(&Step::Begin, &many), Step::SendWhole);
    for code in [405, 501] {
        assert_eq!(Pieces::new(SIZE, None).next(&Step::Begin, &status(code)), Step::SendWhole);
        assert_eq!(again().next(&Step::Send(0..PIECE), &status(code)), Step::SendWhole);
    }
    assert_eq!(Pieces::new(SIZE, None).next(&Step::Begin, &status(404)), Step::SendWhole);
    // Answers of something that isn't reflect.
    assert_eq!(Pieces::new(SIZE, None).next(&Step::Begin, &status(201)), Step::SendWhole);
    assert_eq!(again().next(&Step::Look, &status(200)), Step::SendWhole);
    assert_eq!(again().next(&Step::Look, &at(200, SIZE + 1)), Step::SendWhole);
}

#[test]
fn refusals_are_those_of_any_file() {
    let full = r#"{"code":"quota-exceeded","status":413,"used":1,"quota":2,"needed":3}"#;
    let problem = Problem::QuotaExceeded { used: ByteSize(1), quota: ByteSize(2), needed: ByteSize(3) };
    let refused = Step::ended(Outcome::Refused(FailureReason::Problem(problem)));
    assert_eq!(again().next(&Step::Begin, &with(413, full)), Step::SendWhole, "it may need less than it has");
    for step in [Step::Send(0..PIECE), Step::Ask] {
        assert_eq!(again().next(&step, &with(413, full)), refused);
    }
    let often = r#"{"code":"too-many-attempts","status":429,"retry_after":9}"#;
    let problem = Problem::TooManyAttempts { retry_after: 9 };
    let refused = Step::ended(Outcome::Refused(FailureReason::Problem(problem)));
    assert_eq!(again().next(&Step::Begin, &with(429, often)), refused);
    // Without a body it is asked for by a request that has one.
    for code in [413, 422, 423, 500] {
        assert_eq!(again().next(&Step::Look, &status(code)), Step::Ask);
    }
    for step in [Step::Begin, Step::Look, Step::Send(0..PIECE), Step::Ask] {
        assert_eq!(again().next(&step, &status(401)), Step::ended(Outcome::SignedOut));
    }
}

#[test]
fn whoever_is_about_it_is_waited_for() {
    let busy = |retry_after| {
        Step::ended(Outcome::Refused(FailureReason::Problem(Problem::Unavailable { retry_after })))
    };
    let under_way = with(423, r#"{"code":"upload-under-way","status":423,"retry_after":30}"#);
    for step in [Step::Send(0..PIECE), Step::Ask] {
        assert_eq!(again().next(&step, &under_way), busy(30));
    }
    assert_eq!(again().next(&Step::Look, &status(503)), busy(1));
}

/// A server that keeps what it gets, over a line that breaks.
#[derive(Default)]
struct Server {
    has: Vec<u8>,
    is_begun: bool,
}

impl Server {
    /// Answers, unless so much of what is sent has come.
    fn answer(&mut self, step: &Step, file: &[u8], breaks: Option<u64>) -> Reply {
        let reply = match step {
            Step::Begin => {
                (self.has, self.is_begun) = (Vec::new(), true);
                begun()
            }
            Step::Look => at(200, self.has.len() as u64),
            Step::Send(range) => {
                assert_eq!(range.start, self.has.len() as u64, "what is there isn't sent again");
                let end = breaks.map_or(range.end, |after| range.end.min(range.start + after));
                self.has.extend(&file[range.start as usize..end as usize]);
                at(204, self.has.len() as u64)
            }
            Step::Ask => with(201, &serde_json::json!({ "images": [image()] }).to_string()),
            Step::SendWhole | Step::End(_) => unreachable!("{step:?}"),
        };
        if breaks.is_some() { status(0) } else { reply }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_breaks_all_of_it_comes_and_nothing_twice(
        over in 1..PIECE,
        breaks in prop::collection::vec(prop::option::of(0..=PIECE), 0..20),
    ) {
        let size = LARGE + over;
        let mut file = (0..251).collect::<Vec<u8>>().repeat(size as usize / 251 + 1);
        file.truncate(size as usize);
        let mut breaks = breaks.into_iter();
        let mut server = Server::default();
        let mut address = None;
        let outcome = loop {
            let mut pieces = Pieces::new(size, address);
            let mut step = pieces.first();
            let outcome = loop {
                if let Step::End(outcome) = step {
                    break *outcome;
                }
                let reply = server.answer(&step, &file, breaks.next().flatten());
                step = pieces.next(&step, &reply);
            };
            if outcome != Outcome::Broken {
                break outcome;
            }
            address = pieces.address().map(str::to_owned);
        };
        prop_assert_eq!(outcome, stored(image()));
        prop_assert!(server.is_begun && server.has == file);
    }
}
