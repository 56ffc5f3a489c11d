//! To whom images are shown, and until when.

use leptos::{ev, html, prelude::*, task::spawn_local};
use model::{
    Problem,
    types::{BulkAction, BulkOutcome, ImageId, Visibility},
};

use crate::{
    api,
    components::{Modal, ProblemNotice},
    dates,
    i18n::{t_string, tu_string, use_i18n},
    text::tr,
};

/// A button, the question to whom and until when, and what came of it.
#[component]
pub(super) fn ShowTo(images: Signal<Vec<ImageId>>) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let close = Callback::new(move |()| open.set(false));
    view! {
        <button type="button" class="button" aria-haspopup="dialog" on:click=move |_| open.set(true)>
            {tr!(i18n, bulk.show)}
        </button>
        <Modal
            open=open
            class="confirm"
            label=Signal::derive(move || t_string!(i18n, bulk.show_title).to_owned())
            on_close=close
        >
            <Question images=images close=close />
        </Modal>
    }
}

#[component]
fn Question(images: Signal<Vec<ImageId>>, close: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let (problem, said) = (RwSignal::new(None::<Problem>), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let ends = RwSignal::new(false);
    let (visibility, until, moment) =
        (NodeRef::<html::Select>::new(), NodeRef::<html::Select>::new(), NodeRef::<html::Input>::new());
    let chosen =
        |field: NodeRef<html::Select>| field.get_untracked().map(|field| field.value()).unwrap_or_default();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut actions = Vec::new();
        actions.extend(Visibility::from_name(&chosen(visibility)).map(BulkAction::Visibility));
        match chosen(until).as_str() {
            "never" => actions.push(BulkAction::ExpiresAt(None)),
            "moment" => {
                let typed = moment.get_untracked().map(|field| field.value()).unwrap_or_default();
                // Without a moment it would be never.
                actions.extend(dates::from_typed(&typed).map(|at| BulkAction::ExpiresAt(Some(at))));
            }
            _ => {}
        }
        if busy.get_untracked() || actions.is_empty() {
            return;
        }
        busy.set(true);
        problem.set(None);
        let ids = images.get_untracked();
        spawn_local(async move {
            let (mut outcome, mut refused) = (None::<BulkOutcome>, None);
            for action in actions {
                match api::bulk(ids.clone(), action).await {
                    Ok(next) => outcome = Some(outcome.map_or(next.clone(), |before| before.and(next))),
                    Err(error) => {
                        refused = Some(error.0);
                        break;
                    }
                }
            }
            // The dialog may be closed by now, and with it what the answer would touch.
            if busy.try_set(false).is_some() {
                return;
            }
            if let Some(BulkOutcome { done, unchanged, missing }) = outcome {
                let mut text = tu_string!(i18n, bulk.done, count = done.len().to_string()).to_string();
                if !unchanged.is_empty() {
                    text += &format!(
                        " {}",
                        tu_string!(i18n, bulk.unchanged, count = unchanged.len().to_string())
                    );
                }
                if !missing.is_empty() {
                    text +=
                        &format!(" {}", tu_string!(i18n, albums.missing, count = missing.len().to_string()));
                }
                said.set(text);
            }
            problem.set(refused);
        });
    };
    view! {
        <form class="things" on:submit=submit on:keydown=|event| event.stop_propagation()>
            <h2>{tr!(i18n, bulk.show_title)}</h2>
            <label class="field">
                <span>{tr!(i18n, details.visibility)}</span>
                <select node_ref=visibility>
                    <option value="">{tr!(i18n, bulk.as_it_is)}</option>
                    <option value=Visibility::Public.name()>{tr!(i18n, profile.public)}</option>
                    <option value=Visibility::Unlisted.name()>{tr!(i18n, details.unlisted)}</option>
                    <option value=Visibility::Private.name()>{tr!(i18n, details.private)}</option>
                </select>
            </label>
            <label class="field">
                <span>{tr!(i18n, details.expires)}</span>
                <select node_ref=until on:change=move |event| ends.set(event_target_value(&event) == "moment")>
                    <option value="">{tr!(i18n, bulk.as_it_is)}</option>
                    <option value="moment">{tr!(i18n, bulk.until)}</option>
                    <option value="never">{tr!(i18n, bulk.no_end)}</option>
                </select>
                <input type="datetime-local" aria-label=tr!(i18n, details.expires) hidden=move || !ends.get()
                    required=move || ends.get() node_ref=moment />
                <small>{tr!(i18n, details.expires_hint)}</small>
            </label>
            <ProblemNotice problem=problem />
            <p class="hint" role="status">{move || said.get()}</p>
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=move || busy.get().to_string()>{tr!(i18n, bulk.apply)}</button>
                <button type="button" class="button" on:click=move |_| close.run(())>{tr!(i18n, common.close)}</button>
            </div>
        </form>
    }
}
