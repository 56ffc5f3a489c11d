//! Signing in.
//!
//! A code that was used before counts as a failure too: somebody who has watched a code being typed
//! must not be able to ask for free whether it was right. A name that nobody has is treated like
//! one that somebody has, to the number of tries that it takes.

pub mod mailed_code;

use model::types::{
    Action, AuditDetails, DeviceId, Language, Proof, RecoveryCode, SessionHandle, SignInForm, SignUpMode,
    TotpCode, UserId, Username,
};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::{
    AuthError, Client,
    attempts::{AccountKey, Attempt, Kind, Place, Try},
    device, recovery,
    session::SignedIn,
    ticket::{FirstCode, Second, Ticket},
    totp::{STEP, TotpSecret, Verdict},
    user,
};
use crate::{
    Core,
    audit::{By, Event, record},
    challenge,
    keys::Sealed,
};

/// What comes after a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was right.
    SignedIn(UserId),
    /// The account is being guessed at: the next code of the same authenticator too, with this
    /// ticket, or a [mailed one](mailed_code). Whether the first one was right isn't said.
    NeedSecondCode(String),
}

/// What the page has to ask for.
///
/// # Errors
/// The database.
pub async fn form(core: &Core) -> Result<SignInForm, AuthError> {
    let accounts: i64 = sqlx::query_scalar("SELECT count(*) FROM (SELECT 1 FROM users LIMIT 2) AS accounts")
        .fetch_one(&core.pool)
        .await?;
    Ok(SignInForm {
        asks_name: accounts != 1,
        has_accounts: accounts > 0,
        sign_up: core.policy().await?.sign_up == SignUpMode::Open,
        reset_by_mail: core.settings.mail.is_some(),
        known: None,
        provider: None,
    })
}

/// With six digits; without a name only where the instance has one account.
///
/// # Errors
/// [`AuthError::WrongCode`] for a wrong name and a wrong code alike, [`AuthError::Suspended`] for a
/// right code, [`AuthError::CodeAlreadyUsed`],
/// [`AuthError::TooManyAttempts`], [`AuthError::ChallengeNeeded`] for the client to bring a solved
/// challenge, [`AuthError::ChallengeFailed`]; the database.
pub async fn with_code(
    core: &Core,
    client: &Client,
    name: Option<&Username>,
    code: TotpCode,
) -> Result<Outcome, AuthError> {
    let account = Account::find(core, name).await?;
    let solved = challenge::given(core, client).await?;
    let tried = account.tried_by(core, client).await?.owing(core, solved.as_ref()).await?;
    let trial = Trial::sign_in(client, Proof::Code, account.owner()).at(tried.device());
    let attempt = tried.begin(core, Kind::Code).await?;
    let judged = account.judge(core, code)?;
    let now = core.now();
    let Some(attempt) = attempt else {
        let first = match judged {
            Judged::Right(first) => Some(first),
            Judged::AlreadyUsed { .. } | Judged::Wrong => None,
        };
        let authenticators = u8::try_from(account.apparent_authenticators(core)?).unwrap_or(u8::MAX);
        let user = account.owner().map(|user| user.0);
        let ticket = Ticket { account: account.key, authenticators, user, first };
        let ticket = ticket.seal(Second::Code, &core.keys, client.address, now)?;
        return Ok(Outcome::NeedSecondCode(ticket));
    };
    take(core, attempt, judged, trial).await.map(Outcome::SignedIn)
}

/// Takes a right code of the person who is signed in already, to see that it is still they.
///
/// A trusted device and any other session have budgets of their own, and are never asked for two;
/// all sessions that the provider opened share one.
///
/// # Errors
/// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::TooManyAttempts`]; the
/// database.
pub async fn confirm(
    core: &Core,
    client: &Client,
    signed_in: &SignedIn,
    session: SessionHandle,
    code: TotpCode,
) -> Result<(), AuthError> {
    let name = user::name(core, signed_in.user).await?.ok_or(AuthError::WrongCode)?;
    let account = Account::find(core, Some(&name)).await?;
    let place = Place::of(signed_in, session);
    let tried = Try::new(account.key, client.address, account.credentials.len()).at(Some(place));
    let attempt = tried.begin(core, Kind::Code).await?.ok_or(AuthError::WrongCode)?;
    let judged = account.judge(core, code)?;
    take(core, attempt, judged, Trial::confirm(client, signed_in)).await.map(drop)
}

/// What a try is recorded as.
#[derive(Clone, Copy)]
struct Trial<'a> {
    by: By<'a>,
    user: Option<UserId>,
    language: Language,
    proof: Proof,
    success: Action,
    failure: Action,
}

