//! Into the outbox.

use super::*;
use crate::mail::outbox::CHANNEL;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mail_goes_out_if_and_only_if_the_thing_happened(pool: PgPool) {
    let (core, _) = at(pool);
    let inbox = Inbox::default();
    let mut undone = core.pool.begin().await.unwrap();
    enqueue(&mut undone, &core, &ada(), &welcome()).await.unwrap().unwrap();
    undone.rollback().await.unwrap();
    send_all(&core, &inbox).await;
    assert_eq!(inbox.len(), 0);

    let mut done = core.pool.begin().await.unwrap();
    let id = enqueue(&mut done, &core, &ada(), &welcome()).await.unwrap().unwrap();
    send_all(&core, &inbox).await;
    assert_eq!(inbox.len(), 0, "sent before it was committed");
    done.commit().await.unwrap();
    send_all(&core, &inbox).await;
    assert_eq!((inbox.len(), state(&core, id).await), (1, MailState::Sent));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nothing_is_queued_without_a_mail_server(pool: PgPool) {
    let core = testing::core(pool);
    assert!(!core.mail_enabled());
    let mut connection = core.pool.acquire().await.unwrap();
    assert_eq!(enqueue(&mut connection, &core, &ada(), &welcome()).await.unwrap(), None);
    assert_eq!(outbox::counts(&core).await.unwrap(), model::types::OutboxCounts::default());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_said_is_sealed_and_goes_once_it_is_sent(pool: PgPool) {
    let (core, _) = at(pool);
    let id = queue(&core, &reset_link(&core)).await;
    let row = |core: &Core| {
        let pool = core.pool.clone();
        async move {
            let sql = "SELECT mail_outbox::text FROM mail_outbox WHERE id = $1";
            sqlx::query_scalar::<_, String>(sql).bind(id.0).fetch_one(&pool).await.unwrap()
        }
    };
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let queued = row(&core).await;
    assert!(
        queued.contains("\\\\x") && !queued.contains("s3cret") && !queued.contains(&hex("s3cret")),
        "{queued}"
    );
    send_all(&core, &Inbox::default()).await;
    assert!(!row(&core).await.contains("\\\\x"));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn senders_hear_of_it_once_it_is_committed(pool: PgPool) {
    let (core, _) = at(pool);
    let mut listener = sqlx::postgres::PgListener::connect_with(&core.pool).await.unwrap();
    listener.listen(CHANNEL).await.unwrap();
    let mut transaction = core.pool.begin().await.unwrap();
    enqueue(&mut transaction, &core, &ada(), &welcome()).await.unwrap();
    transaction.commit().await.unwrap();
    assert_eq!(listener.recv().await.unwrap().channel(), CHANNEL);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn people_are_written_to_in_their_language(pool: PgPool) {
    let (core, _) = at(pool);
    let mut connection = core.pool.acquire().await.unwrap();
    let user = testing::user(&core.pool, "ada", 1).await;
    assert_eq!(Recipient::of(&mut connection, user).await.unwrap(), None, "no address");
    let set = "UPDATE users SET email = 'ada@mail.example', language = $2, is_admin = true WHERE id = $1";
    for (stored, language) in [(None, Language::English), (Some("zh"), Language::Chinese)] {
        sqlx::query(set).bind(user.0).bind(stored).execute(&mut *connection).await.unwrap();
        let recipient = Recipient { language, ..ada() };
        assert_eq!(Recipient::of(&mut connection, user).await.unwrap(), Some(recipient.clone()));
        testing::user(&core.pool, language.tag(), 1).await;
        assert_eq!(Recipient::administrators(&mut connection).await.unwrap(), [recipient]);
    }
}
