//! The account that somebody tries, and what a code is worth at it.

use model::types::{MOST_AUTHENTICATORS, TotpCode, UserId, Username};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::{
    Core,
    auth::{
        AuthError, Client,
        attempts::{AccountKey, Place, Try},
        device,
        ticket::FirstCode,
        totp::{TotpSecret, Verdict},
    },
    keys::{Keyring, Sealed},
};

/// The account that somebody names, which may be nobody's.
pub(super) struct Account {
    pub(super) key: AccountKey,
    /// What a code is judged against, for nobody's too.
    credentials: Vec<Credential>,
}

/// A stored authenticator, or one that nothing opens.
#[derive(sqlx::FromRow)]
pub(super) struct Credential {
    id: Uuid,
    user_id: Uuid,
    key_id: String,
    sealed: Vec<u8>,
    last_step: i64,
}

impl Credential {
    /// Nobody's: it is as much work as any other, and no code is right.
    fn decoy(keys: &Keyring) -> Self {
        let (id, user_id) = (Uuid::nil(), Uuid::nil());
        // As long as a sealed secret; its tag is wrong.
        Self { id, user_id, key_id: keys.id(), sealed: vec![0; 60], last_step: i64::MAX }
    }

    /// The one with this id, or a decoy.
    pub(super) async fn find(core: &Core, id: Option<Uuid>) -> Result<Self, sqlx::Error> {
        let found = sqlx::query_as(
            "SELECT id, user_id, key_id, sealed, last_step FROM totp_credentials WHERE id = $1",
        )
        .bind(id)
        .fetch_optional(&core.pool)
        .await?;
        Ok(found.unwrap_or_else(|| Self::decoy(&core.keys)))
    }

    const fn owner(&self) -> Option<UserId> {
        if self.user_id.is_nil() { None } else { Some(UserId(self.user_id)) }
    }

    /// What `code` is worth, where no step until `floor` is taken.
    ///
    /// # Errors
    /// [`AuthError::Sealed`] where its key isn't at hand, after the same work.
    pub(super) fn check(
        &self,
        keys: &Keyring,
        code: TotpCode,
        now: OffsetDateTime,
        floor: i64,
    ) -> Result<Verdict, AuthError> {
        let sealed = Sealed { key_id: self.key_id.clone(), bytes: self.sealed.clone() };
        match (TotpSecret::open(keys, UserId(self.user_id), &sealed), self.owner()) {
            (Ok(secret), _) => Ok(secret.check(code, now, floor)),
            (Err(error), owner) => {
                std::hint::black_box(TotpSecret::dummy().check(code, now, i64::MAX));
                if owner.is_some() { Err(error) } else { Ok(Verdict::Wrong) }
            }
        }
    }
}

/// What a code is worth at an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Judged {
    Right(FirstCode),
    AlreadyUsed { wait: u32 },
    Wrong,
}

impl Judged {
    /// By one credential after another. None is left out once one has taken the code: which did, and how
    /// many there are, would show in the time.
    fn by(verdicts: impl Iterator<Item = (Uuid, Result<Verdict, AuthError>)>) -> Result<Self, AuthError> {
        let (mut judged, mut unopened) = (Self::Wrong, None);
        for (credential, verdict) in verdicts {
            match (verdict, judged) {
                (_, Self::Right(_)) | (Ok(Verdict::Wrong), _) => {}
                (Ok(Verdict::Accepted { step }), _) => judged = Self::Right(FirstCode { credential, step }),
                (Ok(Verdict::AlreadyUsed { wait }), _) => judged = Self::AlreadyUsed { wait },
                // One authenticator under a lost key must not close the door to the others.
                (Err(error), _) => unopened = Some(error),
            }
        }
        match (judged, unopened) {
            (Self::Wrong, Some(error)) => Err(error),
            (judged, _) => Ok(judged),
        }
    }
}

impl Account {
    /// The account with that name, or the only one there is.
    pub(super) async fn find(core: &Core, name: Option<&Username>) -> Result<Self, AuthError> {
        let name = match name {
            Some(name) => Some(name.clone()),
            None => only_name(core).await?,
        };
        let mut credentials: Vec<Credential> = sqlx::query_as(
            "SELECT c.id, c.user_id, c.key_id, c.sealed, c.last_step FROM totp_credentials c \
             JOIN users u ON u.id = c.user_id WHERE u.name_folded = $1 ORDER BY c.created_at LIMIT 5",
        )
        .bind(name.as_ref().map(Username::folded))
        .fetch_all(&core.pool)
        .await?;
        let key = AccountKey::of(name.as_ref());
        let apparent = apparent_authenticators(&core.keys, key)?;
        if credentials.is_empty() {
            credentials.resize_with(apparent, || Credential::decoy(&core.keys));
        }
        Ok(Self { key, credentials })
    }

    /// Whose it is.
    pub(super) fn owner(&self) -> Option<UserId> {
        self.credentials.first().and_then(Credential::owner)
    }

    /// Authenticators, as far as one who tries may notice.
    pub(super) const fn authenticators(&self) -> usize {
        self.credentials.len()
    }

