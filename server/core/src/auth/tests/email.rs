//! An account's mail address.

use super::*;
use crate::{
    auth::{
        email,
        email_code::{Subject, prove},
    },
    mail::Queued,
};

async fn stored(core: &Core, user: UserId) -> (Option<String>, bool) {
    let me = user::me(core, user).await.unwrap().unwrap();
    (me.email.map(|email| email.as_str().to_owned()), me.email_verified)
}

async fn changes(core: &Core) -> Vec<String> {
    sqlx::query_scalar("SELECT details::text FROM audit_log WHERE action = 'email_changed' ORDER BY sequence")
        .fetch_all(&core.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_address_counts_once_its_code_has_come_back(pool: PgPool) {
    let (mut core, _) = at(pool);
    core.settings = Arc::new(testing::posting());
    let (ada, client) = (enrolled(&core, "ada").await.user_id, HOME.into());
    let (by, session) = (By::user(&client), testing::session(&core, ada).await);
    let address: EmailAddress = "ada@mail.example".parse().unwrap();
    let ticket = email::ask(&core, &client, by, ada, session, &address).await.unwrap().unwrap();
    assert_eq!(stored(&core, ada).await, (None, false), "asked is not changed");
    let code = Queued::all(&core).await[0].code().parse().unwrap();
    let bob = enrolled(&core, "bob").await.user_id;
    let others = prove(&core, &Subject::Account(bob), &ticket, code).await;
    assert!(matches!(others, Err(AuthError::CodeExpired)), "{others:?}");
    let proved = prove(&core, &Subject::Account(ada), &ticket, code).await.unwrap();
    email::change(&core, by, ada, session, &proved).await.unwrap();
    assert_eq!(stored(&core, ada).await, (Some("ada@mail.example".into()), true));
    email::forget(&core, by, ada, session).await.unwrap();
    assert_eq!(stored(&core, ada).await, (None, false));
    assert_eq!(changes(&core).await.len(), 2);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn without_a_mail_server_an_address_is_kept_and_proves_nothing(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, client) = (enrolled(&core, "ada").await.user_id, HOME.into());
    let address = "ada@mail.example".parse().unwrap();
    let session = testing::session(&core, ada).await;
    assert_eq!(email::ask(&core, &client, By::user(&client), ada, session, &address).await.unwrap(), None);
    assert_eq!(stored(&core, ada).await, (Some("ada@mail.example".into()), false));
    assert_eq!(changes(&core).await.len(), 1);
}
