//! The account that the wizard ends with.

use model::types::{Action, ByteSize, EmailAddress, Language, RecoveryCode, UserId, Username};
use sqlx::PgConnection;

use crate::{
    Core,
    audit::{By, Event, record},
    auth::{
        AuthError, authenticator,
        recovery::{self, StoredCode},
        session,
        stretching::Whose,
        token,
        totp::TotpSecret,
    },
    db,
    keys::Sealed,
};

/// What [`enrol_now`] made; for scripts, shown once.
pub struct EnrolledNow {
    /// The account.
    pub user_id: UserId,
    /// The secret in base32.
    pub secret: String,
    /// The `otpauth://` link.
    pub otpauth_url: String,
    /// The recovery codes.
    pub recovery_codes: Vec<RecoveryCode>,
}

/// Makes an account with its secret and codes at once, for the command line.
///
/// # Errors
/// [`AuthError::NameTaken`]; the database, randomness.
pub async fn enrol_now(
    core: &Core,
    name: Username,
    email: Option<EmailAddress>,
    is_admin: bool,
) -> Result<EnrolledNow, AuthError> {
    let user_id = UserId(core.random.uuid_v7(core.now())?);
    let secret = TotpSecret::generate(&core.random)?;
    let room = core.stretching.room(Whose::Owner(user_id)).await?;
    let (recovery_codes, stored) = recovery::generate(&core.keys, &core.random, user_id, room).await?;
    let account = Account {
        user: user_id,
        name: &name,
        email: email.as_ref().map(EmailAddress::as_str),
        email_is_proved: false,
        language: Language::default(),
        is_admin,
        quota: core.policy().await?.quota.size(),
    };
    let means =
        Means { sealed: &secret.seal(&core.keys, &core.random, user_id)?, last_step: 0, codes: &stored };
    let mut transaction = core.pool.begin().await?;
    account.insert(&mut transaction, core, &means).await?;
    for action in [Action::AccountCreated, Action::Enrolled] {
        record(&mut transaction, core, &Event::new(By::COMMAND_LINE, Some(user_id), action)).await?;
    }
    transaction.commit().await?;
    let otpauth_url = secret.otpauth_url(&core.settings.issuer, name.as_str())?;
    Ok(EnrolledNow { user_id, secret: secret.base32(), otpauth_url, recovery_codes })
}

/// With what somebody signs in.
pub(super) struct Means<'a> {
    pub(super) sealed: &'a Sealed,
    pub(super) last_step: i64,
    pub(super) codes: &'a [StoredCode],
}

impl Means<'_> {
    async fn insert(
        &self,
        connection: &mut PgConnection,
        core: &Core,
        user: UserId,
    ) -> Result<(), AuthError> {
        let name = authenticator::FIRST_NAME;
        authenticator::insert(&mut *connection, core, user, name, self.sealed, self.last_step).await?;
        recovery::replace(connection, core, user, self.codes).await
    }

    /// Puts these in the place of all that `user` has, and ends every session, all trust, all tokens, every
    /// other way back and whatever is being added; answers the names of the tokens. The caller has locked the
    /// account.
    pub(super) async fn replace(
        &self,
        connection: &mut PgConnection,
        core: &Core,
        user: UserId,
    ) -> Result<Vec<String>, AuthError> {
        let tokens = end_ways_in(&mut *connection, core, user).await?;
        self.insert(connection, core, user).await?;
        Ok(tokens)
    }
}

/// Ends every way into the account: authenticators, codes, links, trust, identities, tokens, sessions, and
/// whatever is being added; answers the names of the tokens. The caller has locked the account.
///
/// What signs in by the old means at this moment has done so before these statements, or waits for them and fails.
/// What it opens afterwards is told by the moment at which sessions end, which therefore is the last.
pub(crate) async fn end_ways_in(
    connection: &mut PgConnection,
    core: &Core,
    user: UserId,
) -> Result<Vec<String>, sqlx::Error> {
    let tokens = token::end_all(&mut *connection, user).await?;
    for statement in [
        "DELETE FROM enrolment_links WHERE user_id = $1",
        "DELETE FROM totp_credentials WHERE user_id = $1",
        "DELETE FROM recovery_codes WHERE user_id = $1",
        "DELETE FROM trusted_devices WHERE user_id = $1",
        "DELETE FROM oidc_links WHERE user_id = $1",
    ] {
        sqlx::query(statement).bind(user.0).execute(&mut *connection).await?;
    }
    // As whoever ends the trust in a device or unlinks an identity does. Ends what is on offer too.
    session::end_all_but(connection, core, user, None).await?;
    Ok(tokens)
}

/// An account that is to be.
pub(super) struct Account<'a> {
    pub(super) user: UserId,
    pub(super) name: &'a Username,
    pub(super) email: Option<&'a str>,
    pub(super) email_is_proved: bool,
    pub(super) language: Language,
    pub(super) is_admin: bool,
    pub(super) quota: ByteSize,
}

impl Account<'_> {
    /// Stores it with its means of signing in.
    ///
    /// # Errors
    /// [`AuthError::NameTaken`]; the database.
    pub(super) async fn insert(
        &self,
        connection: &mut PgConnection,
        core: &Core,
        means: &Means<'_>,
    ) -> Result<(), AuthError> {
        let now = core.now();
        sqlx::query(
            "INSERT INTO users (id, name, name_folded, email, is_admin, quota_bytes, created_at, \
             email_verified_at, language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(self.user.0)
        .bind(self.name.as_str())
        .bind(self.name.folded())
        .bind(self.email)
        .bind(self.is_admin)
        .bind(i64::try_from(self.quota.bytes()).unwrap_or(i64::MAX))
        .bind(now)
        .bind(self.email.filter(|_| self.email_is_proved).map(|_| now))
        .bind(self.language.tag())
        .execute(&mut *connection)
        .await
        .map_err(|error| match db::violated_constraint(&error) {
            Some("users_name_key") => AuthError::NameTaken,
            _ => error.into(),
        })?;
        means.insert(connection, core, self.user).await
    }
}
