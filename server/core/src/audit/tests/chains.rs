//! Chains of values.

use proptest::{collection::vec, prelude::*};
use serde_json::json;
use time::{Duration, macros::datetime};
use uuid::Uuid;

use crate::{
    audit::chain::{Content, Damage, Head, Link, StoredHead, Walk},
    keys::Keyring,
};

fn keys() -> Keyring {
    Keyring::from_secret([7; 32])
}

fn content(sequence: i64, name: &str) -> Content {
    Content {
        sequence,
        id: Uuid::from_u128(u128::from(sequence.unsigned_abs())),
        at: datetime!(2026-11-20 12:00 UTC) + Duration::seconds(sequence),
        user_id: Some(Uuid::from_u128(9)),
        user_name: Some(name.to_owned()),
        actor: "user".into(),
        actor_id: None,
        actor_name: None,
        action: "signed_in".into(),
        outcome: "success".into(),
        address: Some("192.0.2.1".into()),
        agent: None,
        device: None,
        details: json!({ "by": "code" }),
    }
}

fn chain(keys: &Keyring, names: &[String]) -> (Vec<Link>, StoredHead) {
    let mut links: Vec<Link> = Vec::new();
    for (place, name) in (1..).zip(names) {
        let previous = links.last().map_or_else(|| vec![0; 32], |link| link.hash.clone());
        links.push(content(place, name).chained(keys, &previous).unwrap());
    }
    let head = StoredHead::of(links.last().unwrap(), keys).unwrap();
    (links, head)
}

fn check(keys: &Keyring, links: &[Link], head: &StoredHead, noted: Option<Head>) -> Option<Damage> {
    let mut walk = Walk { last: Head::default(), noted };
    links.iter().find_map(|link| walk.step(keys, link).unwrap()).or_else(|| walk.finish(keys, head).unwrap())
}

fn head_of(link: &Link) -> Head {
    Head { sequence: link.content.sequence, hash: link.hash.clone().try_into().unwrap() }
}

/// Every way to change one column.
fn changes() -> Vec<fn(&mut Content)> {
    vec![
        |c| c.id = Uuid::nil(),
        |c| c.at += Duration::MICROSECOND,
        |c| c.user_id = None,
        |c| c.user_name = None,
        |c| c.user_name = Some("mallory".into()),
        |c| c.actor = "system".into(),
        |c| c.actor_id = Some(Uuid::nil()),
        |c| c.actor_name = Some(String::new()),
        |c| c.action = "signed_out".into(),
        |c| c.outcome = "failure".into(),
        |c| c.address = Some("192.0.2.2".into()),
        |c| c.agent = c.address.take(),
        |c| c.device = Some("phone".into()),
        |c| c.details = json!({}),
        |c| c.details = json!({ "by": "code", "count": 1 }),
    ]
}

proptest! {
    #[test]
    fn a_chain_is_in_order(names in vec("\\PC{0,12}", 1..8)) {
        let (links, head) = chain(&keys(), &names);
        prop_assert_eq!(check(&keys(), &links, &head, links.last().map(head_of)), None);
    }

    #[test]
    fn any_change_shows(names in vec("[a-z]{1,6}", 1..8), place in any::<prop::sample::Index>()) {
        let (links, head) = chain(&keys(), &names);
        let place = place.index(links.len());
        let sequence = links[place].content.sequence;
        for change in changes() {
            let mut links = links.clone();
            change(&mut links[place].content);
            prop_assert_eq!(check(&keys(), &links, &head, None), Some(Damage::Changed { sequence }));
        }
    }

    #[test]
    fn an_entry_that_was_taken_out_shows(names in vec("[a-z]{1,6}", 1..8), place in any::<prop::sample::Index>()) {
        let (mut links, head) = chain(&keys(), &names);
        let gone = links.remove(place.index(links.len())).content.sequence;
        prop_assert_eq!(check(&keys(), &links, &head, None), Some(Damage::Missing { first: gone, last: gone }));
        // And where the rest is renumbered to hide the gap.
        for (sequence, link) in (1..).zip(&mut links) {
            link.content.sequence = sequence;
        }
        let found = check(&keys(), &links, &head, None);
        let last = gone == i64::try_from(names.len()).unwrap();
        let expected = if last { Damage::Missing { first: gone, last: gone } } else { Damage::Reordered { sequence: gone } };
        prop_assert_eq!(found, Some(expected));
    }

    #[test]
    fn entries_that_changed_places_show(names in vec("[a-z]{1,6}", 2..8), place in any::<prop::sample::Index>()) {
        let (mut links, head) = chain(&keys(), &names);
        let place = place.index(links.len() - 1);
        links.swap(place, place + 1);
        for (sequence, link) in (1..).zip(&mut links) {
            link.content.sequence = sequence;
        }
        let sequence = i64::try_from(place + 1).unwrap();
        prop_assert_eq!(check(&keys(), &links, &head, None), Some(Damage::Reordered { sequence }));
    }

    #[test]
    fn who_has_no_key_cannot_chain_anew(names in vec("[a-z]{1,6}", 1..8)) {
        let other = Keyring::from_secret([8; 32]);
        let (mut links, mut head) = chain(&other, &names);
        let first = Some(Damage::UnknownKey { sequence: 1, key_id: other.id() });
        prop_assert_eq!(check(&keys(), &links, &head, None), first);
        for link in &mut links {
            link.key_id = keys().id();
        }
        head.key_id = keys().id();
        prop_assert_eq!(check(&keys(), &links, &head, None), Some(Damage::Forged { sequence: 1 }));
    }

    #[test]
    fn a_head_is_read_back(sequence in 0_i64.., hash in any::<[u8; 32]>()) {
        let head = Head { sequence, hash };
        prop_assert_eq!(head.to_string().parse::<Head>(), Ok(head));
    }

    #[test]
    fn other_text_is_no_head(text in "\\PC{0,80}") {
        if let Ok(head) = text.parse::<Head>() {
            prop_assert_eq!(head.to_string(), text.trim().trim_start_matches(['+', '0']).to_lowercase());
        }
    }
}

