//! Who was an administrator when they asked, and is none when it is done.

use model::types::{Decision, InviteTerms, Language};

use super::*;
use crate::mail::outbox;

/// Everything that bob might do, by `by`; what becomes of it, and that nothing changed.
async fn refused_all(core: &Core, by: By<'_>, ada: UserId, why: fn(&AuthError) -> bool) {
    let terms = InviteTerms { note: None, quota: None, days: InviteTerms::USUAL_DAYS, mail_to: None };
    let before = crate::audit::verify(core, None).await.unwrap().entries;
    let outcomes = [
        account::change(core, by, ada, role(false)).await,
        account::change(core, by, ada, suspended(true)).await,
        account::end_sessions(core, by, ada, None).await.map(drop),
        account::reset(core, by, ada).await.map(drop),
        account::force_reset(core, by, ada).await.map(drop),
        removal::remove(core, by, ada, "ada", None).await,
        enrolment::invite(core, by, &terms, Language::English).await.map(drop).map_err(Into::into),
        enrolment::revoke_invite(core, by, model::types::InviteId(uuid::Uuid::nil()))
            .await
            .map(drop)
            .map_err(Into::into),
        core.decide(by, Decision::EmailRequired(true)).await.map_err(Into::into),
    ];
    for (number, outcome) in outcomes.iter().enumerate() {
        assert!(matches!(outcome, Err(AdminError::Auth(error)) if why(error)), "{number}: {outcome:?}");
    }
    let mail = outbox::retry(core, by, model::types::MailId(uuid::Uuid::nil())).await;
    assert!(mail.is_err());
    assert_eq!(
        crate::audit::verify(core, None).await.unwrap().entries,
        before,
        "nothing is done or recorded"
    );
}

fn is_none(error: &AuthError) -> bool {
    matches!(error, AuthError::NotAdministrator)
}

fn has_ended(error: &AuthError) -> bool {
    matches!(error, AuthError::SessionEnded)
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_is_put_out_meanwhile_decides_nothing(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", true).await.user_id;
    let client: Client = HOME.into();
    open(&core, bob, b"bob").await;
    let session = Authority::Session(session::handle(b"bob"));
    let by = By::administrator(bob, &client).with_authority(session);
    account::change(&core, by, ada, role(true)).await.unwrap();

    session::end(&core, By::SYSTEM, bob, session::handle(b"bob")).await.unwrap();
    refused_all(&core, by, ada, has_ended).await;

    open(&core, bob, b"bob").await;
    account::change(&core, By::SYSTEM, bob, role(false)).await.unwrap();
    refused_all(&core, by, ada, is_none).await;

    account::change(&core, By::SYSTEM, bob, role(true)).await.unwrap();
    let made = testing::token(&core, bob, &testing::terms("program", [Scope::Admin])).await;
    let by = By::administrator(bob, &client).with_authority(Authority::Token(made.id));
    account::end_sessions(&core, by, ada, None).await.unwrap();
    clock.advance(Duration::days(90));
    refused_all(&core, by, ada, is_none).await;

    account::change(&core, By::SYSTEM, bob, suspended(true)).await.unwrap();
    refused_all(&core, By::administrator(bob, &client), ada, is_none).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_two_who_demote_each_other_at_once_one_does(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada", true).await.user_id;
    let bob = enrolled(&core, "bob", true).await.user_id;
    enrolled(&core, "eve", true).await;
    let client: Client = HOME.into();
    let (by_ada, by_bob) = (By::administrator(ada, &client), By::administrator(bob, &client));
    let demoted = tokio::join!(
        account::change(&core, by_ada, bob, role(false)),
        account::change(&core, by_bob, ada, role(false)),
    );
    let done = [demoted.0, demoted.1].iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(done, 1, "whoever comes second is none any more");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn ways_back_end_with_who_made_them(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada", false).await.user_id;
    let client: Client = HOME.into();
    for (number, how) in ["demoted", "forced", "deleted"].into_iter().enumerate() {
        let bob = enrolled(&core, &format!("bob{number}"), true).await.user_id;
        enrolled(&core, &format!("root{number}"), true).await;
        let made = account::reset(&core, By::administrator(bob, &client), ada).await.unwrap();
        let token = made.link.rsplit('/').next().unwrap();
        enrolment::link_info(&core, token).await.unwrap();
        match how {
            "demoted" => account::change(&core, By::SYSTEM, bob, role(false)).await.unwrap(),
            "forced" => drop(account::force_reset(&core, By::SYSTEM, bob).await.unwrap()),
            _ => removal::remove(&core, By::SYSTEM, bob, "bob2", None).await.unwrap(),
        }
        let ended = enrolment::link_info(&core, token).await;
        assert!(matches!(ended, Err(AuthError::LinkInvalid)), "{how}: {ended:?}");
        assert_eq!(log(&core, ada, Action::ResetLinkRevoked).await.len(), number + 1);
    }
    // Another's, or the server's, stays.
    let made = account::reset(&core, By::COMMAND_LINE, ada).await.unwrap();
    let eve = enrolled(&core, "eve", true).await;
    account::change(&core, By::SYSTEM, eve.user_id, suspended(true)).await.unwrap();
    enrolment::link_info(&core, made.link.rsplit('/').next().unwrap()).await.unwrap();

    // Whoever enrols anew may have been somebody else until then.
    account::change(&core, By::SYSTEM, eve.user_id, suspended(false)).await.unwrap();
    let made = account::reset(&core, By::administrator(eve.user_id, &client), ada).await.unwrap();
    let back = account::reset(&core, By::SYSTEM, eve.user_id).await.unwrap();
    let back = back.link.rsplit('/').next().unwrap().to_owned();
    let begun = enrolment::begin(&core, &client, &back, None, enrolment::GivenEmail::None).await.unwrap();
    let model::types::Begun::Offer(offer) = begun else { panic!("{begun:?}") };
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    enrolment::finish(&core, &client, &offer.ticket, codes[0]).await.unwrap();
    let ended = enrolment::link_info(&core, made.link.rsplit('/').next().unwrap()).await;
    assert!(matches!(ended, Err(AuthError::LinkInvalid)), "{ended:?}");
}
