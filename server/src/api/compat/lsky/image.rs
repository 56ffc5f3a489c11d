//! Uploading, listing, deleting.

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use model::{
    Problem,
    rules::links::{escape_html, escape_markdown, unversioned_path},
    types::{ByteSize, Image, Language, Slug, Visibility},
};
use reflect_core::{
    Core,
    audit::By,
    auth::Client,
    images::{
        ImageError,
        albums::AlbumError,
        library::{self, NumberedQuery, Order},
    },
};
use serde::{Deserialize, Serialize};

use super::{
    account::check_strategy,
    album,
    envelope::{Nothing, success},
    paginator::{Paginator, Place},
};
use crate::{
    api::{
        Delete, Read,
        compat::{
            credentials::Owner,
            facts::{date_time, moment, stored_name},
            form::{self, Stored},
        },
        parameters::{Key, Parameters, invalid},
    },
    problem::Refusal,
    state::AppState,
};

/// Entries of a page of images.
const PER_PAGE: u32 = 40;

/// An image as Lsky Pro tells of it.
#[derive(Serialize)]
struct File {
    key: String,
    name: String,
    pathname: String,
    origin_name: String,
    size: f64,
    mimetype: &'static str,
    extension: &'static str,
    /// reflect keeps another checksum.
    md5: &'static str,
    sha1: &'static str,
    links: Links,
}

#[derive(Serialize)]
struct Links {
    url: String,
    html: String,
    bbcode: String,
    markdown: String,
    markdown_with_link: String,
    thumbnail_url: String,
}

/// The same in a list.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    file: File,
    width: u32,
    height: u32,
    human_date: String,
    date: String,
}

impl File {
    fn new(core: &Core, image: Image) -> Self {
        Self {
            key: image.slug.to_string(),
            name: stored_name(&image),
            pathname: unversioned_path(&image).trim_start_matches('/').to_owned(),
            size: kilobytes(image.byte_size),
            mimetype: image.media_type.mime(),
            extension: image.media_type.extension(),
            md5: "",
            sha1: "",
            links: Links::new(core, &image),
            origin_name: image.filename,
        }
    }
}

impl Links {
    fn new(core: &Core, image: &Image) -> Self {
        let all = model::rules::links::links(image, &core.settings.origins, None);
        let url = all.url;
        let name = escape_markdown(&image.filename);
        // Lsky Pro's HTML is text that shows HTML: undone once, the name must still be an attribute.
        let attribute = escape_html(&escape_html(&image.filename));
        Self {
            html: format!("&lt;img src=\"{url}\" alt=\"{attribute}\" title=\"{attribute}\" /&gt;"),
            bbcode: all.bbcode,
            markdown: format!("![{name}]({url})"),
            markdown_with_link: format!("[![{name}]({url})]({url})"),
            thumbnail_url: all.thumbnail,
            url,
        }
    }
}

/// Kibibytes, to two decimals.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2⁵³ bytes")]
pub(super) fn kilobytes(size: ByteSize) -> f64 {
    (size.bytes() as f64 / 10.24).round() / 100.0
}