impl<'a> Trial<'a> {
    /// Somebody who tries the account of `user`, or nobody's.
    const fn sign_in(client: &'a Client, proof: Proof, user: Option<UserId>) -> Self {
        Self {
            by: By::visitor(client),
            user,
            language: client.language,
            proof,
            success: Action::SignedIn,
            failure: Action::SignInFailed,
        }
    }

    /// Somebody who is signed in.
    const fn confirm(client: &'a Client, signed_in: &SignedIn) -> Self {
        Self {
            by: By::signed_in(signed_in, client),
            success: Action::CodeConfirmed,
            failure: Action::CodeConfirmed,
            ..Self::sign_in(client, Proof::Code, Some(signed_in.user))
        }
    }

    const fn at(self, device: Option<DeviceId>) -> Self {
        Self { by: self.by.at(device), ..self }
    }

    /// What accepts the try: whoever makes it reads the language of its request.
    async fn accepting(self, core: &Core) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = core.pool.begin().await?;
        if let Some(user) = self.user {
            user::keep_language(&mut transaction, user, self.language).await?;
        }
        Ok(transaction)
    }

    /// It was `owner` who tried.
    fn succeeded(self, owner: UserId) -> Event<'a> {
        Event::new(self.by.by_owner(), Some(owner), self.success).with(AuditDetails::by(self.proof))
    }

    /// Refused; the name of an account that nobody has isn't kept, since it may be a code in the wrong
    /// field.
    fn failed(self, refusal: &AuthError) -> Event<'a> {
        let used_before = matches!(refusal, AuthError::CodeAlreadyUsed { .. });
        let details = AuditDetails { used_before, ..AuditDetails::by(self.proof) };
        Event::new(self.by, self.user, self.failure).with(details).failed()
    }
}

/// The same with a recovery code, which is used up, for somebody who has lost their authenticator.
///
/// # Errors
/// As [`with_recovery_code`].
pub async fn confirm_with_recovery_code(
    core: &Core,
    client: &Client,
    signed_in: &SignedIn,
    code: RecoveryCode,
) -> Result<(), AuthError> {
    let name = user::name(core, signed_in.user).await?.ok_or(AuthError::WrongRecoveryCode)?;
    let account = Account::find(core, Some(&name)).await?;
    // No challenge is asked for: who is signed in has shown more, and is still held to the limits.
    let tried = account.tried_by(core, client).await?;
    redeem(core, client, &account, tried, code).await.map(drop)
}

/// Takes a judged code, once.
async fn take(core: &Core, attempt: Attempt, judged: Judged, trial: Trial<'_>) -> Result<UserId, AuthError> {
    let now = core.now();
    let refusal = match judged {
        Judged::Right(FirstCode { credential, step }) => {
            let mut transaction = trial.accepting(core).await?;
            if let Some(owner) = accept(&mut transaction, credential, step, step, now).await? {
                attempt.succeeded(&mut transaction).await?;
                return let_in(transaction, core, owner, trial).await;
            }
            // A parallel try with the same code was first.
            let wait = (step + 1) * STEP - now.unix_timestamp();
            AuthError::CodeAlreadyUsed { wait: u32::try_from(wait).unwrap_or(1) }
        }
        Judged::AlreadyUsed { wait } => AuthError::CodeAlreadyUsed { wait },
        Judged::Wrong => AuthError::WrongCode,
    };
    attempt.failed(core, trial.failed(&refusal)).await?;
    Err(refusal)
}

/// Somebody has shown whose account it is: ends what they did, and lets them in unless the account is
/// suspended.
async fn let_in(
    mut transaction: Transaction<'_, Postgres>,
    core: &Core,
    owner: UserId,
    trial: Trial<'_>,
) -> Result<UserId, AuthError> {
    let admitted = user::admit(&mut *transaction, owner).await;
    let event = match &admitted {
        Ok(()) => trial.succeeded(owner),
        Err(refusal) => trial.failed(refusal),
    };
    record(&mut transaction, core, &event).await?;
    transaction.commit().await?;
    admitted.map(|()| owner)
}

