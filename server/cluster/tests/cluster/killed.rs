//! kill -9, of either side.

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use reflect_cluster::Cluster;
use rustix::process::{Signal, kill_process};

use crate::help::{Place, ask, is_postgres, settings, sleep_as_owner, try_ask, until};

const OWNED: &str = "REFLECT_TEST_OWNED";

#[test]
fn a_killed_postgres_is_started_again() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    ask(cluster.url(), "CREATE TABLE kept AS SELECT 'still here' AS word");
    for _ in 0..2 {
        let killed = place.postmaster().unwrap();
        kill_process(killed, Signal::KILL).unwrap();
        until("another answers", || {
            place.postmaster() != Some(killed)
                && try_ask(cluster.url(), "SELECT word FROM kept").is_ok_and(|word| word == "still here")
        });
    }
    cluster.stop();
    assert!(place.postmaster().is_none());
}

/// Not a test: what the tests below start in a process of its own, and kill.
#[test]
#[ignore = "started by other tests"]
#[expect(clippy::disallowed_methods, reason = "how the other tests say where")]
fn owner() {
    let Some(data_dir) = std::env::var_os(OWNED) else { return };
    let _cluster = Cluster::start(&settings(PathBuf::from(data_dir))).unwrap();
    loop {
        std::thread::park();
    }
}

fn owner_of(place: &Place) -> Child {
    let mut owner = Command::new(std::env::current_exe().unwrap());
    owner.args(["--exact", "killed::owner", "--ignored", "--nocapture"]).env(OWNED, place.data_dir());
    owner.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
}

/// A running owner whose database has something in it.
fn owner_with_data(place: &Place) -> Child {
    let owner = owner_of(place);
    until("it runs", || Cluster::url_of_running(&place.data_dir()).is_some());
    let url = Cluster::url_of_running(&place.data_dir()).unwrap();
    ask(&url, "CREATE TABLE kept AS SELECT 'still here' AS word");
    owner
}

#[test]
fn a_killed_owner_leaves_nothing_that_hinders_the_next() {
    let place = Place::new();
    let mut owner = owner_with_data(&place);
    owner.kill().unwrap();
    owner.wait().unwrap();
    let left_behind = place.postmaster().unwrap();
    assert!(is_postgres(left_behind));

    let cluster = place.start().unwrap();
    assert!(!is_postgres(left_behind), "stopped first");
    assert_ne!(place.postmaster(), Some(left_behind));
    assert_eq!(ask(cluster.url(), "SELECT word FROM kept"), "still here");
}

#[test]
fn both_killed_at_once_are_recovered_from() {
    let place = Place::new();
    let mut owner = owner_with_data(&place);
    owner.kill().unwrap();
    kill_process(place.postmaster().unwrap(), Signal::KILL).unwrap();
    owner.wait().unwrap();

    let cluster = place.start().unwrap();
    assert_eq!(ask(cluster.url(), "SELECT word FROM kept"), "still here");
}

#[test]
fn an_owner_killed_while_it_makes_the_cluster_leaves_no_half_one() {
    let place = Place::new();
    let unfinished = || {
        let entries = fs::read_dir(place.data_dir()).into_iter().flatten().flatten();
        entries
            .map(|entry| entry.file_name())
            .find(|name| name.as_encoded_bytes().starts_with(b"postgres.new-"))
    };
    let mut owner = owner_of(&place);
    until("initdb is at work", || {
        unfinished().is_some_and(|name| place.data_dir().join(name).join("base").exists())
    });
    owner.kill().unwrap();
    owner.wait().unwrap();
    assert!(!place.cluster().exists());

    let cluster = place.start().unwrap();
    assert_eq!(ask(cluster.url(), "SELECT 'answer'"), "answer");
    cluster.stop();
}

#[test]
fn the_number_of_another_process_in_postmaster_pid_is_no_rival() {
    let place = Place::new();
    place.start().unwrap().stop();
    // As after a reboot: the number belongs to something else of the same account, which PostgreSQL would take
    // for a rival.
    let mut other = sleep_as_owner(&place.cluster());
    let text = format!("{}\n{}\n1700000000\n5432\n\n\n", other.id(), place.cluster().display());
    fs::write(place.cluster().join("postmaster.pid"), text).unwrap();
    let cluster = place.start();
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(ask(cluster.unwrap().url(), "SELECT 'answer'"), "answer");
}
