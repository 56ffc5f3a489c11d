//! A person's authenticators: those there are, one more, another secret for one.

mod list;
mod setting_up;

use leptos::prelude::*;
use model::types::AuthenticatorOffer;

use self::{
    list::List,
    setting_up::{Confirming, Done, Naming},
};
use crate::{api, i18n::use_i18n, pages::wizard::ScanStep, text::tr};

/// How far setting one up is.
#[derive(Clone)]
enum Step {
    List,
    Naming,
    Scan(Begun),
    Confirm(Begun),
    Done(Begun),
}

/// A secret that was made.
#[derive(Clone)]
struct Begun {
    offer: AuthenticatorOffer,
    /// Whether it takes the place of another one.
    renews: bool,
}

/// `/settings/authenticators`
#[component]
pub(super) fn AuthenticatorsSection() -> impl IntoView {
    let i18n = use_i18n();
    let step = RwSignal::new(Step::List);
    let settled = RwSignal::new(false);
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::authenticators());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    let begun = move || {
        step.with(|step| match step {
            Step::Scan(begun) | Step::Confirm(begun) => Some(begun.offer.name.as_str().to_owned()),
            Step::List | Step::Naming | Step::Done(_) => None,
        })
    };
    let under_way = move || begun().is_some();
    view! {
        <section class="card" class:wizard=move || !step.with(|step| matches!(step, Step::List))>
            {move || begun().map(|name| view! { <p class="wizard-title">{name}</p> })}
            {move || match step.get() {
                Step::List => view! { <List found=found settled=settled step=step again=again /> }.into_any(),
                Step::Naming => view! { <Naming step=step /> }.into_any(),
                Step::Scan(begun) => view! {
                    <ScanStep secret=begun.offer.secret.clone() on_scanned=Callback::new(move |()| step.set(Step::Confirm(begun.clone()))) />
                }.into_any(),
                Step::Confirm(begun) => view! { <Confirming begun=begun step=step on_done=Callback::new(move |()| { settled.set(true); again.run(()); }) /> }.into_any(),
                Step::Done(begun) => view! { <Done begun=begun step=step /> }.into_any(),
            }}
            {move || under_way().then(|| view! {
                <button type="button" class="button button-quiet" on:click=move |_| step.set(Step::List)>
                    {tr!(i18n, common.cancel)}
                </button>
            })}
        </section>
    }
}
