//! Recovery codes to keep.

use leptos::prelude::*;
use model::Problem;

use super::{AnewButton, CopyButton, PrintButton, Sheet, SheetContents, StepTitle, has_lapsed};
use crate::{
    ApiError,
    components::{AccountProblemNotice, When},
    i18n::{t_string, use_i18n},
    pages::{asking::Asking, sign_in::RecoveryField},
    session::use_session,
    text::tr,
    types::RecoveryCode,
};

/// Shows codes this once, to copy, save or print, and asks for one of them back.
#[component]
pub(in crate::pages) fn CodesStep<T, F>(
    /// The codes, and what stands on paper beside them.
    sheet: SheetContents,
    /// Asks whether the code that was typed back is one of them.
    check: impl Fn(String) -> F + Send + Sync + 'static,
    /// Told what comes of one that is.
    on_checked: Callback<T>,
    /// Told to begin anew, since the codes have lapsed.
    on_anew: Callback<()>,
) -> impl IntoView
where
    T: 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let i18n = use_i18n();
    let problem = RwSignal::new(None::<Problem>);
    let asking = Asking::new();
    let on_code = Callback::new(move |code: String| {
        problem.set(None);
        asking.run(check(code), move |outcome| match outcome {
            Ok(value) => on_checked.run(value),
            Err(error) => problem.set(Some(error.0)),
        });
    });
    let session = use_session();
    let stored = RwSignal::new(false);
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
        <ol class="codes">{lines.iter().map(|line| view! { <li><code>{line.clone()}</code></li> }).collect_view()}</ol>
        <div class="row">
            <CopyButton lines=lines label=tr!(i18n, auth.copy_codes) />
            // The browser saves it without a program that would have to be fetched: the network may be gone.
            <a class="button" download="reflect-recovery-codes.txt" href=move || data_url(&file())>
                {tr!(i18n, auth.download_codes)}
            </a>
            <PrintButton />
        </div>
        <label class="check">
            <input type="checkbox" prop:checked=move || stored.get() on:change=move |event| stored.set(event_target_checked(&event)) />
            <span>{tr!(i18n, auth.stored)}</span>
        </label>
        <When when=move || stored.get()>
            <h2>{tr!(i18n, auth.type_back)}</h2>
            <p class="hint">{tr!(i18n, auth.type_back_hint)}</p>
            <RecoveryField busy=asking.busy() label=Signal::derive(move || t_string!(i18n, auth.finish)) on_code=on_code />
        </When>
        <AccountProblemNotice problem=problem />
        <When when=move || has_lapsed(problem)><AnewButton on_anew=on_anew /></When>
        <Sheet contents=sheet />
    }
}

/// A text as an address (RFC 2397).
fn data_url(text: &str) -> String {
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("data:text/plain;charset=utf-8,{encoded}")
}
