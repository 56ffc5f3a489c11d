//! Alerts for programs, to a server on this machine.

use std::sync::Mutex;

use hmac::{Hmac, Mac};
use model::types::{Action, MailKind, MailState};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    Settings,
    alert::{Webhook, WebhookUrl},
    mail::outbox::{self, Delivery, deliver_next},
};

const SECRET: &str = "a secret of this test";

/// A request: its first line and headers in small letters, and its body.
type Received = (String, Vec<u8>);

/// A server that keeps what it gets and answers with what it is told to.
struct Receiver {
    url: WebhookUrl,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<Mutex<&'static str>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks/s3cret?x=1", listener.local_addr().unwrap()).parse().unwrap();
        let (received, answer) = (Arc::default(), Arc::new(Mutex::new("204 No Content")));
        let receiver = Self { url, received: Arc::clone(&received), answer: Arc::clone(&answer) };
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                received.lock().unwrap().push(request);
                let status = *answer.lock().unwrap();
                let head = format!(
                    "HTTP/1.1 {status}\r\nlocation: /elsewhere\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
                );
                stream.write_all(head.as_bytes()).await.unwrap();
            }
        });
        receiver
    }

    fn webhook(&self) -> Webhook {
        Webhook::new(self.url.clone(), SECRET.to_owned()).unwrap()
    }

    fn answers(&self, status: &'static str) {
        *self.answer.lock().unwrap() = status;
    }

    fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn read(stream: &mut TcpStream) -> Received {
    let mut bytes = Vec::new();
    loop {
        let mut more = [0; 4096];
        let read = stream.read(&mut more).await.unwrap();
        assert!(read > 0, "the request broke off");
        bytes.extend_from_slice(&more[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
        let length = head.split("content-length: ").nth(1).unwrap();
        let length: usize = length.lines().next().unwrap().parse().unwrap();
        if bytes.len() >= end + 4 + length {
            return (head, bytes.split_off(end + 4));
        }
    }
}

/// Ada's house, whose alerts are posted and not mailed.
async fn house(pool: PgPool, receiver: &Receiver) -> House {
    let mut house = House::new(pool).await;
    let alert_webhook = Some(receiver.url.clone());
    house.core.settings = Arc::new(Settings { alert_webhook, ..testing::settings() });
    house
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_alert_is_posted_as_json_with_a_signature(pool: PgPool) {
    let receiver = Receiver::start().await;
    let house = house(pool, &receiver).await;
    let webhook = receiver.webhook();
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), None);
    house.sign_in(&home()).await;
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), Some(Delivery::Sent));
    let [(head, body)] = receiver.received().try_into().unwrap();
    assert!(head.starts_with("post /hooks/s3cret?x=1 http/1.1\r\n"), "{head}");
    assert!(head.contains("content-type: application/json"), "{head}");
    let mac = <Hmac<Sha256> as Mac>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(head.contains(&format!("x-reflect-signature: sha256={digits}")), "{head}");
    let id: sqlx::types::Uuid = sqlx::query_scalar("SELECT id FROM audit_log WHERE action = 'signed_in'")
        .fetch_one(&house.core.pool)
        .await
        .unwrap();
    let expected = json!({
        "id": id,
        "at": crate::rfc3339(house.clock.now()),
        "action": "new_device",
        "user": "ada",
        "address": "192.0.2.7",
        "device": "Firefox on Linux",
        "instance": "http://localhost",
    });
    assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), expected);
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), None, "once");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_is_no_alert_is_not_posted_and_what_concerns_the_instance_is(pool: PgPool) {
    let receiver = Receiver::start().await;
    let house = house(pool, &receiver).await;
    let client = home();
    for action in [Action::SignedOut, Action::TokenRevoked, Action::SignInFailed, Action::SignedIn] {
        house.note(Event::new(By::user(&client), Some(house.user()), action)).await;
    }
    house.note(Event::new(By::user(&client), Some(house.user()), Action::SignedIn)).await;
    house.note(Event::new(By::SYSTEM, None, Action::SiteSteppedUp)).await;
    let webhook = receiver.webhook();
    while deliver_next(&house.core, &webhook).await.unwrap().is_some() {}
    let mut posted: Vec<_> = receiver
        .received()
        .iter()
        .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap())
        .map(|post| (post["action"].clone(), post["user"].clone(), post["address"].clone()))
        .collect();
    posted.sort_by_key(|(action, ..)| action.to_string());
    let expected = [
        (json!("new_device"), json!("ada"), json!("192.0.2.7")),
        (json!("site_stepped_up"), Value::Null, Value::Null),
    ];
    assert_eq!(posted, expected);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_post_that_is_not_taken_is_tried_again_and_given_up_after_two_days(pool: PgPool) {
    let receiver = Receiver::start().await;
    let house = house(pool, &receiver).await;
    let webhook = receiver.webhook();
    house.sign_in(&home()).await;
    let mut bodies = Vec::new();
    for (status, reason) in [
        ("500 Internal Server Error", "127.0.0.1 answered 500 Internal Server Error"),
        ("302 Found", "127.0.0.1 answered 302 Found"),
    ] {
        receiver.answers(status);
        let outcome = deliver_next(&house.core, &webhook).await.unwrap();
        let Some(Delivery::Postponed { reason: said, .. }) = outcome else { panic!("{outcome:?}") };
        assert_eq!(said, reason, "and no secret of the address");
        bodies.extend(receiver.received());
        assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), None, "not at once");
        house.clock.advance(Duration::MINUTE);
    }
    receiver.answers("200 OK");
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), Some(Delivery::Sent));
    bodies.extend(receiver.received());
    assert_eq!(bodies.len(), 3, "one a try: the redirect wasn't followed");
    assert!(bodies.iter().all(|post| *post == bodies[0]), "the same each time");

    house.sign_in(&client("203.0.113.5", PHONE)).await;
    receiver.answers("503 Service Unavailable");
    house.clock.advance(Duration::days(2));
    let outcome = deliver_next(&house.core, &webhook).await.unwrap();
    assert!(matches!(outcome, Some(Delivery::Failed { .. })), "{outcome:?}");
    let seen = outbox::list(&house.core, outbox::Filter::default(), 9, None).await.unwrap().items;
    let seen: Vec<_> = seen.iter().map(|one| (one.kind, one.state, one.to.as_str(), one.can_retry)).collect();
    let of = |state, can_retry| (MailKind::Webhook, state, "127.0.0.1", can_retry);
    assert_eq!(seen, [of(MailState::Failed, true), of(MailState::Sent, false)]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn mails_and_posts_leave_by_ways_of_their_own(pool: PgPool) {
    let receiver = Receiver::start().await;
    let mut house = house(pool, &receiver).await;
    house.core.settings =
        Arc::new(Settings { alert_webhook: Some(receiver.url.clone()), ..testing::posting() });
    house.sign_in(&home()).await;
    let webhook = receiver.webhook();
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), Some(Delivery::Sent));
    assert_eq!(deliver_next(&house.core, &webhook).await.unwrap(), None);
    let due = |channel| outbox::next_due(&house.core, channel);
    assert_eq!(due(outbox::Channel::Webhook).await.unwrap(), None);
    assert_eq!(due(outbox::Channel::Mail).await.unwrap(), Some(house.clock.now()));
    assert_eq!(house.told().await, [to_ada("new-device")]);
}
