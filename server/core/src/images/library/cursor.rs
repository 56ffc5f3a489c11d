//! Cursors: where a page ended, as opaque text.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::types::ImageId;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::images::ImageError;

/// A place in an ordered list.
pub(super) trait Cursor: Sized {
    /// As text for an address.
    fn encode(&self) -> String;
    /// From such text.
    fn decode(text: &str) -> Result<Self, ImageError>;
}

fn bytes<const N: usize>(text: &str) -> Result<[u8; N], ImageError> {
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| ImageError::BadCursor)?;
    bytes.try_into().map_err(|_| ImageError::BadCursor)
}

/// In the gallery: the last key.
impl Cursor for ImageId {
    fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.as_bytes())
    }

    fn decode(text: &str) -> Result<Self, ImageError> {
        Ok(Self(Uuid::from_bytes(bytes(text)?)))
    }
}

/// In the bin: the moment of deletion, in microseconds as PostgreSQL keeps it, and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BinPlace {
    /// When the last entry was deleted.
    pub(super) deleted_at: OffsetDateTime,
    /// Its key.
    pub(super) id: ImageId,
}

impl Cursor for BinPlace {
    fn encode(&self) -> String {
        let micros = i64::try_from(self.deleted_at.unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX);
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&micros.to_be_bytes());
        bytes[8..].copy_from_slice(self.id.0.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn decode(text: &str) -> Result<Self, ImageError> {
        let place: [u8; 24] = bytes(text)?;
        let (micros, id) = place.split_first_chunk::<8>().ok_or(ImageError::BadCursor)?;
        let nanos = i128::from(i64::from_be_bytes(*micros)) * 1000;
        let deleted_at =
            OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| ImageError::BadCursor)?;
        let id = Uuid::from_slice(id).map_err(|_| ImageError::BadCursor)?;
        Ok(Self { deleted_at, id: ImageId(id) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn places_survive_the_address(id in any::<u128>(), micros in 0_i64..4_000_000_000_000_000) {
            let id = ImageId(Uuid::from_u128(id));
            prop_assert_eq!(ImageId::decode(&id.encode()).unwrap(), id);
            let deleted_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap();
            let place = BinPlace { deleted_at, id };
            prop_assert_eq!(BinPlace::decode(&place.encode()).unwrap(), place);
        }

        #[test]
        fn other_text_is_refused(text in "\\PC{0,40}") {
            let _ = BinPlace::decode(&text);
            if text.len() != 22 {
                prop_assert!(matches!(ImageId::decode(&text), Err(ImageError::BadCursor)));
            }
        }
    }
}
