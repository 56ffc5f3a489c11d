//! An export brought back.

mod run;

use leptos::{ev, html, prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use model::{Problem, types::ByteSize};
use web_sys::HtmlInputElement;

use self::run::Import;
use crate::{
    components::{When, account_problem_text},
    i18n::{Locale, t_string, use_i18n},
    import::progress::{Failure, Progress, Stage},
    pages::focus::focus_when_shorter,
    session::use_session,
    text::{Text, text, tr},
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
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |before: Option<bool>| {
        let now = running.get();
        if before == Some(true) && !now {
            // So that the same file can be chosen again.
            if let Some(field) = field.get_untracked() {
                field.set_value("");
            }
            on_end.run(());
        }
        now
    });
    let progress = import.progress.clone();
    let is_there = Memo::new(move |_| progress.with(|progress| progress.stage != Stage::Idle));
    let progress = import.progress.clone();
    let said = Memo::new(move |_| progress.with(|progress| stage(i18n, progress)));
    // The button that stops it goes with its end, and the focus with that.
    let status = NodeRef::<html::P>::new();
    focus_when_shorter(status, move || usize::from(running.get()));
    // A field that can't be used loses the focus, so it can be, to no effect.
    let on_click = move |event: ev::MouseEvent| {
        if running.get_untracked() {
            event.prevent_default();
        }
    };
    let begin = import.clone();
    let on_file = move |event| {
        let field: HtmlInputElement = event_target(&event);
        let Some(file) = field.files().and_then(|files| files.get(0)) else { return };
        if running.get_untracked() {
            // One that was dropped on it.
            field.set_value("");
        } else {
            spawn_local(run::begin(begin.clone(), file));
        }
    };
    let stop = import.clone();
    let progress = import.progress;
    view! {
        <section class="card">
            <h2>{tr!(i18n, export.import)}</h2>
            <p>{tr!(i18n, export.import_text)}</p>
            <div class="row js-only">
                <label class="field">
                    <span>{tr!(i18n, export.file)}</span>
                    <input type="file" accept=".zip,application/zip" node_ref=field on:click=on_click on:change=on_file
                        aria-disabled=move || running.get().then_some("true") />
                </label>
            </div>
            <p role="status" tabindex="-1" node_ref=status>{text(move || said.get())}</p>
            <When when=is_there>
                {
                    let progress = progress.clone();
                    view! { <Told progress=progress running=running /> }
                }
            </When>
            <When when=running>
                {
                    let stop = stop.clone();
                    view! {
                        <div class="row">
                            <button type="button" class="button" on:click=move |_| stop.stop()>
                                {tr!(i18n, export.stop)}
                            </button>
                        </div>
                    }
                }
            </When>
        </section>
    }
}

/// A number that is told.
type Count = fn(&Progress) -> u64;

/// How far it is, and what came of it. While it goes on only what changes is rendered anew.
#[component]
fn Told(progress: ArcRwSignal<Progress>, running: Memo<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let kinds: [(Count, Text); 5] = [
        (|now| now.taken, tr!(i18n, export.taken)),
        (|now| now.elsewhere, tr!(i18n, export.elsewhere)),
        (|now| now.restored, tr!(i18n, export.restored)),
        (|now| now.existing, tr!(i18n, export.existing)),
        (|now| now.failed, tr!(i18n, export.failed)),
    ];
    let number = |of: Count| {
        let progress = progress.clone();
        Memo::new(move |_| progress.with(of))
    };
    let kinds = kinds.map(|(of, name)| (number(of), name));
    let [done, all] = [number(|now| now.images.done), number(|now| now.images.all)];
    let [bytes, all_bytes] = [number(|now| now.bytes.done), number(|now| now.bytes.all)];
    let failures = Memo::new(move |_| progress.with(|progress| progress.failures.clone()));
    let has_failures = Memo::new(move |_| failures.with(|failures| !failures.is_empty()));
    view! {
        <When when=running>
            <progress max=text(move || all.get().max(1).to_string()) value=text(move || done.get().to_string())
                aria-label=tr!(i18n, export.import) />
        </When>
        <p class="hint">
            {text(move || t_string!(
                i18n, export.progress, done = done.get().to_string(), all = all.get().to_string(),
                bytes = ByteSize(bytes.get()).to_string(), all_bytes = ByteSize(all_bytes.get()).to_string()
            ).to_string())}
        </p>
        <ul>
            {kinds.map(|(number, name)| view! {
                <When when=move || { number.get() > 0 }>
                    <li>{name.clone()} ": " {text(move || number.get().to_string())}</li>
                </When>
            })}
        </ul>
        <When when=has_failures>
            <ul class="things">
                {move || failures.get().into_iter().map(|(name, why)| view! {
                    <li class="thing">
                        <div class="thing-facts">
                            <strong>{name}</strong>
                            <span class="hint">{text(move || reason(i18n, &why))}</span>
                        </div>
                    </li>
                }).collect_view()}
            </ul>
        </When>
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
        Stage::Broken(
            why @ (Failure::NoArchive | Failure::NoExport | Failure::OtherVersion | Failure::NotStored),
        ) => reason(i18n, why),
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
        Failure::Refused(Problem::InvalidParameter { name, .. }) => match name.as_str() {
            "hash" => t_string!(i18n, export.damaged).to_owned(),
            "tags" | "albums" => t_string!(i18n, export.too_many).to_owned(),
            _ => t_string!(i18n, export.bad_line).to_owned(),
        },
        Failure::Refused(problem) => account_problem_text(i18n, problem),
    }
}
