//! Sealed secrets, and what a lost or rotated key does to them.

use model::types::{
    AuthenticatorOffer, Challenge, ChallengeProvider, ChallengePurpose, EmailCode, EnrolmentOffer, Label,
};

use super::*;
use crate::{
    audit::{self, Damage},
    auth::{
        Client, authenticator,
        device::{self, DeviceToken, Resumed},
        email,
        email_code::{Subject, prove},
    },
    challenge::{self, SignUp},
    keys::{self, Keyring, Stored, What},
    mail::Queued,
};

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
    core.keys = Arc::new(Keyring::from_secrets([9; 32], [[7; 32]]));
    assert!(sign_in::with_code(&core, &HOME.into(), None, code(&ada.secret, &clock)).await.is_ok());
    assert!(sign_in::with_recovery_code(&core, &HOME.into(), None, ada.recovery_codes[0]).await.is_ok());
}

/// Somebody with everything that a key has a part in, under way too.
struct Ada {
    account: enrolment::EnrolledNow,
    device: DeviceToken,
    /// Ticket and code of a mail address to be proved.
    proof: (String, EmailCode),
    offer: AuthenticatorOffer,
    enrolment: EnrolmentOffer,
    challenge: Challenge,
}

impl Ada {
    async fn arrive(core: &Core) -> Self {
        let account = enrolled(core, "ada").await;
        let (_, device, _) = testing::trust(core, account.user_id, &browser(None)).await;
        let session = testing::session(core, account.user_id).await;
        let client = HOME.into();
        let to = "ada@mail.example".parse().unwrap();
        let ticket = email::ask(core, &client, By::user(&client), account.user_id, session, &to)
            .await
            .unwrap()
            .unwrap();
        let code = Queued::all(core).await[0].code().parse().unwrap();
        let offer = authenticator::begin(core, account.user_id, "Work phone".parse::<Label>().unwrap())
            .await
            .unwrap();
        let link = enrolment::create_link(core, By::SYSTEM, &name("bob"), false).await.unwrap();
        let enrolment = begin(core, &link, name("bob"), None).await.unwrap();
        let challenge = challenge::issue(core, HOME, ChallengePurpose::SignUp).await.unwrap();
        Self { account, device, proof: (ticket, code), offer, enrolment, challenge }
    }

    /// What can be done again and again: a code, a trusted device, the `n`th recovery code.
    async fn comes_again(&mut self, core: &Core, clock: &ManualClock, recovery_code: Option<usize>) {
        clock.advance(Duration::seconds(31));
        let given = code(&self.account.secret, clock);
        assert!(sign_in::with_code(core, &HOME.into(), Some(&name("ada")), given).await.is_ok());
        let resumed = device::resume(core, &browser(Some(&self.device))).await.unwrap();
        let Resumed::SignedIn(_, next, _) = resumed else { panic!("{resumed:?}") };
        self.device = next;
        if let Some(n) = recovery_code {
            let used = self.account.recovery_codes[n];
            let outcome = sign_in::with_recovery_code(core, &HOME.into(), Some(&name("ada")), used).await;
            assert!(outcome.is_ok(), "{outcome:?}");
        }
    }

    /// What was under way ends well.
    async fn ends(&self, core: &Core, clock: &ManualClock) {
        let user = self.account.user_id;
        prove(core, &Subject::Account(user), &self.proof.0, self.proof.1).await.unwrap();
        let first = code(&self.offer.secret.groups.concat(), clock);
        authenticator::confirm(core, By::SYSTEM, user, None, &self.offer.ticket, first).await.unwrap();
        let first = code(&self.enrolment.secret.groups.concat(), clock);
        let codes = enrolment::confirm(core, &self.enrolment.ticket, first).await.unwrap();
        let typed = codes.codes[0];
        enrolment::finish(core, &HOME.into(), &self.enrolment.ticket, typed).await.unwrap();
        let solved = challenge::solution(core, &self.challenge).await.unwrap();
        let _ = challenge::verify::<SignUp>(core, HOME, Some(&solved)).await.unwrap();
        assert_eq!(Queued::all(core).await[0].to, "ada@mail.example");
    }
}

fn browser(token: Option<&DeviceToken>) -> Client {
    Client { device: token.cloned(), ..HOME.into() }
}

/// A core with mail and challenges, and the key that all begins with.
fn whole(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let (mut core, clock) = at(pool);
    let mut settings = testing::posting();
    settings.policy.challenge = ChallengeProvider::Pow;
    core.settings = Arc::new(settings);
    (core, clock)
}

