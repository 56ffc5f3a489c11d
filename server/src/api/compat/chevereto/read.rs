//! The ways in which a picture comes: as a file, in Base64 in a form or in a text body, or by its address in one of
//! these or in the query.

use axum::{body::BodyDataStream, extract::Request};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{Extensions, HeaderMap, Method, Uri, header};
use model::{
    AddressProblem, Problem,
    types::{ByteSize, UserId},
};
use reflect_core::auth::token::Grant;

use crate::{
    api::{
        compat::form::{self, Fields, File, Upload},
        fetched::{self, Fetched, Reason},
        intake::{Limits, Received, pausing},
        parameters::invalid,
    },
    state::AppState,
};

/// The picture's field.
const FIELDS: [&str; 2] = ["source", "image"];

/// Within so many bytes of a text body a token must have come.
const HEAD: usize = 4096;

/// Base64 as clients make it: many leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a request to its end.
///
/// # Errors
/// As [`form::read`].
pub(super) async fn read(state: &AppState, request: Request) -> Result<Upload, Problem> {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_encoded = content_type.is_some_and(|kind| {
        kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
    });
    if request.method() != Method::POST {
        in_query(state, request.extensions(), request.headers(), request.uri()).await
    } else if is_encoded {
        encoded(state, request).await
    } else {
        form::read(state, request, &FIELDS).await
    }
}

/// A request without a body, which brings an address.
async fn in_query(
    state: &AppState,
    extensions: &Extensions,
    headers: &HeaderMap,
    uri: &Uri,
) -> Result<Upload, Problem> {
    let mut fields = Fields::of_query(uri);
    let owner = form::owner_by_head(state, extensions, headers, uri).await?;
    let grant = form::known(state, extensions, owner, &fields).await?;
    let field = FIELDS.into_iter().find(|field| fields.get(field).is_some());
    let text = field.and_then(|field| Some((field, fields.take(field)?)));
    let Some((field, text)) = text else { return Ok(Upload::new(&grant, None, fields)) };
    let text = Bytes::from(text);
    if !is_address(&text) {
        return Err(invalid(field, "an address; send a picture itself by POST"));
    }
    let received = Received::collect(state, text.len() as u64, async { Ok::<_, Problem>(text) }).await?;
    let file = File { field: field.to_owned(), name: None, received };
    Ok(Upload::new(&grant, Some(file), fields))
}

/// A body of `name=value` pairs, one of which is the picture in Base64.
async fn encoded(state: &AppState, request: Request) -> Result<Upload, Problem> {
    let mut fields = Fields::of_query(request.uri());
    let extensions = request.extensions().clone();
    let owner = form::owner_by_head(state, &extensions, request.headers(), request.uri()).await?;
    let limits = Limits::of(state, request.headers()).await?;
    let mut body = request.into_body().into_data_stream();
    let mut text = BytesMut::new();
    // Whoever isn't known yet holds neither a connection for long nor room in memory.
    let is_whole = pausing(head(&mut body, &mut text)).await??;
    let grant = match owner {
        Some(grant) => grant,
        None => owner_by_field(state, &extensions, &text, is_whole).await?,
    };
    let limits = limits.within(grant.max_upload);
    // The percent signs of an encoded text take some more than the text.
    let most = ByteSize(form::base64_of(limits.max_file).bytes().saturating_mul(3) / 2);
    let received = Received::collect(state, limits.expected(most), rest(body, text, most)).await;
    let received = received.map_err(|problem| match problem {
        Problem::FileTooLarge { .. } => Problem::FileTooLarge { limit: limits.max_file },
        other => other,
    })?;
    fields.add_encoded(&received.bytes);
    let Some(field) = FIELDS.into_iter().find(|field| fields.get(field).is_some()) else {
        return Ok(Upload::new(&grant, None, fields));
    };
    let text = fields.take(field).unwrap_or_default();
    let file = File { field: field.to_owned(), name: None, received: received.map(|_| Ok(text.into()))? };
    Ok(Upload::new(&grant, Some(file), fields))
}

/// Reads on until a token must have come; whether that was all.
async fn head(body: &mut BodyDataStream, text: &mut BytesMut) -> Result<bool, Problem> {
    while text.len() <= HEAD {
        let Some(chunk) = body.next().await else { return Ok(true) };
        text.extend_from_slice(&chunk.map_err(|_| Problem::BadMultipart)?);
    }
    Ok(false)
}

