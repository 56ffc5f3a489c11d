//! What does not start, and what it says.

use std::{fs, os::unix::fs::PermissionsExt as _};

use reflect_cluster::{Cluster, ClusterError};

use crate::help::{Place, ask, binaries, is_root, refusal};

#[track_caller]
fn says(error: &ClusterError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

#[test]
fn a_data_directory_has_one_owner() {
    let place = Place::new();
    let cluster = place.start().unwrap();
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::InUse { holder: Some(pid), .. } if pid == std::process::id()));
    says(&error, &["another reflect", &place.data_dir().display().to_string(), "--data-dir"]);
    assert_eq!(ask(cluster.url(), "SELECT 'answer'"), "answer");
    cluster.stop();
    place.start().unwrap();
}

#[test]
fn another_major_version_is_refused() {
    let place = Place::new();
    place.start().unwrap().stop();
    fs::write(place.cluster().join("PG_VERSION"), "9\n").unwrap();
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::OtherVersion { .. }));
    let programs = format!("PostgreSQL {}", binaries(&place.data_dir()).major());
    let folder = place.cluster().display().to_string();
    says(&error, &["PostgreSQL 9", &programs, &folder, "REFLECT_PG_BIN", "pg_dump"]);
}

#[test]
fn something_else_in_the_place_is_left_alone() {
    let place = Place::new();
    fs::create_dir_all(place.cluster()).unwrap();
    fs::write(place.cluster().join("diary"), "dear").unwrap();
    if is_root() {
        std::os::unix::fs::chown(place.cluster(), Some(65534), None).unwrap();
    }
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::NotACluster(_)), "{error}");
    assert!(place.cluster().join("diary").exists());
}

#[test]
fn an_empty_folder_in_the_place_is_used() {
    let place = Place::new();
    fs::create_dir_all(place.cluster()).unwrap();
    fs::create_dir(place.data_dir().join("postgres.new-1")).unwrap();
    let cluster = place.start().unwrap();
    assert_eq!(ask(cluster.url(), "SELECT 'answer'"), "answer");
    assert!(!place.data_dir().join("postgres.new-1").exists(), "of an earlier attempt");
}

#[test]
fn a_failed_start_shows_the_log() {
    let place = Place::new();
    place.start().unwrap().stop();
    let conf = place.cluster().join("postgresql.conf");
    let text = fs::read_to_string(&conf).unwrap();
    fs::write(&conf, text.clone() + "shared_preload_libraries = 'no_such_thing'\n").unwrap();
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::NotStarted { .. }));
    says(&error, &["exit status: 1", "FATAL", "no_such_thing"]);

    fs::write(&conf, text + "such nonsense\n").unwrap();
    says(&refusal(place.start()), &["such", "postgresql.conf", "line"]);
}

#[test]
fn a_failed_initdb_shows_what_it_said_and_leaves_nothing() {
    let place = Place::new();
    let programs = place.folder().join("bin");
    fs::create_dir(&programs).unwrap();
    let real = binaries(&place.data_dir());
    for (name, script) in [
        ("initdb", "echo 'initdb: error: the disk is full' >&2; exit 1".to_owned()),
        ("postgres", format!("exec {}/postgres \"$@\"", real.folder().display())),
    ] {
        fs::write(programs.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let mut settings = place.settings();
    settings.binaries = reflect_cluster::Binaries::find(Some(&programs), None, None).unwrap();
    says(&refusal(Cluster::start(&settings)), &["`initdb`", "the disk is full"]);
    let left: Vec<_> =
        fs::read_dir(place.data_dir()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["postgres.lock"]);
}

#[test]
fn root_learns_which_folder_is_closed() {
    if !is_root() {
        return;
    }
    let place = Place::below("closed/further/data");
    let closed = place.folder().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::Unreachable { .. }), "{error}");
    says(&error, &[&format!(": {} is closed", closed.display()), "--data-dir", "another user than root"]);
    assert!(!place.cluster().exists());
}

#[test]
fn root_learns_whose_the_cluster_must_be() {
    if !is_root() {
        return;
    }
    let place = Place::new();
    place.start().unwrap().stop();
    std::os::unix::fs::chown(place.cluster(), Some(0), Some(0)).unwrap();
    let error = refusal(place.start());
    assert!(matches!(error, ClusterError::NotOurs { owner: 0, .. }), "{error}");
    says(&error, &["chown -R", &place.cluster().display().to_string()]);
}

#[test]
fn a_start_that_nobody_wants_any_more_leaves_nothing_running() {
    let place = Place::new();
    place.start().unwrap().stop();
    let settings = place.settings();
    settings.give_up.tell();
    let error = refusal(Cluster::start(&settings));
    assert!(matches!(error, ClusterError::GivenUp), "{error}");
    assert!(place.postmaster().is_none());
    place.start().unwrap();
}
