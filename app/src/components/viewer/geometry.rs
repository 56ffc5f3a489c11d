//! How large a picture is drawn, and where: what becomes of that by zooming and moving, without a page.

/// By how much a turn of the wheel enlarges at most: some mice send a hand's turn as one event.
const MOST_AT_ONCE: f64 = 0.5;
/// Up to this many CSS pixels for one of the picture's, and as many device pixels.
const MOST: f64 = 8.0;

/// A place, from the stage's centre, or a way; in CSS pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Point {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl Point {
    /// The way from another place.
    pub(super) fn from(self, other: Self) -> Self {
        Self { x: self.x - other.x, y: self.y - other.y }
    }

    /// How far that is.
    pub(super) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}

/// How large a picture is drawn, and where its centre is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct View {
    /// CSS pixels for one of the picture's.
    pub(super) scale: f64,
    pub(super) centre: Point,
}

/// A picture and what it is looked at through: width and height each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// In CSS pixels.
    pub(super) stage: (f64, f64),
    /// In the picture's own.
    pub(super) picture: (f64, f64),
    /// Device pixels for a CSS pixel.
    pub(super) ratio: f64,
}

impl Frame {
    /// The scale at which the picture fills the stage one way.
    fn contained(self) -> f64 {
        (self.stage.0 / self.picture.0).min(self.stage.1 / self.picture.1)
    }

    /// The scale at which all of the picture is seen. Small ones aren't enlarged for it.
    pub(super) fn fit(self) -> f64 {
        self.contained().min(1.0)
    }

    /// A device pixel for each of the picture's.
    fn full(self) -> f64 {
        1.0 / self.ratio
    }

    pub(super) fn most(self) -> f64 {
        self.contained().max(MOST).max(MOST * self.full())
    }

    /// All of the picture.
    pub(super) fn whole(self) -> View {
        View { scale: self.fit(), centre: Point::default() }
    }

    pub(super) fn is_whole(self, view: View) -> bool {
        view.scale <= self.fit()
    }

    /// Device pixels for a hundred of the picture's.
    pub(super) fn percent(self, view: View) -> u32 {
        (view.scale * self.ratio * 100.0).round() as u32
    }

    /// The nearest view that there may be: the picture covers the stage as far as it can, and else is in its middle.
    fn bounded(self, view: View) -> View {
        if self.is_whole(view) {
            return self.whole();
        }
        let scale = view.scale.min(self.most());
        let within = |at: f64, picture: f64, stage: f64| {
            let room = ((picture * scale - stage) / 2.0).max(0.0);
            at.clamp(-room, room)
        };
        let centre = Point {
            x: within(view.centre.x, self.picture.0, self.stage.0),
            y: within(view.centre.y, self.picture.1, self.stage.1),
        };
        View { scale, centre }
    }

    /// What is hardly larger is meant to fit.
    pub(super) fn settled(self, view: View) -> View {
        if view.scale < self.fit() * 1.005 { self.whole() } else { view }
    }

    /// The picture at another scale, with the same of it at a place as before.
    pub(super) fn zoomed(self, view: View, at: Point, scale: f64) -> View {
        let scale = scale.clamp(self.fit(), self.most());
        let grown = scale / view.scale;
        let centre =
            Point { x: at.x + (view.centre.x - at.x) * grown, y: at.y + (view.centre.y - at.y) * grown };
        let next = self.bounded(View { scale, centre });
        // What grows may do so in small steps.
        if grown < 1.0 { self.settled(next) } else { next }
    }

    pub(super) fn moved(self, view: View, by: Point) -> View {
        let centre = Point { x: view.centre.x + by.x, y: view.centre.y + by.y };
        self.bounded(View { centre, ..view })
    }

    /// What two fingers make of it that move from two places to others.
    pub(super) fn pinched(self, view: View, before: [Point; 2], after: [Point; 2]) -> View {
        let middle =
            |[one, other]: [Point; 2]| Point { x: (one.x + other.x) / 2.0, y: (one.y + other.y) / 2.0 };
        let apart = |[one, other]: [Point; 2]| one.from(other).length().max(1.0);
        let (old, new) = (middle(before), middle(after));
        let view = self.zoomed(view, old, view.scale * apart(after) / apart(before));
        self.moved(view, new.from(old))
    }

