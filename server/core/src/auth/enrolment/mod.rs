//! From a one-time link to an account.
//!
//! ```text
//! link ──begin──▶ secret (sealed, 10 min) ──confirm: a right code──▶ ten recovery codes (10 min)
//!      ──finish: one of them typed back──▶ account, credential, codes; the link is gone
//! ```
//! Nothing of the account exists before the last step, which is one transaction. Who has an account
//! and enrols anew keeps the old means of signing in until then.

mod account;
mod invite;
mod link;
mod taken;

use model::types::{
    Action, AuditDetails, Begun, EmailAddress, EmailCode, EnrolmentOffer, Proof, RecoveryCode,
    RecoveryCodesOffer, TotpCode, UserId, Username,
};
use sqlx::{PgConnection, types::Json};
use time::OffsetDateTime;

use super::{
    AuthError, Client,
    email_code::{self, Subject},
    one_time::{OFFERED, digest, new_token, offered_seconds},
    qr,
    recovery::{self, StoredCode},
    stretching::{Room, Whose},
    token,
    totp::{TotpSecret, Verdict},
    user,
};
use crate::{
    Core,
    audit::{By, Event, record},
    keys::Sealed,
    mail::{self, Mail, Recipient},
};

pub(crate) use self::account::end_ways_in;
pub(crate) use self::invite::{end_links_of, record_links_ended};
pub(crate) use self::link::{Reset, note_mailed, reset_link_in};
pub(super) use self::link::{mailed_reset_link, void_mailed};
use self::{
    account::{Account, Means},
    link::Purpose,
};
pub use self::{
    account::{EnrolledNow, enrol_now},
    invite::{invite, invites, revoke_invite, sign_up},
    link::{create_link, link_info, page, reset_link, setup_link},
};

/// Enrolments under way by one link. Each may ask for ten key stretchings every half minute.
const UNDER_WAY: usize = 5;
/// Wrong codes that one enrolment takes.
const WRONG_TRIES: i32 = 10;

/// The mail address of an account that is to be.
#[derive(Clone, Debug)]
pub enum GivenEmail {
    /// None is given.
    None,
    /// As somebody typed it.
    Typed(EmailAddress),
    /// The code that was mailed to it, with its ticket.
    Proof {
        /// As [`Begun::ProveEmail`] gave it.
        ticket: String,
        /// The digits.
        code: EmailCode,
    },
}

/// Makes a secret and keeps it sealed for ten minutes. A name that the link carries wins over
/// `name`, which may then be left out. A link can be begun with several times, five within ten minutes;
/// whichever enrolment finishes first uses it up.
/// Where mail can be sent, a typed address has to be proved first.
///
/// # Errors
/// [`AuthError::LinkInvalid`], [`AuthError::SignUpClosed`], [`AuthError::NameRequired`],
/// [`AuthError::NameTaken`], [`AuthError::EmailRequired`]; [`AuthError::TooManyAttempts`] while the link
/// has five enrolments under way, and after ten names that were taken; those of [`email_code::send`] and [`email_code::prove`]; the database, randomness.
pub async fn begin(
    core: &Core,
    client: &Client,
    token: &str,
    name: Option<Username>,
    email: GivenEmail,
) -> Result<Begun, AuthError> {
    let purpose = link::find(core, token).await?;
    let name = purpose.name().cloned().or(name).ok_or(AuthError::NameRequired)?;
    match purpose {
        Purpose::Reset { .. } => {}
        // Decided already: there is nothing to be learnt.
        Purpose::Account { .. } => taken::refuse(&mut *core.pool.acquire().await?, &name).await?,
        Purpose::Setup | Purpose::Invite { .. } | Purpose::SignUp => {
            taken::choose(core, client, token, &name).await?;
        }
    }
    let subject = Subject::Enrolment(token.to_owned());
    let (email, is_proved) = match email {
        GivenEmail::None if purpose.requires_email(core).await? => return Err(AuthError::EmailRequired),
        GivenEmail::None => (None, false),
        GivenEmail::Typed(email) if core.settings.mail.is_some() => {
            let ticket = email_code::send(core, client, &subject, &email).await?;
            return Ok(Begun::ProveEmail { ticket });
        }
        GivenEmail::Typed(email) => (Some(email), false),
        GivenEmail::Proof { ticket, code } => {
            (Some(email_code::prove(core, &subject, &ticket, code).await?.into_address()), true)
        }
    };
    offer(core, token, &purpose, name, email, is_proved).await.map(|offer| Begun::Offer(Box::new(offer)))
}

