//! What the page says. The app has no part in it, so neither do the app's texts.

use model::types::Language;

/// The texts of a language.
pub(super) struct Texts {
    pub(super) lang: &'static str,
    pub(super) ask: &'static str,
    pub(super) ask_text: &'static str,
    pub(super) delete: &'static str,
    pub(super) keep: &'static str,
    pub(super) done: &'static str,
    pub(super) done_text: &'static str,
    pub(super) gone: &'static str,
    pub(super) gone_text: &'static str,
    pub(super) unknown: &'static str,
    pub(super) unknown_text: &'static str,
}

pub(super) const fn of(language: Language) -> &'static Texts {
    match language {
        Language::English => &ENGLISH,
        Language::Chinese => &CHINESE,
    }
}

const ENGLISH: Texts = Texts {
    lang: "en",
    ask: "Delete this image?",
    ask_text: "It disappears from every page that shows it. Its owner can take it out of the bin for seven days.",
    delete: "Delete",
    keep: "Keep it",
    done: "The image is deleted",
    done_text: "Its owner can take it out of the bin for seven days. Then it is gone for good.",
    gone: "Deleted already",
    gone_text: "The image that this link was for is not here any more.",
    unknown: "This link deletes nothing",
    unknown_text: "Part of it may be missing, or it is older than the keys of this site. The image's owner can \
                   delete it in the gallery.",
};

const CHINESE: Texts = Texts {
    lang: "zh",
    ask: "删除这张图片？",
    ask_text: "所有引用它的页面都将无法再显示它。七天之内，图片的主人可以从回收站恢复。",
    delete: "删除",
    keep: "保留",
    done: "图片已删除",
    done_text: "七天之内，图片的主人可以从回收站恢复；之后将彻底删除。",
    gone: "图片早已删除",
    gone_text: "这个链接对应的图片已经不在这里了。",
    unknown: "这个链接无法删除任何图片",
    unknown_text: "链接可能不完整，或者早于本站现在的密钥。图片的主人可以在图库中删除它。",
};
