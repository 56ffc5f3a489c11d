//! Challenges: what makes a thousand tries cost a thousand times something (SECURITY.md §6).
//!
//! Issued into PostgreSQL, bound to the address and the purpose they were asked for, good for five
//! minutes and one answer, right or wrong. They are a price and no proof of anything: every limit
//! of [`crate::auth::policy`] holds without them.

mod canvas;
mod error;
mod image;
mod provider;
mod slider;
mod store;
#[cfg(test)]
mod tests;
mod work;

use std::{marker::PhantomData, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::{
    Challenge, ChallengeAnswer, ChallengeProvider, ChallengePurpose, ChallengeTask, Solution,
};
use rand::{SeedableRng as _, rngs::StdRng};
use time::Duration;

use self::provider::Secret;
pub(crate) use self::store::PURPOSE as SEAL;
#[cfg(any(test, feature = "testing"))]
pub use self::work::do_work;
pub use self::{error::ChallengeError, store::sweep};
use crate::{
    Core,
    auth::{
        Client,
        policy::{Budget, address_key},
    },
};

/// How long a challenge is good, and how long what was earned with [`trade`] is.
const VALID: Duration = Duration::seconds(Challenge::LIFETIME as i64);
/// Challenges for one address: bounds the rows it can make and the pictures it can have drawn.
const ISSUED: Budget = Budget { failures: 30, window: VALID };

/// A purpose as a type, so that what was solved for one can't be spent on another.
pub trait Purpose {
    /// The same as a value.
    const PURPOSE: ChallengePurpose;
}

/// Making an account.
#[derive(Clone, Copy, Debug)]
pub struct SignUp;
/// Asking for a way back in.
#[derive(Clone, Copy, Debug)]
pub struct Reset;
/// Going on after failures.
#[derive(Clone, Copy, Debug)]
pub struct SignIn;

impl Purpose for SignUp {
    const PURPOSE: ChallengePurpose = ChallengePurpose::SignUp;
}
impl Purpose for Reset {
    const PURPOSE: ChallengePurpose = ChallengePurpose::Reset;
}
impl Purpose for SignIn {
    const PURPOSE: ChallengePurpose = ChallengePurpose::SignIn;
}

/// A challenge for `P` has been solved just now. Only [`verify`] makes one: what takes it as an
/// argument can't be called by somebody who forgot to ask.
#[derive(Debug)]
#[must_use = "a solved challenge is spent"]
pub struct Solved<P>(PhantomData<P>);

/// A challenge for whoever comes from `from`. Where the instance asks for none, one with nothing
/// to do.
///
/// # Errors
/// [`ChallengeError::TooMany`]; the database, randomness, drawing.
pub async fn issue(
    core: &Core,
    from: IpAddr,
    purpose: ChallengePurpose,
) -> Result<Challenge, ChallengeError> {
    let expires_in = Challenge::LIFETIME;
    let provider = core.policy().await?.challenge;
    if provider == ChallengeProvider::Off {
        return Ok(Challenge { id: String::new(), expires_in, task: ChallengeTask::None });
    }
    let (now, address, id) = (core.now(), address_key(from), new_id(core)?);
    let mut rng = StdRng::from_seed(core.random.bytes()?);
    let mut transaction = core.pool.begin().await?;
    let issued = store::issued(&mut transaction, &address, now).await?;
    if let Some(retry_after) = ISSUED.wait(&issued, now) {
        return Err(ChallengeError::TooMany { retry_after });
    }
    let secret = Secret::draw(provider, work::asked_after(issued.len()), &mut rng);
    store::insert(&mut transaction, core, &id, &address, purpose, &secret).await?;
    transaction.commit().await?;
    // Only now, so that no more is drawn than was issued and no lock waits for it.
    let task = core.workers.run(canvas::MEMORY, move || secret.task(&mut rng)).await?;
    Ok(Challenge { id, expires_in, task })
}

/// Spends the challenge that `answer` answers, whether the answer is right or not. Where the
/// instance asks for none, anything is right, and nothing too.
///
/// # Errors
/// [`ChallengeError::Needed`] without an answer; [`ChallengeError::Failed`] if it is wrong, or the
/// challenge unknown, spent, expired, or for another purpose or address; the database.
pub async fn verify<P: Purpose>(
    core: &Core,
    from: IpAddr,
    answer: Option<&ChallengeAnswer>,
) -> Result<Solved<P>, ChallengeError> {
    if core.policy().await?.challenge != ChallengeProvider::Off {
        spend(core, from, P::PURPOSE, answer.ok_or(ChallengeError::Needed)?).await?;
    }
    Ok(Solved(PhantomData))
}

/// What a client has solved, if it brings anything; what it brings is spent.
///
/// # Errors
/// [`ChallengeError::Failed`] as with [`verify`]; the database.
pub async fn given<P: Purpose>(core: &Core, client: &Client) -> Result<Option<Solved<P>>, ChallengeError> {
    match &client.challenge {
        Some(answer) => verify(core, client.address, Some(answer)).await.map(Some),
        None => Ok(None),
    }
}

/// Judges an answer before it is needed: a right one is traded for another, which is good once in
/// its place.
///
/// # Errors
/// [`ChallengeError::Failed`] as with [`verify`], and for what was traded before; the database.
pub async fn trade(
    core: &Core,
    from: IpAddr,
    purpose: ChallengePurpose,
    answer: &ChallengeAnswer,
) -> Result<ChallengeAnswer, ChallengeError> {
    let id = if core.policy().await?.challenge == ChallengeProvider::Off {
        String::new()
    } else {
        if answer.answer == Solution::Done {
            return Err(ChallengeError::Failed);
        }
        spend(core, from, purpose, answer).await?;
        let id = new_id(core)?;
        store::replace(core, &answer.id, &id).await?;
        id
    };
    Ok(ChallengeAnswer { id, answer: Solution::Done })
}

async fn spend(
    core: &Core,
    from: IpAddr,
    purpose: ChallengePurpose,
    answer: &ChallengeAnswer,
) -> Result<(), ChallengeError> {
    let secret = store::spend(core, &answer.id, &address_key(from), purpose).await?;
    if secret.is_some_and(|secret| secret.is_solved_by(&answer.id, &answer.answer)) {
        Ok(())
    } else {
        Err(ChallengeError::Failed)
    }
}

/// The right answer to a challenge, for tests: they have the key and the time.
///
/// # Errors
/// When there is no such challenge.
#[cfg(any(test, feature = "testing"))]
pub async fn solution(core: &Core, challenge: &Challenge) -> Result<ChallengeAnswer, ChallengeError> {
    let answer = match store::peek(core, &challenge.id).await? {
        Secret::Done => Solution::Done,
        Secret::Work(work) => Solution::Work(do_work(work, &challenge.id)),
        Secret::Image { text, .. } => Solution::Text(text),
        Secret::Slider { place, .. } => Solution::Offset(place.left),
    };
    Ok(ChallengeAnswer { id: challenge.id.clone(), answer })
}

/// 128 bits, which with what is hashed besides fit one block of SHA-256.
fn new_id(core: &Core) -> Result<String, ChallengeError> {
    Ok(URL_SAFE_NO_PAD.encode(core.random.bytes::<16>()?))
}
