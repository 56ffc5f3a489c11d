//! Sealed secrets, and what a lost or rotated key does to them.

use super::*;

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_secret_moved_to_another_person_does_not_open(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let bob = enrolled(&core, "bob").await;
    sqlx::query(
        "UPDATE totp_credentials SET sealed = (SELECT sealed FROM totp_credentials WHERE user_id = $1) WHERE user_id = $2",
    )
    .bind(ada.user_id.0)
    .bind(bob.user_id.0)
    .execute(&core.pool)
    .await
    .unwrap();
    let outcome =
        sign_in::with_code(&core, &HOME.into(), Some(&name("bob")), code(&ada.secret, &clock)).await;
    assert!(matches!(outcome, Err(AuthError::Sealed)), "{outcome:?}");
    let nothing = Sealed { key_id: "00000000".into(), bytes: Vec::new() };
    assert!(matches!(TotpSecret::open(&core.keys, bob.user_id, &nothing), Err(AuthError::Sealed)));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn any_of_several_authenticators_opens_and_a_lost_key_closes_only_its_own(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    sqlx::query(
        "INSERT INTO totp_credentials (id, user_id, name, key_id, sealed, last_step, created_at) \
         SELECT gen_random_uuid(), user_id, 'old phone', '00000000', sealed, 0, created_at - interval '1 day' \
         FROM totp_credentials",
    )
    .execute(&core.pool)
    .await
    .unwrap();
    let right = code(&ada.secret, &clock);
    assert_eq!(
        sign_in::with_code(&core, &HOME.into(), None, right).await.unwrap(),
        Outcome::SignedIn(ada.user_id)
    );
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_rotated_key_still_opens_codes_and_secrets(pool: PgPool) {
    let (mut core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await;
    core.keys = Arc::new(crate::keys::Keyring::from_secret([9; 32]).with_older([7; 32]));
    assert!(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await.is_ok());
    assert!(sign_in::with_recovery_code(&core, &HOME.into(), None, ada.recovery_codes[0]).await.is_ok());
}
