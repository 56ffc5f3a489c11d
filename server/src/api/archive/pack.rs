//! Writing a zip file while it is sent.

use std::{
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use futures::TryStreamExt as _;
use model::types::{IMAGES, ImageId, SUMMARY, UserId};
use reflect_core::{
    Core,
    auth::AuthError,
    images::{
        ImageError,
        library::{self, Search, StoredImage, Which},
    },
};
use tokio::sync::mpsc::Sender;
use zip::{
    CompressionMethod, DateTime, ZipWriter, result::ZipError, write::SimpleFileOptions, write::StreamWriter,
};

use super::{described::Described, names::Names};
use crate::{api::caller::Standing, serve::windows};

/// Which images, for as long as it takes.
#[derive(Debug)]
pub(super) enum Wanted {
    /// These.
    Ids(Vec<ImageId>),
    /// What is found.
    Search(Search),
}

impl Wanted {
    pub(super) const fn which(&self) -> Which<'_> {
        match self {
            Self::Ids(ids) => Which::Ids(ids.as_slice()),
            Self::Search(search) => Which::Search(search),
        }
    }
}

/// Whose images, and by what they were let in.
#[derive(Clone, Copy)]
pub(in crate::api) struct Asker {
    pub(in crate::api) user: UserId,
    pub(in crate::api) standing: Standing,
}

impl Asker {
    /// Refuses whoever was put out since they were let in: an archive may take hours.
    async fn check(self, core: &Core) -> Result<(), Broken> {
        if self.holds(core).await? { Ok(()) } else { Err(Broken::PutOut) }
    }

    /// Whether they may go on with what they were let in for.
    pub(in crate::api) async fn holds(self, core: &Core) -> Result<bool, ImageError> {
        if self.standing.holds(core).await? {
            return Ok(true);
        }
        // A session that gets another id isn't there for a moment.
        tokio::time::sleep(MOMENT).await;
        Ok(self.standing.holds(core).await?)
    }
}

/// Longer than a request takes to store what it has done.
const MOMENT: Duration = Duration::from_secs(2);