fn names() -> Vec<String> {
    ["a", "b", "c"].map(str::to_owned).to_vec()
}

#[test]
fn what_a_hash_covers_never_changes() {
    // Entries that exist must stay what they are: if this fails, old logs no longer verify.
    let hash = content(1, "ada").hash(&[0; 32]);
    let text = Head { sequence: 1, hash }.to_string();
    assert_eq!(text, "1:29916efc285f3f2a6e2650a7f2a4ffce871873886621f8ebae0a7dcaebff6a02");
}

#[test]
fn a_head_of_fewer_entries_needs_the_key() {
    let (mut links, head) = chain(&keys(), &names());
    links.pop();
    assert_eq!(check(&keys(), &links, &head, None), Some(Damage::Missing { first: 3, last: 3 }));
    let shorter = StoredHead { sequence: 2, hash: links[1].hash.clone(), ..head };
    assert_eq!(check(&keys(), &links, &shorter, None), Some(Damage::HeadChanged));
    let with_an_entrys_seal = StoredHead { seal: links[1].seal.clone(), ..shorter };
    assert_eq!(check(&keys(), &links, &with_an_entrys_seal, None), Some(Damage::HeadChanged));
}

#[test]
fn a_noted_head_shows_what_an_old_head_hides() {
    let (links, head) = chain(&keys(), &names());
    let (shorter, old_head) = chain(&keys(), &names()[..2]);
    assert_eq!(check(&keys(), &shorter, &old_head, None), None, "a copy from before");
    let noted = Some(head_of(&links[2]));
    assert_eq!(check(&keys(), &shorter, &old_head, noted), Some(Damage::Missing { first: 3, last: 3 }));
    let (others, other_head) = chain(&keys(), &["a", "b", "x"].map(str::to_owned));
    assert_eq!(check(&keys(), &others, &other_head, noted), Some(Damage::NotAsNoted { sequence: 3 }));
    assert_eq!(check(&keys(), &links, &head, noted), None);
}

#[test]
fn a_noted_head_vouches_for_entries_whose_key_is_gone() {
    let old = Keyring::from_secret([1; 32]);
    let (mut links, _) = chain(&old, &names());
    let noted = Some(head_of(&links[2]));
    let previous = links[2].hash.clone();
    links.push(content(4, "d").chained(&keys(), &previous).unwrap());
    let head = StoredHead::of(&links[3], &keys()).unwrap();
    let unknown = Damage::UnknownKey { sequence: 1, key_id: old.id() };
    assert_eq!(check(&keys(), &links, &head, None), Some(unknown));
    assert_eq!(check(&keys(), &links, &head, noted), None);
    let both = Keyring::from_secrets([7; 32], [[1; 32]]);
    assert_eq!(check(&both, &links, &head, None), None);
    links[1].content.user_name = None;
    assert_eq!(check(&keys(), &links, &head, noted), Some(Damage::Changed { sequence: 2 }));
}
