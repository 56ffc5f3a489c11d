//! What is left of the recovery codes, and new ones.

use leptos::prelude::*;
use model::types::{FEW_RECOVERY_CODES, MaskedRecoveryCode, RecoveryCodesOffer, RecoveryStatus};

use super::doing::Doing;
use crate::{
    api,
    components::When,
    dates,
    i18n::{tu_string, use_i18n},
    pages::{
        loaded::{Place, loaded},
        wizard::{CodesStep, SheetContents, StepTitle},
    },
    session::use_session,
    text::tr,
    toasts::use_toasts,
};

/// `/settings/recovery-codes`
#[component]
pub(super) fn RecoveryCodesSection() -> impl IntoView {
    let offer = RwSignal::new(None::<RecoveryCodesOffer>);
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::recovery_codes());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            {move || match offer.get() {
                Some(one) => view! { <NewCodes one=one offer=offer again=again /> }.into_any(),
                None => view! { <Status found=found offer=offer again=again /> }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Status(
    found: Resource<Result<RecoveryStatus, crate::ApiError>, api::Wire>,
    offer: RwSignal<Option<RecoveryCodesOffer>>,
    again: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    view! {
        <StepTitle text=tr!(i18n, security.recovery_codes) focus=false />
        <p class="hint">{tr!(i18n, security.codes_text)}</p>
        {loaded(found, again, Place::Card, |codes| view! { {move || view! { <Masked codes=codes.get() /> }} }.into_any())}
        <p class="hint">{tr!(i18n, security.make_codes_text)}</p>
        // Of two sets only the last one that was asked for can become good.
        <button type="button" class="button button-primary" aria-disabled=doing.aria_busy()
            on:click=move |_| doing.begin(api::begin_recovery_codes, move |made| offer.set(Some(made)))>
            {tr!(i18n, security.make_codes)}
        </button>
    }
}

#[component]
fn Masked(codes: RecoveryStatus) -> impl IntoView {
    let i18n = use_i18n();
    let (left, total) = (codes.left(), codes.codes.len());
    let few = i64::try_from(left).is_ok_and(|left| left < FEW_RECOVERY_CODES);
    let made = codes.created_at.map(|at| at.date().to_owned()).unwrap_or_default();
    view! {
        <p>{tr!(i18n, security.codes_left, left = left.to_string(), total = total.to_string(), day = dates::day(i18n.get_locale(), &made))}</p>
        <When when=move || few>
            <p class="notice">{tr!(i18n, security.codes_few)}</p>
        </When>
        <ol class="codes">{codes.codes.into_iter().map(|code| view! { <MaskedCode code=code /> }).collect_view()}</ol>
    }
}

#[component]
fn MaskedCode(code: MaskedRecoveryCode) -> impl IntoView {
    let i18n = use_i18n();
    let masked = code.masked();
    match code.used_at {
        Some(at) => view! {
            <li>
                <s><code>{masked}</code></s>
                <div class="hint">{tr!(i18n, security.code_used, day = dates::day(i18n.get_locale(), at.date()))}</div>
            </li>
        }
        .into_any(),
        None => view! { <li><code>{masked}</code></li> }.into_any(),
    }
}

#[component]
fn NewCodes(
    one: RecoveryCodesOffer,
    offer: RwSignal<Option<RecoveryCodesOffer>>,
    again: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let ticket = one.ticket;
    let made = move |()| {
        toasts.tell(tu_string!(i18n, security.codes_made));
        offer.set(None);
        again.run(());
        session.refresh();
    };
    let account = untrack(|| session.info()).and_then(|info| info.me).map(|me| me.name);
    account.map(|account| {
        view! {
            <CodesStep
                sheet=SheetContents { account, secret: None, codes: one.codes }
                check=move |code| api::confirm_recovery_codes(ticket.clone(), code)
                on_checked=Callback::new(made)
                on_anew=Callback::new(move |()| offer.set(None))
            />
            <button type="button" class="button button-quiet" on:click=move |_| offer.set(None)>
                {tr!(i18n, common.cancel)}
            </button>
        }
    })
}
