//! A mailed code in the place of a second one.
//!
//! Asking answers the same in the same time, whoever is named and whatever was typed first: it is
//! written down, and what comes of it happens beside the request. A mail goes out after a right code
//! only, to a proved address, so nobody is sent any by somebody who guesses. Asking and every try
//! count as a failed pair until one is right: a try is worth the 3·10⁻¹² of two codes, and asking
//! nothing.

use model::types::{EmailCode, Proof, UserId, Username};
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::trial::{Trial, take_pair};
use crate::{
    Core,
    auth::{
        AuthError, Client,
        attempts::{AccountKey, Kind, Try},
        email_code::{self, Subject},
        one_time::digest,
        ticket::{Second, Ticket},
    },
    mail::{self, Mail, Occasion, Recipient},
};

/// Asks for a code to the account's proved address, with the ticket for which the next code would
/// come. Answers the ticket that belongs to it, whether or not there is such an address or account,
/// and whatever the first code was.
///
/// # Errors
/// [`AuthError::NoMail`] where no mail server is set; [`AuthError::SignInExpired`];
/// [`AuthError::TooManyAttempts`] for what this client did; the database.
pub async fn ask(core: &Core, client: &Client, ticket: &str) -> Result<String, AuthError> {
    if core.settings.mail.is_none() {
        return Err(AuthError::NoMail);
    }
    let now = core.now();
    let pair = Ticket::open(Second::Code, &core.keys, client.address, ticket, now)?;
    let mailed = pair.seal(Second::MailedCode, &core.keys, &core.random, client.address, now)?;
    let mut transaction = core.pool.begin().await?;
    let tried = Try::new(pair.account, client.address, pair.authenticators.into());
    tried.begin_in(&mut transaction, core, Kind::Pair).await?;
    email_code::promise(&mut transaction, client, &subject(pair.account), &mailed, now).await?;
    sqlx::query(
        "INSERT INTO sign_in_mails (ticket_hash, user_id, agent, created_at) VALUES ($1, $2, $3, $4)",
    )
    .bind(digest(&mailed))
    .bind(pair.user.filter(|_| pair.first.is_some()))
    .bind(client.agent.as_str())
    .bind(now)
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await?;
    core.beside("answering requests for a mailed code", |core| async move { answer_all(&core).await });
    Ok(mailed)
}

/// Signs in with the code that was mailed after [`ask`].
///
/// # Errors
/// [`AuthError::WrongCode`] if either code is wrong; [`AuthError::SignInExpired`] and
/// [`AuthError::CodeExpired`] once it has lapsed, was used or has had its tries, whichever code is
/// wrong; [`AuthError::TooManyAttempts`]; the database.
pub async fn with_mailed_code(
    core: &Core,
    client: &Client,
    ticket: &str,
    code: EmailCode,
) -> Result<UserId, AuthError> {
    let pair = Ticket::open(Second::MailedCode, &core.keys, client.address, ticket, core.now())?;
    let tried = Try::new(pair.account, client.address, pair.authenticators.into());
    let (client, ticket) = (client.clone(), ticket.to_owned());
    tried
        .judged(core, Kind::Pair, move |core, attempt| async move {
            let trial = Trial::sign_in(&client, Proof::MailedCode, pair.user.map(UserId));
            let attempt = attempt.ok_or(AuthError::WrongCode)?;
            let is_read = match email_code::prove(&core, &subject(pair.account), &ticket, code).await {
                Ok(_) => true,
                Err(AuthError::WrongCode) => false,
                // Late, used or out of tries: counted like a wrong one, so recorded like one.
                Err(refusal @ AuthError::CodeExpired) => {
                    attempt.failed(&core, trial.failed(&refusal)).await?;
                    return Err(refusal);
                }
                Err(error) => return Err(error),
            };
            let right = pair.first.filter(|_| is_read).map(|first| (first, first.step));
            take_pair(&core, attempt, right, trial).await
        })
        .await
}

const fn subject(account: AccountKey) -> Subject {
    Subject::SignIn(*account.as_bytes())
}

#[derive(sqlx::FromRow)]
struct Request {
    ticket_hash: Vec<u8>,
    user_id: Option<Uuid>,
    agent: String,
    created_at: OffsetDateTime,
}

/// Answers what was asked and not answered yet, by mail or not at all; how much that was. Any number of nodes
/// may do so at once.
///
/// # Errors
/// The database, randomness.
pub async fn answer_all(core: &Core) -> Result<u64, AuthError> {
    let mut answered = 0;
    loop {
        let mut transaction = core.pool.begin().await?;
        let next: Option<Request> = sqlx::query_as(
            "UPDATE sign_in_mails SET handled_at = $1 WHERE ticket_hash = (SELECT ticket_hash FROM sign_in_mails \
             WHERE handled_at IS NULL ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED) \
             RETURNING ticket_hash, user_id, agent, created_at",
        )
        .bind(core.now())
        .fetch_optional(&mut *transaction)
        .await?;
        let Some(request) = next else { return Ok(answered) };
        // A node that was away for longer has nothing to mail any more.
        let is_awaited = request.created_at + email_code::VALID > core.now();
        if let Some(user) = request.user_id.filter(|_| is_awaited) {
            answer(&mut transaction, core, &request, UserId(user)).await?;
        }
        transaction.commit().await?;
        answered += 1;
    }
}

async fn answer(
    connection: &mut PgConnection,
    core: &Core,
    request: &Request,
    user: UserId,
) -> Result<(), AuthError> {
    let name: Option<String> =
        sqlx::query_scalar("SELECT name FROM users WHERE id = $1 AND suspended_at IS NULL")
            .bind(user.0)
            .fetch_optional(&mut *connection)
            .await?;
    let name = name.and_then(|name| name.parse::<Username>().ok());
    let recipient = Recipient::verified(connection, user).await?;
    let (Some(name), Some(recipient)) = (name, recipient) else { return Ok(()) };
    let subject = subject(AccountKey::of(Some(&name)));
    let hash = &request.ticket_hash;
    let Some(code) = email_code::fulfil(connection, core, &subject, hash, &recipient.address).await? else {
        return Ok(());
    };
    let address: String = sqlx::query_scalar("SELECT address FROM email_codes WHERE ticket_hash = $1")
        .bind(hash)
        .fetch_one(&mut *connection)
        .await?;
    let (at, client) = (request.created_at, Client::recalled(&address, &request.agent));
    let occasion = client.map_or_else(|| Occasion::unknown(at), |client| client.occasion(at));
    let mail = Mail::SignInCode { name, code: code.digits(), occasion };
    mail::enqueue(connection, core, &recipient, &mail).await?;
    Ok(())
}