async fn offer(
    core: &Core,
    token: &str,
    purpose: &Purpose,
    name: Username,
    email: Option<EmailAddress>,
    email_is_proved: bool,
) -> Result<EnrolmentOffer, AuthError> {
    let now = core.now();
    let user = match purpose {
        Purpose::Reset { user, .. } => *user,
        Purpose::Setup | Purpose::Account { .. } | Purpose::Invite { .. } | Purpose::SignUp => {
            UserId(core.random.uuid_v7(now)?)
        }
    };
    let secret = TotpSecret::generate(&core.random)?;
    let sealed = secret.seal(&core.keys, &core.random, user)?;
    let ticket = new_token(&core.random)?;
    let mut transaction = core.pool.begin().await?;
    link::lock(&mut transaction, &digest(token)).await?;
    refuse_many(&mut transaction, token, now).await?;
    sqlx::query(
        "INSERT INTO enrolments (ticket_hash, link_hash, user_id, name, email, key_id, sealed, created_at, expires_at, \
         email_verified) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(digest(&ticket))
    .bind(digest(token))
    .bind(user.0)
    .bind(name.as_str())
    .bind(email.as_ref().map(EmailAddress::as_str))
    .bind(&sealed.key_id)
    .bind(&sealed.bytes)
    .bind(now)
    .bind(now + OFFERED)
    .bind(email_is_proved)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let secret = qr::forms(core, &secret, name.as_str())?;
    Ok(EnrolmentOffer { ticket, name, email, secret, expires_in: offered_seconds() })
}

/// Refuses one more enrolment by a link that has enough of them. To be asked while the link is locked.
async fn refuse_many(
    connection: &mut PgConnection,
    token: &str,
    now: OffsetDateTime,
) -> Result<(), AuthError> {
    let ends: Vec<OffsetDateTime> = sqlx::query_scalar(
        "SELECT expires_at FROM enrolments WHERE link_hash = $1 AND expires_at > $2 ORDER BY expires_at",
    )
    .bind(digest(token))
    .bind(now)
    .fetch_all(connection)
    .await?;
    match ends.first() {
        Some(first) if ends.len() >= UNDER_WAY => {
            let retry_after = u32::try_from((*first - now).whole_seconds()).unwrap_or_default().max(1);
            Err(AuthError::TooManyAttempts { retry_after })
        }
        _ => Ok(()),
    }
}

#[derive(sqlx::FromRow)]
struct Pending {
    user_id: uuid::Uuid,
    link_hash: Vec<u8>,
    name: String,
    email: Option<String>,
    email_verified: bool,
    key_id: String,
    sealed: Vec<u8>,
    confirmed_step: Option<i64>,
    recovery_codes: Option<Json<Vec<StoredCode>>>,
}

/// Room to stretch in for an enrolment that takes another try, of which none is counted yet: who waits in vain has
/// lost none.
///
/// # Errors
/// [`AuthError::EnrolmentExpired`]; [`AuthError::TooManyAttempts`] while another step of it is under way;
/// [`AuthError::NoRoom`]; the database.
async fn room(core: &Core, ticket: &str) -> Result<Room, AuthError> {
    let stands: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM enrolments WHERE ticket_hash = $1 AND expires_at > $2 AND wrong_tries < $3)",
    )
    .bind(digest(ticket))
    .bind(core.now())
    .bind(WRONG_TRIES)
    .fetch_one(&core.pool)
    .await?;
    if stands {
        core.stretching.room(Whose::Enrolment(digest(ticket))).await
    } else {
        Err(AuthError::EnrolmentExpired)
    }
}