async fn log_is_whole(core: &Core) {
    assert_eq!(audit::verify(core, None).await.unwrap().damage, None);
}

const OLD: [u8; 32] = [7; 32];
const NEW: [u8; 32] = [9; 32];

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn everything_works_before_between_and_after_a_change_of_keys(pool: PgPool) {
    let (core, clock) = whole(pool);
    let mut ada = Ada::arrive(&core).await;
    ada.comes_again(&core, &clock, Some(0)).await;
    // Keys are changed under a server that runs.
    core.keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    ada.comes_again(&core, &clock, Some(1)).await;
    log_is_whole(&core).await;
    let report = keys::reseal(&core).await.unwrap();
    let rows = |stored| report.rows.iter().find(|(one, _)| *one == stored).unwrap().1;
    assert_eq!(rows(Stored::Authenticators), 1);
    assert_eq!((rows(Stored::Offers), rows(Stored::Enrolments), rows(Stored::Challenges)), (1, 1, 1));
    assert_eq!(rows(Stored::Mail), 1);
    assert_eq!((report.unopened, report.left), (0, 0));
    ada.comes_again(&core, &clock, Some(2)).await;
    ada.ends(&core, &clock).await;
    log_is_whole(&core).await;
    let head = audit::verify(&core, None).await.unwrap().head;

    // What goes with the old key is what was said to.
    let present = Keyring::from_secret(NEW).id();
    let kept = keys::older(&core.pool, &present).await.unwrap();
    let kept: Vec<_> = kept.iter().map(|one| (one.key_id.clone(), one.what)).collect();
    let old = Keyring::from_secret(OLD).id();
    assert_eq!(kept, [(old.clone(), What::RecoveryCodes), (old.clone(), What::LogEntries)]);
    core.keys.replace(&Keyring::from_secret(NEW));
    ada.comes_again(&core, &clock, None).await;
    let void = ada.account.recovery_codes[3];
    let refused = sign_in::with_recovery_code(&core, &HOME.into(), Some(&name("ada")), void).await;
    assert!(matches!(refused, Err(AuthError::WrongRecoveryCode)), "{refused:?}");
    let unknown = Damage::UnknownKey { sequence: 1, key_id: old };
    assert_eq!(audit::verify(&core, None).await.unwrap().damage, Some(unknown));
    assert_eq!(audit::verify(&core, Some(head)).await.unwrap().damage, None, "a noted head vouches");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_server_that_still_seals_with_the_old_key_gets_along_with_one_that_does_not(pool: PgPool) {
    let (behind, clock) = whole(pool);
    let mut ada = Ada::arrive(&behind).await;
    behind.keys.replace(&Keyring::from_secrets(OLD, [NEW]));
    let ahead = Core { keys: Arc::new(Keyring::from_secrets(NEW, [OLD])), ..behind.clone() };
    for (n, core) in [&ahead, &behind, &ahead].into_iter().enumerate() {
        clock.advance(Duration::minutes(1));
        ada.comes_again(core, &clock, Some(n)).await;
    }
    keys::reseal(&ahead).await.unwrap();
    clock.advance(Duration::minutes(1));
    ada.comes_again(&behind, &clock, Some(3)).await;
    // Sealed with the old key after all was sealed anew: it opens everywhere, and the next call finds it.
    let bob = enrolled(&behind, "Bob").await;
    let given = code(&bob.secret, &clock);
    assert!(sign_in::with_code(&ahead, &HOME.into(), Some(&name("bob")), given).await.is_ok());
    assert_eq!(keys::reseal(&ahead).await.unwrap().rows.last(), Some(&(Stored::Authenticators, 1)));
    for core in [&ahead, &behind] {
        log_is_whole(core).await;
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_device_that_comes_twice_while_the_key_changes_has_one_next_token(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await;
    let (_, device, _) = testing::trust(&core, ada.user_id, &browser(None)).await;
    let come = async || match device::resume(&core, &browser(Some(&device))).await.unwrap() {
        Resumed::SignedIn(_, next, _) => next,
        other => panic!("{other:?}"),
    };
    let first = come().await;
    core.keys.replace(&Keyring::from_secrets(NEW, [OLD]));
    let second = come().await;
    assert!(first == second);
    let resumed = device::resume(&core, &browser(Some(&second))).await.unwrap();
    assert!(matches!(resumed, Resumed::SignedIn(..)), "{resumed:?}");
}
