//! What the page says. The app has no part in it, so neither do the app's texts.

use model::types::Language;

/// The texts of a language.
pub(super) struct Texts {
    pub(super) lang: &'static str,
    pub(super) locked: &'static str,
    pub(super) password: &'static str,
    pub(super) open: &'static str,
    pub(super) wrong: &'static str,
    pub(super) too_many: &'static str,
    pub(super) busy: &'static str,
    pub(super) empty: &'static str,
    pub(super) more: &'static str,
    pub(super) missing: &'static str,
    pub(super) missing_text: &'static str,
}

pub(super) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

const ENGLISH: Texts = Texts {
    lang: "en",
    locked: "This album has a password",
    password: "Password",
    open: "Open the album",
    wrong: "That is not the password. Ask whoever sent you the link.",
    too_many: "Too many tries from here. Wait a while, then try again.",
    busy: "The server is busy. Try again in a few seconds.",
    empty: "There is nothing in this album yet.",
    more: "More",
    missing: "There is no album here",
    missing_text: "Part of the link may be missing, or the album is not shared any more.",
};

const CHINESE: Texts = Texts {
    lang: "zh",
    locked: "这个相册需要密码",
    password: "密码",
    open: "打开相册",
    wrong: "密码不对。请向发给你链接的人询问。",
    too_many: "尝试次数太多，请稍后再试。",
    busy: "服务器繁忙，请过几秒再试。",
    empty: "这个相册里还没有图片。",
    more: "更多",
    missing: "这里没有相册",
    missing_text: "链接可能不完整，或者相册已不再分享。",
};
