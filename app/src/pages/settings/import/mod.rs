//! An export brought back.

mod run;

use leptos::{prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use model::types::ByteSize;
use web_sys::HtmlInputElement;

use self::run::Import;
use crate::{
    components::{When, account_problem_text},
    i18n::{Locale, t_string, use_i18n},
    import::progress::{Failure, Progress, Stage},
    session::use_session,
    text::{text, tr},
};

/// Brings back what was taken away.
#[component]
pub(super) fn ImportCard(
    /// Called when one has ended.
    on_end: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let import = Import::current(use_session());
    let progress = import.progress.clone();
    let running = Memo::new(move |_| progress.with(Progress::is_running));
    Effect::new(move |before: Option<bool>| {
        let now = running.get();
        if before == Some(true) && !now {
            on_end.run(());
        }
        now
    });
    let begin = import.clone();
    let on_file = move |event| {
        let field: HtmlInputElement = event_target(&event);
        let chosen = field.files().and_then(|files| files.get(0));
        // So that the same file can be chosen again.
        field.set_value("");
        if let Some(file) = chosen {
            spawn_local(run::begin(begin.clone(), file));
        }
    };
    let stop = import.clone();
    let progress = import.progress;
    let shown = progress.clone();
    view! {
        <section class="card">
            <h2>{tr!(i18n, export.import)}</h2>
            <p>{tr!(i18n, export.import_text)}</p>
            <div class="row js-only">
                <label class="field">
                    <span>{tr!(i18n, export.file)}</span>
                    <input type="file" accept=".zip,application/zip" on:change=on_file disabled=running />
                </label>
            </div>
            <p role="status">{text(move || progress.with(|progress| stage(i18n, progress)))}</p>
            {move || {
                let now = shown.get();
                (now.stage != Stage::Idle).then(|| view! { <Told progress=now /> })
            }}
            <When when=running>
                {
                    let stop = stop.clone();
                    view! {
                        <button type="button" class="button" on:click=move |_| stop.stop()>
                            {tr!(i18n, export.stop)}
                        </button>
                    }
                }
            </When>
        </section>
    }
}

/// How far it is, and what came of it.
#[component]
fn Told(progress: Progress) -> impl IntoView {
    let i18n = use_i18n();
    let Progress { images, bytes, taken, elsewhere, restored, existing, failed, .. } = progress;
    let numbers = [
        (taken, tr!(i18n, export.taken)),
        (elsewhere, tr!(i18n, export.elsewhere)),
        (restored, tr!(i18n, export.restored)),
        (existing, tr!(i18n, export.existing)),
        (failed, tr!(i18n, export.failed)),
    ];
    let is_running = progress.is_running();
    view! {
        {is_running.then(|| view! {
            <progress max=images.all.max(1).to_string() value=images.done.to_string()
                aria-label=tr!(i18n, export.import) />
        })}
        <p class="hint">
            {text(move || t_string!(
                i18n, export.progress, done = images.done.to_string(), all = images.all.to_string(),
                bytes = ByteSize(bytes.done).to_string(), all_bytes = ByteSize(bytes.all).to_string()
            ).to_string())}
        </p>
        <ul>
            {numbers.into_iter().filter(|(number, _)| *number > 0).map(|(number, name)| view! {
                <li>{name} ": " {number.to_string()}</li>
            }).collect_view()}
        </ul>
        {(!progress.failures.is_empty()).then(|| view! {
            <ul class="things">
                {progress.failures.into_iter().map(|(name, why)| view! {
                    <li class="thing">
                        <div class="thing-facts">
                            <strong>{name}</strong>
                            <span class="hint">{text(move || reason(i18n, &why))}</span>
                        </div>
                    </li>
                }).collect_view()}
            </ul>
        })}
    }
}

/// What is to be read out.
fn stage(i18n: I18nContext<Locale>, progress: &Progress) -> String {
    match &progress.stage {
        Stage::Idle => String::new(),
        Stage::Opening => t_string!(i18n, export.opening).to_owned(),
        Stage::Sending => t_string!(i18n, export.sending).to_owned(),
        Stage::Stopping => t_string!(i18n, export.stopping).to_owned(),
        Stage::Done if progress.failed > 0 => t_string!(i18n, export.done_with_failures).to_owned(),
        Stage::Done => t_string!(i18n, export.done).to_owned(),
        Stage::Stopped => t_string!(i18n, export.stopped).to_owned(),
        Stage::Broken(why @ (Failure::NoArchive | Failure::NoExport | Failure::OtherVersion)) => {
            reason(i18n, why)
        }
        Stage::Broken(why) => t_string!(i18n, export.broken, reason = reason(i18n, why)).to_string(),
    }
}

fn reason(i18n: I18nContext<Locale>, why: &Failure) -> String {
    match why {
        Failure::NoArchive => t_string!(i18n, export.no_archive).to_owned(),
        Failure::NoExport => t_string!(i18n, export.no_export).to_owned(),
        Failure::OtherVersion => t_string!(i18n, export.other_version).to_owned(),
        Failure::Unreadable => t_string!(i18n, export.unreadable).to_owned(),
        Failure::BadLine => t_string!(i18n, export.bad_line).to_owned(),
        Failure::NotStored => t_string!(i18n, export.not_stored).to_owned(),
        Failure::Refused(problem) => account_problem_text(i18n, problem),
    }
}