/// The enrolment, with one of its tries taken: counted before anything is verified, so that
/// parallel guesses can't pass the limit. [`give_back`] undoes it.
async fn take_try(core: &Core, ticket: &str) -> Result<Pending, AuthError> {
    let row = sqlx::query_as(
        "UPDATE enrolments SET wrong_tries = wrong_tries + 1 \
         WHERE ticket_hash = $1 AND expires_at > $2 AND wrong_tries < $3 \
         RETURNING user_id, link_hash, name, email, email_verified, key_id, sealed, confirmed_step, recovery_codes",
    )
    .bind(digest(ticket))
    .bind(core.now())
    .bind(WRONG_TRIES)
    .fetch_optional(&core.pool)
    .await?;
    row.ok_or(AuthError::EnrolmentExpired)
}

async fn give_back(core: &Core, ticket: &str) -> Result<(), AuthError> {
    sqlx::query("UPDATE enrolments SET wrong_tries = wrong_tries - 1 WHERE ticket_hash = $1")
        .bind(digest(ticket))
        .execute(&core.pool)
        .await?;
    Ok(())
}

/// Takes the first code and answers with ten recovery codes; there are ten more minutes to store
/// them and type one back.
///
/// # Errors
/// [`AuthError::WrongCode`], [`AuthError::CodeAlreadyUsed`], [`AuthError::EnrolmentExpired`] also
/// after ten wrong codes; [`AuthError::TooManyAttempts`] while another step is under way, and [`AuthError::NoRoom`],
/// after which no try was counted; the database, randomness.
pub async fn confirm(core: &Core, ticket: &str, code: TotpCode) -> Result<RecoveryCodesOffer, AuthError> {
    let room = room(core, ticket).await?;
    let pending = take_try(core, ticket).await?;
    let user = UserId(pending.user_id);
    let sealed = Sealed { key_id: pending.key_id, bytes: pending.sealed };
    let secret = TotpSecret::open(&core.keys, user, &sealed)?;
    let step = match secret.check(code, core.now(), pending.confirmed_step.unwrap_or_default()) {
        Verdict::Accepted { step } => step,
        Verdict::AlreadyUsed { wait } => return Err(AuthError::CodeAlreadyUsed { wait }),
        Verdict::Wrong => return Err(AuthError::WrongCode),
    };
    let (codes, stored) = recovery::generate(&core.keys, &core.random, user, room).await?;
    let updated = sqlx::query(
        "UPDATE enrolments SET confirmed_step = $2, recovery_codes = $3, expires_at = $4, wrong_tries = wrong_tries - 1 \
         WHERE ticket_hash = $1 AND confirmed_step IS NOT DISTINCT FROM $5",
    )
    .bind(digest(ticket))
    .bind(step)
    .bind(Json(stored))
    .bind(core.now() + OFFERED)
    .bind(pending.confirmed_step)
    .execute(&core.pool)
    .await?;
    if updated.rows_affected() == 0 {
        // The same code twice at once: the other one was first.
        let wait = (step + 1) * super::totp::STEP - core.now().unix_timestamp();
        return Err(AuthError::CodeAlreadyUsed { wait: u32::try_from(wait).unwrap_or(1) });
    }
    Ok(RecoveryCodesOffer { ticket: ticket.to_owned(), codes })
}

