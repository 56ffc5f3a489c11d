//! The colour that fills a picture's box before it has loaded.

use image::DynamicImage;
use model::types::Color;

/// The average of the picture, weighed by opacity; white where nothing is opaque.
pub(super) fn average(pixels: &DynamicImage) -> Color {
    let mut sums = [0_u64; 4];
    match pixels {
        DynamicImage::ImageRgb8(image) => {
            for pixel in image.as_raw().chunks_exact(3) {
                for (sum, channel) in sums.iter_mut().zip(pixel) {
                    *sum += u64::from(*channel);
                }
            }
            sums[3] = u64::from(image.width()) * u64::from(image.height());
        }
        other => {
            for pixel in other.to_rgba8().as_raw().chunks_exact(4) {
                let alpha = u64::from(pixel[3]);
                for (sum, channel) in sums.iter_mut().zip(&pixel[..3]) {
                    *sum += u64::from(*channel) * alpha;
                }
                sums[3] += alpha;
            }
        }
    }
    let [r, g, b, weight] = sums;
    let share =
        |sum: u64| (sum + weight / 2).checked_div(weight).map_or(255, |v| u8::try_from(v).unwrap_or(255));
    Color([share(r), share(g), share(b)])
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    #[test]
    fn is_the_mean() {
        let image =
            RgbImage::from_fn(2, 1, |x, _| if x == 0 { Rgb([0, 10, 255]) } else { Rgb([100, 20, 255]) });
        assert_eq!(average(&image.into()), Color([50, 15, 255]));
    }

    #[test]
    fn what_is_transparent_does_not_count() {
        let image =
            RgbaImage::from_fn(
                2,
                1,
                |x, _| if x == 0 { Rgba([200, 0, 0, 255]) } else { Rgba([0, 255, 0, 0]) },
            );
        assert_eq!(average(&image.into()), Color([200, 0, 0]));
        assert_eq!(average(&RgbaImage::new(3, 3).into()), Color([255, 255, 255]));
    }
}
