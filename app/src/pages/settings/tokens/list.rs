//! The tokens there are.

use leptos::prelude::*;
use model::types::ApiToken;

use super::scope_name;
use crate::{
    api,
    components::{CopyRow, When},
    dates,
    i18n::{t_string, use_i18n},
    pages::{loaded::entry_of, question::QuestionDialog, settings::doing::Doing},
    session::use_session,
    text::{Text, text, tr},
};

/// What somebody is asked whether it is to go.
#[derive(Clone)]
enum Doomed {
    One(ApiToken),
    All,
}

/// Each with what it may do and where it was used, or what tokens are good for.
#[component]
pub(super) fn Tokens(tokens: Memo<Vec<ApiToken>>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let doomed = RwSignal::new(None::<Doomed>);
    view! {
        <When when=move || tokens.with(|tokens| !tokens.is_empty()) fallback=move || view! { <Lesson /> }>
            <ul class="things">
                <For each=move || tokens.get() key=|token| token.id let:token>
                    <TokenRow token=entry_of(tokens, token, |token| token.id) doomed=doomed />
                </For>
            </ul>
        </When>
        <When when=move || { tokens.with(Vec::len) > 1 }>
            <button type="button" class="button button-danger" on:click=move |_| doomed.set(Some(Doomed::All))>
                {tr!(i18n, tokens.revoke_all)}
            </button>
        </When>
        <RevokeDialog doomed=doomed doing=doing />
    }
}

/// What to do with the first one.
#[component]
fn Lesson() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let site = untrack(|| session.origins()).site;
    let command = format!("curl -H 'Authorization: Bearer rfl_…' -F file=@picture.png {site}/api/v1/images");
    view! {
        <p>{tr!(i18n, tokens.none)}</p>
        <CopyRow name=tr!(i18n, tokens.command) text=command />
    }
}

#[component]
fn TokenRow(token: Memo<ApiToken>, doomed: RwSignal<Option<Doomed>>) -> impl IntoView {
    let i18n = use_i18n();
    let name = move || token.with(|token| token.name.clone());
    let scopes = move || {
        let scopes = token.with(|token| token.scopes);
        scopes.iter().map(|scope| scope_name(i18n, scope)).collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>
                    {text(name)}
                    <When when=move || token.with(|token| token.expired)>
                        <span class="badge badge-error">{tr!(i18n, tokens.expired)}</span>
                    </When>
                </strong>
                <span>{text(scopes)}</span>
                <span class="hint">{life(token)}</span>
                <span class="hint">{last_use(token)}</span>
                <span class="hint">{limits(token)}</span>
            </div>
            <button type="button" class="button button-danger"
                aria-label=text(move || format!("{}: {}", t_string!(i18n, tokens.revoke), name()))
                on:click=move |_| doomed.set(Some(Doomed::One(token.get_untracked())))>
                {tr!(i18n, tokens.revoke)}
            </button>
        </li>
    }
}

/// From when to when.
fn life(token: Memo<ApiToken>) -> Text {
    let i18n = use_i18n();
    text(move || {
        let ApiToken { created_at, expires_at, expired, .. } = token.get();
        let day = |date: &str| dates::day(i18n.get_locale(), date);
        let made = t_string!(i18n, tokens.made_on, day = day(created_at.date())).to_string();
        let until = match expires_at {
            Some(at) if expired => t_string!(i18n, tokens.expired_on, day = day(at.date())).to_string(),
            Some(at) => t_string!(i18n, tokens.until, day = day(at.date())).to_string(),
            None => t_string!(i18n, tokens.until_revoked).to_owned(),
        };
        format!("{made} · {until}")
    })
}

fn last_use(token: Memo<ApiToken>) -> Text {
    let i18n = use_i18n();
    text(move || {
        let ApiToken { last_used_at, network, agent, .. } = token.get();
        let Some(at) = last_used_at else { return t_string!(i18n, tokens.unused).to_owned() };
        let moment = dates::moment(i18n.get_locale(), &at);
        match (network, agent) {
            (Some(network), Some(agent)) => {
                t_string!(i18n, tokens.last_used, moment = moment, network = network, agent = agent)
                    .to_string()
            }
            _ => t_string!(i18n, tokens.last_used_once, moment = moment).to_string(),
        }
    })
}

fn limits(token: Memo<ApiToken>) -> Text {
    let i18n = use_i18n();
    text(move || {
        let (requests, size) = token.with(|token| (token.requests_per_minute, token.max_upload));
        let requests = t_string!(i18n, tokens.limit_requests, count = requests.to_string()).to_string();
        match size {
            Some(size) => {
                let size = t_string!(i18n, tokens.limit_upload, size = size.to_string());
                format!("{requests} · {size}")
            }
            None => requests,
        }
    })
}

#[component]
fn RevokeDialog(doomed: RwSignal<Option<Doomed>>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let is_all = move || doomed.with(|doomed| matches!(doomed, Some(Doomed::All)));
    let question = move || {
        doomed.with(|doomed| match doomed {
            Some(Doomed::One(token)) => {
                t_string!(i18n, tokens.revoke_question, name = token.name.clone()).to_string()
            }
            _ => t_string!(i18n, tokens.revoke_all_question).to_owned(),
        })
    };
    let text = move || {
        if is_all() { t_string!(i18n, tokens.revoke_all_text) } else { t_string!(i18n, tokens.revoke_text) }
    };
    let act =
        move || if is_all() { t_string!(i18n, tokens.revoke_all) } else { t_string!(i18n, tokens.revoke) };
    let revoke = move |doomed| match doomed {
        Doomed::One(token) => doing.tell(
            move || api::revoke_token(token.id),
            move || t_string!(i18n, tokens.revoked, name = token.name.clone()).to_string(),
        ),
        Doomed::All => {
            doing.tell(api::revoke_tokens, move || t_string!(i18n, tokens.all_revoked).to_owned());
        }
    };
    view! {
        <QuestionDialog
            about=doomed
            question=Signal::derive(question)
            text=Signal::derive(move || text().to_owned())
            act=Signal::derive(move || act().to_owned())
            on_yes=Callback::new(revoke)
        />
    }
}
