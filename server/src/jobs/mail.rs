//! Senders: they empty the outbox, and wait.

use std::{sync::Arc, time::Duration};

use reflect_core::{
    Core,
    mail::outbox::{self, Way},
};
use time::OffsetDateTime;
use tokio::{sync::watch, task::JoinSet};

/// How many mails one node sends at once: a slow mail server for one doesn't hold up all others.
const SENDERS: usize = 2;
/// Longest wait for a mail that nobody told of, because its node died or the line to the database was lost.
const LOOK: Duration = Duration::from_secs(60);
/// Shortest pause, and the one after the database failed.
const BREATH: Duration = Duration::from_millis(250);
const RECOVER: Duration = Duration::from_secs(5);
/// Longest time that mails on the line get when the server stops. What is cut off is sent again.
const FAREWELL: Duration = Duration::from_secs(10);

/// What is told to senders.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// There may be mail.
    Look,
    /// Finish the one in hand.
    Stop,
}

/// Wakes the senders of this node.
#[derive(Clone)]
pub struct Bell(Arc<watch::Sender<Word>>);

impl Bell {
    /// There is mail.
    pub fn ring(&self) {
        // Who is told to stop stays told.
        self.0.send_modify(|_| ());
    }
}

/// The senders of this node.
pub struct Mailroom {
    bell: Bell,
    senders: JoinSet<()>,
}

impl Mailroom {
    /// Nobody works there yet.
    pub fn new() -> Self {
        Self { bell: Bell(Arc::new(watch::Sender::new(Word::Look))), senders: JoinSet::new() }
    }

    /// Has some send what takes this way.
    pub fn open(&mut self, core: &Core, way: impl Way + 'static) {
        let way = Arc::new(way);
        for _ in 0..SENDERS {
            self.senders.spawn(run(core.clone(), Arc::clone(&way), self.bell.0.subscribe()));
        }
    }

    /// What wakes them.
    pub fn bell(&self) -> Bell {
        self.bell.clone()
    }

    /// Lets mails on the line end.
    pub async fn stop(mut self) {
        self.bell.0.send_replace(Word::Stop);
        let ended = async { while self.senders.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("a mail on the line was cut off; it is sent again in some minutes");
        }
    }
}

async fn run(core: Core, way: Arc<impl Way>, mut word: watch::Receiver<Word>) {
    // What is said from here on is heard below, even if it is said while we look.
    while *word.borrow_and_update() == Word::Look {
        let rest = match look(&core, &*way).await {
            Ok(Some(rest)) => rest,
            Ok(None) => continue,
            Err(error) => {
                tracing::warn!(%error, "looking for mail");
                RECOVER
            }
        };
        tokio::select! {
            told = word.changed() => if told.is_err() { return },
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Sends one mail; how long to rest if there is none.
async fn look<W: Way>(core: &Core, way: &W) -> Result<Option<Duration>, reflect_core::mail::MailError> {
    if outbox::deliver_next(core, way).await?.is_some() {
        return Ok(None);
    }
    Ok(Some(rest(outbox::next_due(core, W::CHANNEL).await?, core.now())))
}

/// Until the next mail is due, within reason.
fn rest(due: Option<OffsetDateTime>, now: OffsetDateTime) -> Duration {
    due.map_or(LOOK, |due| Duration::try_from(due - now).unwrap_or_default()).clamp(BREATH, LOOK)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::types::Language;
    use reflect_core::{
        Settings,
        mail::{Mail, Message, Recipient, Refusal, Transport, enqueue},
        testing,
    };
    use sqlx::PgPool;
    use time::macros::datetime;
    use tokio::{
        sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
        time::timeout,
    };

    use super::*;
    use crate::{config::KeySource, jobs, serve::Images};

    const NOW: OffsetDateTime = datetime!(2026-11-20 12:00 UTC);

    /// Reports what it is sent, after a while.
    struct Slow(UnboundedSender<Message>);

    impl Transport for Slow {
        async fn send(&self, message: Message) -> Result<(), Refusal> {
            tokio::time::sleep(Duration::from_millis(50)).await;
            self.0.send(message).map_err(Refusal::transient)
        }
    }

    fn open(pool: PgPool) -> (Core, Mailroom, UnboundedReceiver<Message>) {
        let mut core = testing::core(pool);
        let mail = Some("no-reply@pictures.example".parse().unwrap());
        core.settings = Arc::new(Settings { mail, ..testing::settings() });
        let (sent, inbox) = unbounded_channel();
        let mut room = Mailroom::new();
        room.open(&core, Slow(sent));
        (core, room, inbox)
    }

    async fn queue(core: &Core) {
        let mut connection = core.pool.acquire().await.unwrap();
        let address = "ada@mail.example".parse().unwrap();
        let to = Recipient { address, language: Language::English };
        enqueue(&mut connection, core, &to, &Mail::Test).await.unwrap().unwrap();
    }

    /// Well within the time after which senders look by themselves.
    async fn next(inbox: &mut UnboundedReceiver<Message>) -> Option<Message> {
        timeout(LOOK / 2, inbox.recv()).await.unwrap()
    }

    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn mail_is_sent_as_soon_as_the_database_tells_of_it(pool: PgPool) {
        let (core, room, mut inbox) = open(pool);
        let hearing = tokio::spawn(jobs::hear(
            core.clone(),
            Arc::new(Images::new(model::types::ByteSize(0))),
            room.bell(),
            KeySource::in_folder(tempfile::tempdir().unwrap().path()),
            jobs::Patience::default(),
        ));
        for _ in 0..3 {
            queue(&core).await;
            assert!(next(&mut inbox).await.is_some());
        }
        hearing.abort();
        room.stop().await;
    }

    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn what_is_on_the_line_ends_before_the_server_does(pool: PgPool) {
        let (core, room, mut inbox) = open(pool);
        queue(&core).await;
        room.bell().ring();
        let counts = || outbox::counts(&core);
        while counts().await.unwrap().sending == 0 {
            assert_eq!(counts().await.unwrap().sent, 0, "too quick for this test");
        }
        room.stop().await;
        assert!(next(&mut inbox).await.is_some());
        assert_eq!(counts().await.unwrap().sent, 1);
        assert!(next(&mut inbox).await.is_none(), "nobody is left to send");
    }

    #[test]
    fn senders_rest_until_the_next_mail_is_due() {
        assert_eq!(rest(None, NOW), LOOK);
        assert_eq!(rest(Some(NOW + Duration::from_secs(7)), NOW), Duration::from_secs(7));
        assert_eq!(rest(Some(NOW + Duration::from_secs(7000)), NOW), LOOK);
        assert_eq!(rest(Some(NOW - Duration::from_secs(7)), NOW), BREATH);
    }
}
