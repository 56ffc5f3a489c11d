//! What holds for everybody.

use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use model::types::{ChallengeProvider, PolicyInForce, Setting, SignUpMode};

use super::field::{choose_in, show_in};
use crate::{
    api,
    components::When,
    i18n::{Locale, t_string, use_i18n},
    pages::{
        loaded::{Place, loaded},
        settings::doing::Doing,
    },
    text::{Text, text, tr},
};

/// `/admin/settings`
#[component]
pub(super) fn PolicySection() -> impl IntoView {
    let i18n = use_i18n();
    let version = RwSignal::new(0_u32);
    let found = api::page_resource(move || version.get(), |_| api::admin_policy());
    let again = Callback::new(move |()| version.update(|version| *version += 1));
    view! {
        <section class="card">
            <h1>{tr!(i18n, admin.settings)}</h1>
            <p class="hint">{tr!(i18n, admin.settings_text)}</p>
            {loaded(found, again, Place::Card, move |force| {
                let doing = Doing::with(again);
                view! {
                    <ul class="things">
                        {Setting::ALL.map(|setting| view! { <SettingRow setting=setting force=force doing=doing /> }).collect_view()}
                    </ul>
                }.into_any()
            })}
        </section>
    }
}

/// How a setting is typed.
enum Kind {
    Choice(Vec<String>),
    Number { least: &'static str, most: &'static str },
    Amount,
}

fn kind(setting: Setting) -> Kind {
    match setting {
        Setting::SignUp => Kind::Choice(SignUpMode::ALL.map(|mode| mode.as_str().to_owned()).into()),
        Setting::EmailRequired => Kind::Choice(vec!["false".to_owned(), "true".to_owned()]),
        Setting::Challenge => {
            Kind::Choice(ChallengeProvider::ALL.map(|kind| kind.as_str().to_owned()).into())
        }
        Setting::SessionHours => Kind::Number { least: "1", most: "24" },
        Setting::SessionIdleMinutes => Kind::Number { least: "5", most: "1440" },
        Setting::Quota | Setting::MaxUpload => Kind::Amount,
    }
}

/// What a setting is called.
pub(in crate::pages) fn setting_name(i18n: I18nContext<Locale>, setting: Setting) -> &'static str {
    match setting {
        Setting::SignUp => t_string!(i18n, admin.set_sign_up),
        Setting::EmailRequired => t_string!(i18n, admin.set_email_required),
        Setting::Quota => t_string!(i18n, admin.set_quota),
        Setting::Challenge => t_string!(i18n, admin.set_challenge),
        Setting::SessionHours => t_string!(i18n, admin.set_session_hours),
        Setting::SessionIdleMinutes => t_string!(i18n, admin.set_session_idle_minutes),
        Setting::MaxUpload => t_string!(i18n, admin.set_max_upload),
    }
}

fn hint(i18n: I18nContext<Locale>, setting: Setting) -> Option<Text> {
    match setting {
        Setting::EmailRequired => None,
        Setting::SignUp => Some(tr!(i18n, admin.set_sign_up_hint)),
        Setting::Quota => Some(tr!(i18n, admin.set_quota_hint)),
        Setting::Challenge => Some(tr!(i18n, admin.set_challenge_hint)),
        Setting::SessionHours => Some(tr!(i18n, admin.set_session_hours_hint)),
        Setting::SessionIdleMinutes => Some(tr!(i18n, admin.set_session_idle_minutes_hint)),
        Setting::MaxUpload => Some(tr!(i18n, admin.set_max_upload_hint)),
    }
}

/// A value in words.
pub(in crate::pages) fn setting_value(i18n: I18nContext<Locale>, setting: Setting, value: &str) -> String {
    match (setting, value) {
        (Setting::SignUp, "open") => t_string!(i18n, admin.sign_up_open),
        (Setting::SignUp, "invite") => t_string!(i18n, admin.sign_up_invite),
        (Setting::SignUp, "closed") => t_string!(i18n, admin.sign_up_closed),
        (Setting::EmailRequired, "true") => t_string!(i18n, admin.email_required_yes),
        (Setting::EmailRequired, "false") => t_string!(i18n, admin.email_required_no),
        (Setting::Challenge, "pow") => t_string!(i18n, admin.challenge_pow),
        (Setting::Challenge, "image") => t_string!(i18n, admin.challenge_image),
        (Setting::Challenge, "slider") => t_string!(i18n, admin.challenge_slider),
        (Setting::Challenge, "off") => t_string!(i18n, admin.challenge_off),
        (_, value) => value,
    }
    .to_owned()
}

#[component]
fn SettingRow(setting: Setting, force: Memo<PolicyInForce>, doing: Doing) -> impl IntoView {
    let i18n = use_i18n();
    let now = Memo::new(move |_| force.with(|force| force.now.text(setting)));
    let decided = move || force.with(|force| force.decided.contains(&setting));
    let (field, choice) = (NodeRef::<html::Input>::new(), NodeRef::<html::Select>::new());
    show_in(field, now);
    choose_in(choice, now);
    let saved = move || t_string!(i18n, admin.saved).to_owned();
    let save = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let typed = field.get_untracked().map(|field| field.value());
        let Some(value) = typed.or_else(|| choice.get_untracked().map(|choice| choice.value())) else {
            return;
        };
        doing.tell(move || api::admin_decide(setting, value.clone()), saved);
    };
    let undecide = move |_| {
        // Where it is what holds already, nothing changes, and what was typed meanwhile would stay.
        let at_start = force.with_untracked(|force| force.at_start.text(setting));
        if let Some(field) = field.get_untracked() {
            field.set_value(&at_start);
        }
        doing.tell(move || api::admin_undecide(setting), saved);
    };
    let first = now.get_untracked();
    let input = match kind(setting) {
        Kind::Choice(values) => view! {
            <select node_ref=choice>
                {values.into_iter().map(|value| {
                    let (selected, label) = (value == first, value.clone());
                    view! { <option value=value selected=selected>{text(move || setting_value(i18n, setting, &label))}</option> }
                }).collect_view()}
            </select>
        }
        .into_any(),
        Kind::Number { least, most } => view! {
            <input type="number" min=least max=most required node_ref=field value=first />
        }
        .into_any(),
        Kind::Amount => view! { <input type="text" required autocomplete="off" node_ref=field value=first /> }.into_any(),
    };
    let origin = move || {
        if !decided() {
            return t_string!(i18n, admin.from_start).to_owned();
        }
        let at_start = force.with(|force| force.at_start.text(setting));
        t_string!(i18n, admin.from_here, value = setting_value(i18n, setting, &at_start)).to_string()
    };
    view! {
        <li class="thing" data-setting=setting.as_str()>
            <form class="row filters" on:submit=save>
                <label class="field">
                    <span>{text(move || setting_name(i18n, setting).to_owned())}</span>
                    {input}
                    {hint(i18n, setting).map(|hint| view! { <small>{hint}</small> })}
                </label>
                <button type="submit" class="button" aria-disabled=doing.aria_busy()>{tr!(i18n, admin.save)}</button>
            </form>
            <span class="hint">{text(origin)}</span>
            <When when=decided>
                <button type="button" class="button button-quiet" aria-disabled=doing.aria_busy() on:click=undecide>
                    {tr!(i18n, admin.to_default)}
                </button>
            </When>
        </li>
    }
}
