//! What comes of a try: it is accepted once and recorded, or refused and recorded.

use model::types::{Action, AuditDetails, DeviceId, Language, Proof, UserId};
use sqlx::{PgConnection, Postgres, Transaction};
use time::OffsetDateTime;
use uuid::Uuid;

use super::account::Judged;
use crate::{
    Core,
    audit::{By, Event, record},
    auth::{AuthError, Client, attempts::Attempt, session::SignedIn, ticket::FirstCode, totp::STEP, user},
};

/// What a try is recorded as.
#[derive(Clone, Copy)]
pub(super) struct Trial<'a> {
    pub(super) by: By<'a>,
    user: Option<UserId>,
    language: Language,
    proof: Proof,
    success: Action,
    failure: Action,
}

impl<'a> Trial<'a> {
    /// Somebody who tries the account of `user`, or nobody's.
    pub(super) const fn sign_in(client: &'a Client, proof: Proof, user: Option<UserId>) -> Self {
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
    pub(super) const fn confirm(client: &'a Client, signed_in: &SignedIn, proof: Proof) -> Self {
        Self {
            by: By::signed_in(signed_in, client),
            success: Action::CodeConfirmed,
            failure: Action::CodeConfirmed,
            ..Self::sign_in(client, proof, Some(signed_in.user))
        }
    }

    pub(super) const fn at(self, device: Option<DeviceId>) -> Self {
        Self { by: self.by.at(device), ..self }
    }

    /// What accepts the try: whoever makes it reads the language of its request.
    pub(super) async fn accepting(self, core: &Core) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        let mut transaction = core.pool.begin().await?;
        if let Some(user) = self.user {
            user::keep_language(&mut transaction, user, self.language).await?;
        }
        Ok(transaction)
    }

    /// It was `owner` who tried.
    pub(super) fn succeeded(self, owner: UserId) -> Event<'a> {
        Event::new(self.by.by_owner(), Some(owner), self.success).with(AuditDetails::by(self.proof))
    }

    /// Refused; the name of an account that nobody has isn't kept, since it may be a code in the wrong
    /// field.
    pub(super) fn failed(self, refusal: &AuthError) -> Event<'a> {
        let used_before = matches!(refusal, AuthError::CodeAlreadyUsed { .. });
        let details = AuditDetails { used_before, ..AuditDetails::by(self.proof) };
        Event::new(self.by, self.user, self.failure).with(details).failed()
    }
}

/// Takes a judged code, once.
pub(super) async fn take(
    core: &Core,
    attempt: Attempt,
    judged: Judged,
    trial: Trial<'_>,
) -> Result<UserId, AuthError> {
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

/// Takes a first code and what was to follow it, once, if both are right; with the last step that
/// they spend. Which half was wrong isn't said.
pub(super) async fn take_pair(
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
