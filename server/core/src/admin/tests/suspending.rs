//! Every way in is shut while an account is suspended, and open after.

use model::types::{Begun, ProviderOutcome, RecoveryCode, ResetMade};

use super::*;
use crate::{
    auth::{
        device::{self, Recognised, Resumed},
        enrolment::GivenEmail,
        reset, user,
    },
    challenge,
    mail::{Queued, Recipient},
    oidc::{Identity, links},
};

#[track_caller]
fn shut<T: std::fmt::Debug>(outcome: Result<T, AuthError>) {
    assert!(matches!(outcome, Err(AuthError::Suspended)), "{outcome:?}");
}

async fn with_code(core: &Core, clock: &ManualClock, secret: &str) -> Result<sign_in::Outcome, AuthError> {
    clock.advance(Duration::seconds(30));
    sign_in::with_code(core, &HOME.into(), Some(&name("bob")), code(secret, clock)).await
}

async fn with_recovery_code(core: &Core, typed: RecoveryCode) -> Result<UserId, AuthError> {
    sign_in::with_recovery_code(core, &HOME.into(), Some(&name("bob")), typed).await
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn no_way_in_works_and_what_was_open_ends(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await;
    let api = testing::token(&core, bob.user_id, &testing::terms("t", [Scope::Read])).await.token;
    let (_, trusted, _) = testing::trust(&core, bob.user_id, &HOME.into()).await;
    let client = Client { device: Some(trusted), ..HOME.into() };
    open(&core, bob.user_id, b"one").await;
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("bob")).await.unwrap().unwrap();
    let begun =
        enrolment::begin(&core, &HOME.into(), &link, Some(name("bob")), GivenEmail::None).await.unwrap();
    let Begun::Offer(offer) = begun else { panic!("{begun:?}") };

    account::change(&core, By::SYSTEM, bob.user_id, suspended(true)).await.unwrap();
    shut(with_code(&core, &clock, &bob.secret).await);
    shut(with_recovery_code(&core, bob.recovery_codes[0]).await);
    assert!(matches!(device::resume(&core, &client).await.unwrap(), Resumed::Unknown));
    assert_eq!(device::recognise(&core, &client).await.unwrap(), Recognised::Unknown);
    assert_eq!(token::authenticate(&core, &api, &client).await.unwrap(), None);
    assert!(!is_open(&core, b"one").await);
    let confirmed =
        enrolment::confirm(&core, &offer.ticket, code(&offer.secret.groups.concat(), &clock)).await;
    assert!(matches!(confirmed, Err(AuthError::EnrolmentExpired)), "{confirmed:?}");
    shut(enrolment::reset_link(&core, By::COMMAND_LINE, &name("bob")).await);
    // What a sign-in leaves that had begun before.
    open(&core, bob.user_id, b"late").await;
    assert!(!is_open(&core, b"late").await);
    assert!(!user::is_administrator(&core, bob.user_id).await.unwrap());

    account::change(&core, By::SYSTEM, bob.user_id, suspended(false)).await.unwrap();
    assert!(!is_open(&core, b"late").await && !is_open(&core, b"one").await, "what ended stays ended");
    assert!(matches!(device::resume(&core, &client).await.unwrap(), Resumed::Unknown));
    with_code(&core, &clock, &bob.secret).await.unwrap();
    with_recovery_code(&core, bob.recovery_codes[0]).await.expect("it wasn't used up");
    assert_eq!(
        token::authenticate(&core, &api, &client).await.unwrap().map(|grant| grant.user),
        Some(bob.user_id)
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn two_codes_in_a_row_do_not_help(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await;
    account::change(&core, By::SYSTEM, bob.user_id, suspended(true)).await.unwrap();
    let wrong: u32 = code(&bob.secret, &clock).digits().parse().unwrap();
    let wrong: TotpCode = format!("{:06}", (wrong + 500_000) % 1_000_000).parse().unwrap();
    for host in 0..5 {
        let from = IpAddr::from([198, 51, 100, host]);
        let _ = sign_in::with_code(&core, &from.into(), Some(&name("bob")), wrong).await;
    }
    let sign_in::Outcome::NeedSecondCode(ticket) = with_code(&core, &clock, &bob.secret).await.unwrap()
    else {
        panic!("one code was enough");
    };
    clock.advance(Duration::seconds(30));
    shut(sign_in::with_second_code(&core, &HOME.into(), &ticket, code(&bob.secret, &clock)).await);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn neither_does_an_identity_at_the_provider(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    let identity =
        Identity { issuer: "https://id.example".into(), subject: "7".into(), label: "bob@id.example".into() };
    sqlx::query("INSERT INTO oidc_links (issuer, subject, user_id, label, linked_at) VALUES ($1, '7', $2, 'b', now())")
        .bind(&identity.issuer)
        .bind(bob.0)
        .execute(&core.pool)
        .await
        .unwrap();
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    let refused = links::sign_in(&core, &HOME.into(), &identity).await.unwrap_err();
    assert_eq!(refused.outcome(), ProviderOutcome::Suspended);
    assert_eq!(log(&core, bob, Action::SignedIn).await.len(), 0);
    assert_eq!(log(&core, bob, Action::SignInFailed).await.len(), 1);
    account::change(&core, By::SYSTEM, bob, suspended(false)).await.unwrap();
    assert_eq!(links::sign_in(&core, &HOME.into(), &identity).await.unwrap(), bob);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_so_already_changes_nothing_and_is_not_recorded(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    open(&core, bob, b"one").await;
    testing::trust(&core, bob, &HOME.into()).await;
    let entries = count(&core, "audit_log").await;
    let same = facts(&core, bob).await.unwrap().entry;
    let quota = same.usage.quota.try_into().unwrap();
    let change = Change { quota: Some(quota), is_admin: Some(false), suspended: Some(false) };
    account::change(&core, By::SYSTEM, bob, change).await.unwrap();
    assert!(is_open(&core, b"one").await && count(&core, "trusted_devices").await == 1);
    assert_eq!(count(&core, "audit_log").await, entries);
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    assert_eq!(log(&core, bob, Action::UserSuspended).await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_suspended_administrator_hears_of_no_alarm(pool: PgPool) {
    let (core, _) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", true).await.user_id;
    sqlx::query("UPDATE users SET email = name || '@x.example'").execute(&core.pool).await.unwrap();
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    let told = Recipient::administrators(&mut core.pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!(told.iter().map(|to| to.address.as_str()).collect::<Vec<_>>(), ["ada@x.example"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn strangers_are_not_told(pool: PgPool) {
    let (core, clock) = at(pool);
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await;
    account::change(&core, By::SYSTEM, bob.user_id, suspended(true)).await.unwrap();
    let right: u32 = code(&bob.secret, &clock).digits().parse().unwrap();
    let wrong = format!("{:06}", (right + 500_000) % 1_000_000).parse().unwrap();
    for who in ["bob", "nobody"] {
        let outcome = sign_in::with_code(&core, &HOME.into(), Some(&name(who)), wrong).await;
        assert!(matches!(outcome, Err(AuthError::WrongCode)), "{who} {outcome:?}");
        let from = IpAddr::from([198, 51, 100, 7]);
        let typed = RecoveryCode::from_bytes([1; 10]);
        let outcome = sign_in::with_recovery_code(&core, &from.into(), Some(&name(who)), typed).await;
        assert!(matches!(outcome, Err(AuthError::WrongRecoveryCode)), "{who} {outcome:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn no_way_back_is_mailed(pool: PgPool) {
    let (mut core, _) = at(pool);
    core.settings = Arc::new(testing::posting());
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await.user_id;
    sqlx::query("UPDATE users SET email = name || '@x.example', email_verified_at = now()")
        .execute(&core.pool)
        .await
        .unwrap();
    let ask = async || {
        let solved = challenge::verify(&core, HOME, None).await.unwrap();
        reset::request(&core, &HOME.into(), &"bob@x.example".parse().unwrap(), solved).await.unwrap();
        reset::answer_all(&core).await.unwrap();
        Queued::all(&core).await.len()
    };
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    assert_eq!(ask().await, 0);
    assert!(matches!(
        account::reset(&core, By::SYSTEM, bob).await,
        Err(AdminError::Auth(AuthError::Suspended))
    ));
    account::change(&core, By::SYSTEM, bob, suspended(false)).await.unwrap();
    let made = account::reset(&core, By::SYSTEM, bob).await.unwrap();
    assert_eq!(made.mailed_to, "bob@x.example".parse().ok());
    let mails = Queued::all(&core).await;
    assert!(mails[0].text.contains(&made.link) && mails[0].text.contains("24 hours"), "{mails:?}");
    assert_eq!(log(&core, bob, Action::ResetLinkMade).await.len(), 1);
}

/// Enrols by the link with this token, as the wizard does.
async fn enrol(core: &Core, clock: &ManualClock, link: &str) -> Result<(UserId, String), AuthError> {
    let begun = enrolment::begin(core, &HOME.into(), link, None, GivenEmail::None).await?;
    let Begun::Offer(offer) = begun else { panic!("{begun:?}") };
    let secret = offer.secret.groups.concat();
    let codes = enrolment::confirm(core, &offer.ticket, code(&secret, clock)).await?.codes;
    Ok((enrolment::finish(core, &HOME.into(), &offer.ticket, codes[0]).await?, secret))
}

fn token_of(made: &ResetMade) -> &str {
    made.link.rsplit('/').next().unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_forced_reset_shuts_every_way_in_at_once_but_its_link(pool: PgPool) {
    let (mut core, clock) = at(pool);
    core.settings = Arc::new(testing::posting());
    enrolled(&core, "ada", true).await;
    let bob = enrolled(&core, "bob", false).await;
    sqlx::query("UPDATE users SET email = name || '@x.example', email_verified_at = now()")
        .execute(&core.pool)
        .await
        .unwrap();
    open(&core, bob.user_id, b"strange").await;
    let older = enrolment::reset_link(&core, By::COMMAND_LINE, &name("bob")).await.unwrap().unwrap();

    let made = account::force_reset(&core, By::SYSTEM, bob.user_id).await.unwrap();
    assert_eq!(made.mailed_to, None);
    let mails: Vec<String> =
        sqlx::query_scalar("SELECT kind FROM mail_outbox").fetch_all(&core.pool).await.unwrap();
    assert_eq!(mails, ["email-changed"], "no link: the mailbox may be in the same hands");
    let to = Recipient::of(&mut core.pool.acquire().await.unwrap(), bob.user_id).await.unwrap();
    assert!(to.is_none(), "nor is it a way back later");
    assert!(!is_open(&core, b"strange").await);
    // Who lifts the suspension by hand lets nobody in.
    account::change(&core, By::SYSTEM, bob.user_id, suspended(false)).await.unwrap();
    assert!(matches!(with_code(&core, &clock, &bob.secret).await, Err(AuthError::WrongCode)));
    let code = with_recovery_code(&core, bob.recovery_codes[0]).await;
    assert!(matches!(code, Err(AuthError::WrongRecoveryCode)), "{code:?}");
    assert!(matches!(enrol(&core, &clock, &older).await, Err(AuthError::LinkInvalid)));

    let (user, secret) = enrol(&core, &clock, token_of(&made)).await.unwrap();
    assert_eq!(user, bob.user_id);
    with_code(&core, &clock, &secret).await.unwrap();
    assert!(with_code(&core, &clock, &bob.secret).await.is_err());
    for action in [Action::UserSuspended, Action::ResetDone, Action::UserReinstated, Action::EmailChanged] {
        assert_eq!(log(&core, bob.user_id, action).await.len(), 1, "{action:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_is_suspended_comes_back_by_a_forced_reset_until_suspended_again(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", false).await.user_id;
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    assert!(account::reset(&core, By::SYSTEM, bob).await.is_err());
    let void = account::force_reset(&core, By::SYSTEM, bob).await.unwrap();
    account::change(&core, By::SYSTEM, bob, suspended(false)).await.unwrap();
    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    assert!(matches!(enrol(&core, &clock, token_of(&void)).await, Err(AuthError::LinkInvalid)));
    let made = account::force_reset(&core, By::SYSTEM, bob).await.unwrap();
    enrol(&core, &clock, token_of(&made)).await.unwrap();
    assert!(facts(&core, bob).await.unwrap().entry.suspended_at.is_none());
    assert_eq!(log(&core, bob, Action::UserSuspended).await.len(), 2, "once for each time it happened");

    let last = account::force_reset(&core, By::SYSTEM, ada).await;
    assert!(matches!(last, Err(AdminError::LastAdministrator)), "{last:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_operator_takes_even_the_only_account_out_of_strange_hands(pool: PgPool) {
    let (mut core, clock) = at(pool);
    core.settings = Arc::new(testing::posting());
    let bob = enrolled(&core, "bob", true).await;
    let id = bob.user_id;
    sqlx::query("UPDATE users SET email = 'bob@x.example', email_verified_at = now()")
        .execute(&core.pool)
        .await
        .unwrap();
    open(&core, id, b"strange").await;
    let client = HOME.into();
    for by in [By::administrator(id, &client), By::SYSTEM] {
        let refused = account::force_reset(&core, by, id).await;
        assert!(matches!(refused, Err(AdminError::LastAdministrator)), "{refused:?}");
    }
    assert!(is_open(&core, b"strange").await, "a refusal ends nothing");

    let made = account::force_reset(&core, By::COMMAND_LINE, id).await.unwrap();
    assert!(!is_open(&core, b"strange").await);
    assert!(facts(&core, id).await.unwrap().entry.suspended_at.is_some());
    // Whatever whoever was in it still tries leaves the link as it is.
    assert!(matches!(with_code(&core, &clock, &bob.secret).await, Err(AuthError::WrongCode)));
    let code = with_recovery_code(&core, bob.recovery_codes[0]).await;
    assert!(matches!(code, Err(AuthError::WrongRecoveryCode)), "{code:?}");
    let solved = challenge::verify(&core, HOME, None).await.unwrap();
    reset::request(&core, &client, &"bob@x.example".parse().unwrap(), solved).await.unwrap();
    reset::answer_all(&core).await.unwrap();
    assert_eq!(enrolment::setup_link(&core).await.unwrap(), None, "the instance is nobody's to set up");
    assert_eq!(count(&core, "enrolment_links").await, 1);

    let (user, secret) = enrol(&core, &clock, token_of(&made)).await.unwrap();
    assert_eq!(user, id);
    with_code(&core, &clock, &secret).await.unwrap();
    let facts = facts(&core, id).await.unwrap();
    assert!(facts.entry.is_admin && facts.entry.suspended_at.is_none() && facts.is_last_admin);
}
