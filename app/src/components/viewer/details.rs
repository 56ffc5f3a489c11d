//! What is said of an image and who may see it: the part of the viewer where that is changed.

use leptos::{html, prelude::*};
use model::{
    Problem,
    rules::filename,
    types::{AltText, Description, Image, ImageChange, ImageDetails, ImageId, Title, Visibility},
};

use super::editing::Editing;
use crate::{
    components::{color::color_name, problem_text, tag::TagChips, when::When},
    dates,
    i18n::{t_string, use_i18n},
    text::{Text, text, tr},
};

/// The details of the image with this key, which is shown among `images`.
#[component]
pub(super) fn Details(images: RwSignal<Vec<Image>>, id: ImageId) -> impl IntoView {
    let i18n = use_i18n();
    let editing = Editing::new(images, id);
    let is_known = Memo::new(move |_| editing.stored.with(Option::is_some));
    view! {
        <section class="code-form" aria-label=tr!(i18n, details.title)>
            {move || {
                if is_known.get() {
                    return view! { <Fields editing=editing /> }.into_any();
                }
                view! {
                    <When when=move || editing.problem.with(Option::is_none)>
                        <p class="hint">{tr!(i18n, common.loading)}</p>
                    </When>
                }.into_any()
            }}
            <Outcome editing=editing is_known=is_known />
        </section>
    }
}

/// What became of what was typed.
#[component]
fn Outcome(editing: Editing, is_known: Memo<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let wrong = move || {
        let problem = editing.problem.get()?;
        Some(match &problem {
            Problem::InvalidParameter { name, .. } => match name.as_str() {
                "filename" => t_string!(i18n, details.file_name_wrong).to_owned(),
                "expires_at" => t_string!(i18n, details.expires_wrong).to_owned(),
                "max_views" => t_string!(i18n, details.max_views_wrong).to_owned(),
                // The fields take no text that is too long.
                _ => problem_text(i18n, &problem),
            },
            problem if is_known.get() => {
                format!("{} {}", t_string!(i18n, details.unsaved), problem_text(i18n, problem))
            }
            problem => problem_text(i18n, problem),
        })
    };
    let again = move |_| if is_known.get_untracked() { editing.send() } else { editing.load() };
    let can_retry = move || {
        editing.problem.with(|problem| !matches!(problem, None | Some(Problem::InvalidParameter { .. })))
    };
    view! {
        <div role="alert">{move || wrong().map(|text| view! { <p class="notice notice-error">{text}</p> })}</div>
        <When when=can_retry>
            <button type="button" class="button" on:click=again>{tr!(i18n, common.retry)}</button>
        </When>
        <p class="hint" role="status">{move || match (is_known.get(), editing.busy.get()) {
            (true, true) => t_string!(i18n, details.saving),
            (true, false) if editing.problem.with(Option::is_none) => t_string!(i18n, details.saved),
            _ => "",
        }}</p>
    }
}

