//! Uploads of one file with text beside it.

use std::collections::BTreeMap;

use axum::extract::{Request, multipart::Field};
use http::{Extensions, HeaderMap, Uri};
use model::{
    Problem,
    types::{ByteSize, Image, Scope, UserId},
};
use reflect_core::{auth::token::Grant, images::intake::Accepted};
use tokio::time::{Instant, timeout_at};
use url::form_urlencoded;

use super::credentials::{self, KEY};
use crate::{
    api::{
        file_name,
        intake::{Limits, PAUSE, Parts, Received, pausing},
        parameters::invalid,
    },
    state::AppState,
};

/// Text fields of a form, at most.
const MOST_FIELDS: usize = 64;
/// Bytes of such a field.
const TEXT: usize = 16 * 1024;

/// What an upload says beside the file: the query's parameters and the form's fields, which count more.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<String, String>);

impl Fields {
    /// Those of a query.
    pub(super) fn of_query(uri: &Uri) -> Self {
        let mut fields = Self::default();
        fields.add_encoded(uri.query().unwrap_or_default().as_bytes());
        fields
    }

    /// With those of an `application/x-www-form-urlencoded` text.
    pub(super) fn add_encoded(&mut self, text: &[u8]) {
        let pairs = form_urlencoded::parse(text).take(MOST_FIELDS);
        self.0.extend(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())));
    }

    /// A field that says something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// A field's text, which is left out of the others.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// Refuses a field that asks for what can't be done. Tools send `0` for what they don't want.
    ///
    /// # Errors
    /// [`Problem::InvalidParameter`]
    pub(super) fn refuse(&self, name: &str, why: &str) -> Result<(), Problem> {
        match self.get(name) {
            None | Some("0") => Ok(()),
            Some(_) => Err(invalid(name, format!("left out: {why}"))),
        }
    }
}

/// The one file of an upload.
pub(super) struct File {
    /// The field that it came in.
    pub(super) field: String,
    /// Its name; none where it came as text.
    pub(super) name: Option<String>,
    /// Its bytes.
    pub(super) received: Received,
}

/// An upload that was read to its end, and of which nothing is stored yet.
pub(super) struct Upload {
    /// Whose it is.
    pub(super) owner: UserId,
    /// Whether the token deletes as well.
    pub(super) may_delete: bool,
    /// Bytes of one file, where the token takes less than the instance.
    pub(super) max_upload: Option<ByteSize>,
    /// The file, if there is one.
    pub(super) file: Option<File>,
    /// What is said beside it.
    pub(super) fields: Fields,
}

/// What became of a file.
pub(super) struct Stored {
    /// Its image.
    pub(super) image: Image,
    /// Whether who sent it may delete that: they made it, or their token deletes.
    pub(super) may_delete: bool,
}

impl Upload {
    /// What was sent with a token.
    pub(super) fn new(grant: &Grant, file: Option<File>, fields: Fields) -> Self {
        let may_delete = grant.scopes.has(Scope::Delete);
        Self { owner: grant.user, may_delete, max_upload: grant.max_upload, file, fields }
    }

    /// Stores the file under its own name. The same bytes again are the image that has them already: tools take any
    /// other answer for a failure.
    ///
    /// # Errors
    /// [`Problem::NoFile`], what is wrong with the file, or that there is no space for it.
    pub(super) async fn store(self, state: &AppState) -> Result<Stored, Problem> {
        let file = self.file.ok_or(Problem::NoFile)?;
        let name = file.name.as_deref().unwrap_or_default();
        let Accepted { image, existing } = file.received.store(state, self.owner, name).await?;
        Ok(Stored { image, may_delete: !existing || self.may_delete })
    }
}

