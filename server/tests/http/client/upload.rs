//! `reflect upload`

use model::types::{ByteSize, Scope};
use sqlx::PgPool;
use tokio::net::TcpListener;

use super::Machine;
use crate::support::{App, between, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn links_are_the_last_lines_in_the_order_of_the_files(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let machine = Machine::using(app.listen().await, &ada.token);
    // The first is the one that takes longest.
    let names = ["one \"猫\".png", "two.png", "three.png", "four.jpg"];
    machine.file(names[0], &pictures::noise(600, 600, 1));
    machine.file(names[1], &pictures::png(8, 6));
    machine.file(names[2], &pictures::png(6, 8));
    machine.file(names[3], &pictures::jpeg(5, 5));
    let call = [&["upload", "--jobs", "4"][..], &names].concat();
    let said = machine.reflect(&call).await;

    // What Typora does with its custom command: as many of the last lines as there are files.
    let links = said.lines();
    assert_eq!(links.len(), 4, "{said:?}");
    for (name, link) in names.into_iter().zip(&links) {
        let slug = between(link, "http://localhost/i/2026/11/20/", ".");
        let images = app.images(&ada).await;
        let image = images.iter().find(|image| image["slug"] == slug).unwrap();
        assert_eq!(image["filename"], name);
        assert_eq!(image["links"]["url"], *link);
    }

    let said = machine.reflect(&["upload", "--as", "markdown", "two.png", "three.png"]).await;
    let [two, three] = said.lines()[..] else { panic!("{said:?}") };
    assert!(two.starts_with("![two](http://localhost/i/"), "{two}");
    assert!(three.starts_with("![three](http://localhost/i/"), "{three}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_bad_file_keeps_no_other_from_its_place(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.policy.max_upload = ByteSize(20_000).try_into().unwrap();
    });
    let ada = app.person("ada").await;
    let machine = Machine::using(app.listen().await, &ada.token);
    machine.file("a.png", &pictures::png(8, 6));
    machine.file("large.png", &pictures::noise(100, 100, 1));
    machine.file("notes.txt", b"no picture at all");
    machine.file("b.png", &pictures::png(6, 8));
    let said = machine
        .reflect(&["upload", "--as", "html", "a.png", "large.png", "gone.png", "notes.txt", "b.png"])
        .await;
    assert_eq!(said.status, 1, "{said:?}");
    let [a, b] = said.out.lines().collect::<Vec<_>>()[..] else { panic!("{said:?}") };
    assert!(a.contains("alt=\"a\"") && b.contains("alt=\"b\""), "{said:?}");
    let line =
        |name: &str| said.err.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{said:?}"));
    assert!(line("large.png").contains("19.5 KiB") && line("large.png").contains("REFLECT_MAX_UPLOAD"));
    assert!(line("gone.png").contains("No such file"));
    assert!(line("notes.txt").contains("JPEG, PNG, GIF, WebP and AVIF"));
    assert_eq!(said.err.lines().count(), 3, "{said:?}");
    assert_eq!(app.images(&ada).await.len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_that_opens_nothing_is_told_with_what_to_do(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let address = app.listen().await;
    let unknown = "rfl_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg4at2a2";
    let machine = Machine::using(address, unknown);
    machine.file("a.png", &pictures::png(8, 6));
    machine.file("b.png", &pictures::png(8, 6));
    let said = machine.reflect(&["upload", "--jobs", "1", "a.png", "b.png"]).await;
    let err = said.refusal(3);
    let tokens = format!("http://{address}/settings/tokens");
    let command = format!("reflect login http://{address}");
    assert!(err.contains("revoked") && err.contains(&tokens) && err.contains(&command), "{err}");
    assert!(!err.contains(unknown), "{err}");
    assert!(err.contains("b.png: not sent, for the same reason"), "{err}");

    let reads = app.token(ada.id, [Scope::Read]).await;
    let machine = Machine::using(address, &reads);
    machine.file("a.png", &pictures::png(8, 6));
    let said = machine.reflect(&["upload", "a.png"]).await;
    assert!(said.refusal(3).contains("lacks the scope `upload`"), "{said:?}");
    assert_eq!(app.count("images").await, 0);
}

#[tokio::test]
async fn a_server_that_is_away_is_told_from_one_that_refuses() {
    // Nobody listens here any more.
    let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let machine = Machine::using(address, "rfl_x");
    machine.file("a.png", b"a");
    let said = machine.reflect(&["upload", "--retries", "0", "a.png"]).await;
    let err = said.refusal(4);
    assert!(err.contains("a.png") && err.contains(&format!("no answer from http://{address}")), "{err}");
    let said = machine.reflect(&["list", "--retries", "1"]).await;
    assert!(said.refusal(4).contains("Check the address"), "{said:?}");
}

#[tokio::test]
async fn a_call_that_makes_no_sense_is_told_before_anything_is_asked() {
    let machine = Machine::new();
    for (call, says) in [
        (&["upload"][..], "required"),
        (&["upload", "--as", "latex", "a.png"], "markdown"),
        (&["rm", "cat.jpg"], "no image's id, slug or address"),
        (&["list", "--url", "ftp://pictures.example"], "no address of an instance"),
        (&["list", "--config", "none.toml"], "none.toml"),
    ] {
        let said = machine.reflect(call).await;
        assert!(said.refusal(2).contains(says), "{said:?}");
    }
    let said = machine.reflect(&["upload", "a.png"]).await;
    assert!(said.refusal(3).contains("reflect login"), "{said:?}");
}
