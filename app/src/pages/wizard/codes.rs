//! Recovery codes to keep.

use leptos::prelude::*;
use model::Problem;

use super::{PrintButton, Sheet, SheetContents, StepTitle};
use crate::{
    ApiError,
    components::{AccountProblemNotice, Glyph, Icon, When},
    i18n::{t_string, use_i18n},
    pages::sign_in::RecoveryField,
    platform::platform,
    session::use_session,
    text::tr,
    types::RecoveryCode,
};

/// Shows codes this once, to copy, save or print, and asks for one of them back.
#[component]
pub(in crate::pages) fn CodesStep<F>(
    /// The codes, and what stands on paper beside them.
    sheet: SheetContents,
    /// Takes the code that was typed back, and goes on if it is one of them.
    check: impl Fn(String) -> F + Send + Sync + 'static,
) -> impl IntoView
where
    F: Future<Output = Result<(), ApiError>> + 'static,
{
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let finish = Action::new_local(move |code: &String| {
        problem.set(None);
        let checked = check(code.clone());
        async move {
            if let Err(error) = checked.await {
                problem.set(Some(error.0));
            }
        }
    });
    let session = use_session();
    let stored = RwSignal::new(false);
    let copied = RwSignal::new(false);
    let lines: Vec<String> = sheet.codes.iter().map(RecoveryCode::reveal).collect();
    let text = StoredValue::new(lines.join("\n"));
    let name = StoredValue::new(sheet.account.to_string());
    let file = move || {
        let head =
            t_string!(i18n, auth.codes_file_head, name = name.get_value(), site = session.origins().site);
        format!("{head}\n\n{}\n", text.get_value())
    };
    view! {
        <StepTitle text=tr!(i18n, auth.codes_title) />
        <p>{tr!(i18n, auth.codes_text)}</p>
        <ol class="codes">{lines.into_iter().map(|line| view! { <li><code>{line}</code></li> }).collect_view()}</ol>
        <div class="row">
            <button type="button" class="button" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.copy_text)(text.get_value(), Callback::new(move |ok| copied.set(ok)));
                }
            }>
                <Icon glyph=Glyph::Copy />
                <span>{move || if copied.get() { t_string!(i18n, common.copied) } else { t_string!(i18n, auth.copy_codes) }}</span>
            </button>
            <button type="button" class="button" on:click=move |_| {
                if let Some(platform) = platform() {
                    (platform.save_text)("reflect-recovery-codes.txt".to_owned(), untrack(file));
                }
            }>{tr!(i18n, auth.download_codes)}</button>
            <PrintButton />
        </div>
        <label class="check">
            <input type="checkbox" prop:checked=move || stored.get() on:change=move |event| stored.set(event_target_checked(&event)) />
            <span>{tr!(i18n, auth.stored)}</span>
        </label>
        <When when=move || stored.get()>
            <h2>{tr!(i18n, auth.type_back)}</h2>
            <p class="hint">{tr!(i18n, auth.type_back_hint)}</p>
            <RecoveryField busy=finish.pending() label=Signal::derive(move || t_string!(i18n, auth.finish)) on_code=Callback::new(move |code| { finish.dispatch_local(code); }) />
        </When>
        <AccountProblemNotice problem=problem />
        <Sheet contents=sheet />
    }
}
