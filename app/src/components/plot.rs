//! Plots as bars, drawn as SVG with the page's colours, and a table of the same behind them.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::types::ByteSize;

use crate::{
    dates,
    i18n::{Locale, t_string, use_i18n},
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
/// A bar, at most.
const WIDEST: f64 = 48.0;

/// What is drawn with one colour.
pub(crate) struct Series {
    /// What it is called.
    pub(crate) name: Text,
    /// A colour of the page.
    pub(crate) color: &'static str,
    /// One for each bar.
    pub(crate) values: Vec<u64>,
}

/// What the bars stand for, from left to right.
#[derive(Clone)]
pub(crate) enum Bars {
    /// `YYYY-MM-DD`, the oldest first, up to today.
    Days(Vec<String>),
    /// `YYYY-MM`, the oldest first.
    Months(Vec<String>),
    /// Names that are the same in every language.
    Kinds(Vec<String>),
}

impl Bars {
    fn list(&self) -> &[String] {
        match self {
            Self::Days(list) | Self::Months(list) | Self::Kinds(list) => list,
        }
    }

    /// Below the axis: which bars are named, by what, and where the name is anchored.
    fn marks(&self) -> Vec<(usize, String, &'static str)> {
        let list = self.list();
        let name = |bar: usize| {
            let name = list.get(bar).map(String::as_str).unwrap_or_default();
            // Of a day month and day, as all languages here write them.
            if let Self::Days(_) = self { name.get(5..).unwrap_or_default() } else { name }.to_owned()
        };
        let (middle, last) = (list.len() / 2, list.len().saturating_sub(1));
        match (self, list.len()) {
            (Self::Kinds(_), _) | (_, 1..=2) => {
                (0..list.len()).map(|bar| (bar, name(bar), "middle")).collect()
            }
            (_, 0) => Vec::new(),
            _ => [(0, "start"), (middle, "middle"), (last, "end")]
                .map(|(bar, anchor)| (bar, name(bar), anchor))
                .into(),
        }
    }

    /// What each of them is.
    fn head(&self, i18n: I18nContext<Locale>) -> &'static str {
        match self {
            Self::Days(_) => t_string!(i18n, statistics.day),
            Self::Months(_) => t_string!(i18n, statistics.month),
            Self::Kinds(_) => t_string!(i18n, statistics.kind),
        }
    }

    /// One of them in words.
    fn in_words(&self, locale: Locale, bar: usize) -> String {
        let name = self.list().get(bar).map(String::as_str).unwrap_or_default();
        match self {
            Self::Days(_) => dates::day(locale, name),
            Self::Months(_) => dates::month(locale, name),
            Self::Kinds(_) => name.to_owned(),
        }
    }

    /// What the plot says to those who don't see it: the last bar, or each.
    fn summary(&self, i18n: I18nContext<Locale>, what: String, values: &[String]) -> String {
        let count = self.list().len().to_string();
        let last = values.last().cloned().unwrap_or_default();
        match self {
            Self::Days(_) => {
                t_string!(i18n, statistics.days_label, what = what, days = count, last = last).to_string()
            }
            Self::Months(_) => {
                t_string!(i18n, statistics.months_label, what = what, months = count, last = last).to_string()
            }
            Self::Kinds(list) => {
                let each: Vec<String> =
                    list.iter().zip(values).map(|(name, value)| format!("{name} {value}")).collect();
                t_string!(i18n, statistics.kinds_label, what = what, each = each.join(", ")).to_string()
            }
        }
    }
}

/// How values are counted and written.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// From one unit to the next: 1024 for bytes.
    base: u64,
    /// A value in words.
    write: fn(u64) -> String,
}

