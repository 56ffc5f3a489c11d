//! A person's images in figures: how often they are seen, and what they take.

use leptos::prelude::*;
use model::types::{DayViews, Image, Statistics, StatisticsDays, VariantWidth, ViewedImage, Within};

use crate::{
    api,
    components::{Bars, Plot, Scale, Series},
    i18n::{t_string, use_i18n},
    pages::loaded::{Place, loaded},
    rules::links,
    text::{Text, text, tr},
};

pub(super) const ADDRESS: &str = "/settings/statistics";

/// Days to choose from.
const PERIODS: [StatisticsDays; 3] = [Within::nearest(30), Within::nearest(90), Within::nearest(365)];

/// `/settings/statistics`
#[component]
pub(super) fn StatisticsSection() -> impl IntoView {
    let i18n = use_i18n();
    let [first, ..] = PERIODS;
    let days = RwSignal::new(first);
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || (version.get(), days.get()), |(_, days)| api::statistics(days));
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, statistics.title)}</h1>
            <p class="hint">{tr!(i18n, statistics.views_text)}</p>
            <div class="row js-only" role="group" aria-label=tr!(i18n, statistics.period)>
                {PERIODS.map(|period| view! {
                    <button type="button" class="button" class:button-primary=move || days.get() == period
                        aria-pressed=move || (days.get() == period).to_string()
                        on:click=move |_| days.set(period)>
                        {text(move || t_string!(i18n, statistics.days, days = period.to_string()).to_string())}
                    </button>
                }).into_iter().collect_view()}
            </div>
        </section>
        {loaded(found, again, Place::Page, |found| {
            let figures = move || view! { <Figures statistics=found.get() /> };
            view! { {figures} }.into_any()
        })}
    }
}

#[component]
fn Figures(statistics: Statistics) -> impl IntoView {
    let i18n = use_i18n();
    let Statistics { views, days, most_viewed, types, months } = statistics;
    let kinds = types.iter().map(|kind| kind.media_type.extension().to_uppercase()).collect();
    let by_type = types.iter().map(|kind| kind.bytes.bytes()).collect();
    let (by_month, images) =
        months.iter().map(|month| (month.bytes.bytes(), month.images)).unzip::<_, _, Vec<_>, Vec<_>>();
    let months = Bars::Months(months.into_iter().map(|month| month.month).collect());
    let no_images = types.is_empty();
    view! {
        <section class="card">
            <h2>{tr!(i18n, statistics.views)}</h2>
            <p>{text(move || t_string!(i18n, statistics.times, count = views.to_string()).to_string())}</p>
            <p class="hint">{tr!(i18n, statistics.day_text)}</p>
            <ViewsPlot days=days />
        </section>
        <section class="card">
            <h2>{tr!(i18n, statistics.most_viewed)}</h2>
            {if most_viewed.is_empty() {
                view! { <p>{tr!(i18n, statistics.none_viewed)}</p> }.into_any()
            } else {
                let images = most_viewed.into_iter().map(|seen| view! { <Seen seen=seen /> });
                view! { <ol class="things">{images.collect_view()}</ol> }.into_any()
            }}
        </section>
        {if no_images {
            view! { <section class="card"><p>{tr!(i18n, statistics.no_images)}</p></section> }.into_any()
        } else {
            view! {
                <section class="card">
                    <h2>{tr!(i18n, statistics.by_type)}</h2>
                    <Plot name=tr!(i18n, statistics.by_type) bars=Bars::Kinds(kinds)
                        series=one(tr!(i18n, images.size), by_type) scale=Scale::BYTES />
                </section>
                <section class="card">
                    <h2>{tr!(i18n, statistics.by_month)}</h2>
                    <p class="hint">{tr!(i18n, statistics.by_month_text)}</p>
                    <Plot name=tr!(i18n, statistics.by_month) bars=months.clone()
                        series=one(tr!(i18n, images.size), by_month) scale=Scale::BYTES />
                </section>
                <section class="card">
                    <h2>{tr!(i18n, statistics.images_by_month)}</h2>
                    <Plot name=tr!(i18n, statistics.images_by_month) bars=months
                        series=one(tr!(i18n, statistics.images), images) scale=Scale::COUNT />
                </section>
            }.into_any()
        }}
    }
}

fn one(name: Text, values: Vec<u64>) -> Vec<Series> {
    vec![Series { name, color: "var(--accent)", values }]
}

#[component]
fn ViewsPlot(days: Vec<DayViews>) -> impl IntoView {
    let i18n = use_i18n();
    let (dates, views) = days.into_iter().map(|day| (day.date, day.views)).unzip();
    view! {
        <Plot name=tr!(i18n, statistics.views) bars=Bars::Days(dates)
            series=one(tr!(i18n, statistics.views), views) scale=Scale::COUNT />
    }
}

/// One of those that were seen most, which leads to the viewer.
#[component]
fn Seen(seen: ViewedImage) -> impl IntoView {
    let i18n = use_i18n();
    let ViewedImage { image, views } = seen;
    let (width, height) = fitted(&image);
    view! {
        <li class="thing">
            <img src=links::variant_path(&image, VariantWidth::THUMBNAIL) width=width height=height alt=""
                loading="lazy" decoding="async" />
            <div class="thing-facts">
                <a href=format!("/gallery?view={}", image.slug)>{image.filename.clone()}</a>
                <span class="hint">
                    {text(move || t_string!(i18n, statistics.times, count = views.to_string()).to_string())}
                </span>
            </div>
        </li>
    }
}

/// As large as it may be in a list.
fn fitted(image: &Image) -> (u32, u32) {
    const SIDE: u32 = 64;
    let longest = image.width.max(image.height).max(1);
    let [width, height] = [image.width, image.height].map(|side| (side * SIDE / longest).max(1));
    (width, height)
}
