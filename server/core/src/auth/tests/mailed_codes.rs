//! One code and a mailed one, at an account that is being guessed at.

use model::types::EmailCode;

use super::{
    by_mail::{email, from, posting, proved, wrong},
    *,
};
use crate::{
    auth::{
        Client,
        attempts::AccountKey,
        email_code::{self, Subject},
        sign_in::mailed_code::{answer_all, ask, with_mailed_code},
    },
    mail::Queued,
};

/// An account with a proved address that asks for two codes, besides one that isn't.
struct House {
    core: Core,
    clock: Arc<ManualClock>,
    ada: enrolment::EnrolledNow,
}

impl House {
    async fn new(pool: PgPool) -> Self {
        let (core, clock) = posting(pool);
        let ada = proved(&core, "ada", "ada@mail.example").await;
        enrolled(&core, "bob").await;
        let house = Self { core, clock, ada };
        house.attack("ada").await;
        house
    }

    async fn attack(&self, who: &str) {
        attack(&self.core, who, other(self.right())).await;
    }

    fn right(&self) -> TotpCode {
        code(&self.ada.secret, &self.clock)
    }

    /// The ticket that a first code gives.
    async fn first(&self, client: &Client, who: &str, code: TotpCode) -> String {
        asked_for_two(sign_in::with_code(&self.core, client, Some(&name(who)), code).await)
    }

    /// The ticket with which a mailed code goes on after a first one.
    async fn asked(&self, client: &Client, who: &str, code: TotpCode) -> Result<String, AuthError> {
        let ticket = self.first(client, who, code).await;
        let mailed = ask(&self.core, client, &ticket).await;
        self.settled().await;
        mailed
    }

