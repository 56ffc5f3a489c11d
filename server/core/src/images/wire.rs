//! Reading integers and slices from bytes that may be anything.

use super::ImageError;

/// The file breaks the rules of its format.
pub(super) fn broken(what: &str) -> ImageError {
    ImageError::Broken(what.to_owned())
}

/// A position in bytes. Every step is checked: past the end is [`ImageError::Broken`].
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A reader of `bytes` whose positions count from the start of the file.
    pub(super) const fn starting(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], ImageError> {
        let end = self.at.checked_add(n);
        let slice = end.and_then(|end| self.bytes.get(self.at..end)).ok_or_else(|| broken("cut off"))?;
        self.at += n;
        Ok(slice)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageError> {
        self.take(N)?.try_into().map_err(|_| broken("cut off"))
    }

    pub(super) fn u8(&mut self) -> Result<u8, ImageError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    pub(super) fn u16(&mut self) -> Result<u16, ImageError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, ImageError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    pub(super) fn u16_le(&mut self) -> Result<u16, ImageError> {
        Ok(u16::from_le_bytes(self.array()?))
    }

    pub(super) fn u24_le(&mut self) -> Result<u32, ImageError> {
        let [a, b, c] = self.array()?;
        Ok(u32::from_le_bytes([a, b, c, 0]))
    }

    pub(super) fn u32_le(&mut self) -> Result<u32, ImageError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    /// A big-endian integer of 0 to 8 bytes, as ISO base media boxes have them.
    pub(super) fn uint(&mut self, bytes: usize) -> Result<u64, ImageError> {
        Ok(self.take(bytes)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }
}
