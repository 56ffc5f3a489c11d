//! Fields that show what holds.

use leptos::{html, prelude::*};

/// Shows in `field` what it is set to elsewhere, in the place of what was typed. What holds at first stands
/// there already.
pub(super) fn show_in(field: NodeRef<html::Input>, now: Memo<String>) {
    on_change(now, move |now| {
        if let Some(field) = field.get_untracked() {
            field.set_value(now);
        }
    });
}

/// The same for a choice.
pub(super) fn choose_in(field: NodeRef<html::Select>, now: Memo<String>) {
    on_change(now, move |now| {
        if let Some(field) = field.get_untracked() {
            field.set_value(now);
        }
    });
}

fn on_change(now: Memo<String>, show: impl Fn(&str) + 'static) {
    Effect::new(move |before: Option<()>| {
        now.with(|now| {
            if before.is_some() {
                show(now);
            }
        });
    });
}
