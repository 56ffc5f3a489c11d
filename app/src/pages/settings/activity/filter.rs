//! Which entries are shown: the page's query says so, so that it can be kept, shared and gone back to.

use leptos::{ev, html, prelude::*};
use leptos_i18n::I18nContext;
use leptos_router::{NavigateOptions, hooks::use_navigate, params::ParamsMap};
use model::types::{ActionGroup, AuditFilter, AuditOutcome, UserId};

use crate::{
    i18n::{Locale, t_string, use_i18n},
    text::{Text, text, tr},
};

/// Which entries are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::pages) struct Wanted {
    /// Those of one account, where everybody's can be had.
    pub(in crate::pages) user: Option<UserId>,
    /// Those that match.
    pub(in crate::pages) filter: AuditFilter,
}

/// What a query asks for. A value that it can't have counts as none.
pub(super) fn wanted_by(query: &ParamsMap) -> Wanted {
    let user = query.get_str("user").and_then(|id| id.parse().ok());
    Wanted { user, filter: filter_of(query) }
}

fn filter_of(query: &ParamsMap) -> AuditFilter {
    let value = |name: &str| query.get(name).filter(|value| !value.is_empty());
    AuditFilter {
        group: value("group").and_then(|name| name.parse().ok()),
        action: value("action").and_then(|name| name.parse().ok()),
        outcome: value("outcome").and_then(|name| name.parse().ok()),
        from: value("from"),
        to: value("to"),
    }
}

/// The query that asks for it.
pub(in crate::pages) fn query_of(Wanted { user, filter }: &Wanted) -> String {
    let mut query = ParamsMap::new();
    let values = [
        ("user", user.map(|user| user.to_string())),
        ("group", filter.group.map(|group| group.as_str().to_owned())),
        ("action", filter.action.map(|action| action.as_str().to_owned())),
        ("outcome", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
        ("from", filter.from.clone()),
        ("to", filter.to.clone()),
    ];
    for (name, value) in values {
        if let Some(value) = value {
            query.insert(name, value);
        }
    }
    query.to_query_string()
}

/// Chooses. A plain form: it works before the program has loaded.
#[component]
pub(super) fn FilterForm(
    wanted: Memo<Wanted>,
    /// The page.
    address: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let navigate = use_navigate();
    let (group, outcome) = (NodeRef::<html::Select>::new(), NodeRef::<html::Select>::new());
    let (from, to) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let show = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let chosen = |field: NodeRef<html::Select>| field.get_untracked().map(|field| field.value());
        let day = |field: NodeRef<html::Input>| {
            field.get_untracked().map(|field| field.value()).filter(|day| !day.is_empty())
        };
        let filter = AuditFilter {
            group: chosen(group).and_then(|name| name.parse().ok()),
            action: None,
            outcome: chosen(outcome).and_then(|name| name.parse().ok()),
            from: day(from),
            to: day(to),
        };
        let wanted = Wanted { filter, ..wanted.get_untracked() };
        navigate(&format!("{address}{}", query_of(&wanted)), NavigateOptions::default());
    };
    let filter = Memo::new(move |_| wanted.with(|wanted| wanted.filter.clone()));
    let user = move || wanted.with(|wanted| wanted.user).map(|user| user.to_string());
    view! {
        <form class="row filters" method="GET" action=address on:submit=show>
            {move || user().map(|user| view! { <input type="hidden" name="user" value=user /> })}
            <label class="field">
                <span>{tr!(i18n, audit.what)}</span>
                <select name="group" node_ref=group>
                    <option value="">{tr!(i18n, audit.everything)}</option>
                    {ActionGroup::ALL.iter().map(|group| view! {
                        <option value=group.as_str() selected=move || filter.get().group == Some(*group)>
                            {group_name(i18n, *group)}
                        </option>
                    }).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{tr!(i18n, audit.outcome)}</span>
                <select name="outcome" node_ref=outcome>
                    <option value="">{tr!(i18n, audit.any_outcome)}</option>
                    {AuditOutcome::ALL.iter().map(|outcome| view! {
                        <option value=outcome.as_str() selected=move || filter.get().outcome == Some(*outcome)>
                            {outcome_name(i18n, *outcome)}
                        </option>
                    }).collect_view()}
                </select>
            </label>
            <label class="field">
                <span>{tr!(i18n, audit.from)}</span>
                <input type="date" name="from" node_ref=from
                    value=filter.get_untracked().from prop:value=move || filter.get().from.unwrap_or_default() />
            </label>
            <label class="field">
                <span>{tr!(i18n, audit.to)}</span>
                <input type="date" name="to" node_ref=to
                    value=filter.get_untracked().to prop:value=move || filter.get().to.unwrap_or_default() />
            </label>
            <button type="submit" class="button">{tr!(i18n, audit.show)}</button>
        </form>
    }
}

fn group_name(i18n: I18nContext<Locale>, group: ActionGroup) -> Text {
    text(move || {
        match group {
            ActionGroup::SignIn => t_string!(i18n, audit.group_sign_in),
            ActionGroup::Devices => t_string!(i18n, audit.group_devices),
            ActionGroup::Means => t_string!(i18n, audit.group_means),
            ActionGroup::Account => t_string!(i18n, audit.group_account),
            ActionGroup::Administration => t_string!(i18n, audit.group_administration),
        }
        .to_owned()
    })
}

fn outcome_name(i18n: I18nContext<Locale>, outcome: AuditOutcome) -> Text {
    text(move || {
        match outcome {
            AuditOutcome::Success => t_string!(i18n, audit.success),
            AuditOutcome::Failure => t_string!(i18n, audit.failure),
        }
        .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use model::types::Action;

    use super::*;

    #[test]
    fn a_query_is_read_back() {
        let filter = AuditFilter {
            group: Some(ActionGroup::Devices),
            action: Some(Action::DeviceReused),
            outcome: Some(AuditOutcome::Failure),
            from: Some("2026-11-20".into()),
            to: None,
        };
        // Off a browser more is escaped than needs to be.
        let text =
            query_of(&Wanted { filter: filter.clone(), user: None }).replace("%5F", "_").replace("%2D", "-");
        assert_eq!(text, "?group=devices&action=device_reused&outcome=failure&from=2026-11-20");
        let pairs = text.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        assert_eq!(
            filter_of(&pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()),
            filter
        );
        assert_eq!(query_of(&Wanted::default()), "");
    }

    #[test]
    fn an_account_stays_while_its_entries_are_narrowed() {
        let id = "01890000-0000-7000-8000-000000000000";
        let query = [("user", id), ("outcome", "failure")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        let wanted = wanted_by(&query);
        assert_eq!(wanted.user, id.parse().ok());
        assert_eq!(query_of(&wanted).replace("%2D", "-"), format!("?user={id}&outcome=failure"));
        let nobody = [("user".to_owned(), "ada".to_owned())].into_iter().collect();
        assert_eq!(wanted_by(&nobody), Wanted::default());
    }

    #[test]
    fn nonsense_is_left_out() {
        let query = [("group", "x"), ("outcome", ""), ("from", "")];
        let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
        assert_eq!(filter_of(&query), AuditFilter::default());
    }
}
