//! Out of the outbox.

use futures::future::join_all;

use super::*;
use crate::{
    keys::Keyring,
    mail::outbox::{Channel, Delivery, deliver_next, deliver_now, next_due},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn many_senders_send_each_mail_once(pool: PgPool) {
    let (core, _) = at(pool);
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(queue(&core, &welcome()).await);
    }
    let inbox = Inbox::default();
    join_all((0..8).map(|_| send_all(&core, &inbox))).await;
    let mut seen = inbox.ids();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((inbox.len(), seen.len()), (20, 20));
    for id in ids {
        let entry = entry(&core, id).await;
        assert_eq!((entry.state, entry.tries), (MailState::Sent, 1));
        assert!(entry.finished_at.is_some() && entry.next_at.is_none() && entry.last_error.is_none());
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_refused_mail_is_given_up_at_once_and_its_reason_kept(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    let inbox = Inbox::refusing(Refusal::permanent("550 no such\r\nmailbox"));
    let failed = Delivery::Failed { reason: "550 no such mailbox".into() };
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), Some(failed));
    let kept = entry(&core, id).await;
    assert_eq!((kept.state, kept.tries), (MailState::Failed, 1));
    assert_eq!(kept.last_error.as_deref(), Some("550 no such mailbox"));
    assert!(kept.can_retry);
    inbox.accept();
    clock.advance(Duration::days(3));
    send_all(&core, &inbox).await;
    assert_eq!(inbox.len(), 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mail_that_is_not_taken_now_is_tried_later(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    let inbox = Inbox::refusing(Refusal::transient("451 try later"));
    let Some(Delivery::Postponed { next_at, .. }) = deliver_next(&core, &inbox).await.unwrap() else {
        panic!("not postponed");
    };
    let wait = next_at - NOW;
    assert!(Duration::seconds(5) <= wait && wait <= Duration::seconds(10), "{wait}");
    let queued = entry(&core, id).await;
    assert_eq!((queued.state, queued.last_error.as_deref()), (MailState::Queued, Some("451 try later")));
    assert!(!queued.can_retry);
    assert!(
        (next_due(&core, Channel::Mail).await.unwrap().unwrap() - next_at).abs() < Duration::microseconds(2)
    );

    inbox.accept();
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), None, "before its time");
    clock.advance(Duration::seconds(10));
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), Some(Delivery::Sent));
    assert_eq!(entry(&core, id).await.tries, 2);
    assert_eq!(next_due(&core, Channel::Mail).await.unwrap(), None);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_pause_is_as_long_as_is_drawn_from_half_of_it_to_all(pool: PgPool) {
    let (core, clock) = at(pool);
    queue(&core, &welcome()).await;
    let inbox = Inbox::refusing(Refusal::transient("451 try later"));
    for (drawn, seconds) in [(0, 10), (0xff, 10), (0, 40), (0xff, 40)] {
        let core = Core { random: testing::filling([drawn]), ..core.clone() };
        let Some(Delivery::Postponed { next_at, .. }) = deliver_next(&core, &inbox).await.unwrap() else {
            panic!("not postponed");
        };
        assert_eq!(next_at - core.now(), Duration::seconds(seconds), "{drawn}");
        clock.advance(Duration::seconds(seconds));
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn after_two_days_a_mail_is_given_up(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    let inbox = Inbox::refusing(Refusal::transient("connection refused"));
    let mut tries = 0;
    while state(&core, id).await == MailState::Queued {
        assert!(deliver_next(&core, &inbox).await.unwrap().is_some());
        tries += 1;
        assert!(tries < 64);
        clock.advance(
            next_due(&core, Channel::Mail)
                .await
                .unwrap()
                .map_or(Duration::ZERO, |due| due - core.now() + Duration::MICROSECOND),
        );
    }
    assert!(
        core.now() - NOW > Duration::hours(40) && core.now() - NOW <= Duration::hours(48),
        "{}",
        core.now()
    );
    let kept = entry(&core, id).await;
    assert_eq!((kept.state, kept.last_error.as_deref()), (MailState::Failed, Some("connection refused")));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_sender_that_dies_is_taken_over_with_the_same_message_id(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    let inbox = Inbox::default();
    // It sends, and dies before it can say so.
    let dying = Dying(&inbox);
    let died = tokio::time::timeout(std::time::Duration::from_millis(500), deliver_next(&core, &dying)).await;
    assert!(died.is_err());
    assert_eq!((inbox.len(), state(&core, id).await), (1, MailState::Sending));

    clock.advance(lease() - Duration::SECOND);
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), None, "the other may still be sending");
    clock.advance(Duration::SECOND);
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), Some(Delivery::Sent));
    let ids = inbox.ids();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert_eq!(ids[0], format!("{}@pictures.example", id.0));
    assert_eq!(entry(&core, id).await.tries, 2);
}

