//! Old secrets.

use super::*;
use crate::{
    Settings,
    alert::remind,
    auth::authenticator::{self, RotationPolicy},
};

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_old_secret_is_reminded_of_when_it_is_due_and_when_it_is_overdue(pool: PgPool) {
    let house = House::new(pool).await;
    house.execute("UPDATE users SET language = 'zh' WHERE id = $1", house.user()).await;
    let remind = async || remind(&house.core).await.unwrap();
    house.clock.advance(Duration::days(90) - Duration::SECOND);
    assert_eq!((remind().await, house.told().await), (0, vec![]));
    house.clock.advance(Duration::SECOND);
    assert_eq!((remind().await, remind().await), (1, 0));
    let [due] = house.mails().await.try_into().unwrap();
    assert_eq!((due.kind.as_str(), due.to.as_str()), ("rotation-due", "ada@mail.example"));
    assert!(due.text.contains("2026年11月20日") && !due.text.contains("时间已经过长"), "{}", due.text);
    house.clock.advance(Duration::days(90));
    assert_eq!((remind().await, remind().await), (1, 0));
    let [overdue] = house.mails().await.try_into().unwrap();
    assert!(overdue.text.contains("时间已经过长"), "{}", overdue.text);
    house.clock.advance(Duration::days(900));
    assert_eq!(remind().await, 0, "twice is enough");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn who_was_not_reminded_before_is_reminded_of_an_overdue_secret_once(pool: PgPool) {
    let house = House::new(pool).await;
    house.execute("UPDATE users SET email = NULL WHERE id = $1", house.user()).await;
    house.clock.advance(Duration::days(200));
    assert_eq!(remind(&house.core).await.unwrap(), 0, "no address");
    house.execute("UPDATE users SET email = 'ada@mail.example' WHERE id = $1", house.user()).await;
    let mute = Core { settings: Arc::new(testing::settings()), ..house.core.clone() };
    assert_eq!(remind(&mute).await.unwrap(), 0, "no mail server");
    assert_eq!(remind(&house.core).await.unwrap(), 1);
    assert_eq!(house.told().await, [to_ada("rotation-due")]);
    assert_eq!(remind(&house.core).await.unwrap(), 0);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn each_authenticator_is_reminded_of_and_a_renewed_one_from_the_beginning(pool: PgPool) {
    let house = House::new(pool).await;
    let by = By::COMMAND_LINE;
    house.clock.advance(Duration::days(10));
    let offer = authenticator::begin(&house.core, house.user(), "Phone".parse().unwrap()).await.unwrap();
    confirm(&house, by, &offer).await;
    house.clock.advance(Duration::days(90));
    assert_eq!(remind(&house.core).await.unwrap(), 2);
    let first = authenticator::list(&house.core, house.user()).await.unwrap()[0].id;
    let offer = authenticator::rotate(&house.core, house.user(), first).await.unwrap().unwrap();
    confirm(&house, by, &offer).await;
    house.clock.advance(Duration::days(90));
    house.mails().await;
    assert_eq!(remind(&house.core).await.unwrap(), 2);
    let mails = house.mails().await;
    let overdue: Vec<_> = mails.iter().filter(|mail| mail.text.contains("longer than it should")).collect();
    assert_eq!((mails.len(), overdue.len()), (2, 1));
    assert!(overdue[0].text.contains("“Phone”"), "{}", overdue[0].text);
}

async fn confirm(house: &House, by: By<'_>, offer: &model::types::AuthenticatorOffer) {
    let ada = EnrolledNow {
        user_id: house.user(),
        secret: offer.secret.groups.concat(),
        otpauth_url: String::new(),
        recovery_codes: Vec::new(),
    };
    let phone = House { core: house.core.clone(), clock: Arc::clone(&house.clock), ada };
    let code = phone.code();
    authenticator::confirm(&house.core, by, house.user(), None, &offer.ticket, code).await.unwrap();
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_nodes_remind_once_and_an_instance_without_reminders_never(pool: PgPool) {
    let house = House::new(pool).await;
    house.clock.advance(Duration::days(400));
    let off = Settings { rotation: RotationPolicy::after_days(0, 0), ..testing::posting() };
    let quiet = Core { settings: Arc::new(off), ..house.core.clone() };
    assert_eq!(remind(&quiet).await.unwrap(), 0);
    let nodes = futures::future::join_all((0..4).map(|_| remind(&house.core))).await;
    assert_eq!(nodes.into_iter().map(Result::unwrap).sum::<u64>(), 1);
    assert_eq!(house.told().await.len(), 1);
}
