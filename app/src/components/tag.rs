//! Tags: their colours, and a field that knows the names there are.

use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use model::types::{BulkAction, BulkOutcome, ImageId, KnownTag, TagColor, TagName, Tagging};

use super::{
    icons::{Glyph, Icon},
    modal::Modal,
    problem::ProblemNotice,
    when::When,
};
use crate::{
    Problem, api,
    i18n::{Locale, t_string, tu_string, use_i18n},
    text::tr,
};

/// A colour's name in the person's language.
#[must_use]
pub fn color_name(i18n: I18nContext<Locale>, color: TagColor) -> &'static str {
    match color {
        TagColor::Grey => t_string!(i18n, tags.grey),
        TagColor::Red => t_string!(i18n, tags.red),
        TagColor::Orange => t_string!(i18n, tags.orange),
        TagColor::Green => t_string!(i18n, tags.green),
        TagColor::Blue => t_string!(i18n, tags.blue),
        TagColor::Purple => t_string!(i18n, tags.purple),
    }
}

/// A spot of a tag's colour. The name beside it says which tag it is.
#[component]
pub fn TagDot(
    /// The colour.
    color: TagColor,
) -> impl IntoView {
    // At least 3 : 1 to the surfaces of both schemes.
    let fill = match color {
        TagColor::Grey => "#7b8088",
        TagColor::Red => "#d2483c",
        TagColor::Orange => "#b56d00",
        TagColor::Green => "#2f8a57",
        TagColor::Blue => "#3a7bd5",
        TagColor::Purple => "#985fcf",
    };
    view! { <svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="6" fill=fill /></svg> }
}

/// The tags there are, once that is known.
#[derive(Clone, Copy)]
pub(super) struct KnownTags(RwSignal<Vec<KnownTag>>);

impl KnownTags {
    /// Asks for them.
    pub(super) fn new() -> Self {
        let known = Self(RwSignal::new(Vec::new()));
        Effect::new(move |_| {
            spawn_local(async move {
                if let Ok(tags) = api::known_tags().await {
                    let _ = known.0.try_set(tags);
                }
            });
        });
        known
    }

    /// What a tag is drawn with.
    pub(super) fn color(self, name: &str) -> TagColor {
        let of_name =
            |tags: &Vec<KnownTag>| tags.iter().find(|tag| tag.name.as_str() == name).map(|tag| tag.color);
        self.0.with(of_name).unwrap_or(TagColor::Grey)
    }
}

/// A field for the name of a tag, which offers those there are.
#[component]
pub(super) fn TagInput(
    id: &'static str,
    known: KnownTags,
    field: NodeRef<html::Input>,
    /// Told that a name was typed.
    on_enter: Callback<()>,
    /// Told that the field was left with a name in it.
    #[prop(optional)]
    on_leave: Option<Callback<()>>,
) -> impl IntoView {
    let list = format!("{id}-known");
    view! {
        <input id=id type="text" autocomplete="off" maxlength=TagName::MAX_CHARS.to_string() list=list.clone() node_ref=field
            on:keydown=move |event| {
                // Whoever composes characters means the composition, not the tag.
                if !event.is_composing() && matches!(&*event.key(), "Enter" | "," | "，") {
                    event.prevent_default();
                    on_enter.run(());
                }
            }
            on:change=move |_| if let Some(leave) = on_leave { leave.run(()) } />
        <datalist id=list>
            <For each=move || known.0.get() key=|tag| String::from(tag.name.clone()) let:tag>
                <option value=String::from(tag.name)></option>
            </For>
        </datalist>
    }
}

/// What was typed into it, which is taken out.
pub(super) fn take_typed(field: NodeRef<html::Input>) -> Option<String> {
    let field = field.try_get_untracked().flatten()?;
    let typed = field.value().trim().to_owned();
    field.set_value("");
    (!typed.is_empty()).then_some(typed)
}

/// A button to give tags to images, or to take them away, and what came of it.
#[component]
pub fn TagImages(
    /// The images.
    #[prop(into)]
    images: Signal<Vec<ImageId>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class="button" aria-haspopup="dialog" on:click=move |_| open.set(true)>
            {tr!(i18n, tags.tag)}
        </button>
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, tags.tag_title).to_owned())
            on_close=close
        >
            <Tagger images=images close=close />
        </Modal>
    }
}

