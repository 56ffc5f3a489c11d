//! Names for files that have none, and files that nobody means.

use model::rules::filename;

/// The name of the `index`-th picture pasted at a local date and time
/// (year, month, day, hour, minute, second). `mime` decides the extension.
#[must_use]
pub fn pasted(at: [u32; 6], index: usize, mime: &str) -> String {
    let [year, month, day, hour, minute, second] = at;
    let extension = match mime.strip_prefix("image/") {
        Some("jpeg") => "jpg",
        Some(kind) if !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric()) => kind,
        _ => "png",
    };
    let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
    format!("pasted-{year:04}-{month:02}-{day:02}-{hour:02}{minute:02}{second:02}{number}.{extension}")
}

/// What is in a text with an address in each line, as `text/uri-list` has them, whatever the addresses are.
pub fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// The address that a text is, if it is one and nothing else.
#[must_use]
pub fn address(text: &str) -> Option<&str> {
    let mut lines = lines(text);
    lines.next().filter(|line| is_address(line) && lines.next().is_none())
}

/// Whether pictures are fetched from what a line has.
#[must_use]
pub fn is_address(text: &str) -> bool {
    let rest = text
        .split_once("://")
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"));
    rest.is_some_and(|(_, rest)| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

/// What the file at an address is probably called, with its escapes: what the path ends with, or else the host.
#[must_use]
pub fn of_address(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or(address);
    path.rsplit('/').find(|segment| !segment.is_empty()).unwrap_or(address)
}

/// Whether `name` is what browsers call a picture that came without a name.
#[must_use]
pub fn is_made_up(name: &str) -> bool {
    name.is_empty() || matches!(name, "image.png" | "image.jpg" | "image.jpeg" | "image.gif" | "image.webp")
}

/// `name` for a file of another format.
#[must_use]
pub fn with_extension(name: &str, extension: &str) -> String {
    format!("{}.{extension}", filename::stem(name))
}

/// Whether a file found in a folder is the system's and not the person's.
#[must_use]
pub fn is_litter(name: &str) -> bool {
    name.starts_with('.') || matches!(name, "Thumbs.db" | "desktop.ini")
}
