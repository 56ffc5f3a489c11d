//! Signing in.
//!
//! A code that was used before counts as a failure too: somebody who has watched a code being typed
//! must not be able to ask for free whether it was right. A name that nobody has is treated like
//! one that somebody has, to the number of tries that it takes.

mod account;
pub mod mailed_code;
mod recovery_code;
mod trial;

use model::types::{Proof, SessionHandle, SignInForm, SignUpMode, TotpCode, UserId, Username};

pub use self::recovery_code::{confirm_with_recovery_code, with_recovery_code};
use self::{
    account::{Account, Credential, Judged},
    trial::{Trial, take, take_pair},
};
use super::{
    AuthError, Client,
    attempts::{Kind, Place, Try},
    session::SignedIn,
    ticket::{Second, Ticket},
    totp::Verdict,
    user,
};
use crate::{Core, challenge};

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
        copied: false,
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
    let (device, client) = (tried.device(), client.clone());
    tried
        .judged(core, Kind::Code, move |core, attempt| async move {
            let judged = account.judge(&core, code)?;
            let Some(attempt) = attempt else { return second_code(&core, &account, judged, &client) };
            let trial = Trial::sign_in(&client, Proof::Code, account.owner()).at(device);
            take(&core, attempt, judged, trial).await.map(Outcome::SignedIn)
        })
        .await
}

/// Asks for the code that follows, whatever the first one was.
fn second_code(
    core: &Core,
    account: &Account,
    judged: Judged,
    client: &Client,
) -> Result<Outcome, AuthError> {
    let first = match judged {
        Judged::Right(first) => Some(first),
        Judged::AlreadyUsed { .. } | Judged::Wrong => None,
    };
    let authenticators = u8::try_from(account.authenticators()).unwrap_or(u8::MAX);
    let user = account.owner().map(|user| user.0);
    let ticket = Ticket { account: account.key, authenticators, user, first };
    let ticket = ticket.seal(Second::Code, &core.keys, &core.random, client.address, core.now())?;
    Ok(Outcome::NeedSecondCode(ticket))
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
    let tried = Try::new(account.key, client.address, account.authenticators()).at(Some(place));
    let (client, signed_in) = (client.clone(), signed_in.clone());
    tried
        .judged(core, Kind::Code, move |core, attempt| async move {
            let judged = account.judge(&core, code)?;
            let trial = Trial::confirm(&client, &signed_in, Proof::Code);
            take(&core, attempt.ok_or(AuthError::WrongCode)?, judged, trial).await.map(drop)
        })
        .await
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
    let client = client.clone();
    let tried = Try::new(account, client.address, authenticators.into());
    tried
        .judged(core, Kind::Pair, move |core, attempt| async move {
            let trial = Trial::sign_in(&client, Proof::TwoCodes, user.map(UserId));
            let attempt = attempt.ok_or(AuthError::WrongCode)?;
            let credential = Credential::find(&core, first.map(|first| first.credential)).await?;
            let floor = first.map_or(i64::MAX, |first| first.step);
            let verdict = credential.check(&core.keys, code, now, floor)?;
            let next = floor.saturating_add(1);
            let right = first.filter(|_| verdict == Verdict::Accepted { step: next });
            take_pair(&core, attempt, right.map(|first| (first, next)), trial).await
        })
        .await
}