/// With the code that follows the one for which `ticket` was given.
///
/// # Errors
/// [`AuthError::SignInExpired`]; [`AuthError::WrongCode`] if either code is wrong or they don't
/// follow each other, [`AuthError::TooManyAttempts`]; the database.
pub async fn with_second_code(
    core: &Core,
    client: &Client,
    ticket: &str,
    code: TotpCode,
) -> Result<UserId, AuthError> {
    let now = core.now();
    let Ticket { account, authenticators, user, first } =
        Ticket::open(Second::Code, &core.keys, client.address, ticket, now)?;
    let trial = Trial::sign_in(client, Proof::TwoCodes, user.map(UserId));
    let attempt = Try::new(account, client.address, authenticators.into()).begin(core, Kind::Pair).await?;
    let attempt = attempt.ok_or(AuthError::WrongCode)?;
    let credential: Option<Credential> =
        sqlx::query_as("SELECT id, user_id, key_id, sealed, last_step FROM totp_credentials WHERE id = $1")
            .bind(first.map(|first| first.credential))
            .fetch_optional(&core.pool)
            .await?;
    let floor = first.map_or(i64::MAX, |first| first.step);
    let verdict = match credential {
        Some(credential) => credential.secret(core)?.check(code, now, floor),
        None => check_nobodys(core, code, now),
    };
    let next = floor.saturating_add(1);
    let right = first.filter(|_| verdict == Verdict::Accepted { step: next });
    take_pair(core, attempt, right.map(|first| (first, next)), trial).await
}

/// Takes a first code and what was to follow it, once, if both are right; with the last step that
/// they spend. Which half was wrong isn't said.
async fn take_pair(
    core: &Core,
    attempt: Attempt,
    right: Option<(FirstCode, i64)>,
    trial: Trial<'_>,
) -> Result<UserId, AuthError> {
    if let Some((first, last)) = right {
        let mut transaction = trial.accepting(core).await?;
        if let Some(owner) = accept(&mut transaction, first.credential, first.step, last, core.now()).await? {
            attempt.succeeded(&mut transaction).await?;
            return let_in(transaction, core, owner, trial).await;
        }
    }
    attempt.failed(core, trial.failed(&AuthError::WrongCode)).await?;
    Err(AuthError::WrongCode)
}

/// With a recovery code, which is used up.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`] for a wrong name and a wrong code alike,
/// [`AuthError::TooManyAttempts`], [`AuthError::ChallengeNeeded`], [`AuthError::ChallengeFailed`]; the
/// database.
pub async fn with_recovery_code(
    core: &Core,
    client: &Client,
    name: Option<&Username>,
    code: RecoveryCode,
) -> Result<UserId, AuthError> {
    let account = Account::find(core, name).await?;
    let solved = challenge::given(core, client).await?;
    let tried = account.tried_by(core, client).await?.owing(core, solved.as_ref()).await?;
    redeem(core, client, &account, tried, code).await
}

/// Uses the code up, if it is one of the account's.
async fn redeem(
    core: &Core,
    client: &Client,
    account: &Account,
    tried: Try,
    code: RecoveryCode,
) -> Result<UserId, AuthError> {
    let owner = account.owner();
    let trial = Trial::sign_in(client, Proof::RecoveryCode, owner).at(tried.device());
    let attempt = tried.begin(core, Kind::Recovery).await?.ok_or(AuthError::WrongRecoveryCode)?;
    let asked = owner.unwrap_or(UserId(Uuid::nil()));
    let right = recovery::check(&core.pool, &core.keys, asked, code).await?;
    if let (Some(owner), Some(right)) = (owner, right) {
        let mut transaction = trial.accepting(core).await?;
        // Before the code is used up, which whoever is let in again will want to have.
        if let Err(refusal) = user::admit(&mut *transaction, owner).await {
            drop(transaction);
            attempt.failed(core, trial.failed(&refusal)).await?;
            return Err(refusal);
        }
        if let Some(left) = recovery::use_up(&mut transaction, owner, right, core.now()).await? {
            attempt.succeeded(&mut transaction).await?;
            let used = Event::new(trial.by.by_owner(), Some(owner), Action::RecoveryCodeUsed);
            record(&mut transaction, core, &used.with(AuditDetails::counted(left))).await?;
            record(&mut transaction, core, &trial.succeeded(owner)).await?;
            transaction.commit().await?;
            return Ok(owner);
        }
    }
    attempt.failed(core, trial.failed(&AuthError::WrongRecoveryCode)).await?;
    Err(AuthError::WrongRecoveryCode)
}

/// The account that somebody names, which may be nobody's.
struct Account {
    key: AccountKey,
    credentials: Vec<Credential>,
}

#[derive(sqlx::FromRow)]
struct Credential {
    id: Uuid,
    user_id: Uuid,
    key_id: String,
    sealed: Vec<u8>,
    last_step: i64,
}

