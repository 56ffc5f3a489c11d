//! Rectangles of a picture, and how hands change them.

use model::types::Area;

/// What is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grip {
    /// All of it.
    Inside,
    /// A corner; that across from it stays.
    Corner {
        /// Whether it is on the right.
        right: bool,
        /// Whether it is at the bottom.
        bottom: bool,
    },
}

/// All of a picture.
pub(super) const fn whole((width, height): (u32, u32)) -> Area {
    Area { x: 0, y: 0, width, height }
}

/// What is held at a place, where `reach` is as far as a corner is felt; nothing outside.
pub(super) fn grip(area: Area, (x, y): (f64, f64), reach: f64) -> Option<Grip> {
    let (left, top) = (f64::from(area.x), f64::from(area.y));
    let (right, bottom) = (left + f64::from(area.width), top + f64::from(area.height));
    let near = |one: f64, other: f64| (one - other).abs() <= reach;
    let nearer = |place: f64, first: f64, last: f64| (place - last).abs() < (place - first).abs();
    if (near(x, left) || near(x, right)) && (near(y, top) || near(y, bottom)) {
        return Some(Grip::Corner { right: nearer(x, left, right), bottom: nearer(y, top, bottom) });
    }
    ((left..right).contains(&x) && (top..bottom).contains(&y)).then_some(Grip::Inside)
}

/// An area of which a hand has moved something so far, of a picture of that size. With a ratio it keeps that.
pub(super) fn dragged(
    area: Area,
    grip: Grip,
    (right_by, down_by): (f64, f64),
    size: (u32, u32),
    ratio: Option<f64>,
) -> Area {
    match grip {
        Grip::Inside => Area {
            x: whole_number(f64::from(area.x) + right_by, size.0 - area.width),
            y: whole_number(f64::from(area.y) + down_by, size.1 - area.height),
            ..area
        },
        Grip::Corner { right, bottom } => {
            // How far it may go from the corner that stays, and how far it is.
            let room = |at_end: bool, start: u32, length: u32, all: u32| {
                if at_end { all - start } else { start + length }
            };
            let most = (room(right, area.x, area.width, size.0), room(bottom, area.y, area.height, size.1));
            let signed = |at_end: bool, by: f64| if at_end { by } else { -by };
            let width = (f64::from(area.width) + signed(right, right_by)).clamp(1.0, f64::from(most.0));
            let height = (f64::from(area.height) + signed(bottom, down_by)).clamp(1.0, f64::from(most.1));
            let (width, height) = match ratio {
                None => (width, height),
                Some(ratio) => within(width.max(height * ratio), ratio, most),
            };
            let (width, height) = (whole_number(width, most.0).max(1), whole_number(height, most.1).max(1));
            Area {
                x: if right { area.x } else { area.x + area.width - width },
                y: if bottom { area.y } else { area.y + area.height - height },
                width,
                height,
            }
        }
    }
}

/// The largest area of a shape within another one, in the middle of it.
pub(super) fn shaped(area: Area, ratio: f64) -> Area {
    let (width, height) = within(f64::from(area.width), ratio, (area.width, area.height));
    let (width, height) = (whole_number(width, area.width).max(1), whole_number(height, area.height).max(1));
    Area { x: area.x + (area.width - width) / 2, y: area.y + (area.height - height) / 2, width, height }
}

/// An area that was typed, as far as the picture has it.
pub(super) fn typed(area: Area, (width, height): (u32, u32)) -> Area {
    let (x, y) = (area.x.min(width - 1), area.y.min(height - 1));
    Area { x, y, width: area.width.clamp(1, width - x), height: area.height.clamp(1, height - y) }
}

/// An area of which one number was typed, with the ratio if there is one: the other side follows that which was typed, as
/// far as there is a picture below and to the right of its corner.
pub(super) fn entered(before: Area, now: Area, size: (u32, u32), ratio: Option<f64>) -> Area {
    let area = typed(now, size);
    let Some(ratio) = ratio else { return area };
    let most = (size.0 - area.x, size.1 - area.y);
    let width =
        if now.height == before.height { f64::from(now.width) } else { f64::from(now.height) * ratio };
    let (width, height) = within(width, ratio, most);
    Area { width: whole_number(width, most.0).max(1), height: whole_number(height, most.1).max(1), ..area }
}

