//! Choosing what the gallery is narrowed by.

use std::collections::BTreeMap;

use leptos::{ev, prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};
use model::types::{Album, ColorName, KnownTag, MediaType, Visibility};

use super::{NAMES, address, narrowing};
use crate::{
    api,
    components::{Modal, color::color_name, icons::drawn},
    i18n::{t_string, use_i18n},
    text::{Text, text, tr},
};

/// What is typed into each field, by the parameter's name.
#[derive(Clone, Copy)]
struct Typed(RwSignal<BTreeMap<&'static str, String>>);

impl Typed {
    fn of(query: &ParamsMap) -> Self {
        let narrowed = narrowing(query);
        let typed = NAMES.into_iter().filter_map(|name| Some((name, narrowed.get(name)?)));
        Self(RwSignal::new(typed.collect()))
    }

    fn get(self, name: &'static str) -> String {
        self.0.with(|typed| typed.get(name).cloned().unwrap_or_default())
    }

    fn set(self, name: &'static str, value: String) {
        self.0.update(|typed| drop(typed.insert(name, value)));
    }

    fn query(self) -> ParamsMap {
        narrowing(
            &self
                .0
                .with_untracked(|typed| typed.iter().map(|(name, value)| (*name, value.clone())).collect()),
        )
    }
}

const FUNNEL: &str = "M4 6h16M7 12h10M10 18h4";

/// The button, and the fields that it opens.
#[component]
pub(super) fn FilterButton() -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class="button button-quiet" aria-haspopup="dialog" on:click=move |_| open.set(true)>
            {drawn(FUNNEL)}
            {tr!(i18n, bulk.filter)}
        </button>
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, bulk.filter_title).to_owned())
            on_close=close
        >
            <Fields close=close />
        </Modal>
    }
}

#[component]
fn Fields(close: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let typed = Typed::of(&use_query_map().get_untracked());
    let navigate = use_navigate();
    let (albums, tags) = (RwSignal::new(Vec::<Album>::new()), RwSignal::new(Vec::<KnownTag>::new()));
    Effect::new(move |_| {
        spawn_local(async move {
            if let Ok(found) = api::albums().await {
                let _ = albums.try_set(found);
            }
            if let Ok(found) = api::known_tags().await {
                let _ = tags.try_set(found);
            }
        });
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        close.run(());
        navigate(&address(&typed.query()), NavigateOptions::default());
    };
    let kinds = MediaType::ALL
        .map(|kind| view! { <option value=kind.extension()>{kind.extension().to_uppercase()}</option> });
    view! {
        <form class="things" on:submit=submit on:keydown=|event| event.stop_propagation()>
            <h2>{tr!(i18n, bulk.filter_title)}</h2>
            <Choice typed=typed name="type" label=tr!(i18n, images.kind)>
                <option value="">{tr!(i18n, bulk.any)}</option>
                {kinds.collect_view()}
            </Choice>
            <Choice typed=typed name="visibility" label=tr!(i18n, details.visibility)>
                <option value="">{tr!(i18n, bulk.any)}</option>
                <option value=Visibility::Public.name()>{tr!(i18n, profile.public)}</option>
                <option value=Visibility::Unlisted.name()>{tr!(i18n, details.unlisted)}</option>
                <option value=Visibility::Private.name()>{tr!(i18n, details.private)}</option>
            </Choice>
            <Choice typed=typed name="color" label=tr!(i18n, details.color)>
                <option value="">{tr!(i18n, bulk.any)}</option>
                {ColorName::ALL.iter().map(|color| view! {
                    <option value=color.as_str()>{text(move || color_name(i18n, *color).to_owned())}</option>
                }).collect_view()}
            </Choice>
            <Choice typed=typed name="favourite" label=tr!(i18n, details.favourite)>
                <option value="">{tr!(i18n, bulk.any)}</option>
                <option value="true">{tr!(i18n, bulk.favourites)}</option>
            </Choice>
            <Choice typed=typed name="album" label=tr!(i18n, bulk.album)>
                <option value="">{tr!(i18n, bulk.any)}</option>
                <For each=move || albums.get() key=|album| album.id let:album>
                    {
                        let (id, name) = (album.id.to_string(), String::from(album.name));
                        view! { <option value=id.clone() selected=move || typed.get("album") == id>{name}</option> }
                    }
                </For>
            </Choice>
            <Entry typed=typed name="tag" kind="text" list="filter-tags" label=tr!(i18n, tags.title) />
            <datalist id="filter-tags">
                <For each=move || tags.get() key=|tag| String::from(tag.name.clone()) let:tag>
                    <option value=String::from(tag.name)></option>
                </For>
            </datalist>
            <div class="pair">
                <Entry typed=typed name="min_size" kind="text" label=tr!(i18n, bulk.min_size) />
                <Entry typed=typed name="max_size" kind="text" label=tr!(i18n, bulk.max_size) />
            </div>
            <div class="pair">
                <Entry typed=typed name="from" kind="date" label=tr!(i18n, bulk.from) />
                <Entry typed=typed name="to" kind="date" label=tr!(i18n, bulk.to) />
            </div>
            <div class="row">
                <button type="submit" class="button button-primary">{tr!(i18n, bulk.apply)}</button>
                <button type="button" class="button" on:click=move |_| close.run(())>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}

#[component]
fn Choice(typed: Typed, name: &'static str, label: Text, children: Children) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <select name=name prop:value=move || typed.get(name) on:change=move |event| typed.set(name, event_target_value(&event))>
                {children()}
            </select>
        </label>
    }
}

#[component]
fn Entry(
    typed: Typed,
    name: &'static str,
    kind: &'static str,
    label: Text,
    #[prop(optional)] list: &'static str,
) -> impl IntoView {
    view! {
        <label class="field">
            <span>{label}</span>
            <input type=kind name=name autocomplete="off" list=(!list.is_empty()).then_some(list)
                pattern=name.ends_with("_size").then_some("\\s*[0-9]+\\s*([KMGTkmgt]([Ii]?[Bb])?|[Bb])?\\s*")
                placeholder=name.ends_with("_size").then_some("2 MiB")
                prop:value=move || typed.get(name) on:input=move |event| typed.set(name, event_target_value(&event)) />
        </label>
    }
}
