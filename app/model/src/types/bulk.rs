//! What is done to many images at once.

use serde::{Deserialize, Serialize};

use super::{AlbumId, ImageId, Visibility};

/// What becomes of images, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BulkAction {
    /// Who may see them.
    Visibility(Visibility),
    /// From when on nobody else sees them, in RFC 3339; never.
    ExpiresAt(Option<String>),
    /// Tags that they get or lose.
    Tags(Tagging),
    /// An album that they are put into, last, in the order given.
    Album(AlbumId),
    /// They go to the bin.
    Delete,
    /// They come out of the bin.
    Restore,
}

/// What becomes of the tags of images: their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tagging {
    /// Tags that they get; those that there aren't are made.
    pub add: Vec<String>,
    /// Tags that they lose.
    pub remove: Vec<String>,
}

/// What is asked for: of some images, or of all of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BulkRequest {
    /// The images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ids: Option<Vec<ImageId>>,
    /// A search, as the query of the gallery's address has it; an empty one finds every image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
    /// What becomes of them.
    pub action: BulkAction,
}

impl BulkRequest {
    /// Of these images.
    #[must_use]
    pub const fn of(ids: Vec<ImageId>, action: BulkAction) -> Self {
        Self { ids: Some(ids), search: None, action }
    }
}

/// What became of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkOutcome {
    /// It was done to these.
    pub done: Vec<ImageId>,
    /// These were so already.
    pub unchanged: Vec<ImageId>,
    /// There are no such images, or not of this person.
    pub missing: Vec<ImageId>,
}

impl BulkOutcome {
    /// What became of each by this and something else that was done to the same images: to whom either was done, it
    /// was done.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.done.extend(other.done.into_iter().filter(|id| self.unchanged.contains(id)));
        self.unchanged.retain(|id| !self.done.contains(id));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_of_two_actions_are_one() {
        let ids: Vec<ImageId> =
            (0..4_u8).map(|n| format!("00000000-0000-7000-8000-00000000000{n}").parse().unwrap()).collect();
        let outcome = |done: &[ImageId], unchanged: &[ImageId]| BulkOutcome {
            done: done.to_vec(),
            unchanged: unchanged.to_vec(),
            missing: vec![ids[3]],
        };
        let both = outcome(&ids[..1], &ids[1..3]).and(outcome(&ids[..2], &ids[2..3]));
        assert_eq!(both, outcome(&ids[..2], &ids[2..3]));
    }

    #[test]
    fn requests_are_read_as_they_are_documented() {
        let key = "01890000-0000-7000-8000-000000000000";
        let read = |action: &str| {
            serde_json::from_str::<BulkRequest>(&format!(r#"{{"ids":["{key}"],"action":{action}}}"#))
        };
        let action = |action: &str| read(action).unwrap().action;
        assert_eq!(action(r#""delete""#), BulkAction::Delete);
        assert_eq!(action(r#"{"visibility":"private"}"#), BulkAction::Visibility(Visibility::Private));
        assert_eq!(action(r#"{"expires_at":null}"#), BulkAction::ExpiresAt(None));
        let tags = |add: &[&str], remove: &[&str]| {
            let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
            BulkAction::Tags(Tagging { add: own(add), remove: own(remove) })
        };
        assert_eq!(action(r#"{"tags":{"add":["a"]}}"#), tags(&["a"], &[]));
        assert_eq!(action(r#"{"tags":{"remove":["b"]}}"#), tags(&[], &["b"]));
        assert_eq!(
            action(&format!(r#"{{"album":"{key}"}}"#)),
            BulkAction::Album(AlbumId(key.parse().unwrap()))
        );
        for bad in
            [r#""remove""#, r#"{"visibility":"x"}"#, r#"{"tags":{"ad":["a"]}}"#, r#"{"delete":1}"#, "null"]
        {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(serde_json::from_str::<BulkRequest>(r#"{"id":[],"action":"delete"}"#).is_err());
    }
}
