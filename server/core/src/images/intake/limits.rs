//! What an upload may be, checked before any pixel is decoded.

use model::types::ByteSize;

use crate::images::{ImageError, containers::Facts};

/// What the picture in an upload may be; how many bytes it may have is policy.
#[derive(Clone, Debug)]
pub struct IntakeLimits {
    /// Pixels, all frames counted.
    pub pixels: u64,
    /// Pixels along a side.
    pub side: u32,
    /// Frames of an animation.
    pub frames: u32,
}

impl IntakeLimits {
    pub(super) fn check(&self, facts: &Facts) -> Result<(), ImageError> {
        let longest = facts.width.max(facts.height);
        if longest > self.side {
            return Err(ImageError::SideTooLong { limit: self.side, found: longest });
        }
        if facts.frames > self.frames {
            return Err(ImageError::TooManyFrames(self.frames));
        }
        let pixels = facts.area().saturating_mul(u64::from(facts.frames));
        if pixels > self.pixels {
            return Err(ImageError::TooManyPixels { limit: self.pixels, found: pixels });
        }
        Ok(())
    }
}

/// Whether a file of `length` bytes is one of at most `limit`.
pub(super) fn check_bytes(length: usize, limit: ByteSize) -> Result<(), ImageError> {
    if length == 0 {
        return Err(ImageError::Empty);
    }
    if length as u64 > limit.bytes() {
        return Err(ImageError::TooLarge(limit));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use image::metadata::Orientation;

    use super::*;

    const LIMITS: IntakeLimits = IntakeLimits { pixels: 100, side: 50, frames: 5 };

    fn check(width: u32, height: u32, frames: u32) -> Result<(), ImageError> {
        LIMITS.check(&Facts { width, height, frames, orientation: Orientation::NoTransforms })
    }

    #[test]
    fn each_limit_lets_its_value_pass_and_no_more() {
        assert!(check_bytes(10, ByteSize(10)).is_ok());
        assert!(matches!(check_bytes(11, ByteSize(10)), Err(ImageError::TooLarge(ByteSize(10)))));
        assert!(matches!(check_bytes(0, ByteSize(10)), Err(ImageError::Empty)));
        assert!(check(50, 2, 1).is_ok());
        assert!(matches!(check(2, 51, 1), Err(ImageError::SideTooLong { limit: 50, found: 51 })));
        assert!(check(10, 10, 1).is_ok());
        assert!(matches!(check(10, 11, 1), Err(ImageError::TooManyPixels { limit: 100, found: 110 })));
        assert!(check(4, 5, 5).is_ok());
        assert!(matches!(check(5, 5, 5), Err(ImageError::TooManyPixels { found: 125, .. })));
        assert!(matches!(check(1, 1, 6), Err(ImageError::TooManyFrames(5))));
    }

    #[test]
    fn giants_do_not_wrap_around() {
        let limits = IntakeLimits { side: u32::MAX, frames: u32::MAX, ..LIMITS };
        let facts = Facts {
            width: u32::MAX,
            height: u32::MAX,
            frames: u32::MAX,
            orientation: Orientation::NoTransforms,
        };
        assert!(matches!(limits.check(&facts), Err(ImageError::TooManyPixels { found: u64::MAX, .. })));
    }
}