    pub(super) async fn tried_by(&self, core: &Core, client: &Client) -> Result<Try, AuthError> {
        let owner = self.owner();
        let trusted = device::recognise(core, client).await?.trusted();
        let device =
            trusted.filter(|device| Some(device.user) == owner).map(|device| Place::Device(device.id));
        Ok(Try::new(self.key, client.address, self.authenticators()).at(device))
    }

    /// Judges a code against every authenticator.
    pub(super) fn judge(&self, core: &Core, code: TotpCode) -> Result<Judged, AuthError> {
        let now = core.now();
        Judged::by(
            self.credentials.iter().map(|credential| {
                (credential.id, credential.check(&core.keys, code, now, credential.last_step))
            }),
        )
    }
}

/// A name that nobody has behaves like one with some number of authenticators, always the same: as many as an
/// account may have, and mostly one. By the oldest key, so that it doesn't change in the hour in which another one
/// is put before it.
fn apparent_authenticators(keys: &Keyring, account: AccountKey) -> Result<usize, AuthError> {
    let drawn = keys.selectors("reflect/nobody", &[account.as_bytes()])?;
    Ok(match drawn.last().copied().unwrap_or_default() % 256 {
        0..=203 => 1,
        204..=235 => 2,
        236..=247 => 3,
        248..=252 => 4,
        _ => MOST_AUTHENTICATORS,
    })
}

/// The name of the only person there is.
async fn only_name(core: &Core) -> Result<Option<Username>, AuthError> {
    let names: Vec<String> =
        sqlx::query_scalar("SELECT name FROM users LIMIT 2").fetch_all(&core.pool).await?;
    Ok(match names.as_slice() {
        [name] => name.parse().ok(),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use sqlx::PgPool;

    use super::*;
    use crate::testing;

    #[test]
    fn a_code_is_judged_by_every_credential_whichever_takes_it() {
        let right = |n: u128| (Uuid::from_u128(n), Ok(Verdict::Accepted { step: 7 }));
        let used = |n: u128| (Uuid::from_u128(n), Ok(Verdict::AlreadyUsed { wait: 9 }));
        let wrong = |n: u128| (Uuid::from_u128(n), Ok(Verdict::Wrong));
        let lost = |n: u128| (Uuid::from_u128(n), Err(AuthError::Sealed));
        let first = |n: u128| Judged::Right(FirstCode { credential: Uuid::from_u128(n), step: 7 });
        for (verdicts, expected) in [
            ([right(1), wrong(2), used(3)], first(1)),
            ([used(1), lost(2), right(3)], first(3)),
            ([right(1), right(2), wrong(3)], first(1)),
            ([lost(1), used(2), wrong(3)], Judged::AlreadyUsed { wait: 9 }),
            ([wrong(1), wrong(2), wrong(3)], Judged::Wrong),
        ] {
            let judged = Cell::new(0);
            let verdicts = verdicts.into_iter().inspect(|_| judged.set(judged.get() + 1));
            assert_eq!(Judged::by(verdicts).unwrap(), expected);
            assert_eq!(judged.get(), 3, "{expected:?}");
        }
        let unopened = Judged::by([wrong(1), lost(2)].into_iter());
        assert!(matches!(unopened, Err(AuthError::Sealed)), "{unopened:?}");
    }

    #[sqlx::test(migrator = "crate::db::MIGRATOR")]
    async fn a_name_that_nobody_has_is_judged_by_as_many_as_it_seems_to_have(pool: PgPool) {
        let core = testing::core(pool);
        for n in 0..64 {
            let name: Username = format!("n{n}").parse().unwrap();
            let account = Account::find(&core, Some(&name)).await.unwrap();
            let apparent = apparent_authenticators(&core.keys, AccountKey::of(Some(&name))).unwrap();
            assert_eq!((account.owner(), account.authenticators()), (None, apparent));
            assert_eq!(account.judge(&core, "123456".parse().unwrap()).unwrap(), Judged::Wrong);
        }
    }

    #[test]
    fn names_that_nobody_has_seem_to_have_all_that_accounts_have_and_mostly_one() {
        let keys = Keyring::from_secret([7; 32]);
        let mut seen = [0; MOST_AUTHENTICATORS + 1];
        for n in 0..4096 {
            let name: Username = format!("n{n}").parse().unwrap();
            seen[apparent_authenticators(&keys, AccountKey::of(Some(&name))).unwrap()] += 1;
        }
        assert!(seen[1] > 3000 && seen.is_sorted_by(|fewer, more| *fewer == 0 || fewer > more), "{seen:?}");
        assert!(seen[0] == 0 && seen[MOST_AUTHENTICATORS] > 20, "{seen:?}");
    }

    #[test]
    fn not_even_the_code_of_the_dummy_is_right_at_a_decoy() {
        let keys = Keyring::from_secret([7; 32]);
        let (now, step) = (OffsetDateTime::UNIX_EPOCH, 0);
        let code: TotpCode = TotpSecret::dummy().code_at(step).parse().unwrap();
        assert_eq!(Credential::decoy(&keys).check(&keys, code, now, -9).unwrap(), Verdict::Wrong);
    }
}
