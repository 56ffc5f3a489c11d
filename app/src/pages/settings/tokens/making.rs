//! One more token.

use leptos::{ev, html, prelude::*};
use model::{
    Problem,
    types::{Label, Reach, RequestsPerMinute, Scope, Scopes},
};

use super::scope_name;
use crate::{
    api,
    components::{AccountProblemNotice, CopyRow, When},
    i18n::{t_string, use_i18n},
    pages::settings::fresh_code::use_fresh_code,
    session::use_session,
    text::{text, tr},
};

/// How long it may be good for, in days; 0 is until it is revoked.
const LIVES: [u32; 4] = [30, 90, 365, 0];
/// The one that is chosen at first.
const USUAL_LIFE: u32 = 365;

/// Whether administration isn't open for so many days.
const fn is_long(days: u32) -> bool {
    days == 0 || days > Reach::MOST_ADMIN_DAYS
}

/// Asks what it is to be, and shows it once.
#[component]
pub(super) fn NewToken(again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let made = RwSignal::new(None::<String>);
    let title = NodeRef::<html::H2>::new();
    let on_made = Callback::new(move |token: String| {
        made.set(Some(token));
        if let Some(title) = title.get_untracked() {
            let _ = title.focus();
        }
        again.run(());
    });
    view! {
        <section class="card">
            <h2 tabindex="-1" node_ref=title>{tr!(i18n, tokens.another)}</h2>
            {move || made.get().map(|token| view! {
                <p class="notice" role="status">{tr!(i18n, tokens.made)}</p>
                <CopyRow name=tr!(i18n, tokens.token) text=token />
            })}
            <Form on_made=on_made />
        </section>
    }
}

#[component]
fn Form(on_made: Callback<String>) -> impl IntoView {
    let i18n = use_i18n();
    let fresh = use_fresh_code();
    let problem = RwSignal::new(None::<Problem>);
    let scopes = RwSignal::new([Scope::Upload].into_iter().collect::<Scopes>());
    let fields: [NodeRef<html::Input>; 3] = std::array::from_fn(|_| NodeRef::new());
    let [name, requests, max_upload] = fields;
    let life = NodeRef::<html::Select>::new();
    // Administration isn't open for long.
    Effect::new(move |_| {
        if let (true, Some(life)) = (scopes.with(|scopes| scopes.has(Scope::Admin)), life.get())
            && life.value().parse().is_ok_and(is_long)
        {
            life.set_value(&Reach::MOST_ADMIN_DAYS.to_string());
        }
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = fields.map(|field| field.get_untracked().map(|field| field.value()).unwrap_or_default());
        let days =
            life.get_untracked().map(|life| life.value()).filter(|days| days != "0").unwrap_or_default();
        let wanted: Vec<String> =
            scopes.get_untracked().iter().map(|scope| scope.as_str().to_owned()).collect();
        problem.set(None);
        fresh.run(
            move || {
                let [name, requests, max_upload] = typed.clone();
                api::create_token(name, wanted.clone(), days.clone(), requests, max_upload)
            },
            move |outcome| match outcome {
                Ok(made) => {
                    // The next one is for another program.
                    if let Some(name) = name.get_untracked() {
                        name.set_value("");
                    }
                    on_made.run(made.token);
                }
                Err(refusal) => problem.set(Some(refusal)),
            },
        );
    };
    view! {
        <form class="things" on:submit=submit>
            <label class="field">
                <span>{tr!(i18n, tokens.name)}</span>
                <input type="text" autocomplete="off" required maxlength=Label::MAX_CHARS.to_string() node_ref=name />
                <small>{tr!(i18n, tokens.name_hint)}</small>
            </label>
            <ScopeFields scopes=scopes />
            <label class="field">
                <span>{tr!(i18n, tokens.expires)}</span>
                <select node_ref=life>
                    {LIVES.map(|days| view! { <LifeOption days=days scopes=scopes /> }).collect_view()}
                </select>
            </label>
            <details class="things">
                <summary>{tr!(i18n, tokens.more)}</summary>
                <div class="things">
                    <label class="field">
                        <span>{tr!(i18n, tokens.requests)}</span>
                        <input type="number" min="1" max="60000" required
                            value=RequestsPerMinute::USUAL.to_string() node_ref=requests />
                        <small>{tr!(i18n, tokens.requests_hint)}</small>
                    </label>
                    <label class="field">
                        <span>{tr!(i18n, tokens.max_upload)}</span>
                        <input type="text" autocomplete="off" node_ref=max_upload />
                        <small>{tr!(i18n, tokens.max_upload_hint)}</small>
                    </label>
                </div>
            </details>
            <AccountProblemNotice problem=problem />
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=fresh.aria_busy()>
                    {tr!(i18n, tokens.make)}
                </button>
            </div>
        </form>
    }
}

/// A length of life; administration isn't open for the long ones.
#[component]
fn LifeOption(days: u32, scopes: RwSignal<Scopes>) -> impl IntoView {
    let i18n = use_i18n();
    let name = move || match days {
        0 => t_string!(i18n, tokens.never).to_owned(),
        365 => t_string!(i18n, tokens.year).to_owned(),
        _ => t_string!(i18n, tokens.days, count = days.to_string()).to_string(),
    };
    view! {
        <option value=days.to_string() selected=days == USUAL_LIFE
            disabled=move || is_long(days) && scopes.with(|scopes| scopes.has(Scope::Admin))>
            {text(name)}
        </option>
    }
}

/// What it may do, each with what that means.
#[component]
fn ScopeFields(scopes: RwSignal<Scopes>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let administers = move || session.info().and_then(|info| info.me).is_some_and(|me| me.is_admin);
    view! {
        <fieldset class="things">
            <legend class="field">{tr!(i18n, tokens.scopes)}</legend>
            {Scope::ALL.iter().filter(|scope| **scope != Scope::Admin).map(|scope| view! {
                <ScopeField scope=*scope scopes=scopes />
            }).collect_view()}
            <When when=administers><ScopeField scope=Scope::Admin scopes=scopes /></When>
        </fieldset>
    }
}

#[component]
fn ScopeField(scope: Scope, scopes: RwSignal<Scopes>) -> impl IntoView {
    let i18n = use_i18n();
    let meaning = move || match scope {
        Scope::Upload => t_string!(i18n, tokens.scope_upload_text),
        Scope::Read => t_string!(i18n, tokens.scope_read_text),
        Scope::Edit => t_string!(i18n, tokens.scope_edit_text),
        Scope::Delete => t_string!(i18n, tokens.scope_delete_text),
        Scope::Admin => t_string!(i18n, tokens.scope_admin_text),
    };
    let toggle = move |_| {
        scopes.update(|scopes| {
            let before = *scopes;
            let others = before.iter().filter(|other| *other != scope);
            *scopes = others.chain((!before.has(scope)).then_some(scope)).collect();
        });
    };
    view! {
        <label class="check">
            <input type="checkbox" checked=scopes.with_untracked(|scopes| scopes.has(scope)) on:change=toggle />
            <span>
                {text(move || scope_name(i18n, scope).to_owned())}
                <small>{text(move || meaning().to_owned())}</small>
            </span>
        </label>
    }
}
