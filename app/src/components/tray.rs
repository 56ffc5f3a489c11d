//! The upload tray: stays over every page, since uploads go on while one moves about.

mod links;
mod row;
mod text;

use leptos::{html, prelude::*};

use self::{links::AllLinks, row::Row};
use super::{
    icons::{Glyph, Icon},
    when::When,
};
use crate::{
    i18n::{t_string, use_i18n},
    later::later,
    platform::platform,
    text::tr,
    uploads::{Tally, UploadCommand, UploadQueue, rows::ROWS},
};

/// Asks the browser to act on uploads.
fn command(command: UploadCommand) {
    if let Some(platform) = platform() {
        (platform.uploads)(command);
    }
}

/// All uploads since the page was opened, with what can be done about them. Nothing while there
/// are none.
#[component]
pub fn UploadTray() -> impl IntoView {
    let i18n = use_i18n();
    let queue = expect_context::<UploadQueue>();
    let any = Memo::new(move |_| queue.items.with(|items| !items.is_empty()));
    let announcement = text::announcement(i18n, queue);
    view! {
        <div class="visually-hidden" role="status" aria-live="polite">{announcement}</div>
        <When when=move || any.get()>
            {later!(tray(queue))}
        </When>
    }
}

/// Loads the tray's code.
pub async fn load_tray() {
    #[cfg(target_arch = "wasm32")]
    __preload_tray().await;
}

#[lazy]
fn tray(queue: UploadQueue) -> AnyView {
    view! { <Tray queue=queue /> }.into_any()
}

#[component]
fn Tray(queue: UploadQueue) -> impl IntoView {
    let i18n = use_i18n();
    let collapsed = RwSignal::new(false);
    let tray = NodeRef::<html::Section>::new();
    let hidden = Memo::new(move |_| queue.items.with(Vec::len).saturating_sub(ROWS));
    // A row that was taken off had the focus: it goes to the tray, not to the top of the page.
    let refocus = Callback::new(move |()| {
        if let Some(tray) = tray.get_untracked() {
            let _ = tray.focus();
        }
    });
    view! {
        <section
            class="upload-tray"
            class:is-collapsed=move || collapsed.get()
            aria-label=tr!(i18n, uploads.title)
            tabindex="-1"
            node_ref=tray
        >
            <Head queue=queue collapsed=collapsed />
            <div class="tray-body" id="upload-tray-body" hidden=move || collapsed.get()>
                <When when=move || queue.needs_sign_in()>
                    <p class="tray-notice">
                        <span>{tr!(i18n, uploads.sign_in_needed)}</span>
                        <a href="/sign-in" class="button">{tr!(i18n, uploads.sign_in)}</a>
                    </p>
                </When>
                <ul class="tray-list">
                    <For each=move || queue.visible() key=|item| item.id let:item>
                        <Row item=item refocus=refocus />
                    </For>
                </ul>
                <When when=move || { hidden.get() > 0 }>
                    <p class="tray-more">{tr!(i18n, uploads.more, count = hidden.get())}</p>
                </When>
                <Foot queue=queue refocus=refocus />
            </div>
        </section>
    }
}

#[component]
fn Head(queue: UploadQueue, collapsed: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let totals = queue.totals;
    let percent = Memo::new(move |_| totals.with(|totals| totals.tally.percent()));
    let open = Memo::new(move |_| totals.with(|totals| totals.tally.open() > 0));
    let failed = Memo::new(move |_| totals.with(|totals| totals.tally.failed > 0));
    view! {
        <header class="tray-head">
            <span class="tray-sign" class:is-done=move || !open.get() class:is-failed=move || !open.get() && failed.get()>
                <When when=move || open.get() fallback=move || view! {
                    <Icon glyph=if failed.get() { Glyph::Close } else { Glyph::Check } />
                }>
                    <Ring percent=percent label=Signal::derive(move || t_string!(i18n, uploads.progress_all).to_string()) />
                </When>
            </span>
            <div class="tray-titles">
                <p class="tray-title">{move || text::summary(i18n, queue)}</p>
                <p class="tray-pace">{move || text::pace(i18n, &totals.get())}</p>
            </div>
            <button
                type="button"
                class="button button-icon tray-toggle"
                aria-expanded=move || if collapsed.get() { "false" } else { "true" }
                aria-controls="upload-tray-body"
                aria-label=move || {
                    if collapsed.get() { t_string!(i18n, uploads.expand) } else { t_string!(i18n, uploads.collapse) }
                }
                on:click=move |_| collapsed.update(|collapsed| *collapsed = !*collapsed)
            >
                <Icon glyph=Glyph::ChevronRight />
            </button>
        </header>
    }
}

#[component]
fn Foot(queue: UploadQueue, refocus: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let count =
        move |of: fn(&Tally) -> usize| Memo::new(move |_| queue.totals.with(|totals| of(&totals.tally)));
    let open = count(Tally::open);
    let done = count(|tally| tally.done);
    let retryable = count(|tally| tally.retryable);
    let act = move |what: UploadCommand| {
        command(what);
        refocus.run(());
    };
    view! {
        <footer class="tray-foot">
            <When when=move || open.get() == 0 && { done.get() > 0 }>
                <AllLinks queue=queue />
            </When>
            <div class="tray-actions">
                <When when=move || { retryable.get() > 0 }>
                    <button type="button" class="button" on:click=move |_| act(UploadCommand::RetryFailed)>
                        {tr!(i18n, uploads.retry_failed)}
                    </button>
                </When>
                <When
                    when=move || { open.get() > 0 }
                    fallback=move || view! {
                        <button type="button" class="button" on:click=move |_| act(UploadCommand::Clear)>
                            {tr!(i18n, uploads.clear)}
                        </button>
                    }
                >
                    <button type="button" class="button" on:click=move |_| act(UploadCommand::CancelAll)>
                        {tr!(i18n, uploads.cancel_all)}
                    </button>
                </When>
            </div>
        </footer>
    }
}

/// A ring that closes as `percent` grows; without a value where `is_known` isn't. Drawn by attributes alone, since the
/// page's policy forbids inline styles.
#[component]
fn Ring(
    #[prop(into)] percent: Signal<u8>,
    #[prop(default = true)] is_known: bool,
    label: Signal<String>,
) -> impl IntoView {
    view! {
        <span
            class="ring"
            role="progressbar"
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || is_known.then(|| percent.get().to_string())
            aria-label=move || label.get()
        >
            <svg viewBox="0 0 36 36" aria-hidden="true">
                <circle class="ring-track" cx="18" cy="18" r="15" fill="none" stroke-width="4" />
                <circle
                    class="ring-part"
                    cx="18"
                    cy="18"
                    r="15"
                    fill="none"
                    stroke-width="4"
                    pathLength="100"
                    stroke-dasharray=move || format!("{} 100", percent.get())
                    transform="rotate(-90 18 18)"
                />
            </svg>
        </span>
    }
}