    /// All of the picture if it is enlarged; else its own pixels, or at least what is worth the way.
    pub(super) fn switched(self, view: View, at: Point) -> View {
        let (fit, full) = (self.fit(), self.full());
        let large = if full > fit * 1.1 { full } else { self.contained().max(2.0 * fit) };
        if self.is_whole(view) { self.zoomed(view, at, large) } else { self.whole() }
    }

    /// The next step up or down: 50 %, 75 %, 100 %, 150 %, 200 % and so on.
    pub(super) fn stepped(self, view: View, is_up: bool) -> View {
        let steps = (-10..14).map(f64::from).flat_map(|n| [n.exp2(), n.exp2() * 1.5]);
        let mut scales = steps.map(|step| step * self.full());
        // Not one that is hardly another.
        let next = if is_up {
            scales.find(|scale| *scale > view.scale * 1.1)
        } else {
            scales.take_while(|scale| *scale < view.scale * 0.9).last()
        };
        let end = if is_up { self.most() } else { self.fit() };
        self.zoomed(view, Point::default(), next.unwrap_or(end))
    }

    /// The same view through this frame instead of another: what fitted fits, what was enlarged is as large.
    pub(super) fn taken_over(self, view: View, other: Self) -> View {
        if other.is_whole(view) { self.whole() } else { self.bounded(view) }
    }
}

/// How many times as large a turn of the wheel by so many CSS pixels makes it. Pinching a trackpad arrives as
/// small turns with Ctrl held.
pub(super) fn turned(pixels: f64, is_pinch: bool) -> f64 {
    let speed = if is_pinch { 0.01 } else { 0.0025 };
    (-pixels * speed).clamp(-MOST_AT_ONCE, MOST_AT_ONCE).exp()
}

/// Which way to move on, if a finger went so far across.
pub(super) fn swiped(way: Point) -> Option<isize> {
    let is_swipe = way.x.abs() > 48.0 && way.x.abs() > way.y.abs();
    is_swipe.then_some(if way.x > 0.0 { -1 } else { 1 })
}

