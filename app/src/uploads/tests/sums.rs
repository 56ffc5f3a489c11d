use super::*;

#[test]
fn changes_add_up_to_what_counting_anew_gives() {
    let states = [
        UploadState::NEW,
        UploadState::Sending { broken: 0, sent: 40, kept: 0 },
        PROCESSING,
        done(),
        failed(Problem::BrokenImage),
        failed(Problem::Offline),
        UploadState::Cancelled,
    ];
    for from in &states {
        for to in &states {
            let mut tally = Tally::default();
            tally.add(from, 100);
            tally.remove(from, 100);
            tally.add(to, 100);
            let mut anew = Tally::default();
            anew.add(to, 100);
            assert_eq!(tally, anew, "{from:?} to {to:?}");
        }
    }
    let mut all = Tally::default();
    states.iter().for_each(|state| all.add(state, 100));
    assert_eq!((all.files(), all.open(), all.retryable), (7, 3, 1));
    assert_eq!((all.bytes, all.sent, all.percent()), (400, 240, 60));
}

#[test]
fn speed_follows_the_network_smoothly_and_starts_anew_after_a_rest() {
    let mut meter = Meter::default();
    meter.tick(0);
    assert_eq!(meter.rate(), None);
    meter.moved(1_000_000);
    meter.tick(100);
    assert_eq!(meter.rate(), None, "too early to tell");
    meter.tick(1_000);
    assert_eq!(meter.rate(), Some(1_000_000));
    meter.moved(0);
    meter.tick(2_000);
    let slower = meter.rate().unwrap();
    assert!((700_000..800_000).contains(&slower), "{slower}");
    assert_eq!(meter.time_left(slower * 7), Some(TimeLeft::Seconds(10)));
    meter.stop();
    meter.tick(60_000);
    assert_eq!(meter.rate(), None);
}

#[test]
fn no_speed_means_no_time_left() {
    let mut meter = Meter::default();
    meter.tick(0);
    meter.tick(5_000);
    assert_eq!(meter.time_left(1), None);
}

#[test]
fn time_left_is_rounded_up_to_what_can_be_read() {
    for (seconds, shown) in [
        (0, TimeLeft::Seconds(5)),
        (5, TimeLeft::Seconds(5)),
        (6, TimeLeft::Seconds(10)),
        (55, TimeLeft::Seconds(55)),
        (56, TimeLeft::Minutes(1)),
        (61, TimeLeft::Minutes(2)),
        (3540, TimeLeft::Minutes(59)),
        (3541, TimeLeft::Hours(1)),
        (7201, TimeLeft::Hours(3)),
    ] {
        assert_eq!(TimeLeft::from_seconds(seconds), shown, "{seconds}");
    }
}