/// Reads a multipart body in which the fields `named` hold the file; any part with a file name does. Nothing
/// of a file is read before it is known whose token came: with the headers, the query, or in a field before it.
///
/// # Errors
/// [`Problem::SignedOut`], [`Problem::InvalidToken`], [`Problem::TooManyFiles`], [`Problem::FileTooLarge`],
/// [`Problem::BadMultipart`], [`Problem::TimedOut`], [`Problem::InvalidParameter`]; the database.
pub(super) async fn read(state: &AppState, request: Request, named: &[&str]) -> Result<Upload, Problem> {
    let mut fields = Fields::of_query(request.uri());
    let extensions = request.extensions().clone();
    let mut owner = owner_by_head(state, &extensions, request.headers(), request.uri()).await?;
    let limits = Limits::of(state, request.headers()).await?;
    let limits = limits.within(owner.as_ref().and_then(|owner| owner.max_upload));
    // Base64 makes three bytes four.
    limits.check_announced(2).map_err(|_| Problem::FileTooLarge { limit: limits.max_file })?;
    let mut parts = Parts::open(request, state).await?;
    // Whoever isn't known yet doesn't hold a connection for long.
    let stranger = Instant::now() + PAUSE;
    let mut file = None;
    loop {
        let until = owner.is_none().then_some(stranger);
        let Some(part) = within(until, parts.next()).await? else { break };
        let field = part.name().unwrap_or_default().to_owned();
        let name = file_name::of(part.headers());
        if name.is_none() && !named.contains(&field.as_str()) {
            let text = within(until, text(part)).await?;
            if fields.0.len() >= MOST_FIELDS {
                return Err(invalid(&field, "one of fewer fields"));
            }
            fields.0.insert(field, text);
            continue;
        }
        if file.is_some() {
            return Err(Problem::TooManyFiles { limit: 1 });
        }
        let sender = known(state, &extensions, owner, &fields).await?;
        let limits = limits.within(sender.max_upload);
        owner = Some(sender);
        let most = if name.is_some() { limits.max_file } else { base64_of(limits.max_file) };
        file = Some(File { field, name, received: Received::of_part(state, part, limits, most).await? });
    }
    let grant = known(state, &extensions, owner, &fields).await?;
    Ok(Upload::new(&grant, file, fields))
}

/// What the token opens that came with headers or query, if any did. It must be for uploading.
///
/// # Errors
/// Those of [`credentials::owner`].
pub(super) async fn owner_by_head(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Option<Grant>, Problem> {
    match credentials::token(headers, uri) {
        Some(token) => upload_with(state, extensions, Some(&token)).await.map(Some),
        None => Ok(None),
    }
}

/// `owner`, or else what the token opens that is among the fields that were read so far.
///
/// # Errors
/// Those of [`credentials::owner`].
pub(super) async fn known(
    state: &AppState,
    extensions: &Extensions,
    owner: Option<Grant>,
    fields: &Fields,
) -> Result<Grant, Problem> {
    match owner {
        Some(owner) => Ok(owner),
        None => upload_with(state, extensions, fields.get(KEY).map(credentials::plain)).await,
    }
}

async fn upload_with(
    state: &AppState,
    extensions: &Extensions,
    token: Option<&str>,
) -> Result<Grant, Problem> {
    credentials::owner(state, extensions, token, Some(Scope::Upload)).await
}

/// Bytes that a file of `size` bytes has in Base64, with line ends.
pub(super) const fn base64_of(size: ByteSize) -> ByteSize {
    ByteSize(size.bytes().saturating_mul(3) / 2)
}

/// What `step` makes, if it does so in time.
async fn within<T>(
    until: Option<Instant>,
    step: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    match until {
        Some(until) => timeout_at(until, step).await.unwrap_or(Err(Problem::TimedOut)),
        None => step.await,
    }
}

/// A text field. Anybody may send one, so one that is too long isn't read to its end.
async fn text(mut part: Field<'_>) -> Result<String, Problem> {
    let name = part.name().unwrap_or_default().to_owned();
    let mut text = Vec::new();
    while let Some(chunk) = pausing(part.chunk()).await?.map_err(|_| Problem::BadMultipart)? {
        text.extend_from_slice(&chunk);
        if text.len() > TEXT {
            return Err(invalid(&name, format!("a text of at most {TEXT} bytes")));
        }
    }
    String::from_utf8(text).map_err(|_| invalid(&name, "a text in UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cant_be_done_is_refused_only_where_it_is_asked_for() {
        let fields = Fields::of_query(&Uri::from_static("/?a=0&b=&c=+&d=PT5M&e"));
        for quiet in ["a", "b", "c", "e", "f"] {
            assert_eq!(fields.refuse(quiet, "never"), Ok(()), "{quiet}");
        }
        let problem = fields.refuse("d", "images don't expire").unwrap_err();
        assert_eq!(problem.to_string(), "`d` must be left out: images don't expire.");
    }
}
