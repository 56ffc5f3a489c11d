//! Links with which people make accounts.

use leptos::{ev, html, prelude::*};
use leptos_router::components::A;
use model::types::{Invite, InviteMade, InviteTerms, InvitesInForce, Label, SignUpMode};

use super::link::OneTimeLink;
use crate::{
    api,
    components::When,
    dates,
    i18n::{t_string, use_i18n},
    pages::{
        focus::focus_when_shorter,
        loaded::{Place, loaded},
        settings::doing::Doing,
    },
    text::tr,
};

/// `/admin/invites`
#[component]
pub(super) fn InvitesSection() -> impl IntoView {
    let i18n = use_i18n();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::admin_invites());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    loaded(found, again, Place::Page, move |force| {
        view! {
            <section class="card">
                <h1>{tr!(i18n, admin.invites)}</h1>
                <p class="hint">{tr!(i18n, admin.invites_text)}</p>
                <When
                    when=move || force.with(|force| force.sign_up != SignUpMode::Closed)
                    fallback=move || view! {
                        <p class="notice">{tr!(i18n, admin.invites_closed)}</p>
                        <div class="row"><A href="/admin/settings" attr:class="button">{tr!(i18n, admin.settings)}</A></div>
                    }
                >
                    <InviteForm force=force again=again />
                </When>
            </section>
            <OpenInvites force=force again=again />
        }
        .into_any()
    })
}

#[component]
fn InviteForm(force: Memo<InvitesInForce>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let made = RwSignal::new(None::<InviteMade>);
    let quota = move || force.with(|force| force.quota.size().exact());
    let fields: [NodeRef<html::Input>; 4] = std::array::from_fn(|_| NodeRef::new());
    let [note, space, days, mail_to] = fields;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = fields.map(|field| field.get_untracked().map(|field| field.value()).unwrap_or_default());
        doing.begin(
            move || {
                let [note, space, days, mail_to] = typed.clone();
                api::admin_invite(note, space, days, mail_to)
            },
            move |invite| {
                made.set(Some(invite));
                // The next one is for somebody else.
                for field in fields.into_iter().filter_map(|field| field.get_untracked()) {
                    field.set_value(&field.default_value());
                }
                again.run(());
            },
        );
    };
    view! {
        {move || made.get().map(|made| view! {
            <OneTimeLink link=made.link mailed_to=made.mailed_to>{tr!(i18n, admin.invite_made)}</OneTimeLink>
        })}
        <form class="things" on:submit=submit>
            <label class="field">
                <span>{tr!(i18n, admin.note)} " (" {tr!(i18n, admin.optional)} ")"</span>
                <input type="text" maxlength=Label::MAX_CHARS.to_string() autocomplete="off" node_ref=note />
                <small>{tr!(i18n, admin.note_hint)}</small>
            </label>
            <label class="field">
                <span>{tr!(i18n, admin.invite_quota)} " (" {tr!(i18n, admin.optional)} ")"</span>
                <input type="text" autocomplete="off" placeholder=quota node_ref=space />
                <small>{tr!(i18n, admin.invite_quota_hint, quota = quota())}</small>
            </label>
            <label class="field">
                <span>{tr!(i18n, admin.days)}</span>
                <input type="number" min="1" max="90" required
                    value=InviteTerms::USUAL_DAYS.to_string() node_ref=days />
                <small>{tr!(i18n, admin.days_hint)}</small>
            </label>
            <When when=move || force.with(|force| force.can_mail)>
                <label class="field">
                    <span>{tr!(i18n, admin.mail_to)} " (" {tr!(i18n, admin.optional)} ")"</span>
                    <input type="email" autocomplete="off" node_ref=mail_to />
                </label>
            </When>
            <div class="row">
                <button type="submit" class="button button-primary" aria-disabled=doing.aria_busy()>
                    {tr!(i18n, admin.invite)}
                </button>
            </div>
        </form>
    }
}

#[component]
fn OpenInvites(force: Memo<InvitesInForce>, again: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::with(again);
    let title = NodeRef::<html::H2>::new();
    let count = move || force.with(|force| force.invites.len());
    focus_when_shorter(title, count);
    view! {
        <section class="card">
            <h2 tabindex="-1" node_ref=title>{tr!(i18n, admin.open_invites)}</h2>
            <When when=move || { count() > 0 } fallback=move || view! { <p>{tr!(i18n, admin.no_invites)}</p> }>
                <ul class="things">
                    <For each=move || force.get().invites key=|invite| invite.id let:invite>
                        <InviteRow invite=invite doing=doing />
                    </For>
                </ul>
            </When>
        </section>
    }
}

#[component]
fn InviteRow(invite: Invite, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let (id, until) = (invite.id, invite.expires_at);
    let revoke = move |_| {
        doing.tell(
            move || api::admin_revoke_invite(id),
            move || t_string!(i18n, admin.invite_revoked).to_owned(),
        );
    };
    view! {
        <li class="thing">
            <div class="thing-facts">
                <strong>{match invite.note {
                    Some(note) => note.into_any(),
                    None => tr!(i18n, admin.no_note).into_any(),
                }}</strong>
                <span class="hint">
                    {invite.quota.map(|quota| format!("{quota} · "))}
                    {tr!(i18n, admin.good_until, day = dates::day(i18n.get_locale(), until.date()))}
                    {invite.invited_by.map(|name| view! { " · " {tr!(i18n, admin.invited_by, name = name.to_string())} })}
                </span>
            </div>
            <button type="button" class="button button-danger" aria-disabled=doing.aria_busy() on:click=revoke>
                {tr!(i18n, admin.revoke)}
            </button>
        </li>
    }
}
