//! Colours by their names.

use leptos_i18n::I18nContext;
use model::types::ColorName;

use crate::i18n::{Locale, t_string};

/// What a colour is called, in the person's language.
pub(super) fn color_name(i18n: I18nContext<Locale>, color: ColorName) -> &'static str {
    match color {
        ColorName::Red => t_string!(i18n, colors.red),
        ColorName::Orange => t_string!(i18n, colors.orange),
        ColorName::Yellow => t_string!(i18n, colors.yellow),
        ColorName::Green => t_string!(i18n, colors.green),
        ColorName::Teal => t_string!(i18n, colors.teal),
        ColorName::Blue => t_string!(i18n, colors.blue),
        ColorName::Purple => t_string!(i18n, colors.purple),
        ColorName::Pink => t_string!(i18n, colors.pink),
        ColorName::Brown => t_string!(i18n, colors.brown),
        ColorName::Black => t_string!(i18n, colors.black),
        ColorName::Grey => t_string!(i18n, colors.grey),
        ColorName::White => t_string!(i18n, colors.white),
    }
}
