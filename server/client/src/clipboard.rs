//! The image on the clipboard, by the tool that the desktop has for that.
//!
//! The clipboard belongs to the desktop, which speaks one of several protocols. Its own tools speak it, and are
//! small; a library of ours would be as large as the rest of the client.

use std::{io, process::Stdio};

use tokio::process::Command;

use crate::{
    failure::Failure,
    form::{Content, Source},
    screen::plain,
};

/// Each tool, and how it writes an image as PNG to its standard output: Wayland, X11, Windows around a Linux.
const TOOLS: [(&str, &[&str]); 3] = [
    ("wl-paste", &["--no-newline", "--type", "image/png"]),
    ("xclip", &["-selection", "clipboard", "-target", "image/png", "-out"]),
    ("powershell.exe", &["-NoProfile", "-NonInteractive", "-STA", "-Command", POWERSHELL]),
];
const POWERSHELL: &str = "Add-Type -AssemblyName System.Windows.Forms, System.Drawing; \
    $image = [Windows.Forms.Clipboard]::GetImage(); if (!$image) { exit 1 }; $bytes = New-Object IO.MemoryStream; \
    $image.Save($bytes, [Drawing.Imaging.ImageFormat]::Png); \
    $bytes.WriteTo([Console]::OpenStandardOutput())";

/// What every PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The image, read whole: nobody knows before how large it is.
pub(crate) async fn image() -> Result<Source, Failure> {
    let mut tried = Vec::new();
    for (tool, arguments) in TOOLS {
        let output = match Command::new(tool).args(arguments).stdin(Stdio::null()).output().await {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            output => output.map_err(|error| Failure::Here(format!("{tool}: {error}")))?,
        };
        if output.status.success() && output.stdout.starts_with(PNG) {
            return Ok(Source {
                name: "clipboard.png".to_owned(),
                content: Content::Bytes(output.stdout.into()),
            });
        }
        let said = String::from_utf8_lossy(&output.stderr);
        tried.push(format!(
            "{tool} {}",
            said.lines().next().map_or("gave none".into(), |line| format!("said: {line}"))
        ));
    }
    Err(Failure::Here(if tried.is_empty() {
        "the clipboard can't be read without a tool of the desktop's: install wl-clipboard (Wayland) or xclip (X11)"
            .to_owned()
    } else {
        format!("there is no image on the clipboard ({})", plain(&tried.join("; ")))
    }))
}
