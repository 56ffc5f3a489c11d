//! `docs/performance.md`: people write it, the figures in it are replaced.

use std::fs;

use anyhow::{Context, Result};

use super::{figure::Section, machine::Machine};
use crate::{command::say, project};

/// Puts the figures of the parts that were measured between their markers, and the machine between its own.
/// Everything else stays as it is.
pub fn write(machine: &Machine, sections: &[Section]) -> Result<()> {
    let file = project::root().join("docs/performance.md");
    let mut text = fs::read_to_string(&file).unwrap_or_else(|_| "# Performance\n".to_owned());
    text = replace(&text, "machine", &machine.to_string());
    for section in sections {
        text = replace(&text, section.name, &format!("{section}\n{}\n", machine.when));
    }
    fs::write(&file, text).with_context(|| format!("writing {}", file.display()))?;
    say(&format!("wrote {}", file.display()));
    Ok(())
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
