//! Links by which people without an account put images into an album: made, copied, ended.

use js_sys::Date;
use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use model::{
    Problem,
    rules::links::guest_path,
    types::{Album, AlbumId, GuestLink, GuestLinkDraft, GuestLinkName},
};

use crate::{
    api,
    components::{CopyRow, Modal, ProblemNotice, problem_text},
    dates,
    i18n::{Locale, t_string, tu_string, use_i18n},
    pages::{asking::Asking, question::QuestionDialog},
    session::use_session,
    text::{text, tr},
    toasts::use_toasts,
};

/// The links of an album, as they are known.
#[derive(Clone, Copy)]
struct Links {
    all: RwSignal<Vec<GuestLink>>,
    doomed: RwSignal<Option<GuestLink>>,
    problem: RwSignal<Option<Problem>>,
    asking: Asking,
}

/// Shows them, and asks for the terms of another one.
#[component]
pub(super) fn GuestDialog(open: RwSignal<bool>, album: Memo<Option<Album>>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let all = RwSignal::new(Vec::new());
    let (doomed, problem) = (RwSignal::new(None::<GuestLink>), RwSignal::new(None::<Problem>));
    let links = Links { all, doomed, problem, asking: Asking::new() };
    let id = move || album.with_untracked(|album| album.as_ref().map(|album| album.id));
    // Asked for when it is opened: guests may have sent something meanwhile.
    Effect::new(move |_| {
        if let (true, Some(id)) = (open.get(), untrack(id)) {
            problem.set(None);
            links.asking.run(api::guest_links(id), move |answer| match answer {
                Ok(found) => all.set(found),
                Err(error) => problem.set(Some(error.0)),
            });
        }
    });
    let end = Callback::new(move |link: GuestLink| {
        let Some(album) = id() else { return };
        let id = link.id;
        links.asking.run(api::end_guest_link(album, id), move |answer| match answer {
            Ok(()) => {
                all.update(|all| all.retain(|link| link.id != id));
                toasts.tell(tu_string!(i18n, guests.ended));
            }
            Err(error) => toasts.fail(problem_text(i18n, &error.0)),
        });
    });
    let name = move || doomed.with(|link| link.as_ref().map(|link| String::from(link.name.clone())));
    view! {
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, guests.title).to_owned())
            on_close=Callback::new(move |()| open.set(false))
        >
            <div class="things">
                <h2>{tr!(i18n, guests.title)}</h2>
                <p class="hint">{tr!(i18n, guests.text)}</p>
                <For each=move || all.get() key=|link| (link.id, link.images) let:link><Row link=link links=links /></For>
                {move || untrack(id).map(|id| view! { <Making album=id links=links /> })}
                <ProblemNotice problem=problem />
                <button type="button" class="button" on:click=move |_| open.set(false)>{tr!(i18n, common.close)}</button>
            </div>
        </Modal>
        <QuestionDialog
            about=doomed
            question=Signal::derive(move || {
                t_string!(i18n, guests.end_question, name = name().unwrap_or_default()).to_string()
            })
            text=Signal::derive(move || t_string!(i18n, guests.end_text).to_owned())
            act=Signal::derive(move || t_string!(i18n, guests.end).to_owned())
            on_yes=end
        />
    }
}

/// One of them: its address, what came by it, and its end.
#[component]
fn Row(link: GuestLink, links: Links) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let url = untrack(|| session.origins()).site + &guest_path(&link.slug);
    let name = StoredValue::new(String::from(link.name.clone()));
    let (shown, doomed) = (link.clone(), StoredValue::new(link));
    view! {
        <section class="guest-link" aria-label=move || name.get_value()>
            <CopyRow name=text(move || name.get_value()) text=url />
            <div class="row">
                <small class="hint">{text(move || facts(i18n, &shown))}</small>
                <button type="button" class="button button-danger"
                    aria-label=tr!(i18n, guests.end_named, name = name.get_value())
                    on:click=move |_| links.doomed.set(Some(doomed.get_value()))>
                    {tr!(i18n, guests.end)}
                </button>
            </div>
        </section>
    }
}

