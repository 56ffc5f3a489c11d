use super::*;

fn refused(problem: Problem) -> Outcome {
    Outcome::Refused(FailureReason::Problem(problem))
}

#[test]
fn a_stored_image_is_read_beside_members_that_only_programs_want() {
    let mut one = serde_json::to_value(image()).unwrap();
    one["links"] = serde_json::json!({ "url": "https://r.example/i" });
    let body = serde_json::json!({ "images": [one], "errors": [] }).to_string();
    assert_eq!(answer::read(201, &body), stored(image()));
    one["existing"] = true.into();
    one["similar"] = serde_json::json!([image()]);
    let body = serde_json::json!({ "images": [one], "errors": [] }).to_string();
    assert_eq!(
        answer::read(200, &body),
        Outcome::Stored(Taken { existing: true, similar: vec![image()], ..taken(image()) })
    );
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
fn what_is_wrong_with_an_address_is_told_apart() {
    for problem in AddressProblem::ALL {
        let failure = serde_json::json!({ "filename": "https://x.example", "code": problem.code(), "problem": problem });
        let body =
            serde_json::json!({ "code": problem.code(), "images": [], "errors": [failure] }).to_string();
        let reason = FailureReason::Address(problem);
        assert_eq!(answer::read(problem.status(), &body), Outcome::Refused(reason));
    }
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
fn a_try_that_is_under_way_is_waited_for() {
    let body = r#"{"title":"Conflict","status":409,"code":"upload-under-way","retry_after":7,"detail":"…"}"#;
    assert_eq!(answer::read(409, body), refused(Problem::Unavailable { retry_after: 7 }));
    assert_eq!(answer::read(409, "<html>"), refused(Problem::Internal));
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

#[test]
fn what_a_link_for_guests_says_is_a_reason_of_its_own() {
    for problem in GuestProblem::ALL {
        let refused = Outcome::Refused(FailureReason::Guest(problem));
        let alone = serde_json::json!({ "title": "x", "status": problem.status(), "code": problem.code() });
        assert_eq!(answer::read(problem.status(), &alone.to_string()), refused);
        let listed =
            serde_json::json!({ "images": [], "errors": [{ "filename": "a.png", "problem": problem }] });
        assert_eq!(answer::read(problem.status(), &listed.to_string()), refused);
        let may_help = problem == GuestProblem::GuestSpaceUsedUp;
        assert_eq!(policy::may_help(&FailureReason::Guest(problem)), may_help, "{problem:?}");
    }
}
