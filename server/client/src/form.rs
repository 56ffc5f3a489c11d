//! A file on its way: the body of an upload, read while it is sent.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher as _, Hasher as _},
    io::{self, SeekFrom},
    ops::Range,
    path::PathBuf,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures::{
    StreamExt as _, future,
    stream::{self, BoxStream},
};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use indicatif::ProgressBar;
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};
use tokio_util::io::ReaderStream;

use crate::transport::Body;

/// Bytes that are read at once.
const PIECE: usize = 64 * 1024;

/// Something to upload.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// What it is called, by us and on the server.
    pub(crate) name: String,
    pub(crate) content: Content,
}

/// Where its bytes are.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    File(PathBuf),
    /// These bytes of a file.
    Part(Arc<PathBuf>, Range<u64>),
    Bytes(Bytes),
    /// Not here: the server fetches them from this address.
    Address(String),
}

impl Source {
    pub(crate) fn file(path: PathBuf) -> Self {
        Self { name: path.display().to_string(), content: Content::File(path) }
    }

    /// What somebody named: an address, or else a file.
    pub(crate) fn named(text: PathBuf) -> Self {
        match text.to_str().filter(|text| is_address(text)) {
            Some(address) => Self { name: address.to_owned(), content: Content::Address(address.to_owned()) },
            None => Self::file(text),
        }
    }
}

/// Whether a text begins as addresses do.
fn is_address(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
}

/// How far a body was read, and what went wrong with it.
#[derive(Default)]
pub(crate) struct Sent {
    bytes: AtomicU64,
    trouble: OnceLock<String>,
}

impl Sent {
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Why the file could not be read to its end.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.get().map(String::as_str)
    }
}

/// `multipart/form-data` with one part, `file` or `url`, and perhaps `metadata` before it.
pub(crate) struct Form {
    pub(crate) content_type: String,
    /// Bytes of the body. The server can refuse what is too much before it has come.
    pub(crate) length: u64,
    pub(crate) body: Body,
}

impl Form {
    /// Begins to read `source`; `bar` moves with it.
    pub(crate) async fn open(
        source: &Source,
        metadata: Option<&str>,
        bar: &ProgressBar,
        sent: &Arc<Sent>,
    ) -> io::Result<Self> {
        let (length, content) = open(&source.content).await?;
        bar.set_length(length);
        bar.set_position(0);
        let boundary = boundary();
        let said = metadata.map(|said| text_head(&boundary, "metadata") + said + "\r\n").unwrap_or_default();
        let head = match &source.content {
            Content::Address(_) => text_head(&boundary, "url"),
            Content::File(_) | Content::Part(..) | Content::Bytes(_) => head(&boundary, &source.name),
        };
        let head = Bytes::from(said + &head);
        let tail = Bytes::from(format!("\r\n--{boundary}--\r\n"));
        let whole = head.len() as u64 + length + tail.len() as u64;

        let (bar, counting) = (bar.clone(), Arc::clone(sent));
        let counted = content.inspect(move |piece| {
            if let Ok(piece) = piece {
                counting.bytes.fetch_add(piece.len() as u64, Ordering::Relaxed);
                bar.inc(piece.len() as u64);
            }
        });
        let ending = Arc::clone(sent);
        let end = stream::once(async move {
            if ending.bytes() < length {
                return Err(io::Error::other("it became shorter while it was sent"));
            }
            Ok(tail)
        });
        let failing = Arc::clone(sent);
        let frames = stream::once(future::ready(Ok(head))).chain(counted).chain(end).map(move |piece| {
            let piece: io::Result<Bytes> = piece;
            piece.map(Frame::data).inspect_err(|error| {
                let _ = failing.trouble.set(error.to_string());
            })
        });
        Ok(Self {
            content_type: format!("multipart/form-data; boundary={boundary}"),
            length: whole,
            body: StreamBody::new(frames).boxed_unsync(),
        })
    }
}

