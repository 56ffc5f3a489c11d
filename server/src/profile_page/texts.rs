//! What the page says.

use model::types::Language;

/// The texts of a language.
pub(super) struct Texts {
    pub(super) lang: &'static str,
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
    empty: "There are no public images yet.",
    more: "More",
    missing: "There is no page here",
    missing_text: "Nobody of this name shows images to everybody.",
};

const CHINESE: Texts = Texts {
    lang: "zh",
    empty: "还没有公开的图片。",
    more: "更多",
    missing: "这里没有主页",
    missing_text: "没有这个名字的人公开展示图片。",
};