/// What came by a link, and what it takes.
fn facts(i18n: I18nContext<Locale>, link: &GuestLink) -> String {
    let came = match link.max_images {
        Some(most) => {
            t_string!(i18n, guests.came_of, count = link.images.to_string(), most = most.to_string())
                .to_string()
        }
        None => t_string!(i18n, guests.came, count = link.images.to_string()).to_string(),
    };
    let space = match link.max_bytes {
        Some(most) => {
            let (used, most) = (link.bytes.to_string(), most.to_string());
            t_string!(i18n, guests.space_of, used = used, most = most).to_string()
        }
        None => link.bytes.to_string(),
    };
    let until = link.expires_at.as_ref().map(|until| {
        if Date::new(&until.as_str().into()).get_time() <= Date::now() {
            return t_string!(i18n, guests.lapsed).to_owned();
        }
        let moment = dates::typed(until).replace('T', " ");
        t_string!(i18n, guests.until, moment = moment).to_string()
    });
    [Some(came), Some(space), until].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The terms of another one.
#[component]
fn Making(album: AlbumId, links: Links) -> impl IntoView {
    let i18n = use_i18n();
    let Links { all, problem, asking, .. } = links;
    let form = NodeRef::<html::Form>::new();
    let [name, expires, images, space] = [(); 4].map(|()| NodeRef::<html::Input>::new());
    let wrong = RwSignal::new(None::<String>);
    let made = RwSignal::new(false);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|field| field.value()).unwrap_or_default()
        };
        let filled = |field| Some(typed(field)).filter(|text| !text.is_empty());
        let draft = GuestLinkDraft {
            name: typed(name),
            expires_at: dates::from_typed(&typed(expires)),
            max_images: filled(images),
            max_bytes: filled(space).map(|amount| format!("{amount} MiB")),
        };
        problem.set(None);
        wrong.set(None);
        made.set(false);
        asking.run(api::make_guest_link(album, draft), move |answer| match answer {
            Ok(link) => {
                all.update(|all| all.insert(0, link));
                made.set(true);
                if let Some(form) = form.get_untracked() {
                    form.reset();
                }
            }
            Err(crate::ApiError(Problem::InvalidParameter { name, .. })) if name == "expires_at" => {
                wrong.set(Some(t_string!(i18n, guests.bad_expires).to_owned()));
            }
            Err(crate::ApiError(Problem::InvalidParameter { name, .. })) if name == "max_images" => {
                wrong.set(Some(t_string!(i18n, guests.bad_images).to_owned()));
            }
            Err(crate::ApiError(Problem::InvalidParameter { name, .. })) if name == "max_bytes" => {
                wrong.set(Some(t_string!(i18n, guests.bad_bytes).to_owned()));
            }
            Err(error) => problem.set(Some(error.0)),
        });
    };
    view! {
        <form class="things" node_ref=form on:submit=submit>
            <label class="field">
                <span>{tr!(i18n, guests.name)}</span>
                <input type="text" required autocomplete="off" maxlength=GuestLinkName::MAX_CHARS.to_string() node_ref=name />
                <small>{tr!(i18n, guests.name_hint)}</small>
            </label>
            <label class="field">
                <span>{tr!(i18n, guests.expires)}</span>
                <input type="datetime-local" node_ref=expires />
            </label>
            <label class="field">
                <span>{tr!(i18n, guests.max_images)}</span>
                <input type="number" inputmode="numeric" min="1" max="100000" node_ref=images />
            </label>
            <label class="field">
                <span>{tr!(i18n, guests.max_bytes)}</span>
                <input type="number" inputmode="numeric" min="1" max="1073741824" node_ref=space />
                <small>{tr!(i18n, guests.limits_hint)}</small>
            </label>
            <div role="alert">{move || wrong.get().map(|text| view! { <p class="notice notice-error">{text}</p> })}</div>
            <p class="hint" role="status">{move || made.get().then(|| t_string!(i18n, guests.made))}</p>
            <button type="submit" class="button button-primary" aria-disabled=move || asking.busy().get().then_some("true")>
                {tr!(i18n, guests.make)}
            </button>
        </form>
    }
}
