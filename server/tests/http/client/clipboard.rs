//! `reflect upload --clipboard`

use std::{fs, os::unix::fs::PermissionsExt as _};

use sqlx::PgPool;

use super::Machine;
use crate::support::{App, pictures};

/// Puts a program on the machine that does this.
fn install(machine: &Machine, name: &str, script: &str) {
    let path = machine.path("bin").join(name);
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_clipboard_is_read_by_the_tool_that_has_an_image(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut machine = Machine::using(app.listen().await, &ada.token);
    let bin = machine.path("bin");
    fs::create_dir(&bin).unwrap();
    machine.variables.push(("PATH", bin.to_str().unwrap().to_owned()));
    let call = ["upload", "--clipboard"];
    let said = machine.reflect(&call).await;
    let err = said.refusal(1);
    assert!(err.contains("wl-clipboard") && err.contains("xclip"), "{err}");

    // No Wayland here, and a text is on the clipboard.
    install(&machine, "wl-paste", "echo 'no Wayland here' >&2; exit 1");
    install(&machine, "xclip", "echo a text");
    let said = machine.reflect(&call).await;
    let err = said.refusal(1);
    assert!(
        err.contains("no image on the clipboard") && err.contains("wl-paste said: no Wayland here"),
        "{err}"
    );

    machine.file("copied", &pictures::png(8, 6));
    // Nothing but what it was asked for.
    install(
        &machine,
        "xclip",
        &format!(
            "[ \"$*\" = '-selection clipboard -target image/png -out' ] && exec /bin/cat '{}'",
            machine.path("copied").display()
        ),
    );
    let said = machine.reflect(&call).await;
    let image = app.images(&ada).await.remove(0);
    assert_eq!(said.lines(), [image["links"]["url"].as_str().unwrap()]);
    assert_eq!((&image["filename"], &image["width"]), (&"clipboard.png".into(), &8.into()));
}