impl Scale {
    /// Of bytes.
    pub(crate) const BYTES: Self = Self { base: 1024, write: |bytes| ByteSize(bytes).to_string() };
    /// Of what is counted.
    pub(crate) const COUNT: Self = Self { base: 1000, write: |count| count.to_string() };

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

/// Series one above the other in each bar, the first one at the bottom.
#[component]
pub(crate) fn Plot(
    /// What it shows.
    name: Text,
    /// What it is shown for.
    bars: Bars,
    /// What is stacked.
    series: Vec<Series>,
    /// How values are written.
    scale: Scale,
) -> impl IntoView {
    let i18n = use_i18n();
    let count = bars.list().len();
    let sum = |bar: usize| series.iter().filter_map(|one| one.values.get(bar)).sum::<u64>();
    let sums: Vec<u64> = (0..count).map(sum).collect();
    let end = scale.end(sums.iter().copied().max().unwrap_or_default());
    #[expect(clippy::cast_precision_loss, reason = "pixels need no more")]
    let height = move |value: u64| (HEIGHT - TOP - BOTTOM) * value as f64 / end as f64;
    #[expect(clippy::cast_precision_loss, reason = "a year's days")]
    let (step, left) = {
        let step = (WIDTH - LEFT - RIGHT) / count.max(1) as f64;
        (step, move |bar: usize| LEFT + step * bar as f64)
    };
    // As wide as they should be to be told apart; those of a year touch.
    let wide = if step < 2.0 { step } else { (step * 0.8).min(WIDEST) };
    let drawn = (0..count).flat_map(|bar| {
        let mut below = 0.0;
        series.iter().map(move |one| {
            let tall = height(one.values.get(bar).copied().unwrap_or_default());
            below += tall;
            (left(bar) + (step - wide) / 2.0, HEIGHT - BOTTOM - below, tall, one.color)
        })
    });
    let drawn = drawn.filter(|(_, _, tall, _)| *tall > 0.0).map(|(x, y, tall, color)| {
        view! { <rect x=coordinate(x) y=coordinate(y) width=coordinate(wide) height=coordinate(tall) fill=color /> }
    });
    let drawn = drawn.collect_view();
    let lines = [0, end / 2, end].map(|value| {
        let y = HEIGHT - BOTTOM - height(value);
        view! {
            <line x1=coordinate(LEFT) x2=coordinate(WIDTH - RIGHT) y1=coordinate(y) y2=coordinate(y) stroke="var(--border)" />
            <text x=coordinate(LEFT - 6.0) y=coordinate(y + 4.0) text-anchor="end" font-size="11" fill="var(--text-muted)">
                {(scale.write)(value)}
            </text>
        }
    });
    let marks = bars.marks().into_iter().map(|(bar, name, anchor)| {
        let x = left(bar) + match anchor { "start" => 0.0, "middle" => step / 2.0, _ => step };
        view! {
            <text x=coordinate(x) y=coordinate(HEIGHT - 6.0) text-anchor=anchor font-size="11" fill="var(--text-muted)">{name}</text>
        }
    });
    let marks = marks.collect_view();
    let label = {
        let (name, bars) = (name.clone(), bars.clone());
        let values: Vec<String> = sums.iter().map(|value| (scale.write)(*value)).collect();
        move || {
            let what = name.lock().map_or_else(|_| String::new(), |mut name| name());
            bars.summary(i18n, what, &values)
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
    // Of days and months the last ones are looked for first.
    let order: Vec<usize> =
        if let Bars::Kinds(_) = bars { (0..count).collect() } else { (0..count).rev().collect() };
    let rows = order.into_iter().map(|bar| {
        let cells = series.iter().map(|one| {
            view! { <td>{(scale.write)(one.values.get(bar).copied().unwrap_or_default())}</td> }
        });
        let bars = bars.clone();
        view! {
            <tr>
                <th scope="row">{text(move || bars.in_words(i18n.get_locale(), bar))}</th>
                {cells.collect_view()}
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! {
        {legend}
        <svg viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="img" aria-label=label>{lines}{marks}{drawn}</svg>
        <details>
            <summary>{tr!(i18n, statistics.as_table)}</summary>
            <table>
                <thead><tr><th scope="col">{text(move || bars.head(i18n).to_owned())}</th>{heads}</tr></thead>
                <tbody>{rows}</tbody>
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
    fn days_are_named_at_the_ends_and_kinds_each() {
        let names = |bars: Bars| bars.marks().into_iter().map(|(_, name, _)| name).collect::<Vec<_>>();
        let days = (1..=9).map(|day| format!("2026-11-{day:02}")).collect();
        assert_eq!(names(Bars::Days(days)), ["11-01", "11-05", "11-09"]);
        assert_eq!(names(Bars::Months(vec!["2026-11".into()])), ["2026-11"]);
        assert_eq!(names(Bars::Months(Vec::new())), [] as [&str; 0]);
        assert_eq!(names(Bars::Kinds(["A", "B", "C", "D"].map(String::from).into())), ["A", "B", "C", "D"]);
    }

    #[test]
    fn an_axis_ends_at_a_round_number_that_holds_all() {
        let (bytes, counts) = (Scale::BYTES, Scale::COUNT);
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
