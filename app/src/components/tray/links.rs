//! Copies the links of everything that was uploaded, in the form last used.

use std::time::Duration;

use leptos::{html, prelude::*};
use model::rules::links::{LinkForm, Origins, links};

use crate::{
    components::{
        icons::{Glyph, Icon},
        link_panel::{LAST_FORM, form_name},
        when::When,
    },
    i18n::{t_string, use_i18n},
    platform::platform,
    text::tr,
    uploads::UploadQueue,
};

/// How long "Copied" stays.
const SHOWN_FOR: Duration = Duration::from_secs(3);

/// The links of all uploads on the list that are stored, one a line.
fn all_links(queue: UploadQueue, form: LinkForm) -> String {
    let origins = queue.origins.get_untracked();
    let origins = origins.unwrap_or_else(|| Origins { site: String::new(), images: String::new() });
    let of = |image| links(image, &origins, None).get(form).to_owned();
    queue.stored().iter().map(of).collect::<Vec<_>>().join("\n")
}

#[component]
pub(super) fn AllLinks(queue: UploadQueue) -> impl IntoView {
    let i18n = use_i18n();
    let last = platform().and_then(|platform| (platform.recall)(LAST_FORM));
    let form = RwSignal::new(last.and_then(|key| LinkForm::from_key(&key)).unwrap_or(LinkForm::Markdown));
    let copied = RwSignal::new(false);
    // Shown where the browser refuses the clipboard, so that the person can copy by hand.
    let refused = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        if refused.with(Option::is_some)
            && let Some(field) = field.get()
        {
            field.select();
        }
    });
    let choose = move |event| {
        if let Some(chosen) = LinkForm::from_key(&event_target_value(&event)) {
            form.set(chosen);
            refused.set(None);
        }
    };
    let copy = move |_| {
        let Some(platform) = platform() else { return };
        let chosen = form.get_untracked();
        let text = all_links(queue, chosen);
        (platform.remember)(LAST_FORM, chosen.key());
        let shown = text.clone();
        let done = Callback::new(move |ok: bool| {
            // The tray may have been cleared meanwhile.
            let _ = copied.try_set(ok);
            let _ = refused.try_set((!ok).then(|| shown.clone()));
            set_timeout(
                move || {
                    let _ = copied.try_set(false);
                },
                SHOWN_FOR,
            );
        });
        (platform.copy_text)(text, done);
    };
    view! {
        <div class="tray-links">
            <label>
                <span>{tr!(i18n, uploads.copy_all_as)}</span>
                <select on:change=choose prop:value=move || form.get().key()>
                    {LinkForm::ALL.map(|option| view! {
                        <option value=option.key() selected=move || form.get() == option>
                            {move || form_name(i18n, option)}
                        </option>
                    }).into_iter().collect_view()}
                </select>
            </label>
            <button type="button" class="button button-primary" on:click=copy>
                {move || if copied.get() {
                    view! { <Icon glyph=Glyph::Check /> }
                } else {
                    view! { <Icon glyph=Glyph::Copy /> }
                }}
                <span aria-live="polite">
                    {move || if copied.get() {
                        t_string!(i18n, uploads.copied)
                    } else {
                        t_string!(i18n, uploads.copy_all)
                    }}
                </span>
            </button>
        </div>
        <When when=move || refused.with(Option::is_some)>
            <label class="tray-refused">
                <span role="alert">{tr!(i18n, uploads.copy_refused)}</span>
                <textarea
                    readonly
                    rows="4"
                    spellcheck="false"
                    node_ref=field
                    aria-label=tr!(i18n, uploads.links)
                    prop:value=move || refused.get().unwrap_or_default()
                ></textarea>
            </label>
        </When>
    }
}
