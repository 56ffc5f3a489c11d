//! Changing the picture itself, and going back to what it was.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::{html, prelude::*, task::spawn_local};
use leptos_i18n::I18nContext;
use model::{
    Problem,
    types::{Flip, Image, ImageEdit, ImageId, ImageVersion, MOST_VERSIONS, Made},
};
use wasm_bindgen::{JsCast as _, JsValue};

use super::{cropping::Cropping, js};
use crate::{
    ApiError, api,
    components::{icons::drawn, problem_text, ratio_class},
    dates,
    i18n::{Locale, t_string, use_i18n},
    pages::QuestionDialog,
    text::{text, tr},
    toasts::{Toasts, use_toasts},
};

const LEFT: &str = "M4 5v5h5M4.5 10A8 8 0 1 1 5 15";
const RIGHT: &str = "M20 5v5h-5M19.5 10A8 8 0 1 0 19 15";
const MIRROR: &str = "M12 3v18M9 7L3 17h6zM15 7l6 10h-6z";
const CROP: &str = "M7 2v15h15M2 7h15v15";
const REPLACE: &str = "M4 9a8 8 0 0 1 15-1M20 4v5h-5M20 15a8 8 0 0 1-15 1M4 20v-5h5";

/// What is done to the picture of one image. Cheap to copy.
#[derive(Clone, Copy)]
pub(super) struct Changes {
    images: RwSignal<Vec<Image>>,
    pub(super) image: Memo<Image>,
    id: ImageId,
    /// Whether an answer is awaited.
    pub(super) busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    toasts: Toasts,
    i18n: I18nContext<Locale>,
}

impl Changes {
    /// Does something, unless something is being done. That it was done is told by `said`, with the way back: nothing of
    /// the page that it was begun on may be left by then.
    pub(super) fn begin(self, work: impl Future<Output = Result<Image, Problem>> + 'static, said: &str) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        let before = self.image.with_untracked(|image| image.version);
        let said = said.to_owned();
        spawn_local(async move {
            let done = work.await;
            // The viewer may have moved on, or be closed.
            let _ = self.busy.try_set(false);
            match done {
                Ok(now) => {
                    let is_new = now.version != before;
                    self.show(now);
                    if is_new {
                        self.toasts.tell_with_undo(said, move || self.undo(before));
                    }
                }
                Err(problem) => drop(self.problem.try_set(Some(problem))),
            }
        });
    }

    /// Turns or cuts the picture, as long as it is that version which was seen.
    pub(super) fn edit(self, version: u32, edit: ImageEdit, said: &str) {
        let edit = ImageEdit { version: Some(version), ..edit };
        self.begin(async move { api::edit_image(self.id, edit).await.map_err(|error| error.0) }, said);
    }

    /// Goes back, wherever the viewer is by now.
    fn undo(self, number: u32) {
        let _ = self.busy.try_set(true);
        spawn_local(async move {
            let done = api::restore_version(self.id, number).await;
            let _ = self.busy.try_set(false);
            match done {
                Ok(now) => self.show(now),
                Err(ApiError(problem)) => self.toasts.fail(untrack(|| problem_text(self.i18n, &problem))),
            }
        });
    }

    /// Shows what it is now, here and in the gallery.
    fn show(self, now: Image) {
        let _ = self.images.try_update(|images| {
            images.iter_mut().filter(|image| image.id == self.id).for_each(|image| *image = now.clone());
        });
    }
}

/// What can be done to the picture of the image with this key, and its versions.
#[component]
pub(super) fn Changing(images: RwSignal<Vec<Image>>, image: Memo<Image>, id: ImageId) -> impl IntoView {
    let i18n = use_i18n();
    let changes = Changes {
        images,
        image,
        id,
        busy: RwSignal::new(false),
        problem: RwSignal::new(None),
        toasts: use_toasts(),
        i18n,
    };
    let is_open = RwSignal::new(false);
    let wrong = move || {
        let problem = changes.problem.get()?;
        Some(match &problem {
            Problem::InvalidParameter { name, .. } => match name.as_str() {
                "image" => t_string!(i18n, viewer.not_editable).to_owned(),
                "version" => t_string!(i18n, viewer.changed_meanwhile).to_owned(),
                _ => problem_text(i18n, &problem),
            },
            problem => problem_text(i18n, problem),
        })
    };
    view! {
        <details on:toggle=move |_| is_open.set(true)>
            <summary>{tr!(i18n, viewer.change)}</summary>
            <div class="things">
                <p class="hint">{tr!(i18n, viewer.change_text)}</p>
                <Buttons changes=changes />
                <div role="alert">{move || wrong().map(|text| view! { <p class="notice notice-error">{text}</p> })}</div>
                <p class="hint" role="status">{move || if changes.busy.get() { t_string!(i18n, viewer.changing) } else { "" }}</p>
                {move || is_open.get().then(|| view! { <Versions changes=changes /> })}
            </div>
        </details>
    }
}

