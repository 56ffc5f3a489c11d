//! The eight forms of an image's link, each with its copy button.

use leptos::prelude::*;
use leptos_i18n::I18nContext;
use model::{
    rules::links::{LinkForm, links},
    types::{Image, VariantWidth},
};

use super::{
    copy_field::{CopyField, CopyStatus},
    icons::{Glyph, Icon},
    when::When,
};
use crate::{
    i18n::{Locale, t_string, use_i18n},
    platform::platform,
    session::use_session,
    text::tr,
};

/// Where this device keeps the form last used.
pub const LAST_FORM: &str = "link-form";

/// A form's name in the person's language.
#[must_use]
pub fn form_name(i18n: I18nContext<Locale>, form: LinkForm) -> &'static str {
    match form {
        LinkForm::Url => t_string!(i18n, images.form_url),
        LinkForm::Page => t_string!(i18n, images.form_page),
        LinkForm::Html => t_string!(i18n, images.form_html),
        LinkForm::HtmlThumbnail => t_string!(i18n, images.form_html_thumbnail),
        LinkForm::Markdown => t_string!(i18n, images.form_markdown),
        LinkForm::MarkdownThumbnail => t_string!(i18n, images.form_markdown_thumbnail),
        LinkForm::Bbcode => t_string!(i18n, images.form_bbcode),
        LinkForm::BbcodeThumbnail => t_string!(i18n, images.form_bbcode_thumbnail),
    }
}

/// The widths that can be chosen for the embedded picture.
const WIDTHS: [Option<u32>; 4] = [None, Some(1280), Some(640), Some(320)];

/// All forms for one image or, a line each, for several.
#[component]
pub fn LinkPanel(
    /// The images.
    #[prop(into)]
    images: Signal<Vec<Image>>,
    /// What it is called among the panels of a page.
    name: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let width = RwSignal::new(None::<u32>);
    let forms = RwSignal::new(LinkForm::ALL.to_vec());
    // After hydration, since the server doesn't know what this device used last.
    Effect::new(move |_| {
        let last = platform().and_then(|p| (p.recall)(LAST_FORM)).and_then(|key| LinkForm::from_key(&key));
        if let Some(last) = last {
            forms.update(|forms| forms.sort_by_key(|form| *form != last));
        }
    });
    let text = move |form: LinkForm| {
        let origins = session.origins();
        let shown = width.get().and_then(|w| VariantWidth::try_from(w).ok());
        images.with(|images| {
            let all = images.iter().map(|image| links(image, &origins, shown).get(form).to_owned());
            all.collect::<Vec<_>>().join("\n")
        })
    };
    let is_long = Memo::new(move |_| images.with(|images| images.len() > 1));
    view! {
        <section class="link-panel" aria-label=tr!(i18n, images.links_title)>
            <fieldset class="segments js-only">
                <legend>{tr!(i18n, images.width)}</legend>
                {WIDTHS
                    .into_iter()
                    .map(|choice| {
                        view! {
                            <label class="segment">
                                <input
                                    type="radio"
                                    name=format!("{name}-width")
                                    checked=choice.is_none()
                                    on:change=move |_| width.set(choice)
                                />
                                <span>
                                    {move || match choice {
                                        None => t_string!(i18n, images.width_original).to_owned(),
                                        Some(pixels) => pixels.to_string(),
                                    }}
                                </span>
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
            <ul class="link-rows">
                <For each=move || forms.get() key=|form| form.key() let:form>
                    <LinkRow form=form is_long=is_long text=Signal::derive(move || text(form)) />
                </For>
            </ul>
        </section>
    }
}

#[component]
fn LinkRow(form: LinkForm, is_long: Memo<bool>, text: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let field = CopyField::default();
    let copy = move |_| {
        if let Some(platform) = platform() {
            (platform.remember)(LAST_FORM, form.key());
        }
        field.copy(text.get_untracked());
    };
    view! {
        <li class="link-row" data-form=form.key()>
            <label>
                <span class="link-name">{move || form_name(i18n, form)}</span>
                // A field of one line joins lines to one.
                <When
                    when=is_long
                    fallback=move || view! {
                        <input
                            type="text"
                            readonly
                            spellcheck="false"
                            node_ref=field.node
                            prop:value=move || text.get()
                            value=text.get_untracked()
                            on:focus=move |_| field.select()
                        />
                    }
                >
                    <textarea
                        readonly
                        rows="3"
                        wrap="off"
                        spellcheck="false"
                        node_ref=field.lines
                        prop:value=move || text.get()
                        on:focus=move |_| field.select()
                    ></textarea>
                </When>
            </label>
            <button
                type="button"
                class="button button-quiet js-only"
                on:click=copy
                aria-label=tr!(i18n, images.copy_form, form = form_name(i18n, form))
            >
                {move || if field.copied() {
                    view! { <Icon glyph=Glyph::Check /><span>{tr!(i18n, common.copied)}</span> }.into_any()
                } else {
                    view! { <Icon glyph=Glyph::Copy /><span>{tr!(i18n, common.copy)}</span> }.into_any()
                }}
            </button>
            <CopyStatus of=field />
        </li>
    }
}
