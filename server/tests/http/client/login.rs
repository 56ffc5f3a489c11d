//! `reflect login`

use std::fs;

use sqlx::PgPool;

use super::{Machine, mode};
use crate::support::{App, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn who_has_signed_in_needs_to_say_nothing_more(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let url = format!("http://{}", app.listen().await);
    let machine = Machine::new();
    machine.file("a.png", &pictures::png(8, 6));
    // Any address of the instance will do.
    let page = format!("{url}/settings/tokens");
    let said = machine.reflect_told(&["login", &page], &format!("  {}\n", ada.token)).await;
    let path = machine.path(".config/reflect/client.toml");
    assert_eq!(said.lines(), [format!("Signed in to {url} as ada. Only you can read {}.", path.display())]);
    assert_eq!(mode(&path), 0o600);
    let said = machine.reflect(&["upload", "a.png"]).await;
    assert_eq!(said.lines(), [app.images(&ada).await[0]["links"]["url"].as_str().unwrap()]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_token_is_tried_before_it_is_kept(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let url = format!("http://{}", app.listen().await);
    let machine = Machine::new();
    let config = ["--config", "own.toml"];
    let said = machine.reflect_told(&[&["login", &url][..], &config].concat(), &ada.token).await;
    assert_eq!(said.lines().len(), 1);
    let before = fs::read(machine.path("own.toml")).unwrap();

    for told in ["rfl_wrong\n", "\n", ""] {
        let said = machine.reflect_told(&[&["login", &url][..], &config].concat(), told).await;
        assert!(said.refusal(3).contains(&format!("{url}/settings/tokens")), "{said:?}");
    }
    assert_eq!(fs::read(machine.path("own.toml")).unwrap(), before);
    assert!(!machine.path(".config").exists());
}
