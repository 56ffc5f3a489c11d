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
        let ids = queue.push(files(&[1, 2, 3, 4]), &NOTHING);
        assert!(queue.startable(0).is_empty());
        queue.signed_in.set(true);
        assert_eq!(queue.startable(0), ids[..3]);
    });
}

#[test]
fn what_is_left_of_another_person_is_given_up() {
    with_queue(|queue| {
        let (ada, grace) = (user('a'), user('b'));
        let ids = queue.push(files(&[5, 5, 5]), &NOTHING);
        queue.signed_in_as(Some(ada));
        for id in &ids[..2] {
            assert!(queue.change(*id, UploadState::started));
        }
        assert!(queue.change(ids[0], |state| state.ended(stored(image()), 0)));
        queue.signed_in_as(None);
        queue.signed_in_as(Some(ada));
        assert_eq!(queue.startable(0), [ids[2]], "a session that ended is gone on with");
        assert_eq!(queue.finished.get_untracked().len(), 1);
        queue.signed_in_as(None);
        assert_eq!(queue.abandoned.get_untracked(), 0);
        queue.signed_in_as(Some(grace));
        assert_eq!(queue.abandoned.get_untracked(), 1);
        assert_eq!(queue.abandon().len(), 3);
        assert!(queue.startable(0).is_empty());
        assert!(queue.of_kind(Kind::Active).is_empty());
        assert!(queue.finished.get_untracked().is_empty());
        assert!(queue.items.get_untracked().is_empty());
        assert!(!queue.change(ids[1], |state| state.ended(stored(image()), 0)), "too late");
        assert!(queue.finished.get_untracked().is_empty());
    });
}

#[test]
fn what_is_chosen_after_somebody_left_waits_for_whoever_comes() {
    with_queue(|queue| {
        queue.signed_in_as(Some(user('a')));
        queue.leave();
        queue.signed_in_as(None);
        let ids = queue.push(files(&[5]), &NOTHING);
        queue.signed_in_as(Some(user('b')));
        assert_eq!(queue.abandoned.get_untracked(), 1);
        assert_eq!(queue.startable(0), ids);
    });
}

#[test]
fn what_a_guest_sends_needs_nobody_to_sign_in_and_is_no_upload_of_whoever_does() {
    with_queue(|queue| {
        let own = queue.push(files(&[1]), &NOTHING);
        let by_link = UploadOptions { guest: Some("secret".into()), ..NOTHING };
        let sent = queue.push(files(&[2, 3]), &by_link);
        assert_eq!(queue.startable(0), sent, "wherever they are by now");
        assert!(queue.needs_sign_in() && queue.goes_on());
        for id in &sent {
            assert!(queue.change(*id, UploadState::started));
            assert!(queue.change(*id, |state| state.ended(stored(image()), 0)));
        }
        assert!(!queue.goes_on());
        assert!(queue.finished.get_untracked().is_empty());
        assert_eq!(queue.sent_by("secret"), [image()]);
        queue.signed_in.set(true);
        assert!(!queue.needs_sign_in());
        assert_eq!(queue.startable(0), own);
    });
}

#[test]
fn one_bad_file_fails_alone() {
    with_queue(|queue| {
        queue.signed_in.set(true);
        queue.max_upload.set(Some(ByteSize(10)));
        let ids = queue.push(files(&[5, 11, 0, 10]), &NOTHING);
        assert_eq!(queue.of_kind(Kind::Failed), [ids[1], ids[2]]);
        assert_eq!(queue.startable(0), [ids[0], ids[3]]);
        let tally = queue.totals.get_untracked().tally;
        assert_eq!((tally.waiting, tally.failed, tally.bytes), (2, 2, 15));
    });
}

#[test]
fn what_is_stored_is_told_newest_first_and_listed_in_order() {
    with_queue(|queue| {
        let ids = queue.push(files(&[5, 5]), &NOTHING);
        for (id, (name, key)) in ids.iter().rev().zip([("second", '2'), ("first", '1')]) {
            let key = format!("00000000-0000-7000-8000-00000000000{key}").parse().unwrap();
            let new = Image { id: key, filename: name.into(), ..image() };
            assert!(queue.change(*id, UploadState::started));
            assert!(queue.change(*id, |state| state.ended(stored(new), 0)));
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
        let ids = queue.push(files(&[5, 5, 5]), &NOTHING);
        queue.change(ids[1], UploadState::cancelled);
        let removed = queue.remove(|_| true);
        assert_eq!(removed.iter().map(|item| item.id).collect::<Vec<_>>(), [ids[1]]);
        assert!(queue.item(ids[1]).is_none());
        assert_eq!(queue.item(ids[2]).map(|item| item.id), Some(ids[2]));
        assert_eq!(queue.tally().files(), 2);
        let more = queue.push(files(&[5]), &NOTHING);
        assert!(!ids.contains(&more[0]));
    });
}

#[test]
fn speed_counts_bytes_that_leave_and_not_those_taken_back() {
    with_queue(|queue| {
        queue.signed_in.set(true);
        let id = queue.push(files(&[1_000]), &NOTHING)[0];
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

#[test]
fn what_was_stored_before_and_what_is_deleted_is_not_told_twice() {
    with_queue(|queue| {
        for id in queue.push(files(&[5, 5]), &NOTHING) {
            assert!(queue.change(id, UploadState::started));
            assert!(queue.change(id, |state| state.ended(stored(image()), 0)));
        }
        assert_eq!(queue.finished.get_untracked(), [image()]);
        queue.forget(&[image().id].into());
        assert_eq!(queue.finished.get_untracked(), []);
    });
}

#[test]
fn what_is_fetched_has_no_size_to_refuse() {
    let owner = Owner::new();
    owner.set();
    let queue = UploadQueue::new();
    queue.max_upload.set(Some(ByteSize(10)));
    queue.signed_in.set(true);
    let ids = queue.push_fetched(["a.png".to_owned()], &NOTHING);
    assert!(queue.item(ids[0]).unwrap().is_fetched);
    assert_eq!(queue.startable(0), ids);
    queue.change(ids[0], UploadState::started);
    queue.change(ids[0], |state| state.progressed(9, 9, 0));
    queue.change(ids[0], |state| state.ended(stored(image()), 0));
    assert_eq!(queue.stored().len(), 1);
}
