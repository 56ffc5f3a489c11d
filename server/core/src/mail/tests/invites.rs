//! An invite that is mailed goes out for as long as it is good, and no longer.

use model::types::{InviteId, InviteTerms, Within};

use super::*;
use crate::{
    admin::{self, Change},
    audit::By,
    auth::{Client, enrolment},
    mail::outbox::{Delivery, deliver_next},
};

/// An invite to ada, by `by`, that is good for so many days; its key and the mail's.
async fn invite(core: &Core, by: By<'_>, days: u32) -> (InviteId, MailId) {
    let mail_to = Some(ada().address);
    let terms = InviteTerms { note: None, quota: None, days: Within::nearest(days), mail_to };
    let (invite, _) = enrolment::invite(core, by, &terms, Language::English).await.unwrap();
    let mail = sqlx::query_scalar("SELECT id FROM mail_outbox ORDER BY created_at DESC, id DESC LIMIT 1");
    (invite, MailId(mail.fetch_one(&core.pool).await.unwrap()))
}

async fn gives_up_after(core: &Core, mail: MailId) -> Duration {
    let until: OffsetDateTime = sqlx::query_scalar("SELECT gives_up_at FROM mail_outbox WHERE id = $1")
        .bind(mail.0)
        .fetch_one(&core.pool)
        .await
        .unwrap();
    until - core.now()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_given_up_with_the_invite_or_after_two_days(pool: PgPool) {
    let (core, clock) = at(pool);
    let (_, short) = invite(&core, By::COMMAND_LINE, 1).await;
    assert_eq!(gives_up_after(&core, short).await, Duration::DAY);
    clock.advance(Duration::SECOND);
    let (_, long) = invite(&core, By::COMMAND_LINE, 7).await;
    assert_eq!(gives_up_after(&core, long).await, Duration::days(2));
    clock.advance(Duration::DAY);
    let inbox = Inbox::default();
    assert!(matches!(deliver_next(&core, &inbox).await.unwrap(), Some(Delivery::Failed { .. })));
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), Some(Delivery::Sent));
    let lapsed = entry(&core, short).await;
    assert_eq!((lapsed.state, lapsed.can_retry), (MailState::Failed, false));
    assert_eq!((state(&core, long).await, inbox.len()), (MailState::Sent, 1));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_withdrawn_with_the_invite(pool: PgPool) {
    let (core, clock) = at(pool);
    let root = enrolment::enrol_now(&core, "root".parse().unwrap(), None, true).await.unwrap().user_id;
    enrolment::enrol_now(&core, "eve".parse().unwrap(), None, true).await.unwrap();
    let client: Client = std::net::IpAddr::from([192, 0, 2, 1]).into();
    let (revoked, first) = invite(&core, By::COMMAND_LINE, 7).await;
    clock.advance(Duration::SECOND);
    let (_, second) = invite(&core, By::administrator(root, &client), 7).await;
    assert!(enrolment::revoke_invite(&core, By::SYSTEM, revoked).await.unwrap());
    let demoted = Change { is_admin: Some(false), ..Change::default() };
    admin::change(&core, By::SYSTEM, root, demoted).await.unwrap();
    for mail in [first, second] {
        let withdrawn = entry(&core, mail).await;
        assert_eq!((withdrawn.state, withdrawn.can_retry), (MailState::Failed, false));
        assert!(withdrawn.finished_at.is_some() && withdrawn.next_at.is_none());
    }
    let inbox = Inbox::default();
    assert_eq!(deliver_next(&core, &inbox).await.unwrap(), None);
}

/// Takes the invite back while its mail is on the way, and answers that it may be tried again.
struct Revoking<'a>(&'a Core, InviteId);

impl Transport for Revoking<'_> {
    async fn send(&self, _: Message) -> Result<(), Refusal> {
        assert!(enrolment::revoke_invite(self.0, By::SYSTEM, self.1).await.unwrap());
        Err(Refusal::transient("451 try later"))
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_not_tried_again_if_it_was_on_the_way(pool: PgPool) {
    let (core, clock) = at(pool);
    let (revoked, mail) = invite(&core, By::COMMAND_LINE, 7).await;
    let tried = deliver_next(&core, &Revoking(&core, revoked)).await.unwrap();
    assert!(matches!(tried, Some(Delivery::Postponed { .. })), "{tried:?}");
    clock.advance(Duration::MINUTE);
    let inbox = Inbox::default();
    assert!(matches!(deliver_next(&core, &inbox).await.unwrap(), Some(Delivery::Failed { .. })));
    assert_eq!((inbox.len(), entry(&core, mail).await.can_retry), (0, false));
}