/// Of the widths that there are, the smallest that is sharp where the picture is drawn so wide, in device pixels; the
/// largest otherwise.
pub(super) fn sharp(widths: &[u32], drawn: f64) -> Option<u32> {
    widths.iter().find(|width| f64::from(**width) > drawn - 1.0).or(widths.last()).copied()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DESKTOP: Frame = Frame { stage: (900.0, 800.0), picture: (4000.0, 3000.0), ratio: 1.0 };
    const CENTRE: Point = Point { x: 0.0, y: 0.0 };

    fn near(one: f64, other: f64) -> bool {
        (one - other).abs() <= 1e-6 * one.abs().max(other.abs()).max(1.0)
    }

    /// What of the picture lies at a place, from its centre, in its pixels.
    fn pixel(view: View, at: Point) -> Point {
        Point { x: (at.x - view.centre.x) / view.scale, y: (at.y - view.centre.y) / view.scale }
    }

    #[test]
    fn large_pictures_fit_and_small_ones_are_as_large_as_they_are() {
        assert!(near(DESKTOP.fit(), 0.225));
        assert_eq!(Frame { picture: (300.0, 200.0), ..DESKTOP }.fit(), 1.0);
        assert_eq!(DESKTOP.percent(DESKTOP.whole()), 23);
        assert_eq!(Frame { ratio: 2.0, ..DESKTOP }.percent(DESKTOP.whole()), 45);
    }

    #[test]
    fn switching_shows_the_pictures_own_pixels_or_what_is_worth_it() {
        let scale = |frame: Frame| frame.switched(frame.whole(), CENTRE).scale;
        assert!(near(scale(DESKTOP), 1.0));
        assert!(near(scale(Frame { ratio: 2.0, ..DESKTOP }), 0.5));
        // As large as the stage, or twice as large as it is, if it nearly fills that.
        assert!(near(scale(Frame { picture: (300.0, 200.0), ..DESKTOP }), 3.0));
        assert!(near(scale(Frame { picture: (880.0, 200.0), ..DESKTOP }), 2.0));
        let enlarged = DESKTOP.switched(DESKTOP.whole(), CENTRE);
        assert_eq!(DESKTOP.switched(enlarged, CENTRE), DESKTOP.whole());
    }

    #[test]
    fn steps_are_round_and_end_where_they_must() {
        let mut view = DESKTOP.whole();
        let mut seen = Vec::new();
        for _ in 0..20 {
            view = DESKTOP.stepped(view, true);
            seen.push(DESKTOP.percent(view));
        }
        seen.dedup();
        assert_eq!(seen, [25, 38, 50, 75, 100, 150, 200, 300, 400, 600, 800]);
        for _ in 0..20 {
            view = DESKTOP.stepped(view, false);
        }
        assert_eq!(view, DESKTOP.whole());
    }

    #[test]
    fn what_is_hardly_larger_settles() {
        let larger = |by: f64| DESKTOP.zoomed(DESKTOP.whole(), CENTRE, DESKTOP.fit() * by);
        assert!(!DESKTOP.is_whole(larger(1.004)));
        assert_eq!(DESKTOP.settled(larger(1.004)), DESKTOP.whole());
        assert_eq!(DESKTOP.settled(larger(1.01)), larger(1.01));
    }

    #[test]
    fn pixel_art_can_fill_the_stage() {
        let tiny = Frame { picture: (16.0, 16.0), ..DESKTOP };
        assert!(near(tiny.most(), 50.0));
        assert!(near(tiny.switched(tiny.whole(), CENTRE).scale, 50.0));
    }

    #[test]
    fn another_window_keeps_what_fits_fitting_and_what_is_large_as_large() {
        let small = Frame { stage: (390.0, 590.0), ..DESKTOP };
        assert_eq!(small.taken_over(DESKTOP.whole(), DESKTOP), small.whole());
        let enlarged = DESKTOP.zoomed(DESKTOP.whole(), CENTRE, 2.0);
        assert_eq!(small.taken_over(enlarged, DESKTOP), enlarged);
        let barely = small.zoomed(small.whole(), CENTRE, 0.15);
        assert_eq!(DESKTOP.taken_over(barely, small), DESKTOP.whole());
    }

    #[test]
    fn the_wheel_enlarges_forwards_and_never_leaps() {
        assert!(turned(-100.0, false) > 1.0 && turned(100.0, false) < 1.0);
        assert!(near(turned(-100.0, false) * turned(100.0, false), 1.0));
        assert!(turned(-1e9, false) < 2.0 && turned(1e9, true) > 0.5);
    }

    #[test]
    fn only_what_goes_across_is_a_swipe() {
        let way = |x, y| swiped(Point { x, y });
        assert_eq!(way(-200.0, 50.0), Some(1));
        assert_eq!(way(200.0, -50.0), Some(-1));
        assert_eq!(way(-40.0, 0.0), None);
        assert_eq!(way(-60.0, 100.0), None);
    }

    #[test]
    fn what_is_drawn_is_as_wide_as_it_is_seen_or_as_there_is() {
        let widths = [1280, 1920, 2560, 4000];
        assert_eq!(sharp(&widths, 900.0), Some(1280));
        assert_eq!(sharp(&widths, 1920.0), Some(1920));
        assert_eq!(sharp(&widths, 1930.0), Some(2560));
        assert_eq!(sharp(&widths, 4000.4), Some(4000));
        assert_eq!(sharp(&widths, 9000.0), Some(4000));
        assert_eq!(sharp(&[], 10.0), None);
    }

    fn frame() -> impl Strategy<Value = Frame> {
        let side = 1.0..20_000.0;
        (
            (100.0..4000.0, 100.0..4000.0),
            (side.clone(), side),
            prop::sample::select(vec![0.5, 1.0, 1.25, 2.0, 3.0]),
        )
            .prop_map(|(stage, picture, ratio)| Frame { stage, picture, ratio })
    }

    fn point() -> impl Strategy<Value = Point> {
        (-2000.0..2000.0, -2000.0..2000.0).prop_map(|(x, y)| Point { x, y })
    }

    fn view() -> impl Strategy<Value = (Frame, View)> {
        (frame(), point(), 0.0..1.0).prop_map(|(frame, centre, share)| {
            let scale = frame.fit() * (frame.most() / frame.fit()).powf(share);
            (frame, frame.bounded(View { scale, centre }))
        })
    }

    fn check(frame: Frame, view: View) -> Result<(), TestCaseError> {
        prop_assert!(view.scale >= frame.fit() && view.scale <= frame.most(), "{view:?}");
        for (at, picture, stage) in
            [(view.centre.x, frame.picture.0, frame.stage.0), (view.centre.y, frame.picture.1, frame.stage.1)]
        {
            let half = picture * view.scale / 2.0;
            if half * 2.0 <= stage {
                prop_assert!(at == 0.0, "what fits is in the middle: {view:?}");
            } else {
                prop_assert!(at - half <= -stage / 2.0 + 1e-6 && at + half >= stage / 2.0 - 1e-6, "{view:?}");
            }
        }
        Ok(())
    }

    proptest! {
        #[test]
        fn whatever_is_done_the_picture_stays_on_the_stage(
            (frame, view) in view(), at in point(), to in point(), other in point(), scale in 1e-3..1e4, is_up: bool,
        ) {
            check(frame, view)?;
            check(frame, frame.zoomed(view, at, scale))?;
            check(frame, frame.moved(view, to))?;
            check(frame, frame.pinched(view, [at, other], [to, other]))?;
            check(frame, frame.switched(view, at))?;
            check(frame, frame.stepped(view, is_up))?;
        }

        #[test]
        fn what_is_below_the_pointer_stays_there(
            (frame, view) in view(), share in (-0.5..0.5, -0.5..0.5), grows in 1.0..8.0,
        ) {
            let at = Point { x: frame.stage.0 * share.0, y: frame.stage.1 * share.1 };
            let larger = frame.zoomed(view, at, view.scale * grows);
            // Once it covers the stage, no bound is in the way.
            let covers = frame.picture.0 * view.scale >= frame.stage.0 && frame.picture.1 * view.scale >= frame.stage.1;
            if covers {
                let (was, is) = (pixel(view, at), pixel(larger, at));
                prop_assert!(near(was.x, is.x) && near(was.y, is.y), "{was:?} {is:?}");
            }
        }

        #[test]
        fn steps_lead_all_the_way((frame, view) in view()) {
            let walk = |is_up| (0..60).fold(view, |view, _| frame.stepped(view, is_up));
            prop_assert!(near(walk(true).scale, frame.most()));
            prop_assert_eq!(walk(false), frame.whole());
        }

        #[test]
        fn small_steps_lead_there_and_back(frame in frame(), step in 1.0001..1.004, count in 1..10) {
            let apart = |by: f64| [Point { x: -by, y: 0.0 }, Point { x: by, y: 0.0 }];
            let walk = |from, step: f64| (0..count).fold(from, |view: View, _| frame.zoomed(view, CENTRE, view.scale * step));
            let pinch = |from, step: f64| (0..count).fold(from, |view, _| frame.pinched(view, apart(50.0), apart(50.0 * step)));
            let large = frame.fit() * f64::powi(step, count);
            for there in [walk(frame.whole(), step), pinch(frame.whole(), step)] {
                prop_assert!(near(there.scale, large), "{there:?}");
                prop_assert_eq!(walk(there, 1.0 / step), frame.whole());
                prop_assert_eq!(pinch(there, 1.0 / step), frame.whole());
            }
        }

        #[test]
        fn fingers_that_come_back_leave_it_as_large((frame, view) in view(), one in point(), other in point(), to in point()) {
            prop_assume!(one.from(other).length() > 1.0 && to.from(other).length() > 1.0);
            let there = frame.pinched(view, [one, other], [to, other]);
            let is_between = there.scale > frame.fit() * 1.01 && there.scale < frame.most() * 0.99;
            if is_between {
                let back = frame.pinched(there, [to, other], [one, other]);
                prop_assert!((back.scale / view.scale - 1.0).abs() < 0.01, "{back:?} {view:?}");
            }
        }
    }
}