#[component]
fn Buttons(changes: Changes) -> impl IntoView {
    let i18n = use_i18n();
    let picker = NodeRef::<html::Input>::new();
    let crops = RwSignal::new(false);
    let unless = move || changes.busy.get().then_some("true");
    let version = move || changes.image.with_untracked(|image| image.version);
    let turn = move |degrees| {
        changes.edit(
            version(),
            ImageEdit { rotate: Some(degrees), ..ImageEdit::default() },
            untrack(|| t_string!(i18n, viewer.did_rotate)),
        );
    };
    let picked = move |_| {
        let Some(input) = picker.get_untracked() else { return };
        let file = js::get(&js::get(&input, "files"), "0");
        if !file.is_undefined() {
            changes.begin(put(changes.id, file), untrack(|| t_string!(i18n, viewer.did_replace)));
        }
        // The same file may be picked again.
        input.set_value("");
    };
    view! {
        <div class="row">
            <button type="button" class="button button-quiet" aria-disabled=unless on:click=move |_| turn(270)>
                {drawn(LEFT)}<span>{tr!(i18n, viewer.rotate_left)}</span>
            </button>
            <button type="button" class="button button-quiet" aria-disabled=unless on:click=move |_| turn(90)>
                {drawn(RIGHT)}<span>{tr!(i18n, viewer.rotate_right)}</span>
            </button>
            <button type="button" class="button button-quiet" aria-disabled=unless on:click=move |_| {
                changes.edit(version(), ImageEdit { flip: Some(Flip::Horizontal), ..ImageEdit::default() }, untrack(|| t_string!(i18n, viewer.did_flip)));
            }>
                {drawn(MIRROR)}<span>{tr!(i18n, viewer.flip)}</span>
            </button>
            <button type="button" class="button button-quiet" aria-haspopup="dialog" aria-disabled=unless
                on:click=move |_| crops.set(!changes.busy.get_untracked())>
                {drawn(CROP)}<span>{tr!(i18n, viewer.crop_open)}</span>
            </button>
            <button type="button" class="button button-quiet" aria-disabled=unless on:click=move |_| {
                if let Some(input) = picker.get_untracked().filter(|_| !changes.busy.get_untracked()) {
                    input.click();
                }
            }>
                {drawn(REPLACE)}<span>{tr!(i18n, viewer.replace)}</span>
            </button>
            <input type="file" accept="image/*" hidden node_ref=picker
                aria-label=tr!(i18n, viewer.replace) on:change=picked />
        </div>
        <Cropping changes=changes open=crops />
    }
}

/// Sends a file that the image shows from now on.
async fn put(id: ImageId, file: JsValue) -> Result<Image, Problem> {
    let options = Object::new();
    for (name, value) in [("method", &"PUT".into()), ("body", &file)] {
        let _ = Reflect::set(&options, &name.into(), value);
    }
    let path = JsValue::from(format!("/api/v1/images/{id}/file"));
    let fetch = js::get(&window(), "fetch");
    let sent = fetch.unchecked_ref::<Function>().call2(&window(), &path, &options);
    let answer = awaited(sent).await.ok_or(Problem::Offline)?;
    let text = awaited(js::call(&answer, "text").ok_or(JsValue::UNDEFINED)).await.ok_or(Problem::Offline)?;
    let text = text.as_string().unwrap_or_default();
    if js::is(&answer, "ok") {
        return serde_json::from_slice(text.as_bytes()).map_err(|_| Problem::Internal);
    }
    Err(serde_json::from_slice(text.as_bytes()).unwrap_or(Problem::Internal))
}

async fn awaited(promise: Result<JsValue, JsValue>) -> Option<JsValue> {
    Promise::resolve(&promise.ok()?).await.ok()
}