/// Takes a message and never comes back.
struct Dying<'a>(&'a Inbox);

impl Transport for Dying<'_> {
    async fn send(&self, message: Message) -> Result<(), Refusal> {
        self.0.send(message).await?;
        std::future::pending().await
    }
}

/// Is slower than its lease: another sender has the mail meanwhile.
struct Overtaken<'a> {
    core: &'a Core,
    clock: &'a ManualClock,
    other: &'a Inbox,
}

impl Transport for Overtaken<'_> {
    async fn send(&self, _: Message) -> Result<(), Refusal> {
        self.clock.advance(lease());
        assert_eq!(deliver_next(self.core, self.other).await.unwrap(), Some(Delivery::Sent));
        Err(Refusal::permanent("timed out"))
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_sender_that_comes_too_late_changes_nothing(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    let other = Inbox::default();
    let late = Overtaken { core: &core, clock: &clock, other: &other };
    deliver_next(&core, &late).await.unwrap();
    let kept = entry(&core, id).await;
    assert_eq!((kept.state, kept.last_error), (MailState::Sent, None));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_link_that_lapsed_is_not_sent_and_not_kept(pool: PgPool) {
    let (core, clock) = at(pool);
    let lapsed = queue(&core, &reset_link(&core)).await;
    let notice = queue(&core, &welcome()).await;
    let inbox = Inbox::default();
    // Nothing ran for three days.
    clock.advance(Duration::days(3));
    send_all(&core, &inbox).await;
    assert_eq!(inbox.len(), 1);
    assert_eq!(state(&core, notice).await, MailState::Sent, "what doesn't lapse has its try");
    let failed = entry(&core, lapsed).await;
    assert_eq!((failed.state, failed.can_retry), (MailState::Failed, false));
    assert!(failed.last_error.unwrap().contains("lapsed"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_was_sealed_with_a_lost_key_is_given_up_and_says_so(pool: PgPool) {
    let (mut core, _) = at(pool);
    let id = queue(&core, &welcome()).await;
    core.keys = Arc::new(Keyring::from_secret([8; 32]));
    send_all(&core, &Inbox::default()).await;
    let failed = entry(&core, id).await;
    assert_eq!(failed.state, MailState::Failed);
    assert!(failed.last_error.unwrap().contains("key"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_address_that_mail_cannot_go_to_is_given_up_and_says_so(pool: PgPool) {
    let (core, _) = at(pool);
    let to = Recipient { address: "a<b>@mail.example".parse().unwrap(), ..ada() };
    let mut connection = core.pool.acquire().await.unwrap();
    let id = enqueue(&mut connection, &core, &to, &welcome()).await.unwrap().unwrap();
    let inbox = Inbox::default();
    send_all(&core, &inbox).await;
    assert_eq!(inbox.len(), 0);
    assert!(entry(&core, id).await.last_error.unwrap().contains("address"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_mail_can_be_sent_by_oneself_while_others_empty_the_outbox(pool: PgPool) {
    let (core, _) = at(pool);
    let (ours, theirs) = (Inbox::default(), Inbox::default());
    // They look while we send.
    let busy = Busy { core: &core, ours: &ours, theirs: &theirs };
    assert_eq!(deliver_now(&core, &busy, &ada(), &Mail::Test).await.unwrap(), Some(Delivery::Sent));
    assert_eq!((ours.len(), theirs.len()), (1, 0));
    let off = testing::core(core.pool.clone());
    assert_eq!(deliver_now(&off, &ours, &ada(), &Mail::Test).await.unwrap(), None);
}

struct Busy<'a> {
    core: &'a Core,
    ours: &'a Inbox,
    theirs: &'a Inbox,
}

impl Transport for Busy<'_> {
    async fn send(&self, message: Message) -> Result<(), Refusal> {
        send_all(self.core, self.theirs).await;
        self.ours.send(message).await
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_test_that_fails_is_not_tried_again(pool: PgPool) {
    let (core, _) = at(pool);
    let inbox = Inbox::refusing(Refusal::transient("451 try later"));
    let failed = Delivery::Failed { reason: "451 try later".into() };
    assert_eq!(deliver_now(&core, &inbox, &ada(), &Mail::Test).await.unwrap(), Some(failed));
    assert_eq!(next_due(&core, Channel::Mail).await.unwrap(), None);
}
