//! With a recovery code.

use model::types::{Action, AuditDetails, Proof, RecoveryCode, SessionHandle, UserId, Username};
use uuid::Uuid;

use super::{account::Account, trial::Trial};
use crate::{
    Core,
    audit::{Event, record},
    auth::{
        AuthError, Client,
        attempts::{Attempt, Kind, Place, Try},
        recovery,
        session::SignedIn,
        stretching::{Room, Whose},
        user,
    },
    challenge,
};

/// With a recovery code, which is used up.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`] for a wrong name and a wrong code alike,
/// [`AuthError::TooManyAttempts`], [`AuthError::ChallengeNeeded`], [`AuthError::ChallengeFailed`];
/// [`AuthError::NoRoom`], after which nothing was counted or used up; the database.
pub async fn with_recovery_code(
    core: &Core,
    client: &Client,
    name: Option<&Username>,
    code: RecoveryCode,
) -> Result<UserId, AuthError> {
    let account = Account::find(core, name).await?;
    let tried = account.tried_by(core, client).await?;
    tried.refuse(core, client, Kind::Recovery).await?;
    let room = core.stretching.room(tried.by_stranger()).await?;
    let solved = challenge::given(core, client).await?;
    let tried = tried.owing(core, solved.as_ref()).await?;
    let (owner, device, client) = (account.owner(), tried.device(), client.clone());
    tried
        .judged(core, Kind::Recovery, move |core, attempt| async move {
            let trial = Trial::sign_in(&client, Proof::RecoveryCode, owner).at(device);
            redeem(&core, attempt.ok_or(AuthError::WrongRecoveryCode)?, trial, owner, code, room).await
        })
        .await
}

/// Uses the code up, if it is one of `owner`'s.
async fn redeem(
    core: &Core,
    attempt: Attempt,
    trial: Trial<'_>,
    owner: Option<UserId>,
    code: RecoveryCode,
    room: Room,
) -> Result<UserId, AuthError> {
    let asked = owner.unwrap_or(UserId(Uuid::nil()));
    let right = recovery::check(&core.pool, &core.keys, asked, code, room).await?;
    if let (Some(owner), Some(right)) = (owner, right) {
        let mut transaction = trial.accepting(core).await?;
        // Before the code is used up, which whoever is let in again will want to have.
        if let Err(refusal) = user::admit(&mut *transaction, owner).await {
            // The failure counts, whatever becomes of this.
            let _ = transaction.rollback().await;
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

/// Takes a right recovery code of the person who is signed in already, and uses it up, for somebody who has
/// lost their authenticator.
///
/// # Errors
/// As [`with_recovery_code`].
pub async fn confirm_with_recovery_code(
    core: &Core,
    client: &Client,
    signed_in: &SignedIn,
    session: SessionHandle,
    code: RecoveryCode,
) -> Result<(), AuthError> {
    let name = user::name(core, signed_in.user).await?.ok_or(AuthError::WrongRecoveryCode)?;
    let account = Account::find(core, Some(&name)).await?;
    // No challenge is asked for: who is signed in has shown more, and is still held to the limits.
    let place = Place::of(signed_in, session);
    let tried = Try::new(account.key, client.address, account.authenticators()).at(Some(place));
    let room = core.stretching.room(Whose::Owner(signed_in.user)).await?;
    let (owner, client, signed_in) = (account.owner(), client.clone(), signed_in.clone());
    tried
        .judged(core, Kind::Recovery, move |core, attempt| async move {
            let trial = Trial::confirm(&client, &signed_in, Proof::RecoveryCode);
            redeem(&core, attempt.ok_or(AuthError::WrongRecoveryCode)?, trial, owner, code, room)
                .await
                .map(drop)
        })
        .await
}
