//! Accounts by invite and by the sign-up page.

use model::types::{ByteSize, Decision, EnrolmentKind, InviteId, InviteTerms, Language, SignUpMode, Within};

use super::*;

fn terms(note: &str, quota: Option<ByteSize>) -> InviteTerms {
    let quota = quota.map(|size| size.try_into().unwrap());
    InviteTerms { note: note.parse().ok(), quota, days: Within::nearest(7), mail_to: None }
}

async fn set(core: &Core, decision: Decision) {
    core.decide(By::SYSTEM, decision).await.unwrap();
}

async fn invite(core: &Core, admin: UserId, terms: &InviteTerms) -> Result<String, AuthError> {
    let client = HOME.into();
    let made = enrolment::invite(core, By::administrator(admin, &client), terms, Language::English).await;
    made.map(|(_, token)| token)
}

/// The wizard from this link on, to its end.
async fn enrol(core: &Core, clock: &ManualClock, link: &str, who: &str) -> Result<UserId, AuthError> {
    let offer = begin(core, link, name(who), None).await?;
    let confirmed =
        enrolment::confirm(core, &offer.ticket, code(&offer.secret.groups.concat(), clock)).await?;
    enrolment::finish(core, &HOME.into(), &offer.ticket, confirmed.codes[0]).await
}

/// The way on from the sign-up page.
async fn sign_up(core: &Core) -> Result<String, AuthError> {
    let solved = crate::challenge::verify(core, HOME, None).await.unwrap();
    enrolment::sign_up(core, solved).await
}

async fn quota(core: &Core, user: UserId) -> ByteSize {
    user::me(core, user).await.unwrap().unwrap().usage.quota
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_invite_makes_one_account_with_its_quota(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = enrolled(&core, "ada").await.user_id;
    let link = invite(&core, admin, &terms("Grace", Some(ByteSize::mib(64)))).await.unwrap();
    let info = enrolment::link_info(&core, &link).await.unwrap();
    assert_eq!((info.name, info.kind, info.email_required), (None, EnrolmentKind::Account, false));
    let grace = enrol(&core, &clock, &link, "grace").await.unwrap();
    assert_eq!(quota(&core, grace).await, ByteSize::mib(64));
    assert!(!user::me(&core, grace).await.unwrap().unwrap().is_admin);
    let again = enrol(&core, &clock, &link, "eve").await;
    assert!(matches!(again, Err(AuthError::LinkInvalid)), "{again:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_invite_without_a_quota_gives_what_holds_when_it_is_used(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = enrolled(&core, "ada").await.user_id;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    set(&core, Decision::Quota("5 MiB".parse().unwrap())).await;
    let grace = enrol(&core, &clock, &link, "grace").await.unwrap();
    assert_eq!(quota(&core, grace).await, ByteSize::mib(5));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn invites_are_listed_lapse_and_are_taken_back(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = enrolled(&core, "ada").await.user_id;
    let lapsing = InviteTerms { days: Within::nearest(1), ..terms("one day", None) };
    let lapsed = invite(&core, admin, &lapsing).await.unwrap();
    clock.advance(Duration::SECOND);
    let revoked = invite(&core, admin, &terms("a week", None)).await.unwrap();
    enrolment::create_link(&core, By::COMMAND_LINE, &name("named"), false).await.unwrap();
    let listed = enrolment::invites(&core).await.unwrap();
    let seen: Vec<_> = listed.iter().map(|i| (i.note.as_deref(), i.invited_by.as_ref())).collect();
    assert_eq!(seen, [(Some("a week"), Some(&name("ada"))), (Some("one day"), Some(&name("ada")))]);
    assert!(enrolment::revoke_invite(&core, By::SYSTEM, listed[0].id).await.unwrap());
    assert!(!enrolment::revoke_invite(&core, By::SYSTEM, listed[0].id).await.unwrap());
    assert!(!enrolment::revoke_invite(&core, By::SYSTEM, InviteId(uuid::Uuid::nil())).await.unwrap());
    clock.advance(Duration::DAY - Duration::SECOND);
    for link in [lapsed, revoked] {
        let late = enrol(&core, &clock, &link, "late").await;
        assert!(matches!(late, Err(AuthError::LinkInvalid)), "{late:?}");
    }
    assert_eq!(enrolment::invites(&core).await.unwrap(), []);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn everybody_signs_up_where_that_is_open_and_nobody_elsewhere(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolled(&core, "ada").await;
    for mode in [SignUpMode::Invite, SignUpMode::Closed] {
        set(&core, Decision::SignUp(mode)).await;
        assert!(!sign_in::form(&core).await.unwrap().sign_up);
        assert!(matches!(sign_up(&core).await, Err(AuthError::SignUpClosed)));
    }
    set(&core, Decision::SignUp(SignUpMode::Open)).await;
    assert!(sign_in::form(&core).await.unwrap().sign_up);
    let link = sign_up(&core).await.unwrap();
    let grace = enrol(&core, &clock, &link, "grace").await.unwrap();
    assert_eq!(quota(&core, grace).await, ByteSize::gib(1));
    let late = sign_up(&core).await.unwrap();
    clock.advance(Duration::HOUR);
    assert!(matches!(enrol(&core, &clock, &late, "late").await, Err(AuthError::LinkInvalid)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn closing_sign_up_ends_what_is_under_way(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = enrolled(&core, "ada").await.user_id;
    let invited = invite(&core, admin, &terms("", None)).await.unwrap();
    set(&core, Decision::SignUp(SignUpMode::Open)).await;
    let link = sign_up(&core).await.unwrap();
    let offer = begin(&core, &link, name("grace"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    let finish = async || enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await;
    set(&core, Decision::SignUp(SignUpMode::Closed)).await;
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::SignUpClosed)));
    assert!(matches!(begin(&core, &link, name("grace"), None).await, Err(AuthError::SignUpClosed)));
    assert!(matches!(finish().await, Err(AuthError::SignUpClosed)));
    enrol(&core, &clock, &invited, "heidi").await.unwrap();
    set(&core, Decision::SignUp(SignUpMode::Open)).await;
    finish().await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mail_address_is_asked_of_who_comes_by_themselves_where_one_is_required(pool: PgPool) {
    let (core, _) = at(pool);
    let admin = enrolled(&core, "ada").await.user_id;
    set(&core, Decision::EmailRequired(true)).await;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    assert!(enrolment::link_info(&core, &link).await.unwrap().email_required);
    let without = begin(&core, &link, name("grace"), None).await;
    assert!(matches!(without, Err(AuthError::EmailRequired)), "{without:?}");
    let named = enrolment::create_link(&core, By::COMMAND_LINE, &name("named"), false).await.unwrap();
    begin(&core, &named, name("named"), None).await.unwrap();
}
