//! Bodies of uploads.

/// A `multipart/form-data` body, written by hand so that it can be wrong.
#[derive(Default)]
pub struct Form(Vec<u8>);

impl Form {
    pub const TYPE: &'static str = "multipart/form-data; boundary=cut-here";

    pub fn new() -> Self {
        Self::default()
    }

    /// One file, as nearly every client sends it.
    pub fn file(self, name: &str, bytes: &[u8]) -> Self {
        self.file_in("file", name, bytes)
    }

    /// One file in another field.
    pub fn file_in(self, field: &str, name: &str, bytes: &[u8]) -> Self {
        self.part(&format!("form-data; name=\"{field}\"; filename=\"{name}\""), bytes)
    }

    /// A text.
    pub fn text(self, field: &str, text: &str) -> Self {
        self.part(&format!("form-data; name=\"{field}\""), text.as_bytes())
    }

    /// A part with this `Content-Disposition`.
    pub fn part(mut self, disposition: &str, bytes: &[u8]) -> Self {
        let head = format!("--cut-here\r\nContent-Disposition: {disposition}\r\n\r\n");
        self.0.extend([head.as_bytes(), bytes, b"\r\n"].concat());
        self
    }

    /// What was written so far, without an end; of the last `cut` bytes nothing.
    pub fn unfinished(mut self, cut: usize) -> Vec<u8> {
        self.0.truncate(self.0.len() - cut);
        self.0
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.0.extend(b"--cut-here--\r\n");
        self.0
    }
}
