//! What an export says of the images in it.

use std::collections::{HashMap, HashSet};

use model::{
    rules::links::links,
    types::{
        Album, AlbumId, ByteSize, ExportFormat, ExportSummary, ExportedAlbum, ExportedImage, FileHash,
        ImageId, METADATA, VersionNumber,
    },
};
use reflect_core::{
    Core,
    images::{
        ImageError, albums,
        library::{self, StoredImage, Told},
        tags,
    },
    rfc3339,
};

use super::pack::{Asker, Broken};

/// What is said of an export, which grows with what is packed.
pub(super) struct Described {
    summary: ExportSummary,
    /// The albums that it has.
    albums: HashSet<AlbumId>,
    /// What of these, and which tags, some image named; all count where all images are asked for.
    named: Option<(HashSet<AlbumId>, HashSet<String>)>,
    pages: u32,
}

/// What is said of some images, line by line.
pub(super) struct Page {
    told: HashMap<ImageId, Told>,
    lines: String,
}

impl Described {
    /// Of an export that begins now, of all images or of some: whom it is given to is told of no more than of those.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn new(core: &Core, asker: Asker, is_all: bool) -> Result<Self, model::Problem> {
        let tags = tags::known(core, asker.user).await?;
        let exported =
            |Album { id, name, description, parent, .. }| ExportedAlbum { id, name, description, parent };
        let listed: Vec<ExportedAlbum> =
            albums::list(core, asker.user).await?.into_iter().map(exported).collect();
        let albums = listed.iter().map(|album| album.id).collect();
        let (format, version) = (ExportFormat::Reflect, ExportFormat::VERSION);
        let (created_at, bytes) = (rfc3339(core.now()), ByteSize(0));
        let summary = ExportSummary { format, version, created_at, images: 0, bytes, tags, albums: listed };
        let named = (!is_all).then(Default::default);
        Ok(Self { summary, albums, named, pages: 0 })
    }

    /// What is known of these images, before their files are read: so it is no newer than what else is.
    pub(super) async fn page(core: &Core, asker: Asker, files: &[StoredImage]) -> Result<Page, ImageError> {
        let ids: Vec<ImageId> = files.iter().map(|file| file.image.id).collect();
        Ok(Page { told: library::told(core, asker.user, &ids).await?, lines: String::new() })
    }

    /// Says that a file is in the archive.
    pub(super) fn packed(
        &mut self,
        core: &Core,
        page: &mut Page,
        stored: &StoredImage,
        file: String,
    ) -> Result<(), Broken> {
        let Some(Told { details, mut albums }) = page.told.remove(&stored.image.id) else { return Ok(()) };
        // One that was made since the export began would be named by nothing else.
        albums.retain(|place| self.albums.contains(&place.album));
        if let Some((named_albums, named_tags)) = &mut self.named {
            named_albums.extend(albums.iter().map(|place| place.album));
            named_tags.extend(details.tags.iter().cloned());
        }
        let image = &stored.image;
        let links = links(image, &core.settings.origins, None);
        let exported = ExportedImage {
            file,
            hash: FileHash(stored.hash),
            byte_size: image.byte_size,
            media_type: image.media_type,
            slug: image.slug.clone(),
            url: links.url,
            page: links.page,
            created_at: image.created_at.clone(),
            version: VersionNumber::nearest(image.version),
            removed: details.removed,
            filename: image.filename.clone(),
            title: details.title,
            description: details.description,
            alt_text: details.alt_text,
            favourite: details.favourite,
            visibility: details.visibility,
            expires_at: details.expires_at,
            max_views: details.max_views,
            views: details.views,
            tags: details.tags,
            albums,
        };
        page.lines.push_str(&serde_json::to_string(&exported)?);
        page.lines.push('\n');
        self.summary.images += 1;
        self.summary.bytes.0 += image.byte_size.bytes();
        Ok(())
    }

    /// A file with what is said of the images of a page, and its name.
    pub(super) fn written(&mut self, page: Page) -> (String, String) {
        self.pages += 1;
        (format!("{METADATA}{:06}.jsonl", self.pages), page.lines)
    }

    /// What is said of the export as a whole.
    pub(super) fn summary(mut self) -> Result<String, Broken> {
        if let Some((mut albums, tags)) = self.named {
            let outer = self.summary.albums.iter().filter(|album| albums.contains(&album.id));
            let outer: Vec<_> = outer.filter_map(|album| album.parent).collect();
            albums.extend(outer);
            self.summary.albums.retain(|album| albums.contains(&album.id));
            self.summary.tags.retain(|tag| tags.contains(tag.name.as_str()));
        }
        Ok(serde_json::to_string_pretty(&self.summary)?)
    }
}

impl Page {
    /// Whether anything is known of an image. It may be gone for good by now.
    pub(super) fn knows(&self, id: ImageId) -> bool {
        self.told.contains_key(&id)
    }
}
