//! Steps of wizards: a secret to scan, its first code, recovery codes to keep, and all of it on paper.

mod codes;
mod confirm;
mod copy;
mod scan;
mod sheet;

use leptos::{html, prelude::*};
use model::Problem;

use self::copy::CopyButton;
pub(super) use self::{
    codes::CodesStep,
    confirm::ConfirmStep,
    scan::ScanStep,
    sheet::{PrintButton, Sheet, SheetContents},
};
use crate::{
    components::When,
    i18n::use_i18n,
    text::{Text, tr},
};

/// What a step is called. It takes the focus, since what had it is gone.
#[component]
pub(super) fn StepTitle(
    /// The words.
    text: Text,
    /// Whether it was come to from another step, and not with the page.
    #[prop(default = true)]
    focus: bool,
) -> impl IntoView {
    let title = NodeRef::<html::H1>::new();
    Effect::new(move |_| {
        if let Some(title) = title.get()
            && focus
        {
            let _ = title.focus();
        }
    });
    view! { <h1 tabindex="-1" node_ref=title>{text}</h1> }
}

/// The way back, or to the beginning where what there is to go back to has lapsed.
#[component]
fn BackOrAnew(
    /// What went wrong.
    problem: RwSignal<Option<Problem>>,
    /// Told to go back.
    on_back: Callback<()>,
    /// Told to begin anew.
    on_anew: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <When
            when=move || has_lapsed(problem)
            fallback=move || view! {
                <button type="button" class="button button-quiet" on:click=move |_| on_back.run(())>
                    {tr!(i18n, common.back)}
                </button>
            }
        >
            <AnewButton on_anew=on_anew />
        </When>
    }
}

#[component]
fn AnewButton(on_anew: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <button type="button" class="button button-primary" on:click=move |_| on_anew.run(())>
            {tr!(i18n, auth.begin_again)}
        </button>
    }
}

fn has_lapsed(problem: RwSignal<Option<Problem>>) -> bool {
    problem.with(|problem| *problem == Some(Problem::EnrolmentExpired))
}