/// `POST /upload`: one file in `file`, into the album `album_id` if there is one. Permissions are sent by some
/// clients and change nothing, as in Lsky Pro's open version.
pub(super) async fn upload(State(state): State<AppState>, request: Request) -> Result<Response, Refusal> {
    let upload = form::read(&state, request, &["file"]).await?;
    check_strategy(upload.fields.get("strategy_id"))?;
    let (owner, album) = (upload.owner, upload.fields.get("album_id").map(str::to_owned));
    let album = album::meant(&state, owner, album.as_deref().unwrap_or_default()).await?;
    let Stored { image, .. } = upload.store(&state).await?;
    if let Some(album) = album {
        match library::add_to_album(state.core(), owner, album, &[image.id]).await {
            // Deleted meanwhile: the image is stored all the same.
            Ok(_) => {}
            Err(ImageError::Album(error)) if matches!(*error, AlbumError::NotFound) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(success("上传成功", File::new(state.core(), image)))
}

#[derive(Default, Deserialize)]
pub(super) struct Question {
    page: Option<String>,
    order: Option<String>,
    permission: Option<String>,
    album_id: Option<String>,
    keyword: Option<String>,
}

impl Question {
    fn query(&self) -> Result<NumberedQuery, Problem> {
        let order = match self.order.as_deref() {
            None | Some("" | "newest") => Order::Newest,
            Some("earliest") => Order::Oldest,
            Some("utmost") => Order::Largest,
            Some("least") => Order::Smallest,
            Some(_) => return Err(invalid("order", "one of newest, earliest, utmost, least")),
        };
        let page = self.page.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1).max(1);
        let permission = self.permission.as_deref();
        let visibility = (permission == Some("private")).then_some(Visibility::Private);
        // Its "public" is what isn't private, listed anywhere or not.
        let for_others = permission == Some("public");
        let search = self.keyword.clone();
        Ok(NumberedQuery { page, per_page: PER_PAGE, order, search, visibility, for_others, album: None })
    }

    fn pairs(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("order", &self.order),
            ("permission", &self.permission),
            ("album_id", &self.album_id),
            ("keyword", &self.keyword),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }
}

/// `GET /images?page&order&permission&album_id&keyword`
pub(super) async fn list(
    State(state): State<AppState>,
    Owner { grant, .. }: Owner<Read>,
    Extension(client): Extension<Client>,
    Parameters(question): Parameters<Question>,
) -> Result<Response, Refusal> {
    let (core, mut query) = (state.core(), question.query()?);
    let wanted = question.album_id.as_deref().filter(|text| !text.is_empty());
    if let Some(text) = wanted {
        query.album = album::meant(&state, grant.user, text).await?;
    }
    let found = if wanted.is_some() && query.album.is_none() {
        library::NumberedPage::default()
    } else {
        library::numbered(core, grant.user, &query).await?
    };
    let listed = |image: Image| Listed {
        width: image.width,
        height: image.height,
        human_date: ago(core.now() - moment(&image.created_at), client.language),
        date: date_time(&image.created_at),
        file: File::new(core, image),
    };
    let pairs = question.pairs();
    let place = Place { site: &core.settings.origins.site, list: "images", query: &pairs };
    let data = found.items.into_iter().map(listed).collect();
    Ok(success("success", Paginator::new(&place, query.page, PER_PAGE, found.total, data)))
}

/// How long ago, in the largest unit that has passed.
fn ago(passed: time::Duration, language: Language) -> String {
    const UNITS: [(i64, &str, &str); 7] = [
        (31_536_000, "year", "年"),
        (2_592_000, "month", "个月"),
        (604_800, "week", "周"),
        (86_400, "day", "天"),
        (3600, "hour", "小时"),
        (60, "minute", "分钟"),
        (1, "second", "秒"),
    ];
    let seconds = passed.whole_seconds().max(1);
    let unit = UNITS.into_iter().find(|(unit, ..)| seconds >= *unit);
    let (unit, english, chinese) = unit.unwrap_or((1, "second", "秒"));
    match (seconds / unit, language) {
        (count, Language::Chinese) => format!("{count}{chinese}前"),
        (1, Language::English) => format!("1 {english} ago"),
        (count, Language::English) => format!("{count} {english}s ago"),
    }
}

/// `DELETE /images/{key}`: into the bin.
pub(super) async fn delete(
    State(state): State<AppState>,
    Extension(client): Extension<Client>,
    Owner { grant, .. }: Owner<Delete>,
    Key(slug): Key<Slug>,
) -> Result<Response, Refusal> {
    let found = library::owned(state.core(), &slug).await?;
    let (_, found) = found.filter(|(owner, _)| *owner == grant.user).ok_or(Problem::NotFound)?;
    let by = By::user(&client).with_token(Some(&grant.name));
    let gone = library::delete(state.core(), by, grant.user, &[found.image.id]).await?;
    if gone.is_empty() { Err(Problem::NotFound.into()) } else { Ok(success("删除成功", Nothing {})) }
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    #[test]
    fn time_that_has_passed_is_told_in_one_unit() {
        for (passed, english, chinese) in [
            (Duration::ZERO, "1 second ago", "1秒前"),
            (Duration::seconds(59), "59 seconds ago", "59秒前"),
            (Duration::hours(47), "1 day ago", "1天前"),
            (Duration::days(20), "2 weeks ago", "2周前"),
            (Duration::days(800), "2 years ago", "2年前"),
        ] {
            assert_eq!(ago(passed, Language::English), english);
            assert_eq!(ago(passed, Language::Chinese), chinese);
        }
    }
}
