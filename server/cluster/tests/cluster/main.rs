//! The private cluster on a real PostgreSQL, in temporary folders.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests, all of it")]

mod help;
mod killed;
mod refused;

use std::{fs, os::unix::fs::MetadataExt as _};

use self::help::{Place, ask, is_postgres, is_root, mode, until};
use reflect_cluster::Cluster;

#[test]
fn the_second_start_finds_the_data_of_the_first() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    let url = cluster.url().to_owned();
    ask(&url, "CREATE TABLE kept (word text)");
    ask(&url, "INSERT INTO kept VALUES ('still here')");
    for (sql, expected) in [
        ("SELECT current_database() || ' ' || current_user", "reflect reflect"),
        ("SELECT rolsuper::text FROM pg_roles WHERE rolname = current_user", "false"),
        ("SHOW server_encoding", "UTF8"),
        ("SHOW data_checksums", "on"),
        ("SHOW fsync", "on"),
        ("SHOW synchronous_commit", "on"),
        ("SHOW listen_addresses", ""),
        ("SHOW timezone", "UTC"),
        ("SELECT lower('É')", "é"),
        ("SELECT current_setting('max_connections')", "50"),
        ("SELECT string_agg(word, '' ORDER BY word) FROM unnest('{b,a,B,é,Z}'::text[]) AS word", "BZabé"),
    ] {
        assert_eq!(ask(&url, sql), expected, "{sql}");
    }
    assert_eq!(Cluster::url_of_running(&place.data_dir()).unwrap(), url);

    let postmaster = place.postmaster().unwrap();
    cluster.stop();
    assert!(!is_postgres(postmaster) && place.postmaster().is_none());
    assert_eq!(Cluster::url_of_running(&place.data_dir()), None);

    let cluster = place.start().unwrap();
    assert_eq!(ask(cluster.url(), "SELECT word FROM kept"), "still here");
    drop(cluster);
    assert!(place.postmaster().is_none(), "dropping stops it as well");
}

#[test]
fn one_to_throw_away_is_fast_and_can_make_databases() {
    let place = Place::new();
    let mut settings = place.settings();
    settings.throw_away = true;
    let cluster = Cluster::start(&settings).unwrap();
    assert_eq!(ask(cluster.url(), "SHOW fsync"), "off");
    ask(cluster.url(), "CREATE DATABASE another");
}

#[test]
fn a_stop_does_not_wait_for_clients() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    let url = cluster.url().to_owned();
    let busy = std::thread::spawn(move || help::try_ask(&url, "SELECT pg_sleep(600)::text"));
    until("somebody is busy", || {
        ask(cluster.url(), "SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE '%sleep(600)%'")
            == "2"
    });
    cluster.stop();
    assert!(busy.join().unwrap().is_err());
}

#[test]
fn a_long_path_gets_its_socket_elsewhere() {
    let place = Place::below("long/".repeat(20) + "und, \"längs\" & quer?");
    let mut settings = place.settings();
    settings.short_folder = place.folder().join("s");
    fs::create_dir(&settings.short_folder).unwrap();
    let cluster = Cluster::start(&settings).unwrap();
    assert_eq!(ask(cluster.url(), "SELECT 'answer'"), "answer");
    assert_eq!(Cluster::url_of_running(&place.data_dir()).unwrap(), cluster.url());
    let sockets: Vec<_> = fs::read_dir(&settings.short_folder).unwrap().flatten().collect();
    assert_eq!(sockets.len(), 1);
    assert_eq!(mode(&sockets[0].path()), 0o700);
    cluster.stop();
    assert_eq!(fs::read_dir(&settings.short_folder).unwrap().count(), 0);
}

#[test]
fn the_terminals_interrupt_and_our_environment_do_not_reach_it() {
    let place = Place::new();
    let _cluster = place.start().unwrap();
    let postmaster = place.postmaster().unwrap();
    assert_eq!(rustix::process::getpgid(Some(postmaster)).unwrap(), postmaster);
    let environment = fs::read(format!("/proc/{}/environ", postmaster.as_raw_pid())).unwrap();
    let names =
        environment.split(|byte| *byte == 0).filter_map(|pair| pair.split(|byte| *byte == b'=').next());
    for name in names.map(String::from_utf8_lossy).filter(|name| !name.is_empty()) {
        // PostgreSQL sets those that begin with LC_ itself.
        assert!(["PATH", "TZ"].contains(&&*name) || name.starts_with("LC_"), "{name}");
    }
}

#[test]
fn odd_letters_in_a_path_are_no_trouble() {
    let place = Place::below("a \"b\", 'c'&d=%é");
    let cluster = place.start().unwrap();
    assert_eq!(ask(cluster.url(), "SELECT 'answer'"), "answer");
    assert!(place.cluster().join(".s.PGSQL.5432").exists());
}

#[test]
fn only_the_owner_gets_to_the_files_and_the_socket() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    assert_eq!(mode(&place.cluster()), 0o700);
    assert_eq!(mode(&place.data_dir().join("postgres.lock")), 0o600);
    let owner = |name: &str| fs::metadata(place.data_dir().join(name)).unwrap().uid();
    assert_eq!(owner("postgres.lock"), owner(""));
    if is_root() {
        assert_ne!(owner("postgres"), 0);
        assert_eq!(owner(""), 0);
        assert_eq!(mode(&place.data_dir()), 0o710, "the account passes, nobody lists");
    } else {
        assert_eq!(mode(&place.data_dir()), 0o700);
    }
    drop(cluster);
}
