//! Where everybody may make an account: the way to the wizard.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{
    Problem,
    types::{ChallengeAnswer, ChallengePurpose},
};

use crate::{
    api,
    components::{AccountProblemNotice, ChallengeField, When},
    i18n::{t_string, use_i18n},
    pages::asking::Asking,
    session::use_session,
    text::{heading, text, tr},
};

/// `/sign-up`
#[component]
pub fn SignUpPage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let navigate = use_navigate();
    let is_open = move || session.info().is_some_and(|info| info.sign_in.sign_up);
    let answer = RwSignal::new(None::<ChallengeAnswer>);
    let problem = RwSignal::new(None::<Problem>);
    let me = move || session.info().and_then(|info| info.me);
    let asking = Asking::new();
    let go_on = move |()| {
        problem.set(None);
        let navigate = navigate.clone();
        asking.run(api::sign_up(answer.try_update(Option::take).flatten()), move |outcome| match outcome {
            Ok(token) => navigate(&format!("/enrol/{token}"), NavigateOptions::default()),
            Err(error) => problem.set(Some(error.0)),
        });
    };
    let go_on = Callback::new(go_on);
    view! {
        <Title text=heading(move || t_string!(i18n, auth.sign_up_title).to_owned()) />
        <section class="card sign-in">
            <h1>{tr!(i18n, auth.sign_up_title)}</h1>
            <When when=is_open fallback=move || view! {
                <p>{text(move || match me() {
                    Some(me) => t_string!(i18n, auth.already, name = me.name.to_string()).to_string(),
                    None => t_string!(i18n, auth.sign_up_closed).to_owned(),
                })}</p>
            }>
                <p>{tr!(i18n, auth.sign_up_text)}</p>
                <ChallengeField purpose=ChallengePurpose::SignUp answer=answer />
                <AccountProblemNotice problem=problem />
                <button type="button" class="button button-primary"
                    disabled=move || answer.with(Option::is_none) || asking.busy().get()
                    on:click=move |_| go_on.run(())>
                    {tr!(i18n, common.next)}
                </button>
            </When>
        </section>
    }
}
