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

async fn administrator(core: &Core) -> UserId {
    enrolment::enrol_now(core, name("ada"), None, true).await.unwrap().user_id
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
    let admin = administrator(&core).await;
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
    let admin = administrator(&core).await;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    set(&core, Decision::Quota("5 MiB".parse().unwrap())).await;
    let grace = enrol(&core, &clock, &link, "grace").await.unwrap();
    assert_eq!(quota(&core, grace).await, ByteSize::mib(5));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn invites_are_listed_lapse_and_are_taken_back(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = administrator(&core).await;
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
    enrolled(&core, "ada").await;
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
    set(&core, Decision::SignUp(SignUpMode::Open)).await;
    finish().await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn where_sign_up_is_closed_no_invite_is_made_or_taken(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = administrator(&core).await;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    let begun = invite(&core, admin, &terms("", None)).await.unwrap();
    let offer = begin(&core, &begun, name("grace"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    let finish = async || enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await;
    set(&core, Decision::SignUp(SignUpMode::Closed)).await;
    let closed = |refusal: Option<AuthError>| matches!(refusal, Some(AuthError::SignUpClosed));
    assert!(closed(invite(&core, admin, &terms("", None)).await.err()));
    assert!(closed(enrolment::link_info(&core, &link).await.err()));
    assert!(closed(begin(&core, &link, name("heidi"), None).await.err()));
    assert!(closed(finish().await.err()));
    // What is done for one whose name is known stays open.
    let named = enrolment::create_link(&core, By::COMMAND_LINE, &name("ivan"), false).await.unwrap();
    enrol(&core, &clock, &named, "ivan").await.unwrap();
    let back = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ivan")).await.unwrap().unwrap();
    clock.advance(Duration::MINUTE);
    enrol(&core, &clock, &back, "ivan").await.unwrap();
    // Nothing was used up.
    set(&core, Decision::SignUp(SignUpMode::Invite)).await;
    finish().await.unwrap();
    enrol(&core, &clock, &link, "heidi").await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mail_address_is_asked_of_who_comes_by_themselves_where_one_is_required(pool: PgPool) {
    let (core, _) = at(pool);
    let admin = administrator(&core).await;
    set(&core, Decision::EmailRequired(true)).await;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    assert!(enrolment::link_info(&core, &link).await.unwrap().email_required);
    let without = begin(&core, &link, name("grace"), None).await;
    assert!(matches!(without, Err(AuthError::EmailRequired)), "{without:?}");
    let named = enrolment::create_link(&core, By::COMMAND_LINE, &name("named"), false).await.unwrap();
    begin(&core, &named, name("named"), None).await.unwrap();
}

/// Asks for a name by a link, from a place.
async fn ask(core: &Core, link: &str, from: u8, who: &str) -> Result<(), AuthError> {
    let client = IpAddr::from([192, 0, 2, from]).into();
    enrolment::begin(core, &client, link, Some(name(who)), GivenEmail::None).await.map(drop)
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn names_are_not_listed_by_a_link(pool: PgPool) {
    let (core, clock) = at(pool);
    let admin = administrator(&core).await;
    let link = invite(&core, admin, &terms("", None)).await.unwrap();
    for from in 0..10 {
        let taken = ask(&core, &link, from, "ADA").await;
        assert!(matches!(taken, Err(AuthError::NameTaken)), "{taken:?}");
        clock.advance(Duration::MINUTE);
    }
    // Free or not: nothing is told any more.
    for who in ["ada", "grace"] {
        let many = ask(&core, &link, 99, who).await;
        assert!(matches!(many, Err(AuthError::TooManyAttempts { retry_after: 3000 })), "{many:?}");
    }
    let another = invite(&core, admin, &terms("", None)).await.unwrap();
    ask(&core, &another, 0, "grace").await.unwrap();
    clock.advance(Duration::seconds(2999));
    assert!(ask(&core, &link, 99, "grace").await.is_err());
    clock.advance(Duration::SECOND);
    ask(&core, &link, 99, "grace").await.unwrap();
    clock.advance(Duration::HOUR);
    session::sweep(&core.pool, clock.now()).await.unwrap();
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM taken_names").fetch_one(&core.pool).await.unwrap();
    assert_eq!(left, 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn names_are_not_listed_from_an_address_by_many_links_at_once(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada").await;
    set(&core, Decision::SignUp(SignUpMode::Open)).await;
    let mut links = Vec::new();
    for _ in 0..30 {
        links.push(sign_up(&core).await.unwrap());
    }
    let tries = futures::future::join_all(links.iter().map(|link| ask(&core, link, 1, "ada"))).await;
    let taken = tries.iter().filter(|told| matches!(told, Err(AuthError::NameTaken))).count();
    let waiting =
        tries.iter().filter(|told| matches!(told, Err(AuthError::TooManyAttempts { retry_after: 3600 })));
    assert_eq!((taken, waiting.count()), (10, 20), "{tries:?}");
    ask(&core, &links[0], 2, "grace").await.unwrap();
}
