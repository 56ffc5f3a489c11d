//! The tags there are: names, colours, and which are one.

use leptos::{html, prelude::*};
use model::{
    Problem,
    types::{Tag, TagChange, TagColor, TagId},
};

use super::doing::{RenameButton, ThingName};
use crate::{
    ApiError, api,
    components::{TagDot, When, account_problem_text, color_name},
    i18n::{t_string, tu_string, use_i18n},
    pages::{
        asking::Asking,
        focus::focus_when_shorter,
        loaded::{Place, entry_of, loaded},
        question::QuestionDialog,
    },
    text::{text, tr},
    toasts::use_toasts,
};

pub(super) const ADDRESS: &str = "/settings/tags";

/// `/settings/tags`
#[component]
pub(super) fn TagsSection() -> impl IntoView {
    let i18n = use_i18n();
    let title = NodeRef::<html::H1>::new();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::tags());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1 tabindex="-1" node_ref=title>{tr!(i18n, tags.title)}</h1>
            {loaded(found, again, Place::Card, move |tags| {
                focus_when_shorter(title, move || tags.with(Vec::len));
                view! { <Tags tags=tags again=again /> }.into_any()
            })}
        </section>
    }
}

/// What somebody is asked about.
#[derive(Clone)]
enum Asked {
    Delete(Tag),
    /// A tag is to get the name of another one.
    Merge(Tag, String),
}

#[component]
fn Tags(tags: Memo<Vec<Tag>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let asked = RwSignal::new(None::<Asked>);
    view! {
        <When
            when=move || tags.with(|tags| !tags.is_empty())
            fallback=move || view! { <p>{tr!(i18n, tags.none)}</p> }
        >
            <ul class="things">
                <For each=move || tags.get() key=|tag| tag.id let:tag>
                    <TagRow tag=entry_of(tags, tag, |tag| tag.id) asked=asked again=again />
                </For>
            </ul>
        </When>
        <Question asked=asked again=again />
    }
}

/// Sends a change of a tag and tells what came of it.
fn change(
    asking: Asking,
    again: Callback<()>,
    id: TagId,
    change: TagChange,
    refused: impl FnOnce(ApiError) + 'static,
) {
    asking.run(api::change_tag(id, change), move |answer| match answer {
        Ok(_) => again.run(()),
        Err(error) => refused(error),
    });
}

#[component]
fn TagRow(tag: Memo<Tag>, asked: RwSignal<Option<Asked>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let asking = Asking::new();
    let renaming = RwSignal::new(false);
    let id = tag.with_untracked(|tag| tag.id);
    let name = Signal::derive(move || tag.with(|tag| String::from(tag.name.clone())));
    let fail = move |error: ApiError| toasts.fail(account_problem_text(i18n, &error.0));
    let rename = move |text: String| {
        let typed = TagChange { name: Some(text.clone()), ..TagChange::default() };
        change(asking, again, id, typed, move |error| match error.0 {
            Problem::NameTaken => asked.set(Some(Asked::Merge(tag.get_untracked(), text))),
            _ => fail(error),
        });
    };
    let paint = move |event| {
        let color = event_target_value(&event).parse().ok();
        change(asking, again, id, TagChange { color, ..TagChange::default() }, fail);
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <ThingName name=name renaming=renaming on_name=Callback::new(rename)>
                    {move || view! { <TagDot color=tag.with(|tag| tag.color) /> }}
                </ThingName>
                <span class="hint">
                    {text(move || t_string!(i18n, tags.images, count = tag.with(|tag| tag.count).to_string()).to_string())}
                </span>
            </div>
            // On a phone there isn't room for both.
            <When when=move || !renaming.get()>
                <select aria-label=text(move || t_string!(i18n, tags.color_of, name = name.get()).to_string()) on:change=paint>
                    {TagColor::ALL.iter().map(|color| view! {
                        <option value=color.as_str() selected=move || tag.with(|tag| tag.color == *color)>
                            {text(move || color_name(i18n, *color).to_owned())}
                        </option>
                    }).collect_view()}
                </select>
            </When>
            <RenameButton renaming=renaming />
            <button type="button" class="button button-danger"
                aria-label=text(move || format!("{}: {}", t_string!(i18n, tags.delete), name.get()))
                on:click=move |_| asked.set(Some(Asked::Delete(tag.get_untracked())))>
                {tr!(i18n, tags.delete)}
            </button>
        </li>
    }
}

#[component]
fn Question(asked: RwSignal<Option<Asked>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let asking = Asking::new();
    let fail = move |error: ApiError| toasts.fail(account_problem_text(i18n, &error.0));
    let question = move || match asked.get() {
        Some(Asked::Delete(tag)) => {
            t_string!(i18n, tags.delete_question, name = String::from(tag.name)).to_string()
        }
        Some(Asked::Merge(tag, name)) => {
            t_string!(i18n, tags.merge_question, name = String::from(tag.name), other = name).to_string()
        }
        None => String::new(),
    };
    let is_merge = move || asked.with(|asked| matches!(asked, Some(Asked::Merge(..))));
    let explained = move || {
        if is_merge() { t_string!(i18n, tags.merge_text) } else { t_string!(i18n, tags.delete_text) }
    };
    let act = move || if is_merge() { t_string!(i18n, tags.merge) } else { t_string!(i18n, tags.delete) };
    let go_on = move |what| match what {
        Asked::Merge(tag, name) => {
            change(asking, again, tag.id, TagChange { name: Some(name), color: None, merge: true }, fail);
        }
        Asked::Delete(tag) => asking.run(api::delete_tag(tag.id), move |answer| match answer {
            Ok(()) => {
                toasts.tell(tu_string!(i18n, tags.deleted, name = String::from(tag.name)).to_string());
                again.run(());
            }
            Err(error) => fail(error),
        }),
    };
    view! {
        <QuestionDialog
            about=asked
            question=Signal::derive(question)
            text=Signal::derive(move || explained().to_owned())
            act=Signal::derive(move || act().to_owned())
            on_yes=Callback::new(go_on)
        />
    }
}