/// How many bytes there are, and these.
async fn open(content: &Content) -> io::Result<(u64, BoxStream<'static, io::Result<Bytes>>)> {
    match content {
        Content::File(path) => {
            // Asked first: to open a pipe would wait for whoever writes to it.
            let facts = tokio::fs::metadata(path).await?;
            if facts.is_dir() {
                return Err(io::Error::other("it is a folder: name the files in it"));
            }
            if !facts.is_file() {
                return Err(io::Error::other("it is no file"));
            }
            let file = File::open(path).await?;
            let length = file.metadata().await?.len();
            Ok((length, ReaderStream::with_capacity(file.take(length), PIECE).boxed()))
        }
        Content::Part(path, range) => {
            let mut file = File::open(&**path).await?;
            file.seek(SeekFrom::Start(range.start)).await?;
            let length = range.end.saturating_sub(range.start);
            Ok((length, ReaderStream::with_capacity(file.take(length), PIECE).boxed()))
        }
        Content::Address(address) => {
            let whole = stream::once(future::ready(Ok(Bytes::from(address.clone()))));
            Ok((address.len() as u64, whole.boxed()))
        }
        Content::Bytes(bytes) => {
            let whole = stream::once(future::ready(Ok(bytes.clone())));
            Ok((bytes.len() as u64, whole.boxed()))
        }
    }
}

/// What no file has in it.
fn boundary() -> String {
    format!("reflect-{}", unlike_any())
}

/// A text that there is nowhere else. Keyed by the process, so nobody can write one that is the same.
pub(crate) fn unlike_any() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("{:016x}{:016x}", number(), number())
}

/// The head of a part that holds a text.
fn text_head(boundary: &str, name: &str) -> String {
    format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n")
}

/// The part's head. The name is escaped as browsers do it (HTML standard, multipart encoding).
fn head(boundary: &str, path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn sent(path: PathBuf) -> (Form, Arc<Sent>) {
        let sent = Arc::new(Sent::default());
        let form = Form::open(&Source::file(path), None, &ProgressBar::hidden(), &sent).await.unwrap();
        (form, sent)
    }

    #[tokio::test]
    async fn a_form_is_as_long_as_it_says_and_holds_the_file_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a \"b\"\n猫.png");
        let content: Vec<u8> = (0..200_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        std::fs::write(&path, &content).unwrap();
        let (form, progress) = sent(path).await;
        let body = form.body.collect().await.unwrap().to_bytes();
        assert_eq!(body.len() as u64, form.length);
        assert_eq!(progress.bytes(), 200_000);
        let boundary = form.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22%0A猫.png\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        let whole = [head.as_bytes(), &content, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        assert_eq!(body, whole);
    }

    #[tokio::test]
    async fn a_file_that_changes_on_the_way_is_not_sent_as_if_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        std::fs::write(&path, vec![1; 1000]).unwrap();
        let (form, progress) = sent(path.clone()).await;
        std::fs::write(&path, vec![1; 10]).unwrap();
        assert!(form.body.collect().await.is_err());
        assert_eq!(progress.trouble(), Some("it became shorter while it was sent"));

        // What is added meanwhile isn't sent: the length was told.
        let (form, _) = sent(path.clone()).await;
        std::fs::write(&path, vec![1; 2000]).unwrap();
        assert_eq!(form.body.collect().await.unwrap().to_bytes().len() as u64, form.length);
    }

    #[tokio::test]
    async fn an_address_is_sent_for_the_server_to_fetch() {
        for (text, is_address) in [
            ("https://x.example/a.png", true),
            ("HTTP://x.example", true),
            ("https:/x.example/a.png", false),
            ("ftp://x.example/a.png", false),
            ("http", false),
        ] {
            let source = Source::named(text.into());
            assert_eq!(matches!(source.content, Content::Address(_)), is_address, "{text}");
        }
        let source = Source::named("https://x.example/a.png".into());
        let form = Form::open(&source, None, &ProgressBar::hidden(), &Arc::default()).await.unwrap();
        let (length, body) = (form.length, form.body.collect().await.unwrap().to_bytes());
        assert_eq!(body.len() as u64, length);
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("form-data; name=\"url\"\r\n\r\nhttps://x.example/a.png\r\n--"), "{text}");
    }

    #[tokio::test]
    async fn a_folder_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let source = Source::file(folder.path().to_owned());
        let opened = Form::open(&source, None, &ProgressBar::hidden(), &Arc::default()).await;
        assert!(opened.err().unwrap().to_string().contains("folder"));
    }

    #[test]
    fn no_two_boundaries_are_the_same() {
        assert_ne!(boundary(), boundary());
    }
}
