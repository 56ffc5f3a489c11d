//! Over the line: STARTTLS, TLS and authentication with a mail server that speaks them.

use model::types::EmailAddress;

use super::{
    server::{Reached, SmtpServer},
    *,
};
use crate::mail::{
    outbox::{Delivery, deliver_next},
    smtp::Smtp,
};

fn smtp(core: &Core, url: &str, server: &SmtpServer) -> Smtp {
    let url = url.replace("PORT", &server.port.to_string()).parse().unwrap();
    Smtp::new(&url, Some(server.root.as_bytes()), &core.settings).unwrap()
}

const STARTTLS: &str = "smtp://ada:p%40ss%3Aword@localhost:PORT?tls=required";

#[track_caller]
fn postponed(delivery: Option<Delivery>) -> String {
    match delivery {
        Some(Delivery::Postponed { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_mail_arrives_whole_over_starttls_after_a_login(pool: PgPool) {
    let (mut core, _) = at(pool);
    let mut settings = testing::posting();
    settings.origins.site = "https://pictures.example".into();
    settings.issuer = "图床 & co".into();
    settings.mail =
        Some("no-reply@pictures.example".parse::<crate::mail::Sender>().unwrap().or_named("图床"));
    core.settings = Arc::new(settings);
    let server = SmtpServer::start(Reached::ByStartTls).await;
    let id = queue(&core, &reset_link(&core)).await;
    assert_eq!(deliver_next(&core, &smtp(&core, STARTTLS, &server)).await.unwrap(), Some(Delivery::Sent));

    let state = server.state.lock().unwrap();
    assert_eq!(state.logins, [("ada".to_owned(), "p@ss:word".to_owned())]);
    assert!(state.hello.iter().all(|name| name == "pictures.example"), "{:?}", state.hello);
    assert_eq!(state.messages.len(), 1);
    let message = MessageParser::default().parse(&state.messages[0]).unwrap();
    assert_eq!(message.subject(), Some("[图床 & co] Your way back in"));
    let from = message.from().unwrap().first().unwrap();
    assert_eq!((from.name(), from.address()), (Some("图床"), Some("no-reply@pictures.example")));
    assert_eq!(message.to().unwrap().first().unwrap().address(), Some("ada@mail.example"));
    assert_eq!(message.message_id(), Some(format!("{}@pictures.example", id.0).as_str()));
    assert_eq!(message.date().unwrap().to_timestamp(), NOW.unix_timestamp());
    assert_eq!(message.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    let link = "https://pictures.example/reset/s3cret";
    assert!(message.body_text(0).unwrap().lines().any(|line| line == link));
    assert!(message.body_html(0).unwrap().contains(&format!("href=\"{link}\"")));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tls_from_the_start_and_a_relay_without_tls_work_too(pool: PgPool) {
    let (core, _) = at(pool);
    for (reached, url) in [
        (Reached::ByTls, "smtps://ada:p%40ss%3Aword@localhost:PORT"),
        (Reached::Plainly, "smtp://127.0.0.1:PORT"),
    ] {
        let server = SmtpServer::start(reached).await;
        queue(&core, &welcome()).await;
        let sent = deliver_next(&core, &smtp(&core, url, &server)).await.unwrap();
        assert_eq!((sent, server.state.lock().unwrap().messages.len()), (Some(Delivery::Sent), 1));
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn nothing_is_said_to_a_server_without_tls_or_of_another_root(pool: PgPool) {
    let (core, _) = at(pool);
    let (plain, other) =
        (SmtpServer::start(Reached::Plainly).await, SmtpServer::start(Reached::ByStartTls).await);
    queue(&core, &welcome()).await;
    let reason = postponed(deliver_next(&core, &smtp(&core, STARTTLS, &plain)).await.unwrap());
    assert!(reason.contains("STARTTLS"), "{reason}");
    queue(&core, &welcome()).await;
    let url = STARTTLS.replace("PORT", &other.port.to_string()).parse().unwrap();
    for roots in [None, Some(plain.root.as_bytes())] {
        queue(&core, &welcome()).await;
        let stranger = Smtp::new(&url, roots, &core.settings).unwrap();
        let reason = postponed(deliver_next(&core, &stranger).await.unwrap());
        assert!(reason.contains("certificate"), "{reason}");
    }
    for server in [plain, other] {
        let state = server.state.lock().unwrap();
        assert!(state.logins.is_empty() && state.messages.is_empty());
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn what_the_server_says_decides_whether_it_is_tried_again(pool: PgPool) {
    let (core, _) = at(pool);
    let server = SmtpServer::start(Reached::ByStartTls).await;
    let smtp = smtp(&core, STARTTLS, &server);
    for (code, words, again) in [
        (550, "no such mailbox", false),
        (553, "not here", false),
        (450, "greylisted", true),
        (421, "busy", true),
    ] {
        server.state.lock().unwrap().rcpt = Some((code, words));
        queue(&core, &welcome()).await;
        let (reason, postponed) = match deliver_next(&core, &smtp).await.unwrap() {
            Some(Delivery::Postponed { reason, .. }) => (reason, true),
            Some(Delivery::Failed { reason }) => (reason, false),
            other => panic!("{other:?}"),
        };
        assert_eq!(postponed, again, "{code}");
        assert!(reason.contains(words) && reason.contains(&code.to_string()), "{reason}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_wrong_password_or_an_absent_server_costs_no_mail(pool: PgPool) {
    let (core, clock) = at(pool);
    let server = SmtpServer::start(Reached::ByStartTls).await;
    let id = queue(&core, &welcome()).await;
    let wrong = smtp(&core, "smtp://ada:wr0ng@localhost:PORT?tls=required", &server);
    let reason = postponed(deliver_next(&core, &wrong).await.unwrap());
    assert!(reason.contains("535") && !reason.contains("wr0ng"), "{reason}");
    clock.advance(Duration::MINUTE);
    let nobody = Smtp::new(&"smtp://127.0.0.1:9".parse().unwrap(), None, &core.settings).unwrap();
    let reason = postponed(deliver_next(&core, &nobody).await.unwrap());
    assert!(reason.to_lowercase().contains("connect"), "{reason}");
    clock.advance(Duration::MINUTE);
    assert_eq!(deliver_next(&core, &smtp(&core, STARTTLS, &server)).await.unwrap(), Some(Delivery::Sent));
    assert_eq!(entry(&core, id).await.tries, 3);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_domain_in_other_letters_is_reached_and_a_mailbox_in_them_needs_smtputf8(pool: PgPool) {
    let (core, _) = at(pool);
    let server = SmtpServer::start(Reached::ByStartTls).await;
    let smtp = smtp(&core, STARTTLS, &server);
    let mut connection = core.pool.acquire().await.unwrap();
    let to = |address: &str| Recipient { address: address.parse::<EmailAddress>().unwrap(), ..ada() };
    enqueue(&mut connection, &core, &to("ada@bücher.example"), &welcome()).await.unwrap();
    assert_eq!(deliver_next(&core, &smtp).await.unwrap(), Some(Delivery::Sent));
    {
        let state = server.state.lock().unwrap();
        let message = MessageParser::default().parse(&state.messages[0]).unwrap();
        let address = message.to().unwrap().first().unwrap().address().unwrap().to_owned();
        assert_eq!(address, "ada@xn--bcher-kva.example");
    }
    enqueue(&mut connection, &core, &to("李雷@mail.example"), &welcome()).await.unwrap();
    let reason = postponed(deliver_next(&core, &smtp).await.unwrap());
    assert!(reason.contains("SMTPUTF8"), "{reason}");
}

#[tokio::test]
async fn a_file_without_certificates_is_no_root() {
    let url = "smtps://mail.example".parse().unwrap();
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for pem in ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", broken] {
        assert!(Smtp::new(&url, Some(pem.as_bytes()), &testing::settings()).is_err(), "{pem}");
    }
    assert!(Smtp::new(&url, None, &testing::settings()).is_ok());
}

#[test]
fn a_sender_is_an_address_with_or_without_a_name() {
    for (text, shown) in [
        ("no-reply@pictures.example", "reflect <no-reply@pictures.example>"),
        (" Pictures <a@b.example> ", "Pictures <a@b.example>"),
        ("a@bücher.example", "reflect <a@xn--bcher-kva.example>"),
    ] {
        let sender: crate::mail::Sender = text.parse().unwrap();
        assert_eq!(sender.or_named("reflect").to_string(), shown);
    }
    for bad in ["", "a", "a@", "x <a@b.example>\r\nBcc: c@d.example", "a@b.example, c@d.example"] {
        assert!(bad.parse::<crate::mail::Sender>().is_err(), "{bad}");
    }
}