/// Why an archive ends before its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error(transparent)]
    Image(#[from] ImageError),
    #[error(transparent)]
    Zip(#[from] ZipError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Standing(#[from] AuthError),
    /// Who asked has signed out, was suspended, or took the token back.
    #[error("who asked for it is signed in no more")]
    PutOut,
    /// Nobody listens any more.
    #[error("gone")]
    Gone,
}

/// What has been written and not yet sent.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends an archive of the images of who asked, beginning with `first`, to whoever listens, and stops when nobody does.
/// Files are stored as they are, which compressing wouldn't make smaller. Holds some rows, a window of one file's
/// bytes, and what the archive's directory will say of each file. An export is `described` too.
pub(super) async fn pack(
    core: Core,
    asker: Asker,
    wanted: Wanted,
    first: Vec<StoredImage>,
    described: Option<Described>,
    to: Sender<io::Result<Bytes>>,
) {
    match send(&core, asker, &wanted, first, described, &to).await {
        Ok(()) | Err(Broken::Gone) => {}
        Err(error) => {
            match error {
                Broken::PutOut => tracing::info!(%error, "an archive broke off"),
                _ => tracing::error!(%error, "an archive broke off"),
            }
            // The connection breaks off with it, so that nobody takes the part for the whole.
            let _ = to.send(Err(io::Error::other("broken off"))).await;
        }
    }
}

async fn send(
    core: &Core,
    asker: Asker,
    wanted: &Wanted,
    first: Vec<StoredImage>,
    mut described: Option<Described>,
    to: &Sender<io::Result<Bytes>>,
) -> Result<(), Broken> {
    let (mut archive, mut files) = (Archive::new(if described.is_some() { IMAGES } else { "" }), first);
    while let Some(last) = files.last().map(|stored| stored.image.id) {
        match &mut described {
            None => {
                for file in &files {
                    archive.add(core, asker, file, to).await?;
                }
            }
            Some(described) => {
                let mut page = Described::page(core, asker, &files).await?;
                for file in files.iter().filter(|file| page.knows(file.image.id)).collect::<Vec<_>>() {
                    if let Some((file, name)) = archive.add(core, asker, file, to).await? {
                        described.packed(core, &mut page, &file, name)?;
                    }
                }
                let (name, text) = described.written(page);
                archive.put(name, &text, to).await?;
            }
        }
        files = library::files(core, asker.user, wanted.which(), Some(last)).await?;
    }
    if let Some(described) = described {
        archive.put(SUMMARY.to_owned(), &described.summary()?, to).await?;
    }
    archive.zip.finish()?;
    hand_over(&archive.written, to).await
}

/// The archive, and what of it isn't sent yet.
struct Archive {
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    names: Names,
    /// Where the images' files are in it.
    folder: &'static str,
}

impl Archive {
    fn new(folder: &'static str) -> Self {
        let written = Written::default();
        Self { zip: ZipWriter::new_stream(written.clone()), written, names: Names::default(), folder }
    }

    /// Adds the file of an image; answers the image with that file, and its path, unless it is deleted for good by now.
    async fn add(
        &mut self,
        core: &Core,
        asker: Asker,
        listed: &StoredImage,
        to: &Sender<io::Result<Bytes>>,
    ) -> Result<Option<(StoredImage, String)>, Broken> {
        let mut file = listed.clone();
        let (mut bytes, mut next) = loop {
            let mut bytes = Box::pin(windows(core.pool.clone(), file.hash, 0, file.image.byte_size.bytes()));
            asker.check(core).await?;
            match bytes.try_next().await {
                // Since it was listed it was deleted for good, or has become another picture.
                Err(ImageError::NotFound) => {
                    let now =
                        library::files(core, asker.user, Which::Ids(&[file.image.id]), None).await?.pop();
                    match now.filter(|now| now.hash != file.hash) {
                        Some(now) => file = now,
                        None => return Ok(None),
                    }
                }
                next => break (bytes, next?),
            }
        };
        let name = self.names.take(&file.image.filename, file.image.media_type);
        let path = format!("{}{name}", self.folder);
        self.zip.start_file(path.as_str(), stored(file.image.created_at.as_str()))?;
        while let Some(window) = next {
            self.zip.write_all(&window)?;
            hand_over(&self.written, to).await?;
            asker.check(core).await?;
            next = bytes.try_next().await?;
        }
        Ok(Some((file, path)))
    }

    /// Adds a file with this text.
    async fn put(&mut self, path: String, text: &str, to: &Sender<io::Result<Bytes>>) -> Result<(), Broken> {
        self.zip.start_file(path, stored(""))?;
        self.zip.write_all(text.as_bytes())?;
        hand_over(&self.written, to).await
    }
}

async fn hand_over(written: &Written, to: &Sender<io::Result<Bytes>>) -> Result<(), Broken> {
    to.send(Ok(written.take())).await.map_err(|_| Broken::Gone)
}

/// How a file of this moment is put into the archive.
fn stored(created_at: &str) -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(moment(created_at).unwrap_or_default())
}