    /// Until everything that was asked is answered: the task beside the request may be at it.
    async fn settled(&self) {
        answer_all(&self.core).await.unwrap();
        loop {
            let open: i64 = sqlx::query_scalar("SELECT count(*) FROM sign_in_mails WHERE handled_at IS NULL")
                .fetch_one(&self.core.pool)
                .await
                .unwrap();
            if open == 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The codes that were mailed to sign in, oldest first.
    async fn mails(&self) -> Vec<Queued> {
        let mut mails = Queued::all(&self.core).await;
        mails.retain(|mail| mail.kind == "sign-in-code");
        mails
    }

    async fn last_code(&self) -> String {
        self.mails().await.last().unwrap().code()
    }

    async fn sign_in(&self, client: &Client, ticket: &str, code: &str) -> Result<UserId, AuthError> {
        let code: EmailCode = code.parse().unwrap();
        with_mailed_code(&self.core, client, ticket, code).await
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_code_and_a_mailed_one_sign_in_once(pool: PgPool) {
    let house = House::new(pool).await;
    let client = Client { agent: crate::auth::UserAgent::new("PicGo/2.3.1"), ..from(9) };
    let ticket = house.asked(&client, "ada", house.right()).await.unwrap();
    let mails = house.mails().await;
    assert_eq!((mails.len(), &*mails[0].to), (1, "ada@mail.example"));
    for words in ["the account ada", "PicGo", "198.51.100.9"] {
        assert!(mails[0].text.contains(words), "{}", mails[0].text);
    }
    let code = mails[0].code();
    assert_eq!(house.sign_in(&client, &ticket, &code).await.unwrap(), house.ada.user_id);
    let again = house.sign_in(&client, &ticket, &code).await;
    assert!(matches!(again, Err(AuthError::CodeExpired)), "{again:?}");
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM auth_attempts WHERE address = '198.51.100.9'")
        .fetch_one(&house.core.pool)
        .await
        .unwrap();
    assert_eq!(left, 1, "the right pair took back what asking and it had counted, the used one stays");
    let spent = house.first(&client, "ada", house.right()).await;
    house.clock.advance(Duration::MINUTE);
    ask(&house.core, &client, &spent).await.unwrap();
    house.settled().await;
    assert_eq!(house.mails().await.len(), 1, "the authenticator's code was spent with the mailed one");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn whichever_half_is_wrong_the_answer_is_one(pool: PgPool) {
    let house = House::new(pool).await;
    let ticket = house.asked(&from(9), "ada", house.right()).await.unwrap();
    let mailed = house.last_code().await;
    let outcome = house.sign_in(&from(9), &ticket, &wrong(&mailed)).await;
    assert!(matches!(outcome, Err(AuthError::WrongCode)), "{outcome:?}");
    house.clock.advance(Duration::MINUTE);
    let after_wrong = house.asked(&from(8), "ada", other(house.right())).await.unwrap();
    assert_eq!(after_wrong.len(), ticket.len());
    let outcome = house.sign_in(&from(8), &after_wrong, &mailed).await;
    assert!(matches!(outcome, Err(AuthError::WrongCode)), "{outcome:?}");
    let elsewhere = house.sign_in(&from(8), &ticket, &mailed).await;
    assert!(matches!(elsewhere, Err(AuthError::SignInExpired)), "{elsewhere:?}");
    assert_eq!(house.mails().await.len(), 1, "nothing is mailed after a wrong first code");
    assert_eq!(house.sign_in(&from(9), &ticket, &mailed).await.unwrap(), house.ada.user_id);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_name_that_nobody_has_and_an_account_without_an_address_are_asked_alike(pool: PgPool) {
    let house = House::new(pool).await;
    enrolment::enrol_now(&house.core, name("eve"), Some(email("typed@mail.example")), false).await.unwrap();
    let mut lengths = Vec::new();
    for (host, who) in [(6, "ada"), (7, "bob"), (8, "eve"), (9, "nobody")] {
        if who != "ada" {
            house.attack(who).await;
        }
        let ticket = house.asked(&from(host), who, other(house.right())).await.unwrap();
        lengths.push(ticket.len());
        for _ in 0..4 {
            let outcome = house.sign_in(&from(host), &ticket, "000000").await;
            assert!(matches!(outcome, Err(AuthError::WrongCode)), "{who}: {outcome:?}");
        }
        let outcome = house.sign_in(&from(host), &ticket, "000000").await;
        assert!(
            matches!(outcome, Err(AuthError::TooManyAttempts { retry_after: 3600 })),
            "{who}: {outcome:?}"
        );
    }
    assert!(lengths.iter().all(|length| *length == lengths[0]), "{lengths:?}");
    assert_eq!(house.mails().await.len(), 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn only_an_address_that_was_proved_is_mailed_to_and_not_of_the_suspended(pool: PgPool) {
    let house = House::new(pool).await;
    for (host, change) in [
        (7, "UPDATE users SET email_verified_at = NULL"),
        (8, "UPDATE users SET email_verified_at = created_at, suspended_at = created_at"),
    ] {
        sqlx::query(change).execute(&house.core.pool).await.unwrap();
        house.asked(&from(host), "ada", house.right()).await.unwrap();
    }
    assert_eq!(house.mails().await.len(), 0);
    sqlx::query("UPDATE users SET suspended_at = NULL").execute(&house.core.pool).await.unwrap();
    house.asked(&from(9), "ada", house.right()).await.unwrap();
    assert_eq!(house.mails().await.len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_lapses_after_ten_minutes_whichever_half_was_wrong(pool: PgPool) {
    let house = House::new(pool).await;
    let early = house.asked(&from(7), "ada", house.right()).await.unwrap();
    let code = house.last_code().await;
    house.attack("nobody").await;
    let nobodys = house.asked(&from(8), "nobody", house.right()).await.unwrap();
    house.clock.advance(Duration::minutes(10) - Duration::SECOND);
    assert_eq!(house.sign_in(&from(7), &early, &code).await.unwrap(), house.ada.user_id);
    let outcome = house.sign_in(&from(8), &nobodys, &code).await;
    assert!(matches!(outcome, Err(AuthError::WrongCode)), "{outcome:?}");
    house.clock.advance(Duration::SECOND);
    let outcome = house.sign_in(&from(8), &nobodys, &code).await;
    assert!(matches!(outcome, Err(AuthError::SignInExpired)), "{outcome:?}");
    let late = house.asked(&from(7), "ada", house.right()).await.unwrap();
    let code = house.last_code().await;
    house.clock.advance(Duration::minutes(10));
    let outcome = house.sign_in(&from(7), &late, &code).await;
    assert!(matches!(outcome, Err(AuthError::SignInExpired)), "{outcome:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_ticket_for_one_second_half_is_none_for_the_other(pool: PgPool) {
    let house = House::new(pool).await;
    let first = house.first(&from(9), "ada", house.right()).await;
    let outcome = house.sign_in(&from(9), &first, "000000").await;
    assert!(matches!(outcome, Err(AuthError::SignInExpired)), "{outcome:?}");
    let mailed = ask(&house.core, &from(9), &first).await.unwrap();
    let outcome = ask(&house.core, &from(9), &mailed).await;
    assert!(matches!(outcome, Err(AuthError::SignInExpired)), "{outcome:?}");
    house.clock.advance(Duration::seconds(STEP));
    let outcome = sign_in::with_second_code(&house.core, &from(9), &mailed, house.right()).await;
    assert!(matches!(outcome, Err(AuthError::SignInExpired)), "{outcome:?}");
    let user = sign_in::with_second_code(&house.core, &from(9), &first, house.right()).await;
    assert_eq!(user.unwrap(), house.ada.user_id, "two codes are still taken");
    house.settled().await;
    let code = house.last_code().await;
    let outcome = house.sign_in(&from(9), &mailed, &code).await;
    assert!(matches!(outcome, Err(AuthError::WrongCode)), "a later code was used: {outcome:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_code_has_five_tries_whether_it_was_mailed_or_not(pool: PgPool) {
    let house = House::new(pool).await;
    let ada = house.asked(&from(8), "ada", house.right()).await.unwrap();
    let code = house.last_code().await;
    house.attack("nobody").await;
    let nobodys = house.asked(&from(9), "nobody", house.right()).await.unwrap();
    // The address's budget ends sooner, so that the code's own is asked beside it.
    for (ticket, who) in [(ada, "ada"), (nobodys, "nobody")] {
        let subject = Subject::SignIn(*AccountKey::of(Some(&name(who))).as_bytes());
        let prove = |code: &str| {
            let code: EmailCode = code.parse().unwrap();
            let (core, subject, ticket) = (&house.core, &subject, &ticket);
            async move { email_code::prove(core, subject, ticket, code).await }
        };
        for _ in 0..5 {
            let outcome = prove(&wrong(&code)).await;
            assert!(matches!(outcome, Err(AuthError::WrongCode)), "{who}: {outcome:?}");
        }
        let outcome = prove(&code).await;
        assert!(matches!(outcome, Err(AuthError::CodeExpired)), "{who}: {outcome:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn of_parallel_right_pairs_one_wins(pool: PgPool) {
    let house = House::new(pool).await;
    let ticket = house.asked(&from(9), "ada", house.right()).await.unwrap();
    let code: EmailCode = house.last_code().await.parse().unwrap();
    let tries = (0..20).map(|_| {
        let (core, ticket) = (house.core.clone(), ticket.clone());
        tokio::spawn(async move { with_mailed_code(&core, &from(9), &ticket, code).await })
    });
    let mut won = 0;
    for outcome in tries.collect::<Vec<_>>() {
        won += usize::from(outcome.await.unwrap().is_ok());
    }
    assert_eq!(won, 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_client_asks_once_a_minute_and_five_times_an_hour_whoever_is_named(pool: PgPool) {
    let house = House::new(pool).await;
    house.attack("nobody").await;
    for (host, who) in [(8, "ada"), (9, "nobody")] {
        house.asked(&from(host), who, house.right()).await.unwrap();
        house.clock.advance(Duration::seconds(59));
        let soon = house.asked(&from(host), who, house.right()).await;
        assert!(matches!(soon, Err(AuthError::TooManyAttempts { retry_after: 1 })), "{who}: {soon:?}");
        house.clock.advance(Duration::SECOND);
        for _ in 0..4 {
            house.asked(&from(host), who, house.right()).await.unwrap();
            house.clock.advance(Duration::MINUTE);
        }
        let sixth = sign_in::with_code(&house.core, &from(host), Some(&name(who)), house.right()).await;
        assert!(matches!(sixth, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{who}: {sixth:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_is_sent_five_a_day_and_who_asks_is_not_told(pool: PgPool) {
    let house = House::new(pool).await;
    house.asked(&from(10), "ada", house.right()).await.unwrap();
    house.asked(&from(11), "ada", house.right()).await.unwrap();
    assert_eq!(house.mails().await.len(), 1, "one a minute, from wherever it is asked for");
    for host in 12..20 {
        house.clock.advance(Duration::hours(2));
        // The mails that were sent are kept to be counted.
        session::sweep(&house.core.pool, house.core.now()).await.unwrap();
        house.asked(&from(host), "ada", house.right()).await.unwrap();
    }
    assert_eq!(house.mails().await.len(), 5);
    house.clock.advance(Duration::hours(8));
    house.asked(&from(20), "ada", house.right()).await.unwrap();
    assert_eq!(house.mails().await.len(), 6, "the first is a day old");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_others_have_sent_to_the_address_is_not_taken_from_its_owner(pool: PgPool) {
    let house = House::new(pool).await;
    let to = email("ada@mail.example");
    for host in 0..5 {
        let subject = Subject::Enrolment(format!("invite {host}"));
        email_code::send(&house.core, &from(host + 20), &subject, &to).await.unwrap();
        house.clock.advance(Duration::MINUTE);
    }
    let sixth = Subject::Enrolment("invite 6".into());
    let sixth = email_code::send(&house.core, &from(30), &sixth, &to).await;
    assert!(matches!(sixth, Err(AuthError::TooManyAttempts { retry_after: 3300 })), "{sixth:?}");
    let ticket = house.asked(&from(9), "ada", house.right()).await.unwrap();
    let code = house.last_code().await;
    assert_eq!(house.sign_in(&from(9), &ticket, &code).await.unwrap(), house.ada.user_id);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_a_stopped_node_left_is_mailed_later_unless_it_has_lapsed(pool: PgPool) {
    let house = House::new(pool).await;
    for (host, away, mails) in [(8, Duration::minutes(9), 1), (9, Duration::minutes(10), 0)] {
        house.asked(&from(host), "ada", house.right()).await.unwrap();
        assert_eq!(house.mails().await.len(), 1);
        // As if the node had stopped before it mailed anything.
        for undo in [
            "DELETE FROM mail_outbox",
            "UPDATE email_codes SET email = NULL, code_mac = NULL",
            "UPDATE sign_in_mails SET handled_at = NULL",
        ] {
            sqlx::query(undo).execute(&house.core.pool).await.unwrap();
        }
        house.clock.advance(away);
        house.settled().await;
        assert_eq!(house.mails().await.len(), mails, "{away}");
        sqlx::query("DELETE FROM mail_outbox").execute(&house.core.pool).await.unwrap();
        house.clock.advance(Duration::HOUR);
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn without_a_mail_server_none_is_asked_for(pool: PgPool) {
    let mut house = House::new(pool).await;
    house.core.settings = Arc::new(testing::settings());
    let outcome = house.asked(&from(9), "ada", house.right()).await;
    assert!(matches!(outcome, Err(AuthError::NoMail)), "{outcome:?}");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_recorded_by_what_somebody_signed_in_or_failed_to(pool: PgPool) {
    let house = House::new(pool).await;
    let ticket = house.asked(&from(9), "ada", house.right()).await.unwrap();
    let code = house.last_code().await;
    house.sign_in(&from(9), &ticket, &wrong(&code)).await.unwrap_err();
    house.sign_in(&from(9), &ticket, &code).await.unwrap();
    let used = house.sign_in(&from(9), &ticket, &code).await;
    assert!(matches!(used, Err(AuthError::CodeExpired)), "{used:?}");
    let recorded: Vec<(String, String)> = sqlx::query_as(
        "SELECT action, outcome FROM audit_log WHERE details->>'by' = 'mailed_code' ORDER BY sequence",
    )
    .fetch_all(&house.core.pool)
    .await
    .unwrap();
    let entry = |action: &str, outcome: &str| (action.to_owned(), outcome.to_owned());
    let failed = || entry("sign_in_failed", "failure");
    assert_eq!(recorded, [failed(), entry("signed_in", "success"), failed()]);
}
