//! Files on their way in, whichever address takes them.

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest as _, Multipart, Request, multipart::Field},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{HeaderMap, header};
use model::{
    Problem,
    types::{ByteSize, Image, ImageId, UserId},
};
use reflect_core::{
    audit::By,
    db,
    images::{
        ImageError,
        albums::guests::GuestPass,
        intake::{
            self, Accepted, Terms,
            import::{self, Former, Imported},
            once,
        },
        versions,
    },
};
use sha2::{Digest as _, Sha256};
use tokio::sync::OwnedSemaphorePermit;

use crate::state::AppState;

/// Longest pause within an upload.
pub(super) const PAUSE: Duration = Duration::from_secs(30);
/// What a part's headers and boundary take, generously.
const PART_OVERHEAD: u64 = 4096;

/// What a request may bring.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of one file.
    pub(super) max_file: ByteSize,
    /// Bytes of the body, where the request says so.
    announced: Option<u64>,
}

impl Limits {
    /// Those of a request with these headers.
    ///
    /// # Errors
    /// The database.
    pub(super) async fn of(state: &AppState, headers: &HeaderMap) -> Result<Self, Problem> {
        let policy = state.core().policy().await.map_err(|error| db::problem(&error))?;
        let announced = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
        Ok(Self { max_file: policy.max_upload.size(), announced })
    }

    /// With files of `most` bytes, where that is less.
    #[must_use]
    pub(super) fn within(self, most: Option<ByteSize>) -> Self {
        Self { max_file: most.map_or(self.max_file, |most| most.min(self.max_file)), ..self }
    }

    /// Refuses what announces more than `files` of the largest files have, before any of it is read.
    ///
    /// # Errors
    /// [`Problem::FileTooLarge`]
    pub(super) fn check_announced(&self, files: u32) -> Result<(), Problem> {
        let most = (self.max_file.bytes() + PART_OVERHEAD).saturating_mul(files.into());
        let limit = ByteSize(self.max_file.bytes().saturating_mul(files.into()));
        self.check_length(most, limit)
    }

    /// The same of one file and a part of so many bytes beside it.
    ///
    /// # Errors
    /// [`Problem::FileTooLarge`]
    pub(super) fn check_announced_beside(&self, part: ByteSize) -> Result<(), Problem> {
        let parts = self.max_file.bytes().saturating_add(part.bytes());
        self.check_length(parts.saturating_add(2 * PART_OVERHEAD), self.max_file)
    }

    fn check_length(&self, most: u64, limit: ByteSize) -> Result<(), Problem> {
        if self.announced.is_some_and(|length| length > most) {
            return Err(Problem::FileTooLarge { limit });
        }
        Ok(())
    }

    /// Bytes that can come of a part that may have `most`: the rest of the request, or those.
    pub(super) fn expected(&self, most: ByteSize) -> u64 {
        self.announced.unwrap_or(u64::MAX).min(most.bytes())
    }
}

/// The parts of a multipart body, in the order sent.
pub(super) struct Parts(Multipart);

impl Parts {
    /// Begins to read.
    ///
    /// # Errors
    /// [`Problem::BadMultipart`]
    pub(super) async fn open(request: Request, state: &AppState) -> Result<Self, Problem> {
        Multipart::from_request(request, state).await.map(Self).map_err(|_| Problem::BadMultipart)
    }

    /// The next one.
    ///
    /// # Errors
    /// [`Problem::BadMultipart`], [`Problem::TimedOut`].
    pub(super) async fn next(&mut self) -> Result<Option<Field<'_>>, Problem> {
        pausing(self.0.next_field()).await?.map_err(|_| Problem::BadMultipart)
    }
}

/// The bytes of one file, and the room in memory that they take.
pub(super) struct Received {
    /// The bytes.
    pub(super) bytes: Bytes,
    _room: Option<OwnedSemaphorePermit>,
}

impl Received {
    /// Bytes for which room is held.
    pub(super) const fn in_room(bytes: Bytes, room: OwnedSemaphorePermit) -> Self {
        Self { bytes, _room: Some(room) }
    }

    /// Bytes that `collect` reads, `expected` of them at most, once there is room for them. Whoever waits here must hold
    /// no room already, or all may wait for each other.
    ///
    /// # Errors
    /// Those of `collect`.
    pub(super) async fn collect<E>(
        state: &AppState,
        expected: u64,
        collect: impl Future<Output = Result<Bytes, E>>,
    ) -> Result<Self, E> {
        let room = state.upload_memory.hold(expected).await;
        Ok(Self { bytes: collect.await?, _room: room })
    }

    /// The bytes of a part, `most` of them at most.
    ///
    /// # Errors
    /// [`Problem::FileTooLarge`], [`Problem::BadMultipart`], [`Problem::TimedOut`].
    pub(super) async fn of_part(
        state: &AppState,
        part: Field<'_>,
        limits: Limits,
        most: ByteSize,
    ) -> Result<Self, Problem> {
        Self::of_seen_part(state, part, limits, most, None).await
    }

