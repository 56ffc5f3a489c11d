//! Names of files in an archive: each once, and none that a system can't have.

use std::collections::{HashMap, hash_map::Entry};

use model::{rules::filename, types::MediaType};

/// Bytes of a name, at most: file systems take 255, and a number may follow.
const MOST_BYTES: usize = 200;

/// Names that Windows keeps for devices, whatever follows the dot.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// The names that are taken, in lower case since some systems don't tell cases apart, and with the last number
/// that was given for each.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, u32>);

impl Names {
    /// A name for a file that was called `name` and is of this type.
    pub(super) fn take(&mut self, name: &str, kind: MediaType) -> String {
        let (stem, extension) = (safe(filename::stem(name)), kind.extension());
        let plain = format!("{stem}.{extension}");
        if self.is_new(&plain) {
            return plain;
        }
        loop {
            let number = self.0.entry(plain.to_lowercase()).or_insert(1);
            *number += 1;
            let numbered = format!("{stem} ({number}).{extension}");
            if self.is_new(&numbered) {
                return numbered;
            }
        }
    }

    /// Takes a name, unless it is taken.
    fn is_new(&mut self, name: &str) -> bool {
        match self.0.entry(name.to_lowercase()) {
            Entry::Occupied(_) => false,
            Entry::Vacant(free) => {
                free.insert(1);
                true
            }
        }
    }
}

/// Without what some system takes for a folder, a drive, a pattern or a device.
pub(super) fn safe(stem: &str) -> String {
    let replaced: String = stem
        .chars()
        .map(|c| {
            if c.is_control() || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|') {
                '_'
            } else {
                c
            }
        })
        .collect();
    let mut end = replaced.len().min(MOST_BYTES);
    while !replaced.is_char_boundary(end) {
        end -= 1;
    }
    let trimmed = replaced.get(..end).unwrap_or_default().trim().trim_end_matches(['.', ' ']);
    let device = trimmed.split('.').next().unwrap_or_default().to_lowercase();
    let is_device = DEVICES.iter().any(|name| {
        device.strip_prefix(name).is_some_and(|rest| match rest.as_bytes() {
            [] => name.len() == 3 && !matches!(*name, "com" | "lpt"),
            [b'1'..=b'9'] => matches!(*name, "com" | "lpt"),
            _ => false,
        })
    });
    match trimmed {
        "" => "image".to_owned(),
        _ if is_device => format!("_{trimmed}"),
        _ => trimmed.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn taken(names: &[&str]) -> Vec<String> {
        let mut all = Names::default();
        names.iter().map(|name| all.take(name, MediaType::Png)).collect()
    }

    #[test]
    fn the_second_of_a_name_is_numbered() {
        assert_eq!(
            taken(&["cat.png", "CAT.jpg", "cat (2).png", "cat.png", "猫.png", "猫.webp"]),
            ["cat.png", "CAT (2).png", "cat (2) (2).png", "cat (3).png", "猫.png", "猫 (2).png"]
        );
    }

    #[test]
    fn what_a_system_cannot_have_is_replaced() {
        assert_eq!(
            taken(&[
                "../a.png",
                "C:\\b.png",
                "con.png",
                "COM1.x.png",
                "com.png",
                "console.png",
                "a. .png",
                "\u{1}?"
            ]),
            [".._a.png", "C__b.png", "_con.png", "_COM1.x.png", "com.png", "console.png", "a.png", "__.png"]
        );
    }

    proptest! {
        #[test]
        fn names_are_safe_and_each_once(names in proptest::collection::vec("\\PC{0,4}|.{0,300}", 1..40)) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let taken = taken(&names);
            let different: HashSet<String> = taken.iter().map(|name| name.to_lowercase()).collect();
            prop_assert_eq!(different.len(), taken.len());
            for name in taken {
                prop_assert!(name.len() <= 255 && !name.contains(['/', '\\', ':', '\0']) && !name.starts_with(' '));
                prop_assert!(name.ends_with(".png") && name.len() > 4);
            }
        }
    }
}
