//! The outbox as administration sees it.

use model::{
    Problem,
    types::{MailKind, OutboxCounts},
};

use super::*;
use crate::audit::By;
use crate::mail::{
    MailError,
    outbox::{Filter, counts, list, retry, sweep},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn pages_are_newest_first_and_filtered(pool: PgPool) {
    let (core, clock) = at(pool);
    let mut ids = Vec::new();
    for n in 0..5 {
        clock.advance(Duration::SECOND);
        ids.push(queue(&core, &if n % 2 == 0 { welcome() } else { Mail::Test }).await);
    }
    ids.reverse();
    let mut seen = Vec::new();
    let mut cursor = None;
    loop {
        let page = list(&core, Filter::default(), 2, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= 2);
        seen.extend(page.items.into_iter().map(|entry| entry.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen, ids);

    outbox::deliver_next(&core, &Inbox::default()).await.unwrap();
    let tests = Filter { kind: Some(MailKind::Test), state: None };
    assert_eq!(list(&core, tests, 50, None).await.unwrap().items.len(), 2);
    let sent = Filter { state: Some(MailState::Sent), kind: None };
    let sent = list(&core, sent, 50, None).await.unwrap().items;
    assert_eq!((sent.len(), sent[0].id, sent[0].to.as_str()), (1, ids[4], "ada@mail.example"));
    assert_eq!(counts(&core).await.unwrap(), OutboxCounts { queued: 4, sent: 1, ..OutboxCounts::default() });
    for bad in ["", "x", "AAAA", "!"] {
        let error = list(&core, Filter::default(), 2, Some(bad)).await.unwrap_err();
        assert!(matches!(Problem::from(error), Problem::InvalidParameter { .. }), "{bad}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_failed_mail_can_be_sent_again_as_if_it_were_new(pool: PgPool) {
    let (core, clock) = at(pool);
    let id = queue(&core, &welcome()).await;
    assert!(matches!(retry(&core, By::SYSTEM, id).await, Err(MailError::NotRetryable)), "it is queued");
    let inbox = Inbox::refusing(Refusal::permanent("554 blocked"));
    send_all(&core, &inbox).await;
    clock.advance(Duration::days(5));
    retry(&core, By::SYSTEM, id).await.unwrap();
    let recorded: Vec<String> =
        sqlx::query_scalar("SELECT details->>'name' FROM audit_log WHERE action = 'mail_retried'")
            .fetch_all(&core.pool)
            .await
            .unwrap();
    assert_eq!(recorded, ["ada@mail.example"]);
    let queued = entry(&core, id).await;
    assert_eq!((queued.state, queued.tries, queued.finished_at), (MailState::Queued, 0, None));
    inbox.accept();
    send_all(&core, &inbox).await;
    assert_eq!((inbox.len(), state(&core, id).await), (1, MailState::Sent));
    assert!(matches!(retry(&core, By::SYSTEM, id).await, Err(MailError::NotRetryable)), "it is sent");
    assert!(matches!(retry(&core, By::SYSTEM, MailId(uuid::Uuid::nil())).await, Err(MailError::NotFound)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_refused_link_cannot_be_sent_again(pool: PgPool) {
    let (core, _) = at(pool);
    let id = queue(&core, &reset_link(&core)).await;
    send_all(&core, &Inbox::refusing(Refusal::permanent("550 no"))).await;
    assert!(!entry(&core, id).await.can_retry);
    assert!(matches!(retry(&core, By::SYSTEM, id).await, Err(MailError::NotRetryable)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_done_goes_after_thirty_days_and_nothing_else_does(pool: PgPool) {
    let (core, clock) = at(pool);
    let sent = queue(&core, &welcome()).await;
    send_all(&core, &Inbox::default()).await;
    let failed = queue(&core, &welcome()).await;
    send_all(&core, &Inbox::refusing(Refusal::permanent("550 no"))).await;
    let queued = queue(&core, &welcome()).await;
    clock.advance(Duration::days(30) - Duration::SECOND);
    assert_eq!(sweep(&core.pool, core.now()).await.unwrap(), 0);
    clock.advance(Duration::SECOND);
    assert_eq!(sweep(&core.pool, core.now()).await.unwrap(), 2);
    for gone in [sent, failed] {
        assert_eq!(outbox::entry(&core, gone).await.unwrap(), None);
    }
    assert_eq!(outbox::entry(&core, queued).await.unwrap().map(|mail| mail.can_retry), Some(true));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_nobody_carries_is_given_up_and_its_links_are_gone(pool: PgPool) {
    let (core, clock) = at(pool);
    let (mail, link) = (queue(&core, &welcome()).await, queue(&core, &reset_link(&core)).await);
    clock.advance(Duration::hours(6));
    sweep(&core.pool, core.now()).await.unwrap();
    assert_eq!([state(&core, mail).await, state(&core, link).await], [MailState::Queued, MailState::Failed]);
    clock.advance(Duration::days(2));
    sweep(&core.pool, core.now()).await.unwrap();
    assert_eq!(state(&core, mail).await, MailState::Failed);
    assert_eq!([entry(&core, mail).await.can_retry, entry(&core, link).await.can_retry], [true, false]);
    let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM mail_outbox WHERE sealed IS NOT NULL")
        .fetch_one(&core.pool)
        .await
        .unwrap();
    assert_eq!(kept, 1);
}
