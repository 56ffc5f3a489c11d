//! Deleting one's own account.

use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::doing::Doing;
use crate::{
    api,
    i18n::{t_string, tu_string, use_i18n},
    pages::removal::RemovalCard,
    session::use_session,
    toasts::use_toasts,
};

/// Offers it; nobody is signed in when it is done.
#[component]
pub(super) fn OwnRemoval(
    /// The account's name.
    name: String,
) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let session = use_session();
    let navigate = StoredValue::new(use_navigate());
    let doing = Doing::with(Callback::new(move |()| session.refresh()));
    let remove = Callback::new(move |typed: String| {
        doing.begin(
            move || api::remove_account(typed.clone()),
            move |info| {
                toasts.tell(tu_string!(i18n, security.left_now).to_owned());
                navigate.with_value(|navigate| navigate("/", NavigateOptions::default()));
                session.leave(info);
            },
        );
    });
    view! {
        <RemovalCard
            name=name
            title=Signal::derive(move || t_string!(i18n, security.leave).to_owned())
            text=Signal::derive(move || t_string!(i18n, security.leave_text).to_owned())
            question=Signal::derive(move || t_string!(i18n, security.leave_question).to_owned())
            busy=doing.busy()
            remove=remove
        />
    }
}
