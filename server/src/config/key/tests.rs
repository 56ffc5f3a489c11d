use std::{fs, os::unix::fs::PermissionsExt as _};

use super::*;

fn source(data_dir: &Path) -> KeySource {
    KeySource::in_folder(data_dir)
}

fn set(data_dir: &Path, key: &str, fallbacks: &[&str]) -> KeySource {
    source(data_dir).with_setting(key, fallbacks)
}

/// The ids of the keys, that of the one that seals first.
fn ids(source: &KeySource) -> Vec<String> {
    source.ring().unwrap().unwrap().ids()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn files(folder: &Path) -> usize {
    fs::read_dir(folder).unwrap().count()
}

#[test]
fn a_key_file_is_made_once_and_only_for_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let source = source(&data);
    assert!(source.ring().unwrap().is_none());
    source.make().unwrap();
    let first = ids(&source);
    source.make().unwrap();
    assert_eq!(ids(&source), first);
    assert_eq!(mode(&data.join(NAME)), 0o600);
    assert_eq!(files(&data), 1, "no draft is left");
}

#[test]
fn two_that_start_at_once_have_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    let id = || {
        source.make().unwrap();
        ids(&source)
    };
    let ids: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(id)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_file_that_others_may_read_or_that_is_no_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (path, source) = (folder.path().join(NAME), source(folder.path()));
    source.make().unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(source.ring(), Err(KeyError::Open(_))));
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    for bad in ["zz", "", "\n", &format!("{}\nzz", "0a".repeat(32))] {
        fs::write(&path, bad).unwrap();
        assert!(matches!(source.ring(), Err(KeyError::BadFile(_))), "{bad}");
    }
}

#[test]
fn the_setting_comes_first_and_is_checked_and_so_are_the_fallbacks() {
    let folder = tempfile::tempdir().unwrap();
    let (ten, eleven) = ("0a".repeat(32), "0B".repeat(32));
    let id = |byte| Keyring::from_secret([byte; 32]).id();
    assert_eq!(ids(&set(folder.path(), &ten, &[&eleven, &ten])), [id(10), id(11)]);
    assert_eq!(files(folder.path()), 0);
    for bad in ["", "0a", &"0g".repeat(32), &"+a".repeat(32), &"0a".repeat(33)] {
        assert!(matches!(set(folder.path(), bad, &[]).ring(), Err(KeyError::BadSetting)), "{bad}");
        let second = set(folder.path(), &ten, &[&eleven, bad]);
        assert!(matches!(second.ring(), Err(KeyError::BadFallback(2))), "{bad}");
    }
}

#[test]
fn the_next_key_opens_first_and_seals_later_and_the_one_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    source.make().unwrap();
    let old = ids(&source);
    let next = source.prepare().unwrap();
    assert_eq!(source.prepare().unwrap(), next, "one that waits is taken again");
    assert!(source.is_prepared().unwrap());
    assert_eq!(ids(&source), [old[0].clone(), next.clone()]);
    source.promote().unwrap();
    assert_eq!(ids(&source), [next.clone(), old[0].clone()]);
    assert!(!source.is_prepared().unwrap());
    source.promote().unwrap();
    let third = source.prepare().unwrap();
    source.promote().unwrap();
    assert_eq!(ids(&source), [third, next, old[0].clone()]);
    assert_eq!(mode(&folder.path().join(NAME)), 0o600);
    assert_eq!(files(folder.path()), 1);
}

#[test]
fn a_change_that_was_stopped_between_its_two_files_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let source = source(folder.path());
    source.make().unwrap();
    source.prepare().unwrap();
    let copy = fs::read(source.next()).unwrap();
    source.promote().unwrap();
    let both = ids(&source);
    // As if the process had been stopped before it took the second file away.
    fs::write(source.next(), copy).unwrap();
    fs::set_permissions(source.next(), fs::Permissions::from_mode(0o600)).unwrap();
    assert_eq!(ids(&source), both);
    source.promote().unwrap();
    assert_eq!(ids(&source), both);
    assert!(!source.is_prepared().unwrap());
}

#[test]
fn what_is_missing_is_refused_by_name_unless_it_is_known_to_be_lost() {
    let folder = tempfile::tempdir().unwrap();
    let of = |what, count| Use { key_id: "0a1b2c3d".into(), what, count };
    let mut source = source(folder.path());
    let vital = [of(What::RecoveryCodes, 4), of(What::Authenticators, 12)];
    let message = source.check(&vital).unwrap_err().to_string();
    for part in [
        "0a1b2c3d",
        "12 authenticators",
        "recovery codes of 4 people",
        "secret.key",
        "REFLECT_SECRET_KEY_FALLBACKS",
        "REFLECT_LOST_SECRET_KEYS=0a1b2c3d",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(source.check(&[of(What::RecoveryCodes, 4)]).is_ok());
    source.lost.push("0a1b2c3d".into());
    assert!(source.check(&vital).is_ok());
}