/// Takes one of the recovery codes back (without using it up) and makes the account, or gives it its
/// new means of signing in: the old ones and all sessions end. The caller opens a session for `client`.
///
/// # Errors
/// [`AuthError::WrongRecoveryCode`], [`AuthError::EnrolmentExpired`], [`AuthError::LinkInvalid`]
/// when the link was used meanwhile, [`AuthError::SignUpClosed`], [`AuthError::NameTaken`];
/// [`AuthError::TooManyAttempts`] and [`AuthError::NoRoom`] as with [`confirm`]; the database.
pub async fn finish(
    core: &Core,
    client: &Client,
    ticket: &str,
    typed: RecoveryCode,
) -> Result<UserId, AuthError> {
    let room = room(core, ticket).await?;
    let pending = take_try(core, ticket).await?;
    let user = UserId(pending.user_id);
    let (Some(step), Some(Json(codes))) = (pending.confirmed_step, pending.recovery_codes) else {
        return Err(AuthError::EnrolmentExpired);
    };
    if recovery::find(&core.keys, user, typed, &codes, room).await?.is_none() {
        return Err(AuthError::WrongRecoveryCode);
    }
    give_back(core, ticket).await?;
    let (now, policy) = (core.now(), core.policy().await?);
    let mut transaction = core.pool.begin().await?;
    // In the order in which whoever makes or voids links does: account, link, what was begun with it.
    // Whoever adds an authenticator at this moment comes before, and loses it, or finds no offer.
    user::lock(&mut transaction, user).await?;
    link::lock(&mut transaction, &pending.link_hash).await?;
    // Codes made anew meanwhile are other codes than the ones typed back.
    let unchanged: Option<bool> =
        sqlx::query_scalar("SELECT confirmed_step = $2 FROM enrolments WHERE ticket_hash = $1 FOR UPDATE")
            .bind(digest(ticket))
            .bind(step)
            .fetch_optional(&mut *transaction)
            .await?;
    match unchanged {
        Some(true) => {}
        Some(false) => return Err(AuthError::WrongRecoveryCode),
        None => return Err(AuthError::LinkInvalid),
    }
    let means = Means {
        sealed: &Sealed { key_id: pending.key_id, bytes: pending.sealed },
        last_step: step,
        codes: &codes,
    };
    // Whoever deletes the link makes the account; everybody else finds it gone.
    let purpose = link::redeem(&mut transaction, &pending.link_hash, now).await?;
    purpose.refuse_closed(&policy)?;
    let (is_admin, quota) = match purpose {
        Purpose::Reset { user, kind, .. } => {
            let tokens = means.replace(&mut transaction, core, user).await?;
            let links = end_links_of(&mut transaction, core, user).await?;
            token::record_ended(&mut transaction, core, By::user(client), user, tokens).await?;
            record_links_ended(&mut transaction, core, By::user(client), links).await?;
            let mut actions = vec![Action::ResetDone];
            if kind == Reset::Reinstating && user::reinstate(&mut transaction, user).await? {
                actions.push(Action::UserReinstated);
            }
            record_finished(&mut transaction, core, client, user, &actions).await?;
            transaction.commit().await?;
            return Ok(user);
        }
        Purpose::Setup => {
            sqlx::query("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE").execute(&mut *transaction).await?;
            if user::any(&mut *transaction).await? {
                return Err(AuthError::LinkInvalid);
            }
            (true, None)
        }
        Purpose::Account { is_admin, .. } => (is_admin, None),
        Purpose::Invite { quota, .. } => (false, quota),
        Purpose::SignUp => (false, None),
    };
    let account = Account {
        user,
        name: &pending.name.parse().map_err(|_| AuthError::EnrolmentExpired)?,
        email: pending.email.as_deref(),
        email_is_proved: pending.email_verified,
        language: client.language,
        is_admin,
        quota: quota.unwrap_or(policy.quota.size()),
    };
    account.insert(&mut transaction, core, &means).await?;
    if let Some(to) = Recipient::of(&mut transaction, user).await? {
        let welcome = Mail::Welcome { name: account.name.clone() };
        mail::enqueue(&mut transaction, core, &to, &welcome).await?;
    }
    let actions = [Action::AccountCreated, Action::Enrolled];
    record_finished(&mut transaction, core, client, user, &actions).await?;
    transaction.commit().await?;
    Ok(user)
}

/// Records what an enrolment did, and the session that it ends with.
async fn record_finished(
    connection: &mut PgConnection,
    core: &Core,
    client: &Client,
    user: UserId,
    actions: &[Action],
) -> Result<(), AuthError> {
    for action in actions {
        record(connection, core, &Event::new(By::user(client), Some(user), *action)).await?;
    }
    let signed_in = Event::new(By::user(client), Some(user), Action::SignedIn);
    record(connection, core, &signed_in.with(AuditDetails::by(Proof::Enrolment))).await
}
