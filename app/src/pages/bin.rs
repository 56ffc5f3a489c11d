//! What was deleted, for seven days.

use leptos::prelude::*;
use leptos_meta::Title;
use model::types::{BinnedImage, BulkAction, BulkOutcome, ImageId, Page};

use super::{SignInPrompt, question::QuestionDialog};
use crate::{
    api,
    components::{Glyph, Icon, ProblemNotice, When, problem_text, ratio_class},
    dates,
    i18n::{t_string, tu_string, use_i18n},
    session::use_session,
    text::{heading, tr},
    toasts::use_toasts,
};

/// `/bin`
#[component]
pub fn BinPage() -> impl IntoView {
    let session = use_session();
    view! { <When when=move || session.signed_in() fallback=SignInPrompt><Bin /></When> }
}

#[component]
fn Bin() -> impl IntoView {
    let i18n = use_i18n();
    let first = api::page_resource(|| (), |()| api::list_bin(None));
    view! {
        <Title text=heading(move || t_string!(i18n, images.bin_title).to_owned()) />
        <Suspense fallback=move || view! { <p class="loading">{tr!(i18n, common.loading)}</p> }>
            {move || Suspend::new(async move {
                match first.await {
                    Ok(page) => view! { <Contents page=page /> }.into_any(),
                    Err(error) => view! { <ProblemNotice problem=Signal::stored(Some(error.0)) /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// What is asked before something goes for good.
#[derive(Clone, PartialEq)]
enum Doomed {
    One(Box<BinnedImage>),
    All,
}

#[component]
fn Contents(page: Page<BinnedImage>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let images = RwSignal::new(page.items);
    let cursor = RwSignal::new(page.next_cursor);
    let asking = RwSignal::new(None::<Doomed>);

    let question = move || {
        asking.with(|doomed| match doomed {
            Some(Doomed::One(binned)) => {
                t_string!(i18n, images.confirm_purge, name = binned.image.filename.clone()).to_string()
            }
            Some(Doomed::All) => t_string!(i18n, images.confirm_empty).to_owned(),
            None => String::new(),
        })
    };

    let more = Action::new(move |from: &String| {
        let from = from.clone();
        async move {
            match api::list_bin(Some(from)).await {
                Ok(page) => {
                    images.update(|images| images.extend(page.items));
                    cursor.set(page.next_cursor);
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        }
    });
    // Where all that was loaded has gone, the rest comes by itself.
    let is_empty = Memo::new(move |_| images.with(Vec::is_empty) && cursor.with(Option::is_none));
    let goes_on = Memo::new(move |_| images.with(Vec::is_empty) && cursor.with(Option::is_some));
    Effect::new(move |_| {
        if goes_on.get()
            && let Some(from) = cursor.get_untracked()
        {
            more.dispatch(from);
        }
    });
    let restore = Callback::new(move |id: ImageId| {
        leptos::task::spawn_local(async move {
            match api::bulk(vec![id], BulkAction::Restore).await {
                Ok(BulkOutcome { done, .. }) => {
                    images.update(|images| images.retain(|binned| !done.contains(&binned.image.id)));
                    toasts.tell(tu_string!(i18n, images.restored));
                    session.refresh();
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        });
    });
    let purge = move |doomed: Doomed| {
        leptos::task::spawn_local(async move {
            let outcome = match &doomed {
                Doomed::One(binned) => api::purge_images(vec![binned.image.id]).await,
                Doomed::All => api::empty_bin().await,
            };
            match outcome {
                Ok(_) => {
                    // The page may be left by now, and its signals be gone.
                    match doomed {
                        Doomed::One(gone) => {
                            let is_left = |binned: &BinnedImage| binned.image.id != gone.image.id;
                            let _ = images.try_update(|images| images.retain(is_left));
                        }
                        Doomed::All => {
                            let _ = cursor.try_set(None);
                            let _ = images.try_update(Vec::clear);
                        }
                    }
                    toasts.tell(tu_string!(i18n, images.purged));
                    session.refresh();
                }
                Err(error) => toasts.fail(problem_text(i18n, &error.0)),
            }
        });
    };

    view! {
        <header class="page-head">
            <div>
                <h1>{tr!(i18n, images.bin_title)}</h1>
                <p class="hint">{tr!(i18n, images.bin_text)}</p>
            </div>
            <When when=move || !is_empty.get()>
                <button type="button" class="button button-danger" on:click=move |_| asking.set(Some(Doomed::All))>
                    {tr!(i18n, images.empty_bin)}
                </button>
            </When>
        </header>
        <When
            when=move || !is_empty.get()
            fallback=move || view! {
                <section class="empty">
                    <Icon glyph=Glyph::Bin />
                    <h2>{tr!(i18n, images.bin_empty_title)}</h2>
                    <p>{tr!(i18n, images.bin_empty_text)}</p>
                </section>
            }
        >
            <ul class="things">
                <For each=move || images.get() key=|binned| binned.image.id let:binned>
                    <BinRow binned=binned restore=restore purge=Callback::new(move |binned| asking.set(Some(Doomed::One(Box::new(binned))))) />
                </For>
            </ul>
            <When when=move || cursor.with(Option::is_some)>
                <button type="button" class="button" disabled=move || more.pending().get()
                    on:click=move |_| { if let Some(from) = cursor.get_untracked() { more.dispatch(from); } }>
                    {tr!(i18n, images.load_more)}
                </button>
            </When>
        </When>
        <QuestionDialog
            about=asking
            question=Signal::derive(question)
            text=Signal::derive(move || t_string!(i18n, images.cannot_undo).to_owned())
            act=Signal::derive(move || t_string!(i18n, images.delete_forever).to_owned())
            on_yes=Callback::new(purge)
        />
    }
}

/// A picture in the bin has no address any more, so what stands for it until it has loaded does, and its name.
#[component]
fn BinRow(binned: BinnedImage, restore: Callback<ImageId>, purge: Callback<BinnedImage>) -> impl IntoView {
    let i18n = use_i18n();
    let image = binned.image.clone();
    let going = binned.purge_at.date().to_owned();
    let class = format!("bin-swatch {}", ratio_class(image.width, image.height));
    let doomed = binned.clone();
    view! {
        <li class="thing" data-id=image.id.to_string()>
            <img class=class src=image.preview.clone() alt="" />
            <div class="thing-facts">
                <strong>{image.filename.clone()}</strong>
                <span class="hint">
                    {format!("{} × {} · {} · ", image.width, image.height, image.byte_size)}
                    {tr!(i18n, images.goes_on, date = dates::day(i18n.get_locale(), &going))}
                </span>
            </div>
            <button type="button" class="button" on:click=move |_| restore.run(image.id)>
                <Icon glyph=Glyph::Restore /><span>{tr!(i18n, images.restore)}</span>
            </button>
            <button type="button" class="button button-quiet button-danger" on:click=move |_| purge.run(doomed.clone())>
                {tr!(i18n, images.delete_forever)}
            </button>
        </li>
    }
}