/// All versions, asked for anew whenever there is another one.
#[component]
fn Versions(changes: Changes) -> impl IntoView {
    let i18n = use_i18n();
    let found = RwSignal::new(None::<Vec<ImageVersion>>);
    let doomed = RwSignal::new(None::<u32>);
    let load = move || {
        spawn_local(async move {
            match api::image_versions(changes.id).await {
                Ok(versions) => drop(found.try_set(Some(versions))),
                Err(error) => drop(changes.problem.try_set(Some(error.0))),
            }
        });
    };
    let version = Memo::new(move |_| changes.image.with(|image| (image.id, image.version)));
    Effect::new(move |_| {
        if version.get().0 == changes.id {
            load();
        }
    });
    let restore = Callback::new(move |number: u32| {
        let work = async move { api::restore_version(changes.id, number).await.map_err(|error| error.0) };
        changes.begin(work, untrack(|| t_string!(i18n, viewer.did_restore)));
    });
    let delete = Callback::new(move |number: u32| {
        if changes.busy.get_untracked() {
            return;
        }
        changes.busy.set(true);
        spawn_local(async move {
            let done = api::delete_version(changes.id, number).await;
            let _ = changes.busy.try_set(false);
            if let Err(error) = done {
                let _ = changes.problem.try_set(Some(error.0));
            }
            load();
        });
    });
    // Rows stay while others come and go, and what is focused in them.
    let has_any = Memo::new(move |_| found.with(|found| found.as_ref().map(|versions| versions.len() > 1)));
    let shown = Memo::new(move |_| found.with(|found| found.as_ref()?.first().map(|version| version.number)));
    view! {
        {move || has_any.get().map(|has_any| {
            if !has_any {
                return view! { <p class="hint">{tr!(i18n, viewer.no_versions)}</p> }.into_any();
            }
            view! {
                <ul class="things" aria-label=tr!(i18n, viewer.versions)>
                    <For each=move || found.get().unwrap_or_default() key=|version| version.number let:version>
                        <VersionRow changes=changes version=version shown=shown restore=restore doomed=doomed />
                    </For>
                </ul>
                <p class="hint">{tr!(i18n, viewer.versions_text, most = MOST_VERSIONS.to_string())}</p>
            }.into_any()
        })}
        <QuestionDialog
            about=doomed
            question=Signal::derive(move || t_string!(i18n, viewer.delete_version).to_owned())
            text=Signal::derive(move || t_string!(i18n, images.cannot_undo).to_owned())
            act=Signal::derive(move || t_string!(i18n, images.delete_forever).to_owned())
            on_yes=delete
        />
    }
}

#[component]
fn VersionRow(
    changes: Changes,
    version: ImageVersion,
    shown: Memo<Option<u32>>,
    restore: Callback<u32>,
    doomed: RwSignal<Option<u32>>,
) -> impl IntoView {
    let i18n = use_i18n();
    let id = changes.id;
    let unless = move || changes.busy.get().then_some("true");
    let ImageVersion { number, made, made_at, media_type, byte_size, width, height, .. } = version;
    let name = move || match made {
        Made::Uploaded => t_string!(i18n, viewer.made_uploaded),
        Made::Replaced => t_string!(i18n, viewer.made_replaced),
        Made::Rotated => t_string!(i18n, viewer.made_rotated),
        Made::Flipped => t_string!(i18n, viewer.made_flipped),
        Made::Cropped => t_string!(i18n, viewer.made_cropped),
        Made::Restored => t_string!(i18n, viewer.made_restored),
    };
    let facts = format!(" · {width} × {height} · {} · {byte_size}", media_type.extension().to_uppercase());
    let date = made_at.date().to_owned();
    view! {
        <li class="thing" data-version=number>
            <img class=format!("bin-swatch {}", ratio_class(width, height)) alt="" loading="lazy"
                src=format!("/api/v1/images/{id}/versions/{number}/file?w=160") width=width height=height />
            <div class="thing-facts">
                <strong>{text(move || format!("{number}. {}", name()))}</strong>
                <span class="hint">{text(move || dates::day(i18n.get_locale(), &date))}{facts}</span>
            </div>
            {move || if shown.get() == Some(number) {
                view! { <span class="badge">{tr!(i18n, viewer.shown_now)}</span> }.into_any()
            } else {
                view! {
                    <button type="button" class="button" aria-disabled=unless
                        aria-label=tr!(i18n, viewer.restore_number, number = number.to_string())
                        on:click=move |_| restore.run(number)>
                        {tr!(i18n, viewer.restore)}
                    </button>
                    <button type="button" class="button button-quiet button-danger" aria-disabled=unless
                        aria-label=tr!(i18n, viewer.delete_number, number = number.to_string())
                        on:click=move |_| {
                            if !changes.busy.get_untracked() {
                                doomed.set(Some(number));
                            }
                        }>
                        {tr!(i18n, viewer.delete)}
                    </button>
                }.into_any()
            }}
        </li>
    }
}