impl Credential {
    fn secret(&self, core: &Core) -> Result<TotpSecret, AuthError> {
        let sealed = Sealed { key_id: self.key_id.clone(), bytes: self.sealed.clone() };
        TotpSecret::open(&core.keys, UserId(self.user_id), &sealed)
    }
}

/// What a code is worth at an account.
enum Judged {
    Right(FirstCode),
    AlreadyUsed { wait: u32 },
    Wrong,
}

impl Account {
    /// The account with that name, or the only one there is.
    async fn find(core: &Core, name: Option<&Username>) -> Result<Self, AuthError> {
        let name = match name {
            Some(name) => Some(name.clone()),
            None => only_name(core).await?,
        };
        let credentials = sqlx::query_as(
            "SELECT c.id, c.user_id, c.key_id, c.sealed, c.last_step FROM totp_credentials c \
             JOIN users u ON u.id = c.user_id WHERE u.name_folded = $1 ORDER BY c.created_at LIMIT 5",
        )
        .bind(name.as_ref().map(Username::folded))
        .fetch_all(&core.pool)
        .await?;
        Ok(Self { key: AccountKey::of(name.as_ref()), credentials })
    }

    /// Whose it is.
    fn owner(&self) -> Option<UserId> {
        self.credentials.first().map(|credential| UserId(credential.user_id))
    }

    async fn tried_by(&self, core: &Core, client: &Client) -> Result<Try, AuthError> {
        let owner = self.owner();
        let trusted = device::recognise(core, client).await?;
        let device =
            trusted.filter(|device| Some(device.user) == owner).map(|device| Place::Device(device.id));
        Ok(Try::new(self.key, client.address, self.apparent_authenticators(core)?).at(device))
    }

    /// Authenticators, as far as one who tries may notice: a name that nobody has behaves like one
    /// with some number of them, always the same, and mostly one.
    fn apparent_authenticators(&self, core: &Core) -> Result<usize, AuthError> {
        if !self.credentials.is_empty() {
            return Ok(self.credentials.len());
        }
        let drawn = core.keys.selectors("reflect/nobody", &[self.key.as_bytes()])?;
        Ok(match drawn.first().copied().unwrap_or_default() % 16 {
            0..=12 => 1,
            13 | 14 => 2,
            _ => 3,
        })
    }

    /// Judges a code against every authenticator.
    fn judge(&self, core: &Core, code: TotpCode) -> Result<Judged, AuthError> {
        let now = core.now();
        if self.credentials.is_empty() {
            std::hint::black_box(check_nobodys(core, code, now));
            return Ok(Judged::Wrong);
        }
        let (mut judged, mut unopened) = (Judged::Wrong, None);
        for credential in &self.credentials {
            let secret = match credential.secret(core) {
                Ok(secret) => secret,
                // One authenticator under a lost key must not close the door to the others.
                Err(error) => {
                    unopened = Some(error);
                    continue;
                }
            };
            match secret.check(code, now, credential.last_step) {
                Verdict::Accepted { step } => {
                    return Ok(Judged::Right(FirstCode { credential: credential.id, step }));
                }
                Verdict::AlreadyUsed { wait } => judged = Judged::AlreadyUsed { wait },
                Verdict::Wrong => {}
            }
        }
        match (judged, unopened) {
            (Judged::Wrong, Some(error)) => Err(error),
            (judged, _) => Ok(judged),
        }
    }
}

/// The work of a right name for a wrong one: one opening that fails on its tag, one check.
fn check_nobodys(core: &Core, code: TotpCode, now: OffsetDateTime) -> Verdict {
    let sealed = Sealed { key_id: core.keys.id().to_owned(), bytes: vec![0; 60] };
    std::hint::black_box(TotpSecret::open(&core.keys, UserId(Uuid::nil()), &sealed).is_ok());
    std::hint::black_box(TotpSecret::dummy().check(code, now, i64::MAX));
    Verdict::Wrong
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

/// Stores the step, if none from `floor` on was accepted before, in one statement: of parallel tries with
/// one code, one wins. Answers whose it is.
async fn accept(
    connection: &mut PgConnection,
    credential: Uuid,
    floor: i64,
    step: i64,
    now: OffsetDateTime,
) -> Result<Option<UserId>, AuthError> {
    let owner = sqlx::query_scalar(
        "UPDATE totp_credentials SET last_step = $3, last_used_at = $4 WHERE id = $1 AND last_step < $2 \
         RETURNING user_id",
    )
    .bind(credential)
    .bind(floor)
    .bind(step)
    .bind(now)
    .fetch_optional(connection)
    .await?;
    Ok(owner.map(UserId))
}
