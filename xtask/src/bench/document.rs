//! `docs/performance.md` and `docs/security.md`: people write them, the figures in them are replaced.

use std::fs;

use anyhow::{Context, Result};

use super::{figure::Section, machine::Machine};
use crate::{command::say, project};

/// Puts the figures of the parts that were measured between their markers, and the machine between its own.
/// Everything else stays as it is.
pub fn write(machine: &Machine, sections: &[Section]) -> Result<()> {
    for name in DOCUMENTS {
        let file = project::root().join(name);
        let mut text = fs::read_to_string(&file).with_context(|| format!("reading {name}"))?;
        let mine: Vec<&Section> = sections.iter().filter(|section| document(section.name) == name).collect();
        if mine.is_empty() {
            continue;
        }
        text = replace(&text, "machine", &machine.to_string());
        for section in mine {
            text = replace(&text, section.name, &format!("{section}\n{}\n", machine.when));
        }
        fs::write(&file, text).with_context(|| format!("writing {name}"))?;
        say(&format!("wrote {name}"));
    }
    Ok(())
}

const DOCUMENTS: [&str; 2] = ["docs/performance.md", "docs/security.md"];

/// Where a part's figures belong.
fn document(part: &str) -> &'static str {
    let [performance, security] = DOCUMENTS;
    if part == "sign-in" { security } else { performance }
}

/// The text with another content between the markers of that name, which are added where there are none.
fn replace(text: &str, name: &str, content: &str) -> String {
    let (begin, end) = (format!("<!-- bench {name} -->\n"), format!("<!-- /bench {name} -->\n"));
    let block = format!("{begin}\n{}\n\n{end}", content.trim_end());
    let found = text.split_once(&begin).and_then(|(before, rest)| Some((before, rest.split_once(&end)?.1)));
    match found {
        Some((before, after)) => format!("{before}{block}{after}"),
        None => format!("{}\n\n## {name}\n\n{block}", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_markers_changes() {
        let text = replace("# Title\n\nMine.\n", "a", "one\n");
        let text = replace(&text, "b", "two");
        let text = replace(&format!("{text}\nMine too.\n"), "a", "three");
        assert!(text.contains("Mine.") && text.contains("Mine too.") && text.contains("two"));
        assert!(text.contains("<!-- bench a -->\n\nthree\n\n<!-- /bench a -->\n") && !text.contains("one"));
        assert_eq!(replace(&text, "a", "three"), text);
    }
}
