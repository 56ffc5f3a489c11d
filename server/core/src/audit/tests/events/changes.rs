//! Of what people change: accounts, images, how they sign in.

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn accounts_links_and_tokens_are_told(pool: PgPool) {
    let home = Home::new(pool).await;
    let made: Vec<_> = all(&home.core).await.iter().map(|entry| (entry.action, entry.actor)).collect();
    let by = ActorKind::CommandLine;
    assert_eq!(made, [(Action::AccountCreated, by), (Action::Enrolled, by)]);
    let (line, name) = (By::COMMAND_LINE, "bob".parse().unwrap());
    enrolment::create_link(&home.core, line, &name, false).await.unwrap();
    enrolment::create_link(&home.core, line, &"ada".parse().unwrap(), false).await.unwrap_err();
    let token = enrolment::reset_link(&home.core, line, &"ada".parse().unwrap()).await.unwrap().unwrap();
    assert!(enrolment::reset_link(&home.core, line, &name).await.unwrap().is_none());
    testing::token(&home.core, home.ada.user_id, &testing::terms("laptop", [Scope::Upload])).await;
    let begun =
        enrolment::begin(&home.core, &home.client, &token, Some(name), GivenEmail::None).await.unwrap();
    let Begun::Offer(offer) = begun else { panic!("{begun:?}") };
    let secret = Home { ada: EnrolledNow { secret: offer.secret.groups.concat(), ..home.ada }, ..home };
    let codes = enrolment::confirm(&secret.core, &offer.ticket, secret.code()).await.unwrap().codes;
    enrolment::finish(&secret.core, &secret.client, &offer.ticket, codes[0]).await.unwrap();
    let entries = secret.entries().await;
    let short: Vec<_> = entries.iter().map(|entry| (entry.action, entry.details.name.as_deref())).collect();
    assert_eq!(
        short,
        [
            (Action::InviteMade, Some("bob")),
            (Action::ResetLinkMade, None),
            (Action::TokenCreated, Some("laptop")),
            (Action::TokenRevoked, Some("laptop")),
            (Action::ResetDone, None),
            (Action::SignedIn, None)
        ]
    );
    assert_eq!(entries.last().unwrap().details.by, Some(Proof::Enrolment));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn images_are_told_when_they_go_to_the_bin_out_of_it_and_for_good(pool: PgPool) {
    let home = Home::new(pool).await;
    let (core, user) = (&home.core, home.ada.user_id);
    sqlx::query("INSERT INTO blobs VALUES ($1, 1, 3, $2)")
        .bind([1_u8; 32])
        .bind(home.clock.now())
        .execute(&core.pool)
        .await
        .unwrap();
    let ids: Vec<_> = sqlx::query_scalar(
        "INSERT INTO images SELECT gen_random_uuid(), $1, n::text, 'a', 'image/png', 1, 1, 1, 1, 0, $2, $3, NULL \
         FROM generate_series(1, 3) AS n RETURNING id",
    )
    .bind(user.0)
    .bind([1_u8; 32])
    .bind(home.clock.now())
    .fetch_all(&core.pool)
    .await
    .unwrap()
    .into_iter()
    .map(ImageId)
    .collect();
    let visitor = By::visitor(&home.client);
    assert_eq!(restore(core, home.by(), user, &ids).await, []);
    assert_eq!(library::purge(core, home.by(), user, None).await.unwrap(), 0);
    assert!(home.entries().await.is_empty(), "nothing went");
    library::delete(core, visitor, user, &ids[..1]).await.unwrap();
    library::delete(core, home.by().with_token(Some("laptop")), user, &ids).await.unwrap();
    restore(core, home.by(), user, &ids[..2]).await;
    library::purge(core, home.by(), user, None).await.unwrap();
    sqlx::query("UPDATE images SET expires_at = $1")
        .bind(home.clock.now())
        .execute(&core.pool)
        .await
        .unwrap();
    library::bin_lapsed(core).await.unwrap();
    let entries = home.entries().await;
    let short: Vec<_> = entries
        .iter()
        .map(|entry| (entry.action, entry.details.count, entry.actor, entry.details.token.as_deref()))
        .collect();
    assert_eq!(
        short,
        [
            (Action::ImagesBinned, Some(1), ActorKind::Visitor, None),
            (Action::ImagesBinned, Some(2), ActorKind::User, Some("laptop")),
            (Action::ImagesRestored, Some(2), ActorKind::User, None),
            (Action::ImagesDeleted, Some(1), ActorKind::User, None),
            (Action::ImagesBinned, Some(2), ActorKind::System, None),
        ]
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn the_life_of_an_authenticator_is_told(pool: PgPool) {
    let home = Home::new(pool).await;
    let (core, user, by) = (&home.core, home.ada.user_id, home.by());
    let set_up = async |offer: AuthenticatorOffer| {
        let secret = offer.secret.groups.concat();
        let code = code_of(&secret, &home.clock);
        authenticator::confirm(core, by, user, None, &offer.ticket, code).await
    };
    let offer = authenticator::begin(core, user, "Phone".parse().unwrap()).await.unwrap();
    let id = set_up(offer.clone()).await.unwrap();
    set_up(offer).await.unwrap_err();
    assert!(authenticator::rename(core, by, user, id, &"Pocket".parse().unwrap()).await.unwrap());
    authenticator::rename(core, by, user, id, &"Authenticator".parse().unwrap()).await.unwrap_err();
    let id = set_up(authenticator::rotate(core, user, id).await.unwrap().unwrap()).await.unwrap();
    assert!(authenticator::remove(core, by, user, None, id).await.unwrap());
    assert!(!authenticator::remove(core, by, user, None, id).await.unwrap());
    let last = authenticator::list(core, user).await.unwrap()[0].id;
    authenticator::remove(core, by, user, None, last).await.unwrap_err();
    let entries = home.entries().await;
    for entry in &entries {
        assert_eq!((entry.user, entry.actor), (Some(user), ActorKind::User));
        assert_eq!((entry.address.as_deref(), entry.device.as_deref()), (Some("192.0.2.1"), Some("PicGo")));
    }
    let short: Vec<_> = entries.into_iter().map(|entry| (entry.action, entry.details)).collect();
    assert_eq!(
        short,
        [
            (Action::AuthenticatorAdded, AuditDetails::named("Phone")),
            (Action::AuthenticatorRenamed, AuditDetails::changed("Phone", "Pocket")),
            (Action::AuthenticatorRotated, AuditDetails::named("Pocket")),
            (Action::AuthenticatorRemoved, AuditDetails::named("Pocket")),
        ]
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn new_recovery_codes_are_told_once_they_are_good(pool: PgPool) {
    let home = Home::new(pool).await;
    let user = home.ada.user_id;
    let offer = recovery::begin(&home.core, user).await.unwrap();
    let wrong = RecoveryCode::from_bytes([1; 10]);
    recovery::confirm(&home.core, home.by(), user, &offer.ticket, wrong).await.unwrap_err();
    assert!(home.entries().await.is_empty());
    recovery::confirm(&home.core, home.by(), user, &offer.ticket, offer.codes[0]).await.unwrap();
    assert_eq!(home.actions().await, [(Action::RecoveryCodesRegenerated, DONE)]);
}
