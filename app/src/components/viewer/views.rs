//! How often the image in the viewer was seen.

use leptos::{prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{ImageId, ImageStatistics, StatisticsDays, Within},
};

use crate::{
    api,
    components::{Bars, Plot, Scale, Series, problem_text},
    i18n::{t_string, use_i18n},
    text::{text, tr},
};

/// Days of the plot.
const DAYS: StatisticsDays = Within::nearest(30);

/// The views of the image with this key, which are asked for when they are opened.
#[component]
pub(super) fn Views(id: ImageId) -> impl IntoView {
    let i18n = use_i18n();
    let found = RwSignal::new(None::<Result<ImageStatistics, Problem>>);
    let asked = RwSignal::new(false);
    let load = move || {
        found.set(None);
        spawn_local(async move {
            let answer = api::image_statistics(id, DAYS).await.map_err(|error| error.0);
            // The viewer may have moved on.
            let _ = found.try_set(Some(answer));
        });
    };
    let opened = move |_| {
        if !asked.get_untracked() {
            asked.set(true);
            load();
        }
    };
    view! {
        <details on:toggle=opened>
            <summary>{tr!(i18n, statistics.views)}</summary>
            {move || match found.get() {
                None => view! { <p class="hint">{tr!(i18n, common.loading)}</p> }.into_any(),
                Some(Ok(seen)) => view! { <Seen seen=seen /> }.into_any(),
                Some(Err(problem)) => view! {
                    <p class="notice notice-error" role="alert">{text(move || problem_text(i18n, &problem))}</p>
                    <button type="button" class="button" on:click=move |_| load()>{tr!(i18n, common.retry)}</button>
                }.into_any(),
            }}
        </details>
    }
}

#[component]
fn Seen(seen: ImageStatistics) -> impl IntoView {
    let i18n = use_i18n();
    let (dates, views): (Vec<_>, Vec<_>) = seen.days.into_iter().map(|day| (day.date, day.views)).unzip();
    let lately: u64 = views.iter().sum();
    let series = vec![Series { name: tr!(i18n, statistics.views), color: "var(--accent)", values: views }];
    view! {
        <dl class="facts">
            <div><dt>{tr!(i18n, statistics.ever)}</dt><dd>{seen.views.to_string()}</dd></div>
            <div>
                <dt>{text(move || t_string!(i18n, statistics.days, days = DAYS.to_string()).to_string())}</dt>
                <dd>{lately.to_string()}</dd>
            </div>
        </dl>
        <Plot name=tr!(i18n, statistics.views) bars=Bars::Days(dates) series=series scale=Scale::COUNT />
        <p class="hint">{tr!(i18n, statistics.views_text)}</p>
    }
}