    /// The same; `seen` is told all that came, also of what is too large.
    ///
    /// # Errors
    /// Those of [`Received::of_part`].
    pub(super) async fn of_seen_part(
        state: &AppState,
        part: Field<'_>,
        limits: Limits,
        most: ByteSize,
        seen: Option<&mut Sha256>,
    ) -> Result<Self, Problem> {
        let expected = limits.expected(most);
        let reading = read(part, most, expected, seen);
        let received = Self::collect(state, expected, reading).await;
        // A limit is told as a person knows it, whatever a spelling of the bytes adds to it.
        received.map_err(|problem| match problem {
            Problem::FileTooLarge { .. } => Problem::FileTooLarge { limit: limits.max_file },
            other => other,
        })
    }

    /// All of a request's body, which is one file.
    ///
    /// # Errors
    /// [`Problem::FileTooLarge`], [`Problem::BadMultipart`] where it broke off, [`Problem::TimedOut`].
    pub(super) async fn of_body(state: &AppState, body: Body, limits: Limits) -> Result<Self, Problem> {
        let limit = limits.max_file;
        let expected = limits.expected(limit);
        let reading = async {
            let mut chunks = body.into_data_stream();
            let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0).min(1 << 20));
            while let Some(chunk) = pausing(chunks.next()).await? {
                let chunk = chunk.map_err(|_| Problem::BadMultipart)?;
                if (bytes.len() + chunk.len()) as u64 > limit.bytes() {
                    return Err(Problem::FileTooLarge { limit });
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes.freeze())
        };
        Self::collect(state, expected, reading).await
    }

    /// The bytes as text; what is none is read as far as it is.
    pub(super) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// Has an image of `owner` show it. When this returns `Ok`, that is durable.
    ///
    /// # Errors
    /// What is wrong with the file, or that there is no space for it, or no such image.
    pub(super) async fn replace(
        self,
        state: &AppState,
        by: By<'_>,
        owner: UserId,
        id: ImageId,
    ) -> Result<Image, Problem> {
        Ok(versions::replace(state.core(), by, owner, id, self.bytes).await?)
    }

    /// Other bytes in the same room, made from these.
    ///
    /// # Errors
    /// Those of `change`.
    pub(super) fn map(self, change: impl FnOnce(Bytes) -> Result<Bytes, Problem>) -> Result<Self, Problem> {
        Ok(Self { bytes: change(self.bytes)?, ..self })
    }

    /// Stores it as an image of `owner`, unless there is one with these bytes. When this returns `Ok`, the image is
    /// durable.
    ///
    /// # Errors
    /// What is wrong with the file, or that there is no space for it.
    pub(super) async fn store(
        self,
        state: &AppState,
        owner: UserId,
        name: &str,
    ) -> Result<Accepted, Problem> {
        Ok(intake::accept(state.core(), owner, name, self.bytes).await?)
    }

    /// The same on terms, and for one of the files that are sent under a key.
    ///
    /// # Errors
    /// Those of [`intake::accept_on`].
    pub(super) async fn store_on(
        self,
        state: &AppState,
        owner: UserId,
        name: &str,
        terms: Terms,
        part: Option<once::Part<'_>>,
    ) -> Result<Accepted, ImageError> {
        intake::accept_on(state.core(), owner, name, self.bytes, terms, part).await
    }

    /// Stores it as the image that it was.
    ///
    /// # Errors
    /// Those of [`import::import`].
    pub(super) async fn import(
        &self,
        state: &AppState,
        owner: UserId,
        former: &Former,
    ) -> Result<Imported, Problem> {
        Ok(import::import(state.core(), owner, former, self.bytes.clone()).await?)
    }

    /// The same for what a guest sends.
    ///
    /// # Errors
    /// Those of [`intake::accept_by_guest`].
    pub(super) async fn store_by_guest(
        self,
        state: &AppState,
        pass: &GuestPass,
        name: &str,
        part: Option<once::Part<'_>>,
    ) -> Result<Accepted, ImageError> {
        intake::accept_by_guest(state.core(), pass, name, self.bytes, part).await
    }
}

/// The part's bytes. What is too large is read to its end but not kept, so that the parts behind
/// it are reached and the client gets an answer rather than a broken connection.
async fn read(
    mut part: Field<'_>,
    limit: ByteSize,
    expected: u64,
    mut seen: Option<&mut Sha256>,
) -> Result<Bytes, Problem> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(expected).unwrap_or(0).min(1 << 20));
    let mut too_large = false;
    while let Some(chunk) = chunk(&mut part).await? {
        if let Some(seen) = &mut seen {
            seen.update(&chunk);
        }
        too_large = too_large || (bytes.len() + chunk.len()) as u64 > limit.bytes();
        if too_large {
            bytes = BytesMut::new();
        } else {
            bytes.extend_from_slice(&chunk);
        }
    }
    if too_large { Err(Problem::FileTooLarge { limit }) } else { Ok(bytes.freeze()) }
}

/// The next piece of a part.
///
/// # Errors
/// [`Problem::BadMultipart`], [`Problem::TimedOut`].
pub(super) async fn chunk(part: &mut Field<'_>) -> Result<Option<Bytes>, Problem> {
    pausing(part.chunk()).await?.map_err(|_| Problem::BadMultipart)
}

/// The next piece of a body, within [`PAUSE`].
///
/// # Errors
/// [`Problem::TimedOut`]
pub(super) async fn pausing<T>(next: impl Future<Output = T>) -> Result<T, Problem> {
    tokio::time::timeout(PAUSE, next).await.map_err(|_| Problem::TimedOut)
}
