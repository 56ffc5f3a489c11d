//! Mail against a real database, and a real conversation with a mail server.

mod admin;
mod delivering;
mod invites;
mod queueing;
mod rendering;
mod sending;
mod server;

use std::sync::{Arc, Mutex};

use lettre::Message;
use mail_parser::MessageParser;
use model::types::{Language, MailId, MailState, OutboxEntry};
use sqlx::PgPool;
use time::{Duration, OffsetDateTime, macros::datetime};

use super::{Line, Mail, Occasion, Recipient, Refusal, SiteLink, Transport, enqueue, outbox};
use crate::{Core, ManualClock, testing};

const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

/// A core that sends mail, and its clock.
fn at(pool: PgPool) -> (Core, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(NOW));
    let mut core = testing::core_at(pool, Arc::clone(&clock));
    core.settings = Arc::new(testing::posting());
    (core, clock)
}

fn ada() -> Recipient {
    Recipient { address: "ada@mail.example".parse().unwrap(), language: Language::English }
}

fn occasion() -> Occasion {
    Occasion {
        at: datetime!(2026-11-21 09:05 UTC),
        address: Some("192.0.2.7".parse().unwrap()),
        device: Some(Line::new("Firefox on Linux")),
    }
}

fn reset_link(core: &Core) -> Mail {
    Mail::ResetLink {
        name: "ada".parse().unwrap(),
        link: SiteLink::new(&core.settings, "/reset/s3cret"),
        occasion: occasion(),
    }
}

fn welcome() -> Mail {
    Mail::Welcome { name: "ada".parse().unwrap() }
}

async fn queue(core: &Core, mail: &Mail) -> MailId {
    let mut connection = core.pool.acquire().await.unwrap();
    enqueue(&mut connection, core, &ada(), mail).await.unwrap().unwrap()
}

async fn entry(core: &Core, id: MailId) -> OutboxEntry {
    outbox::entry(core, id).await.unwrap().unwrap()
}

async fn state(core: &Core, id: MailId) -> MailState {
    entry(core, id).await.state
}

/// A transport that keeps what it is sent, or answers what it is told to.
#[derive(Default)]
struct Inbox {
    messages: Mutex<Vec<Vec<u8>>>,
    refusal: Mutex<Option<Refusal>>,
}

impl Inbox {
    fn refusing(refusal: Refusal) -> Self {
        Self { refusal: Mutex::new(Some(refusal)), ..Self::default() }
    }

    fn accept(&self) {
        *self.refusal.lock().unwrap() = None;
    }

    fn len(&self) -> usize {
        self.messages.lock().unwrap().len()
    }

    /// The Message-IDs, in the order of arrival.
    fn ids(&self) -> Vec<String> {
        let parser = MessageParser::default();
        let id = |bytes: &Vec<u8>| parser.parse(bytes).unwrap().message_id().unwrap().to_owned();
        self.messages.lock().unwrap().iter().map(id).collect()
    }
}

impl Transport for Inbox {
    async fn send(&self, message: Message) -> Result<(), Refusal> {
        // As a line would: others get their turn meanwhile.
        tokio::task::yield_now().await;
        let refusal = self.refusal.lock().unwrap().clone();
        match refusal {
            Some(refusal) => Err(refusal),
            None => {
                self.messages.lock().unwrap().push(message.formatted());
                Ok(())
            }
        }
    }
}

/// Sends until nothing is due.
async fn send_all(core: &Core, transport: &impl Transport) {
    while outbox::deliver_next(core, transport).await.unwrap().is_some() {}
}

fn lease() -> Duration {
    outbox::LEASE.try_into().unwrap()
}