#[component]
fn Tagger(images: Signal<Vec<ImageId>>, close: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let known = KnownTags::new();
    let field = NodeRef::<html::Input>::new();
    let (problem, said) = (RwSignal::new(None::<Problem>), RwSignal::new(String::new()));
    let send = move |adds: bool| {
        let Some(name) = take_typed(field) else { return };
        let (add, remove) =
            if adds { (vec![name.clone()], Vec::new()) } else { (Vec::new(), vec![name.clone()]) };
        let (ids, action) = (images.get_untracked(), BulkAction::Tags(Tagging { add, remove }));
        problem.set(None);
        spawn_local(async move {
            let answer = api::bulk(ids, action).await;
            // The dialog may be closed by now, and with it what the answer would touch.
            if problem.try_get_untracked().is_none() {
                return;
            }
            match answer {
                Ok(BulkOutcome { done, unchanged, .. }) => {
                    let count = (done.len() + unchanged.len()).to_string();
                    said.set(if adds {
                        tu_string!(i18n, tags.added, name = name, count = count).to_string()
                    } else {
                        tu_string!(i18n, tags.removed, name = name, count = count).to_string()
                    });
                }
                Err(error) => problem.set(Some(error.0)),
            }
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send(true);
    };
    view! {
        <form class="things" on:submit=submit on:keydown=|event| event.stop_propagation()>
            <h2>{tr!(i18n, tags.tag_title)}</h2>
            <div class="field">
                <label for="tag-name">{tr!(i18n, tags.name)}</label>
                <TagInput id="tag-name" known=known field=field on_enter=Callback::new(move |()| send(true)) />
            </div>
            <ProblemNotice problem=problem />
            <p class="hint" role="status">{move || said.get()}</p>
            <div class="row">
                <button type="submit" class="button button-primary">{tr!(i18n, tags.add)}</button>
                <button type="button" class="button" on:click=move |_| send(false)>{tr!(i18n, tags.take)}</button>
                <button type="button" class="button" on:click=move |_| close.run(())>{tr!(i18n, common.close)}</button>
            </div>
            <p class="hint"><a href="/settings/tags">{tr!(i18n, tags.manage)}</a></p>
        </form>
    }
}

/// Tags of one image as chips, and a field for more of them.
#[component]
pub(super) fn TagChips(
    /// Names.
    names: RwSignal<Vec<String>>,
    /// Told that they are others now.
    on_change: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let known = KnownTags::new();
    let field = NodeRef::<html::Input>::new();
    let add = Callback::new(move |()| {
        let Some(typed) = take_typed(field) else { return };
        let is_new = names
            .with_untracked(|names| names.iter().all(|name| name.to_lowercase() != typed.to_lowercase()));
        if is_new {
            names.update(|names| names.push(typed));
            on_change.run(());
        }
    });
    let remove = move |name: String| {
        names.update(|names| names.retain(|other| *other != name));
        on_change.run(());
        if let Some(field) = field.get_untracked() {
            let _ = field.focus();
        }
    };
    view! {
        <div class="field">
            <label for="tags">{tr!(i18n, tags.title)}</label>
            <When when=move || names.with(|names| !names.is_empty())>
                <ul class="row">
                    <For each=move || names.get() key=String::clone let:name>
                        {
                            let (doomed, named, shown) = (name.clone(), StoredValue::new(name.clone()), name.clone());
                            view! {
                                <li class="badge">
                                    {move || view! { <TagDot color=known.color(&name) /> }}
                                    {shown}
                                    <button type="button" class="button button-icon" aria-label=tr!(i18n, tags.remove, name = named.get_value())
                                        on:click=move |_| remove(doomed.clone())>
                                        <Icon glyph=Glyph::Close />
                                    </button>
                                </li>
                            }
                        }
                    </For>
                </ul>
            </When>
            <TagInput id="tags" known=known field=field on_enter=add on_leave=add />
            <small>{tr!(i18n, tags.hint)}</small>
        </div>
    }
}