/// Reads to the end.
async fn rest(mut body: BodyDataStream, mut text: BytesMut, most: ByteSize) -> Result<Bytes, Problem> {
    while let Some(chunk) = pausing(body.next()).await? {
        text.extend_from_slice(&chunk.map_err(|_| Problem::BadMultipart)?);
        if text.len() as u64 > most.bytes() {
            return Err(Problem::FileTooLarge { limit: most });
        }
    }
    Ok(text.freeze())
}

/// Whose token is among the pairs that have come: all of them, or those before the last one.
async fn owner_by_field(
    state: &AppState,
    extensions: &Extensions,
    text: &[u8],
    is_whole: bool,
) -> Result<Grant, Problem> {
    let end = if is_whole { Some(text.len()) } else { text.iter().rposition(|byte| *byte == b'&') };
    let mut fields = Fields::default();
    fields.add_encoded(text.get(..end.unwrap_or(0)).unwrap_or_default());
    form::known(state, extensions, None, &fields).await
}

/// A picture's name, if it has one, and its bytes.
pub(super) struct Source {
    pub(super) name: Option<String>,
    pub(super) received: Received,
}

/// The bytes of what came: those of the file, or what the text stands for.
///
/// # Errors
/// [`Problem::InvalidParameter`] for a text that is neither Base64 nor an address from which it can be fetched.
pub(super) async fn source(
    state: &AppState,
    owner: UserId,
    most: ByteSize,
    file: File,
) -> Result<Source, Problem> {
    let File { field, name, received } = file;
    if name.is_some() {
        return Ok(Source { name, received });
    }
    if is_address(&received.bytes) {
        if received.bytes.len() as u64 > fetched::ADDRESS.bytes() {
            return Err(Reason::from(AddressProblem::AddressInvalid).of_field(&field));
        }
        let address = received.text().into_owned();
        // Its room is given back before there is any for what is fetched.
        drop(received);
        let fetched = fetched::fetch(state, owner, &address, most).await;
        let Fetched { name, received } = fetched.map_err(|reason| reason.of_field(&field))?;
        return Ok(Source { name: Some(name), received });
    }
    Ok(Source { name, received: received.map(|text| decode(&field, &text))? })
}

/// Whether a text is an address and no Base64, which has no colon.
fn is_address(text: &[u8]) -> bool {
    let start = text.trim_ascii_start();
    let start = start.get(..8).unwrap_or(start).to_ascii_lowercase();
    start.starts_with(b"http://") || start.starts_with(b"https://")
}

/// Base64, with or without line ends, `data:…;base64,` and the plus signs that a form took for blanks.
fn decode(field: &str, text: &[u8]) -> Result<Bytes, Problem> {
    let is_data = text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"data:"));
    let comma = text.iter().take(128).position(|byte| *byte == b',').filter(|_| is_data);
    let text = comma.and_then(|comma| text.get(comma + 1..)).unwrap_or(text);
    let plain: Vec<u8> = text
        .iter()
        .filter(|byte| !matches!(byte, b'\r' | b'\n' | b'\t'))
        .map(|byte| if *byte == b' ' { b'+' } else { *byte })
        .collect();
    BASE64.decode(plain).map(Bytes::from).map_err(|_| invalid(field, "a file, or its bytes in Base64"))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn base64_is_taken_as_clients_write_it() {
        for text in ["+/+/AA==", "+/+/AA", "+/+/\r\nAA==\n", " / /AA==", "data:image/png;base64,+/+/AA=="] {
            assert_eq!(
                decode("source", text.as_bytes()).unwrap().as_ref(),
                [0xfb, 0xff, 0xbf, 0],
                "{text:?}"
            );
        }
        assert!(is_address(b"https://x.example/a.png") && is_address(b" HTTP://x.example/a.png"));
        assert!(!is_address(b"httpAAAA") && !is_address(b"data:image/png;base64,AA"));
        assert!(decode("source", b"no base64!").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_survive(bytes in proptest::collection::vec(any::<u8>(), 1..200), width in 1_usize..80) {
            let text = STANDARD.encode(&bytes);
            let lines: Vec<&[u8]> = text.as_bytes().chunks(width).collect();
            let decoded = decode("image", &lines.join(&b"\r\n"[..])).unwrap();
            prop_assert_eq!(decoded.as_ref(), bytes);
        }
    }
}
