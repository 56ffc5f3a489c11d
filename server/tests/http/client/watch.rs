//! `reflect upload --watch`

use std::{
    fs::{self, File},
    io::Write as _,
    process::Stdio,
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStderr, ChildStdout},
};

use super::Machine;
use crate::support::{App, Person, pictures};

/// A process that watches the folder `shots`.
struct Watching {
    process: Child,
    out: Lines<BufReader<ChildStdout>>,
    err: Lines<BufReader<ChildStderr>>,
}

impl Watching {
    async fn start(machine: &Machine, more: &[&str]) -> Self {
        let mut command = machine.command(&[&["upload", "--watch", "shots"][..], more].concat());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut err = BufReader::new(process.stderr.take().unwrap()).lines();
        assert_eq!(err.next_line().await.unwrap().unwrap(), "reflect: watching shots until Ctrl-C");
        Self { process, out, err }
    }

    async fn link(&mut self) -> String {
        self.out.next_line().await.unwrap().unwrap()
    }

    /// Presses Ctrl-C: how it ended, and what it had still to say.
    async fn stop(mut self) -> (Option<i32>, Option<String>, Option<String>) {
        let pid = Pid::from_raw(self.process.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, Signal::INT).unwrap();
        let status = self.process.wait().await.unwrap();
        let (out, err) = (self.out.next_line().await.unwrap(), self.err.next_line().await.unwrap());
        (status.code(), out, err)
    }
}

async fn scene(pool: PgPool) -> (App, Person, Machine) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let machine = Machine::using(app.listen().await, &ada.token);
    fs::create_dir(machine.path("shots")).unwrap();
    (app, ada, machine)
}

/// Newest first.
fn names(images: &[Value]) -> Vec<&str> {
    images.iter().map(|image| image["filename"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_is_uploaded_once_when_whoever_writes_it_has_finished(pool: PgPool) {
    let (app, ada, machine) = scene(pool).await;
    machine.file("shots/before.png", &pictures::png(8, 6));
    let mut watching = Watching::start(&machine, &[]).await;

    let picture = pictures::noise(200, 200, 1);
    let (first, second) = picture.split_at(picture.len() / 2);
    let mut slow = File::create(machine.path("shots/slow.png")).unwrap();
    slow.write_all(first).unwrap();
    // Others pass it meanwhile: one that is written in one go, and one under another name at first.
    machine.file("shots/quick.png", &pictures::png(9, 6));
    let quick = watching.link().await;
    app.wait(Duration::SECOND);
    machine.file("shots/.moved.png.part", &pictures::png(10, 6));
    machine.file("shots/notes.txt", b"no picture");
    fs::rename(machine.path("shots/.moved.png.part"), machine.path("shots/moved.png")).unwrap();
    let moved = watching.link().await;
    app.wait(Duration::SECOND);
    slow.write_all(second).unwrap();
    drop(slow);
    let slow = watching.link().await;

    let images = app.images(&ada).await;
    assert_eq!(names(&images), ["slow.png", "moved.png", "quick.png"]);
    let links: Vec<_> = images.iter().map(|image| image["links"]["url"].as_str().unwrap()).collect();
    assert_eq!(links, [slow, moved, quick]);
    assert_eq!((&images[0]["width"], &images[0]["height"]), (&200.into(), &200.into()), "it is whole");
    assert_eq!(watching.stop().await, (Some(0), None, None));
    assert_eq!(app.images(&ada).await.len(), 3);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_there_already_goes_along_where_that_is_wanted(pool: PgPool) {
    let (app, ada, machine) = scene(pool).await;
    machine.file("shots/a.png", &pictures::png(8, 6));
    machine.file("shots/b.png", b"no picture");
    machine.file("shots/c.png", &pictures::png(9, 6));
    let mut watching = Watching::start(&machine, &["--existing", "--as", "page"]).await;
    for _ in 0..2 {
        assert!(watching.link().await.starts_with("http://localhost/p/"));
    }
    let mut images = app.images(&ada).await;
    images.sort_by_key(|image| image["filename"].to_string());
    assert_eq!(names(&images), ["a.png", "c.png"]);
    // One that is refused ends nothing, and isn't tried again until it changes.
    let said = watching.err.next_line().await.unwrap().unwrap();
    assert!(said.contains("b.png: This is no image"), "{said}");
    app.wait(Duration::SECOND);
    machine.file("shots/b.png", &pictures::png(10, 6));
    watching.link().await;
    assert_eq!(names(&app.images(&ada).await)[0], "b.png");
    assert_eq!(watching.stop().await, (Some(0), None, None));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_watch_that_can_do_nothing_ends(pool: PgPool) {
    let (_app, _ada, machine) = scene(pool).await;
    let said = machine.reflect(&["upload", "--watch", "none"]).await;
    assert!(said.refusal(2).contains("cannot watch none"), "{said:?}");

    let mut watching = Watching::start(&machine, &[]).await;
    fs::remove_dir(machine.path("shots")).unwrap();
    assert_eq!(watching.process.wait().await.unwrap().code(), Some(1));
    let said = watching.err.next_line().await.unwrap().unwrap();
    assert!(said.contains("shots: the folder is gone"), "{said}");

    fs::create_dir(machine.path("shots")).unwrap();
    let mut stranger = Machine { home: machine.home, variables: machine.variables };
    stranger.variables.push(("REFLECT_CLIENT_TOKEN", "rfl_unknown".to_owned()));
    let mut watching = Watching::start(&stranger, &[]).await;
    stranger.file("shots/a.png", &pictures::png(8, 6));
    assert_eq!(watching.process.wait().await.unwrap().code(), Some(3));
    let said = watching.err.next_line().await.unwrap().unwrap();
    assert!(said.contains("/settings/tokens"), "{said}");
}
