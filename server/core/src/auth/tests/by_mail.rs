//! Six digits and ways back by mail.

use model::types::{EmailAddress, EmailCode, Language};

use super::*;
use crate::{
    admin,
    auth::{
        Client, email,
        email_code::{self, Subject},
        reset,
    },
    challenge,
    mail::Queued,
};

/// A core that sends mail.
pub(super) fn posting(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let (mut core, clock) = at(pool);
    core.settings = Arc::new(testing::posting());
    (core, clock)
}

pub(super) fn email(text: &str) -> EmailAddress {
    text.parse().unwrap()
}

pub(super) fn from(host: u8) -> Client {
    IpAddr::from([198, 51, 100, host]).into()
}

async fn send(core: &Core, host: u8, to: &str) -> Result<String, AuthError> {
    email_code::send(core, &from(host), &Subject::Enrolment("link".into()), &email(to)).await
}

async fn prove(core: &Core, ticket: &str, code: &str) -> Result<EmailAddress, AuthError> {
    let code: EmailCode = code.parse().unwrap();
    let proved = email_code::prove(core, &Subject::Enrolment("link".into()), ticket, code).await?;
    Ok(proved.address().clone())
}

pub(super) fn wrong(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_code_that_comes_back_proves_the_address_once(pool: PgPool) {
    let (core, clock) = posting(pool);
    let ticket = send(&core, 1, "Ada@mail.example").await.unwrap();
    let mails = Queued::all(&core).await;
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "Ada@mail.example"));
    let code = mails[0].code();
    clock.advance(Duration::minutes(10) - Duration::SECOND);
    let elsewhere = Subject::Enrolment("another link".into());
    let misused = email_code::prove(&core, &elsewhere, &ticket, code.parse().unwrap()).await;
    assert!(matches!(misused, Err(AuthError::CodeExpired)), "for another purpose: {misused:?}");
    assert_eq!(prove(&core, &ticket, &code).await.unwrap(), email("Ada@mail.example"));
    assert!(matches!(prove(&core, &ticket, &code).await, Err(AuthError::CodeExpired)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mailed_code_lapses_to_the_second_and_has_five_tries(pool: PgPool) {
    let (core, clock) = posting(pool);
    let ticket = send(&core, 1, "ada@mail.example").await.unwrap();
    let code = Queued::all(&core).await[0].code();
    clock.advance(Duration::minutes(10));
    assert!(matches!(prove(&core, &ticket, &code).await, Err(AuthError::CodeExpired)));
    let ticket = send(&core, 1, "ada@mail.example").await.unwrap();
    let code = Queued::all(&core).await[1].code();
    for _ in 0..5 {
        assert!(matches!(prove(&core, &ticket, &wrong(&code)).await, Err(AuthError::WrongCode)));
    }
    assert!(matches!(prove(&core, &ticket, &code).await, Err(AuthError::CodeExpired)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_tries_one_proves_and_five_are_judged(pool: PgPool) {
    let (core, clock) = posting(pool);
    let ticket = send(&core, 1, "ada@mail.example").await.unwrap();
    let right = Queued::all(&core).await[0].code();
    let tries = |code: String, ticket: String| {
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let (core, ticket, code) = (core.clone(), ticket.clone(), code.clone());
                tokio::spawn(async move { prove(&core, &ticket, &code).await })
            })
            .collect();
        futures::future::join_all(tasks)
    };
    let proved = tries(right, ticket).await.into_iter().filter(|task| task.as_ref().unwrap().is_ok()).count();
    assert_eq!(proved, 1);
    clock.advance(Duration::MINUTE);
    let ticket = send(&core, 1, "ada@mail.example").await.unwrap();
    let code = Queued::all(&core).await[1].code();
    let judged = tries(wrong(&code), ticket).await;
    let judged = judged.iter().filter(|task| matches!(task.as_ref().unwrap(), Err(AuthError::WrongCode)));
    assert_eq!(judged.count(), 5);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nobody_is_flooded_with_codes_and_no_client_floods(pool: PgPool) {
    let (core, clock) = posting(pool);
    for n in 0..5 {
        send(&core, 1, "ada@mail.example").await.unwrap();
        clock.advance(Duration::seconds(59));
        let soon = send(&core, 2, "ADA@mail.example").await;
        let wait = if n < 4 { 1 } else { 3301 };
        assert!(
            matches!(soon, Err(AuthError::TooManyAttempts { retry_after }) if retry_after == wait),
            "{n} {soon:?}"
        );
        clock.advance(Duration::SECOND);
    }
    let sixth = send(&core, 3, "ada@mail.example").await;
    assert!(matches!(sixth, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{sixth:?}");
    for n in 0..5 {
        send(&core, 1, &format!("n{n}@mail.example")).await.unwrap();
    }
    let eleventh = send(&core, 1, "other@mail.example").await;
    assert!(matches!(eleventh, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{eleventh:?}");
    send(&core, 4, "other@mail.example").await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn without_a_mail_server_nothing_is_promised(pool: PgPool) {
    let (core, _) = at(pool);
    assert!(matches!(send(&core, 1, "ada@mail.example").await, Err(AuthError::NoMail)));
    let solved = challenge::verify(&core, from(1).address, None).await.unwrap();
    let asked = reset::request(&core, &from(1), &email("ada@mail.example"), solved).await;
    assert!(matches!(asked, Err(AuthError::NoMail)));
}

/// An account that has proved its address.
pub(super) async fn proved(core: &Core, who: &str, address: &str) -> enrolment::EnrolledNow {
    let enrolled = enrolled(core, who).await;
    sqlx::query("UPDATE users SET email = $2, email_verified_at = $3 WHERE id = $1")
        .bind(enrolled.user_id.0)
        .bind(address)
        .bind(core.now())
        .execute(&core.pool)
        .await
        .unwrap();
    enrolled
}

async fn ask(core: &Core, client: &Client, to: &str) -> Result<(), AuthError> {
    let solved = challenge::verify(core, client.address, None).await.unwrap();
    reset::request(core, client, &email(to), solved).await?;
    reset::answer_all(core).await.map(drop)
}

/// What was mailed once everything asked is answered: the task beside the request may be at it.
async fn mailed(core: &Core) -> Vec<Queued> {
    loop {
        let open: i64 = sqlx::query_scalar("SELECT count(*) FROM reset_requests WHERE handled_at IS NULL")
            .fetch_one(&core.pool)
            .await
            .unwrap();
        if open == 0 {
            return Queued::all(core).await;
        }
        tokio::task::yield_now().await;
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_lost_everything_comes_back_by_mail_and_the_old_ways_end(pool: PgPool) {
    let (core, clock) = posting(pool);
    let ada = proved(&core, "ada", "ada@mail.example").await;
    let asker = Client { language: Language::Chinese, ..from(1) };
    ask(&core, &asker, "ADA@mail.example").await.unwrap();
    let mails = mailed(&core).await;
    assert_eq!((mails.len(), mails[0].kind.as_str()), (1, "reset-link"));
    assert_eq!(mails[0].to, "ada@mail.example", "to the address that was proved, not as it was typed");
    assert!(
        mails[0].text.contains("198.51.100.1") && mails[0].text.contains("找回账户"),
        "{}",
        mails[0].text
    );
    let recorded: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT action, address FROM audit_log WHERE actor = 'visitor'")
            .fetch_all(&core.pool)
            .await
            .unwrap();
    assert_eq!(recorded, [("reset_requested".to_owned(), Some("198.51.100.1".to_owned()))]);
    let link = mails[0].enrolment_token();
    clock.advance(Duration::minutes(30) - Duration::SECOND);
    assert_eq!(
        enrolment::link_info(&core, &link).await.unwrap().name,
        Some(name("ada")),
        "looking uses nothing up"
    );
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let secret = offer.secret.groups.concat();
    let confirmed = enrolment::confirm(&core, &offer.ticket, code(&secret, &clock)).await.unwrap();
    let user = enrolment::finish(&core, &HOME.into(), &offer.ticket, confirmed.codes[0]).await.unwrap();
    assert_eq!(user, ada.user_id);
    let old = sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await;
    assert!(matches!(old, Err(AuthError::WrongCode)), "{old:?}");
    let again = begin(&core, &link, name("ada"), None).await;
    assert!(matches!(again, Err(AuthError::LinkInvalid)), "{again:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn whoever_asks_ends_no_link_that_is_in_use_and_finishing_one_ends_all(pool: PgPool) {
    let (core, clock) = posting(pool);
    proved(&core, "ada", "ada@mail.example").await;
    let shown = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let offer = begin(&core, &shown, name("ada"), None).await.unwrap();
    for stranger in 1..3 {
        ask(&core, &from(stranger), "ada@mail.example").await.unwrap();
    }
    let secret = offer.secret.groups.concat();
    let confirmed = enrolment::confirm(&core, &offer.ticket, code(&secret, &clock)).await.unwrap();
    let mailed: Vec<String> = mailed(&core).await.iter().map(Queued::enrolment_token).collect();
    assert_eq!(mailed.len(), 2);
    for link in &mailed {
        enrolment::link_info(&core, link).await.unwrap();
    }
    enrolment::finish(&core, &HOME.into(), &offer.ticket, confirmed.codes[0]).await.unwrap();
    for link in mailed.iter().chain([&shown]) {
        assert!(matches!(enrolment::link_info(&core, link).await, Err(AuthError::LinkInvalid)));
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_asks_over_ipv6_is_named_by_their_network(pool: PgPool) {
    let (core, _) = posting(pool);
    proved(&core, "ada", "ada@mail.example").await;
    let asker: Client = "2001:db8:7:8:9::1".parse::<IpAddr>().unwrap().into();
    ask(&core, &asker, "ada@mail.example").await.unwrap();
    let mails = mailed(&core).await;
    assert!(mails[0].text.contains("2001:db8:7:8::"), "{}", mails[0].text);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn ways_back_that_were_mailed_end_with_the_address(pool: PgPool) {
    let (core, clock) = posting(pool);
    let by = By::SYSTEM;
    let ada = proved(&core, "ada", "ada@mail.example").await.user_id;
    let is_good = async |link: &str| enrolment::link_info(&core, link).await.is_ok();
    let shown = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    ask(&core, &from(1), "ada@mail.example").await.unwrap();
    let asked = mailed(&core).await.pop().unwrap().enrolment_token();
    assert!(is_good(&shown).await && is_good(&asked).await);
    email::forget(&core, by, ada, testing::session(&core, ada).await).await.unwrap();
    assert!(!is_good(&asked).await && is_good(&shown).await, "who runs the server made the other");
    clock.advance(Duration::HOUR);
    let bob = proved(&core, "bob", "bob@mail.example").await.user_id;
    let made = admin::reset(&core, by, bob).await.unwrap();
    assert!(made.mailed_to.is_some());
    let token = made.link.rsplit('/').next().unwrap();
    assert!(is_good(token).await);
    email::forget(&core, by, bob, testing::session(&core, bob).await).await.unwrap();
    assert!(!is_good(token).await, "it is in the mailbox too");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mailed_link_lapses_after_half_an_hour(pool: PgPool) {
    let (core, clock) = posting(pool);
    proved(&core, "ada", "ada@mail.example").await;
    ask(&core, &from(1), "ada@mail.example").await.unwrap();
    let link = mailed(&core).await[0].enrolment_token();
    clock.advance(Duration::minutes(30));
    assert!(matches!(enrolment::link_info(&core, &link).await, Err(AuthError::LinkInvalid)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn every_account_of_an_address_gets_its_link_and_an_unproved_address_none(pool: PgPool) {
    let (core, _) = posting(pool);
    proved(&core, "ada", "family@mail.example").await;
    proved(&core, "grace", "family@mail.example").await;
    let typed = enrolment::enrol_now(&core, name("eve"), Some(email("typed@mail.example")), false).await;
    assert!(typed.is_ok());
    ask(&core, &from(1), "family@mail.example").await.unwrap();
    ask(&core, &from(1), "typed@mail.example").await.unwrap();
    ask(&core, &from(1), "nobody@mail.example").await.unwrap();
    let mails = mailed(&core).await;
    let resets: Vec<_> = mails.iter().filter(|mail| mail.kind == "reset-link").collect();
    assert_eq!(resets.len(), 2);
    assert_ne!(resets[0].enrolment_token(), resets[1].enrolment_token());
    let both = format!("{} {}", resets[0].text, resets[1].text);
    assert!(both.contains("ada") && both.contains("grace"), "{both}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_address_gets_three_mails_an_hour_and_a_client_asks_ten_times(pool: PgPool) {
    let (core, clock) = posting(pool);
    proved(&core, "ada", "ada@mail.example").await;
    for n in 0..5 {
        ask(&core, &from(n), "ada@mail.example").await.unwrap();
        mailed(&core).await;
        clock.advance(Duration::MINUTE);
    }
    assert_eq!(mailed(&core).await.len(), 3, "and whoever asks isn't told");
    for _ in 0..10 {
        ask(&core, &from(9), "nobody@mail.example").await.unwrap();
    }
    let eleventh = ask(&core, &from(9), "nobody@mail.example").await;
    assert!(matches!(eleventh, Err(AuthError::TooManyAttempts { retry_after: 3600 })), "{eleventh:?}");
    clock.advance(Duration::HOUR);
    ask(&core, &from(9), "ada@mail.example").await.unwrap();
    assert_eq!(mailed(&core).await.len(), 4);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn strangers_who_go_on_asking_close_no_way_back(pool: PgPool) {
    let (core, clock) = posting(pool);
    proved(&core, "ada", "ada@mail.example").await;
    for stranger in 0..24 {
        ask(&core, &from(stranger), "ada@mail.example").await.unwrap();
        mailed(&core).await;
        clock.advance(Duration::minutes(15));
    }
    assert_eq!(mailed(&core).await.len(), 18, "three in each of six hours");
    clock.advance(Duration::minutes(15));
    ask(&core, &HOME.into(), "ada@mail.example").await.unwrap();
    let mails = mailed(&core).await;
    enrolment::link_info(&core, &mails[18].enrolment_token()).await.unwrap();
}