/// The fields, with what is stored in them at first. Later they keep what was typed.
#[component]
fn Fields(editing: Editing) -> impl IntoView {
    let i18n = use_i18n();
    let stored = editing.stored.get_untracked();
    let (name, details) =
        stored.map_or_else(Default::default, |stored| (stored.image.filename, stored.details));
    let ImageDetails {
        title,
        description,
        alt_text,
        visibility,
        expires_at,
        max_views,
        removed,
        guest_link,
        tags,
        colors,
        ..
    } = details;
    let tags = RwSignal::new(tags);
    let tagged =
        Callback::new(move |()| choose(editing, |change| change.tags = Some(Some(tags.get_untracked()))));
    let is = move |visibility| editing.detail(|details| details.visibility == visibility).unwrap_or_default();
    let is_favourite = move || editing.detail(|details| details.favourite).unwrap_or_default();
    let seen = move || {
        let (views, most) = editing.detail(|details| (details.views, details.max_views))?;
        let most = most?.get();
        Some(if views < most {
            t_string!(i18n, details.seen, views = views.to_string(), most = most.to_string()).to_string()
        } else {
            t_string!(i18n, details.used_up, most = most.to_string()).to_string()
        })
    };
    let choices = [
        (Visibility::Public, tr!(i18n, profile.public)),
        (Visibility::Unlisted, tr!(i18n, details.unlisted)),
        (Visibility::Private, tr!(i18n, details.private)),
    ];
    view! {
        {(!colors.is_empty()).then(|| view! {
            <dl class="facts"><div>
                <dt>{tr!(i18n, details.colors)}</dt>
                <dd>{text(move || {
                    let names: Vec<&str> = colors.iter().map(|color| color_name(i18n, *color)).collect();
                    names.join(t_string!(i18n, details.between))
                })}</dd>
            </div></dl>
        })}
        {removed.map(|removed| view! {
            <dl class="facts"><div>
                <dt>{tr!(i18n, details.removed)}</dt>
                <dd>{text(move || match removed.bytes() {
                    0 => t_string!(i18n, details.removed_none).to_owned(),
                    _ => t_string!(i18n, details.removed_size, size = removed.to_string()).to_string(),
                })}</dd>
            </div></dl>
        })}
        {guest_link.map(|name| view! {
            <dl class="facts"><div>
                <dt>{tr!(i18n, guests.by_link)}</dt>
                <dd>{name}</dd>
            </div></dl>
        })}
        <button type="button" class="button" aria-pressed=move || is_favourite().to_string()
            on:click=move |_| {
                let wanted = !untrack(is_favourite);
                choose(editing, |change| change.favourite = Some(wanted));
            }>
            <span aria-hidden="true">{move || if is_favourite() { "★" } else { "☆" }}</span>
            <span>{tr!(i18n, details.favourite)}</span>
        </button>
        <Field editing=editing name="title" label=tr!(i18n, details.name)
            value=title.map(String::from).unwrap_or_default() most=Title::MAX_CHARS
            put=|change, text| change.title = Some(Some(text)) />
        <LongField editing=editing name="alt_text" label=tr!(i18n, details.alt_text) hint=tr!(i18n, details.alt_text_hint)
            value=alt_text.map(String::from).unwrap_or_default() most=AltText::MAX_CHARS
            put=|change, text| change.alt_text = Some(Some(text)) />
        <LongField editing=editing name="description" label=tr!(i18n, details.description) hint=tr!(i18n, details.description_hint)
            value=description.map(String::from).unwrap_or_default() most=Description::MAX_CHARS
            put=|change, text| change.description = Some(Some(text)) />
        <TagChips names=tags on_change=tagged />
        <Field editing=editing name="filename" label=tr!(i18n, details.file_name) required=true
            value=name most=filename::MAX_CHARS wrong=tr!(i18n, details.file_name_wrong)
            put=|change, text| change.filename = Some(text) />
        <div class="field">
            <label for="visibility">{tr!(i18n, details.visibility)}</label>
            <select id="visibility" name="visibility" on:change=move |event| {
                let chosen = Visibility::from_name(&event_target_value(&event));
                choose(editing, |change| change.visibility = chosen);
            }>
                {choices.map(|(choice, label)| view! {
                    <option value=choice.name() selected=choice == visibility>{label}</option>
                }).into_iter().collect_view()}
            </select>
        </div>
        <When when=move || is(Visibility::Public)>
            <p class="hint">{tr!(i18n, profile.public_hint)}</p>
        </When>
        <When when=move || is(Visibility::Private)>
            <p class="hint">{tr!(i18n, details.private_hint)}</p>
        </When>
        <Field editing=editing name="expires_at" kind="datetime-local" label=tr!(i18n, details.expires)
            hint=tr!(i18n, details.expires_hint) wrong=tr!(i18n, details.expires_wrong)
            value=expires_at.map(|moment| dates::typed(&moment)).unwrap_or_default()
            put=|change, text| change.expires_at = Some(dates::from_typed(&text)) />
        <Field editing=editing name="max_views" kind="number" label=tr!(i18n, details.max_views)
            hint=tr!(i18n, details.max_views_hint) wrong=tr!(i18n, details.max_views_wrong)
            value=max_views.map(|most| most.to_string()).unwrap_or_default() least="1" most=1_000_000
            put=|change, text| change.max_views = Some(whole(&text)) />
        {move || seen().map(|seen| view! { <p class="hint">{seen}</p> })}
    }
}

/// Notes what was chosen, and sends it.
fn choose(editing: Editing, chosen: impl FnOnce(&mut ImageChange)) {
    editing.note(chosen);
    editing.send();
}

/// The number in a field; none if it is empty. What is no whole number is for the server to refuse.
fn whole(text: &str) -> Option<i64> {
    (!text.is_empty()).then(|| text.parse().unwrap_or_default())
}

/// A line, a number or a moment. What it can't hold is said when it is left, and not sent.
#[component]
fn Field(
    editing: Editing,
    name: &'static str,
    label: Text,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional, into)] hint: Option<Text>,
    #[prop(optional, into)] wrong: Option<Text>,
    value: String,
    /// The least that it takes, of numbers.
    #[prop(optional, into)]
    least: Option<String>,
    /// The most that it takes: of a number, or characters.
    #[prop(optional)]
    most: Option<usize>,
    #[prop(optional)] required: bool,
    put: fn(&mut ImageChange, String),
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    let is_wrong = RwSignal::new(false);
    let before = StoredValue::new(value.clone());
    // Fields may be left as they go, when nothing of this is there any more.
    let note = move || {
        let field = field.try_get_untracked().flatten()?;
        let typed = field.check_validity().then(|| field.value())?;
        if before.try_get_value()? != typed {
            before.set_value(typed.clone());
            editing.note(|change| put(change, typed));
        }
        Some(())
    };
    let leave = move || {
        let _ = is_wrong.try_set(note().is_none());
        editing.send();
    };
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <input id=name type=kind name=name value=value autocomplete="off" required=required node_ref=field
                maxlength=most.filter(|_| kind == "text") max=most.filter(|_| kind == "number") min=least
                aria-describedby=hint_id.clone() aria-invalid=move || is_wrong.get().then_some("true")
                on:input=move |_| if kind == "text" { let _ = note(); }
                on:keydown=move |event| if event.key() == "Enter" { leave() }
                on:blur=move |_| leave() />
            <small id=hint_id>{hint}</small>
            <div role="alert">{move || is_wrong.get().then(|| wrong.clone().map(|wrong| view! {
                <p class="notice notice-error">{wrong}</p>
            }))}</div>
        </div>
    }
}

/// Lines.
#[component]
fn LongField(
    editing: Editing,
    name: &'static str,
    label: Text,
    hint: Text,
    value: String,
    /// Characters.
    most: usize,
    put: fn(&mut ImageChange, String),
) -> impl IntoView {
    let hint_id = format!("{name}-hint");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <textarea id=name name=name rows="3" maxlength=most aria-describedby=hint_id.clone()
                on:input=move |event| {
                    let typed = event_target_value(&event);
                    editing.note(|change| put(change, typed));
                }
                on:blur=move |_| editing.send()>{value}</textarea>
            <small id=hint_id>{hint}</small>
        </div>
    }
}
