//! For somebody who was here before.

use leptos::prelude::*;
use model::{
    Problem,
    types::{KnownVisitor, SessionInfo, SignInStep},
};

use super::Onward;
use crate::{
    ApiError, api,
    components::AccountProblemNotice,
    i18n::{t_string, tu_string, use_i18n},
    pages::asking::Asking,
    session::use_session,
    text::tr,
    toasts::use_toasts,
};

/// On a device that they trust: a button.
#[component]
pub(super) fn Trusted(
    /// Who.
    known: Signal<Option<KnownVisitor>>,
    /// Set when they are another.
    another: RwSignal<bool>,
    /// Told that they are signed in.
    on_arrival: Callback<(SessionInfo, Option<Onward>)>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let problem = RwSignal::new(None::<Problem>);
    let asking = Asking::new();
    let go_on = move |_| {
        problem.set(None);
        let asked = async {
            Ok(match api::sign_in_with_device().await? {
                SignInStep::SignedIn { session: info } => Some((*info, Onward::find(false).await)),
                _ => None,
            })
        };
        asking.run(asked, move |outcome: Result<_, ApiError>| match outcome {
            Ok(Some(arrival)) => on_arrival.run(arrival),
            Ok(None) => {
                toasts.fail(tu_string!(i18n, auth.untrusted));
                session.refresh();
            }
            Err(error) => problem.set(Some(error.0)),
        });
    };
    view! {
        <p>{tr!(i18n, auth.known_text)}</p>
        <button type="button" class="button button-primary" autofocus disabled=move || asking.busy().get() on:click=go_on>
            {move || known.get().map(|known| t_string!(i18n, auth.go_on, name = known.name.to_string()).to_string())}
        </button>
        <AccountProblemNotice problem=problem />
        <Another another=another />
    }
}

/// Their session has moved to another network: why a code is asked for.
#[component]
pub(super) fn Moved(
    /// Who.
    known: Signal<Option<KnownVisitor>>,
    /// Set when they are another.
    another: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <p class="notice" role="status">
            {move || known.get().map(|known| t_string!(i18n, auth.moved, name = known.name.to_string()).to_string())}
        </p>
        <Another another=another />
    }
}

#[component]
fn Another(another: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button type="button" class="button button-quiet" on:click=move |_| another.set(true)>
            {tr!(i18n, auth.another)}
        </button>
    }
}