/// A width, or less, with its height, where no more is than that.
fn within(width: f64, ratio: f64, most: (u32, u32)) -> (f64, f64) {
    let width = width.min(f64::from(most.0)).min(f64::from(most.1) * ratio);
    (width, width / ratio)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a picture's side")]
fn whole_number(number: f64, most: u32) -> u32 {
    number.round().clamp(0.0, f64::from(most)) as u32
}

/// A place in a picture that is drawn as large as it fits into a box, in its middle.
pub(super) fn place((x, y): (f64, f64), sides: (f64, f64), (width, height): (u32, u32)) -> (f64, f64) {
    let (width, height) = (f64::from(width), f64::from(height));
    let scale = (sides.0 / width).min(sides.1 / height).max(f64::MIN_POSITIVE);
    let along = |place: f64, side: f64, length: f64| {
        ((place - (side - length * scale) / 2.0) / scale).clamp(0.0, length)
    };
    (along(x, sides.0, width), along(y, sides.1, height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SIZE: (u32, u32) = (400, 300);
    const AREA: Area = Area { x: 100, y: 50, width: 200, height: 100 };
    const LAST: Grip = Grip::Corner { right: true, bottom: true };
    const FIRST: Grip = Grip::Corner { right: false, bottom: false };

    #[test]
    fn hands_hold_corners_or_all_of_it() {
        assert_eq!(grip(AREA, (103.0, 46.0), 10.0), Some(FIRST));
        assert_eq!(grip(AREA, (305.0, 155.0), 10.0), Some(LAST));
        assert_eq!(grip(AREA, (200.0, 100.0), 10.0), Some(Grip::Inside));
        assert_eq!(grip(AREA, (200.0, 200.0), 10.0), None);
    }

    #[test]
    fn what_is_moved_stays_in_the_picture() {
        let moved = |by| dragged(AREA, Grip::Inside, by, SIZE, None);
        assert_eq!(moved((-20.0, 30.4)), Area { x: 80, y: 80, ..AREA });
        assert_eq!(moved((999.0, -999.0)), Area { x: 200, y: 0, ..AREA });
        assert_eq!(
            dragged(AREA, FIRST, (-999.0, 20.0), SIZE, None),
            Area { x: 0, y: 70, width: 300, height: 80 }
        );
        assert_eq!(dragged(AREA, LAST, (-999.0, -999.0), SIZE, None), Area { width: 1, height: 1, ..AREA });
    }

    #[test]
    fn a_shape_is_kept() {
        let square = dragged(AREA, LAST, (50.0, 0.0), SIZE, Some(1.0));
        assert_eq!(square, Area { width: 250, height: 250, ..AREA });
        let square = dragged(AREA, LAST, (999.0, 0.0), SIZE, Some(1.0));
        assert_eq!(square, Area { width: 250, height: 250, ..AREA }, "as far as there is a picture");
        assert_eq!(shaped(AREA, 1.0), Area { x: 150, y: 50, width: 100, height: 100 });
        assert_eq!(shaped(whole(SIZE), 16.0 / 9.0), Area { x: 0, y: 37, width: 400, height: 225 });
    }

    #[test]
    fn a_number_that_is_typed_grows_the_shape() {
        let enter = |now| entered(AREA, now, SIZE, Some(2.0));
        assert_eq!(enter(Area { width: 240, ..AREA }), Area { width: 240, height: 120, ..AREA });
        assert_eq!(enter(Area { height: 130, ..AREA }), Area { width: 260, height: 130, ..AREA });
        assert_eq!(
            enter(Area { height: 999, ..AREA }),
            Area { width: 300, height: 150, ..AREA },
            "all that is there"
        );
        assert_eq!(enter(Area { x: 300, ..AREA }), Area { x: 300, width: 100, height: 50, ..AREA });
        assert_eq!(enter(Area { width: 0, ..AREA }), Area { width: 1, height: 1, ..AREA });
        assert_eq!(entered(AREA, Area { width: 240, ..AREA }, SIZE, None), Area { width: 240, ..AREA });
    }

    #[test]
    fn a_place_in_the_box_is_one_in_the_picture() {
        assert_eq!(place((100.0, 100.0), (200.0, 200.0), SIZE), (200.0, 150.0));
        assert_eq!(place((0.0, 25.0), (200.0, 200.0), SIZE), (0.0, 0.0));
        assert_eq!(place((250.0, 190.0), (200.0, 200.0), SIZE), (400.0, 300.0));
    }

    proptest! {
        #[test]
        fn whatever_is_done_it_is_a_part_of_the_picture(
            x: u32, y: u32, width: u32, height: u32, right: bool, bottom: bool, inside: bool,
            by in (-500.0..500.0, -500.0..500.0), ratio in proptest::option::of(0.2..5.0_f64),
        ) {
            let is_part = |area: Area| {
                area.width > 0 && area.height > 0 && area.x + area.width <= SIZE.0 && area.y + area.height <= SIZE.1
            };
            let area = typed(Area { x, y, width, height }, SIZE);
            prop_assert!(is_part(area));
            let grown = entered(AREA, Area { x, y, width, height }, SIZE, ratio);
            prop_assert!(is_part(grown));
            let grip = if inside { Grip::Inside } else { Grip::Corner { right, bottom } };
            prop_assert!(is_part(dragged(area, grip, by, SIZE, ratio)));
            prop_assert!(is_part(shaped(area, ratio.unwrap_or(1.0))));
        }
    }
}