/// The moment `2026-03-14T09:30:15Z` in UTC, as archives know moments: without a zone.
fn moment(text: &str) -> Option<DateTime> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let byte = |from: usize| number(from, from + 2).and_then(|number| u8::try_from(number).ok());
    DateTime::from_date_and_time(number(0, 4)?, byte(5)?, byte(8)?, byte(11)?, byte(14)?, byte(17)?).ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Read as _};

    use model::types::{ExportedImage, METADATA, Scope};
    use reflect_core::{
        audit::By,
        images::{
            albums::{self, NewAlbum},
            intake, versions,
        },
        testing,
    };
    use sqlx::PgPool;
    use tokio::sync::mpsc;

    use super::*;

    fn picture(width: u32) -> Bytes {
        let mut png = Cursor::new(Vec::new());
        image::RgbImage::new(width, 2).write_to(&mut png, image::ImageFormat::Png).unwrap();
        png.into_inner().into()
    }

    /// What goes on after that would read on for nobody.
    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn nothing_is_read_for_somebody_who_has_gone(pool: PgPool) {
        let core = testing::core(pool.clone());
        let ada = testing::user(&pool, "ada", 1 << 30).await;
        for width in 1..5 {
            intake::accept(&core, ada, "a.png", picture(width)).await.unwrap();
        }
        let wanted = Wanted::Search(Search::default());
        let first = library::files(&core, ada, wanted.which(), None).await.unwrap();
        assert_eq!(first.len(), 4);
        let (to, mut from) = mpsc::channel(1);
        let token = testing::token(&core, ada, &testing::terms("zip", [Scope::Read])).await;
        let asker = Asker { user: ada, standing: Standing::Token(token.id) };
        let send = send(&core, asker, &wanted, first, None, &to);
        let leave = async {
            assert!(from.recv().await.is_some());
            drop(from);
        };
        let (sent, ()) = tokio::join!(send, leave);
        assert!(matches!(sent, Err(Broken::Gone)), "{sent:?}");
    }

    /// What it is is said of all albums before.
    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn albums_that_are_made_meanwhile_are_not_named(pool: PgPool) {
        let core = testing::core(pool.clone());
        let ada = testing::user(&pool, "ada", 1 << 30).await;
        let image = intake::accept(&core, ada, "a.png", picture(9)).await.unwrap().image;
        let album = async |name: &str| {
            let new = NewAlbum { name: name.parse().unwrap(), description: None, parent: None };
            let album = albums::create(&core, ada, &new).await.unwrap().id;
            library::add_to_album(&core, ada, album, &[image.id]).await.unwrap();
            album
        };
        let before = album("before").await;
        let token = testing::token(&core, ada, &testing::terms("zip", [Scope::Read])).await;
        let asker = Asker { user: ada, standing: Standing::Token(token.id) };
        let described = Described::new(&core, asker, true).await.unwrap();
        album("meanwhile").await;
        let wanted = Wanted::Search(Search::default());
        let first = library::files(&core, ada, wanted.which(), None).await.unwrap();
        let bytes = packed(&core, asker, wanted, first, described).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut line = String::new();
        archive.by_name(&format!("{METADATA}000001.jsonl")).unwrap().read_to_string(&mut line).unwrap();
        let said: ExportedImage = serde_json::from_str(&line).unwrap();
        assert_eq!(said.albums.iter().map(|place| place.album).collect::<Vec<_>>(), [before]);
    }

    #[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
    async fn what_became_another_picture_meanwhile_is_packed_as_that(pool: PgPool) {
        let core = testing::core(pool.clone());
        let ada = testing::user(&pool, "ada", 1 << 30).await;
        let image = intake::accept(&core, ada, "a.png", picture(9)).await.unwrap().image;
        let token = testing::token(&core, ada, &testing::terms("zip", [Scope::Read])).await;
        let asker = Asker { user: ada, standing: Standing::Token(token.id) };
        let described = Described::new(&core, asker, true).await.unwrap();
        let wanted = Wanted::Search(Search::default());
        let listed = library::files(&core, ada, wanted.which(), None).await.unwrap();
        versions::replace(&core, By::SYSTEM, ada, image.id, picture(7)).await.unwrap();
        versions::delete(&core, By::SYSTEM, ada, image.id, 1).await.unwrap();
        sqlx::query("DELETE FROM blobs WHERE refs = 0").execute(&pool).await.unwrap();
        let bytes = packed(&core, asker, wanted, listed, described).await;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut file = Vec::new();
        archive.by_name(&format!("{IMAGES}a.png")).unwrap().read_to_end(&mut file).unwrap();
        assert_eq!(file, picture(7));
    }

    /// The whole archive.
    async fn packed(
        core: &Core,
        asker: Asker,
        wanted: Wanted,
        first: Vec<StoredImage>,
        described: Described,
    ) -> Vec<u8> {
        let (to, mut from) = mpsc::channel::<io::Result<Bytes>>(1);
        let read = async {
            let mut all = Vec::new();
            while let Some(part) = from.recv().await {
                all.extend_from_slice(&part.unwrap());
            }
            all
        };
        tokio::join!(pack(core.clone(), asker, wanted, first, Some(described), to), read).1
    }

    #[test]
    fn more_files_than_the_old_form_has_numbers_for_are_read_back() {
        const MANY: usize = 65_600;
        let written = Written::default();
        let mut zip = ZipWriter::new_stream(written.clone());
        for number in 0..MANY {
            zip.start_file(number.to_string(), stored("2026-03-14T09:30:16Z")).unwrap();
            zip.write_all(b"x").unwrap();
        }
        zip.finish().unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(written.take())).unwrap();
        assert_eq!(archive.len(), MANY);
        let mut last = String::new();
        io::Read::read_to_string(&mut archive.by_name("65599").unwrap(), &mut last).unwrap();
        assert_eq!(last, "x");
    }

    #[test]
    fn moments_are_read() {
        let found = moment("2026-03-14T09:30:16.5Z").unwrap();
        assert_eq!((found.year(), found.month(), found.day()), (2026, 3, 14));
        assert_eq!((found.hour(), found.minute(), found.second()), (9, 30, 16));
        assert!(moment("1970-01-01T00:00:00Z").is_none());
        assert!(moment("today").is_none());
    }
}
