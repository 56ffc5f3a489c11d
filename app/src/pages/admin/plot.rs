//! Plots of days, as bars, drawn as SVG with the page's colours and a table of the same behind them.

use leptos::prelude::*;

use crate::{
    dates,
    i18n::{t_string, use_i18n},
    text::{Text, text, tr},
};

/// Units of the drawing.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 170.0;
/// Around the bars: room for the axes' texts.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 4.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 22.0;

/// What is drawn with one colour.
pub(super) struct Series {
    /// What it is called.
    pub(super) name: Text,
    /// A colour of the page.
    pub(super) color: &'static str,
    /// One for each day.
    pub(super) values: Vec<u64>,
}

/// How values are counted and written.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// From one unit to the next: 1024 for bytes.
    pub(super) base: u64,
    /// A value in words.
    pub(super) write: fn(u64) -> String,
}

impl Scale {
    /// The end of an axis that holds `most`: 1, 2 or 5 times a power of ten, in whole units; even, so
    /// that half of it can be marked.
    fn end(self, most: u64) -> u64 {
        let mut unit = 1_u64;
        while most / unit >= self.base {
            unit = unit.saturating_mul(self.base);
        }
        let mut ten = 1_u64;
        loop {
            for step in [2, 4, 10] {
                let end = unit.saturating_mul(ten).saturating_mul(step);
                if end >= most {
                    return end;
                }
            }
            ten = ten.saturating_mul(10);
        }
    }
}

/// Days one above the other in each bar, the first series at the bottom.
#[component]
pub(super) fn Plot(
    /// What it shows.
    name: Text,
    /// `YYYY-MM-DD`, the oldest first.
    dates: Vec<String>,
    /// What is stacked.
    series: Vec<Series>,
    /// How values are written.
    scale: Scale,
) -> impl IntoView {
    let i18n = use_i18n();
    let sum = |day: usize| series.iter().filter_map(|one| one.values.get(day)).sum::<u64>();
    let end = scale.end((0..dates.len()).map(sum).max().unwrap_or_default());
    #[expect(clippy::cast_precision_loss, reason = "pixels need no more")]
    let height = move |value: u64| (HEIGHT - TOP - BOTTOM) * value as f64 / end as f64;
    #[expect(clippy::cast_precision_loss, reason = "a month's days")]
    let (step, left) = {
        let step = (WIDTH - LEFT - RIGHT) / dates.len().max(1) as f64;
        (step, move |day: usize| LEFT + step * day as f64)
    };
    let bars = (0..dates.len()).flat_map(|day| {
        let mut below = 0.0;
        series.iter().map(move |one| {
            let tall = height(one.values.get(day).copied().unwrap_or_default());
            below += tall;
            (left(day), HEIGHT - BOTTOM - below, tall, one.color)
        })
    });
    let bars = bars.filter(|(_, _, tall, _)| *tall > 0.0).map(|(x, y, tall, color)| {
        view! { <rect x=coordinate(x + step * 0.1) y=coordinate(y) width=coordinate(step * 0.8) height=coordinate(tall) fill=color /> }
    });
    let bars = bars.collect_view();
    let marks = [0, end / 2, end].map(|value| {
        let y = HEIGHT - BOTTOM - height(value);
        view! {
            <line x1=coordinate(LEFT) x2=coordinate(WIDTH - RIGHT) y1=coordinate(y) y2=coordinate(y) stroke="var(--border)" />
            <text x=coordinate(LEFT - 6.0) y=coordinate(y + 4.0) text-anchor="end" font-size="11" fill="var(--text-muted)">
                {(scale.write)(value)}
            </text>
        }
    });
    let ends = [(0, "start"), (dates.len() / 2, "middle"), (dates.len().saturating_sub(1), "end")];
    let ends = ends.map(|(day, anchor)| {
        let x = left(day) + match anchor { "start" => 0.0, "middle" => step / 2.0, _ => step };
        // Month and day, as all languages here write them.
        let date = dates.get(day).and_then(|date| date.get(5..)).unwrap_or_default().to_owned();
        view! {
            <text x=coordinate(x) y=coordinate(HEIGHT - 6.0) text-anchor=anchor font-size="11" fill="var(--text-muted)">{date}</text>
        }
    });
    let last = dates.len().checked_sub(1).map(sum).unwrap_or_default();
    let label = {
        let name = name.clone();
        move || {
            let what = name.lock().map_or_else(|_| String::new(), |mut name| name());
            t_string!(i18n, admin.plot_label, what = what, last = (scale.write)(last)).to_string()
        }
    };
    let legend = (series.len() > 1).then(|| {
        let entries = series.iter().map(|one| view! {
            <span class="row">
                <svg width="12" height="12" aria-hidden="true"><rect width="12" height="12" rx="3" fill=one.color /></svg>
                {one.name.clone()}
            </span>
        });
        view! { <p class="row hint">{entries.collect_view()}</p> }
    });
    let heads = series.iter().map(|one| view! { <th scope="col">{one.name.clone()}</th> }).collect_view();
    let rows = dates.iter().enumerate().rev().map(|(day, date)| {
        let cells = series.iter().map(|one| {
            view! { <td>{(scale.write)(one.values.get(day).copied().unwrap_or_default())}</td> }
        });
        let date = date.clone();
        view! {
            <tr>
                <th scope="row">{text(move || dates::day(i18n.get_locale(), &date))}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    view! {
        {legend}
        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>{marks}{ends}{bars}</svg>
        <details>
            <summary>{tr!(i18n, admin.as_table)}</summary>
            <table>
                <thead><tr><th scope="col">{tr!(i18n, admin.day)}</th>{heads}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </details>
    }
}

/// A tenth of a unit is finer than any screen.
fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number_that_holds_all() {
        let bytes = Scale { base: 1024, write: |_| String::new() };
        let counts = Scale { base: 1000, write: |_| String::new() };
        for (most, end) in
            [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (999, 1000), (1001, 2000), (1_000_001, 2_000_000)]
        {
            assert_eq!(counts.end(most), end, "{most}");
        }
        for (most, end) in
            [(1024, 2048), (5 << 20, 10 << 20), (700 << 20, 1000 << 20), (1023 << 20, 2000 << 20)]
        {
            assert_eq!(bytes.end(most), end, "{most}");
        }
        assert!(bytes.end(u64::MAX) == u64::MAX);
    }
}
