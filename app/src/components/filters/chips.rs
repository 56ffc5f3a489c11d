//! One chip for each thing that is asked for, which takes it away.

use leptos::{prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use leptos_router::{components::A, hooks::use_query_map, params::ParamsMap};
use model::types::Album;

use super::{address, narrowing};
use crate::{
    api,
    components::{Glyph, Icon, When, color::color_name},
    i18n::{Locale, t_string, use_i18n},
    text::tr,
};

/// What is asked for, and the address without it.
#[derive(Clone, PartialEq, Eq)]
struct Chip {
    name: &'static str,
    value: String,
    rest: ParamsMap,
}

fn chips(query: &ParamsMap) -> Vec<Chip> {
    let narrowed = narrowing(query);
    let mut chips = Vec::new();
    for name in super::NAMES {
        let Some(value) = narrowed.get(name) else { continue };
        let mut rest = narrowed.clone();
        rest.remove(name);
        if name != "tag" {
            chips.push(Chip { name, value, rest });
            continue;
        }
        let tags: Vec<&str> = value.split([',', '，']).map(str::trim).collect();
        for tag in &tags {
            let others: Vec<&str> = tags.iter().filter(|other| *other != tag).copied().collect();
            let mut rest = rest.clone();
            if !others.is_empty() {
                rest.insert(name, others.join(","));
            }
            chips.push(Chip { name, value: (*tag).to_owned(), rest });
        }
    }
    chips
}

/// What a chip says, in the person's language.
fn label(i18n: I18nContext<Locale>, Chip { name, value, .. }: &Chip, albums: &[Album]) -> String {
    let value = value.clone();
    match *name {
        "type" => t_string!(i18n, bulk.chip_type, value = value.to_uppercase()).to_string(),
        "visibility" if value == "public" => t_string!(i18n, profile.public).to_owned(),
        "visibility" if value == "private" => t_string!(i18n, details.private).to_owned(),
        "visibility" => t_string!(i18n, details.unlisted).to_owned(),
        "favourite" => t_string!(i18n, bulk.favourites).to_owned(),
        "tag" => t_string!(i18n, bulk.chip_tag, value = value).to_string(),
        "album" => {
            let album = albums.iter().find(|album| album.id.to_string() == value);
            let name = album.map_or_else(|| "…".to_owned(), |album| String::from(album.name.clone()));
            t_string!(i18n, bulk.chip_album, value = name).to_string()
        }
        "color" => {
            let name = value.parse().map_or(value, |color| color_name(i18n, color).to_owned());
            t_string!(i18n, bulk.chip_color, value = name).to_string()
        }
        "similar" => t_string!(i18n, bulk.chip_similar).to_owned(),
        "min_size" => t_string!(i18n, bulk.chip_min, value = value).to_string(),
        "max_size" => t_string!(i18n, bulk.chip_max, value = value).to_string(),
        "from" => t_string!(i18n, bulk.chip_from, value = value).to_string(),
        "to" => t_string!(i18n, bulk.chip_to, value = value).to_string(),
        _ => format!("“{value}”"),
    }
}

/// The chips; where nothing is found, what would be without each.
#[component]
pub(super) fn Chips(is_empty: Signal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let query = use_query_map();
    let all = Memo::new(move |_| query.with(chips));
    let albums = RwSignal::new(Vec::<Album>::new());
    Effect::new(move |_| {
        if all.with(|all| all.iter().any(|chip| chip.name == "album")) {
            spawn_local(async move {
                if let Ok(found) = api::albums().await {
                    let _ = albums.try_set(found);
                }
            });
        }
    });
    let key = |chip: &Chip| format!("{}={}&{}", chip.name, chip.value, chip.rest.to_query_string());
    view! {
        <For each=move || all.get() key=key let:chip>
            {
                let (href, chip) = (address(&chip.rest), StoredValue::new(chip));
                let said = move || chip.with_value(|chip| albums.with(|albums| label(i18n, chip, albums)));
                view! {
                    <A href=href attr:class="chip" attr:aria-label=tr!(i18n, bulk.chip_remove, filter = said())>
                        {said}<Icon glyph=Glyph::Close />
                    </A>
                }
            }
        </For>
        <When when=move || is_empty.get() && all.with(|all| !all.is_empty())>
            <Instead all=all albums=albums />
        </When>
    }
}

/// Which chip to take away, by how many images there would be.
#[component]
fn Instead(all: Memo<Vec<Chip>>, albums: RwSignal<Vec<Album>>) -> impl IntoView {
    let i18n = use_i18n();
    let found = RwSignal::new(Vec::<(Chip, u64)>::new());
    Effect::new(move |_| {
        let chips = all.get();
        spawn_local(async move {
            for chip in chips {
                if let Ok(count @ 1..) = api::count_images(chip.rest.to_query_string()).await
                    && found.try_update(|found| found.push((chip, count))).is_none()
                {
                    return;
                }
            }
        });
    });
    view! {
        <div class="instead" role="status"><ul>
            <For each=move || found.get() key=|(chip, _)| (chip.name, chip.value.clone()) let:one>
                {
                    let (href, one) = (address(&one.0.rest), StoredValue::new(one));
                    let filter = move || one.with_value(|(chip, _)| albums.with(|albums| label(i18n, chip, albums)));
                    let count = move || one.with_value(|(_, count)| count.to_string());
                    view! { <li><A href=href>{tr!(i18n, bulk.instead, filter = filter(), count = count())}</A></li> }
                }
            </For>
        </ul></div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_chip_leads_to_all_but_itself() {
        let query: ParamsMap = [
            ("at", "2026-03"),
            ("type", "png"),
            ("tag", "sea, sky"),
            ("view", "x"),
            ("q", " "),
            ("utm", "y"),
        ]
        .into_iter()
        .collect();
        let all: Vec<(&str, String, String)> = chips(&query)
            .into_iter()
            .map(|chip| (chip.name, chip.value.clone(), address(&chip.rest)))
            .collect();
        let expected = [
            ("type", "png", "/gallery?tag=sea%2C%20sky"),
            ("tag", "sea", "/gallery?type=png&tag=sky"),
            ("tag", "sky", "/gallery?type=png&tag=sea"),
        ];
        assert_eq!(all, expected.map(|(name, value, rest)| (name, value.to_owned(), rest.to_owned())));
        let one: ParamsMap = [("type", "png")].into_iter().collect();
        assert_eq!(address(&chips(&one)[0].rest), "/gallery");
    }
}
