//! What an image's owner says of it, and to whom it is shown.

use serde::{Deserialize, Deserializer, Serialize};

use super::{ByteSize, ColorName, Image, Line, Prose, Timestamp, Within};

/// What the image is called.
pub type Title = Line<200>;
/// What it shows, for those who can't see it.
pub type AltText = Line<1000>;
/// What there is to say about it.
pub type Description = Prose<5000>;
/// How often an image may be seen, at most.
pub type MaxViews = Within<1, 1_000_000>;

/// Who may see an image.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Whoever has the link.
    #[default]
    Unlisted,
    /// The same, and it is on its owner's public page if they have one.
    Public,
    /// Its owner.
    Private,
}

impl Visibility {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Unlisted, Self::Public, Self::Private];

    /// The name in the database and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unlisted => "unlisted",
            Self::Public => "public",
            Self::Private => "private",
        }
    }

    /// The one with this [`Self::name`].
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// What only its owner sees of an image, besides the [`Image`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageDetails {
    /// What it is called.
    pub title: Option<Title>,
    /// What there is to say about it.
    pub description: Option<Description>,
    /// What it shows. Without it [`Image::alt`] is the title, or the file's name.
    pub alt_text: Option<AltText>,
    /// Whether it has a star.
    pub favourite: bool,
    /// Who may see it.
    pub visibility: Visibility,
    /// From when on nobody else sees it.
    pub expires_at: Option<Timestamp>,
    /// How often others may see it.
    pub max_views: Option<MaxViews>,
    /// How often they have, since there is a limit.
    pub views: u32,
    /// Names of its tags.
    pub tags: Vec<String>,
    /// Colours that fill a good part of it; none where nobody has looked at it yet.
    pub colors: Vec<ColorName>,
    /// Metadata that were removed on the way in; unknown of old images.
    pub removed: Option<ByteSize>,
    /// The name of the link by which a guest sent it, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_link: Option<String>,
}

/// An image, as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailedImage {
    /// The image.
    pub image: Image,
    /// What only they see of it.
    pub details: ImageDetails,
}

/// An image's page, as everybody sees it who may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicPage {
    /// The image.
    pub image: Image,
    /// What it is called, or else the file.
    pub title: String,
    /// What there is to say about it.
    pub description: Option<Description>,
    /// Whether only the one who looks sees it.
    pub is_private: bool,
    /// Whether its views are counted, so that previews of it should be small.
    pub is_counted: bool,
}

/// What becomes of an image, as it was typed: what isn't named stays, what is `null` or empty goes
/// (RFC 7396).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImageChange {
    /// The file's name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub filename: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub title: Option<Option<String>>,
    /// What there is to say about it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub description: Option<Option<String>>,
    /// What it shows.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub alt_text: Option<Option<String>>,
    /// Whether it has a star.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub favourite: Option<bool>,
    /// Who may see it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub visibility: Option<Visibility>,
    /// From when on nobody else sees it, in RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub expires_at: Option<Option<String>>,
    /// How often others may see it.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub max_views: Option<Option<i64>>,
    /// Names of its tags, all of them.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "named")]
    pub tags: Option<Option<Vec<String>>>,
}

/// A member that is there, `null` or not.
pub(super) fn named<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    member: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(member).map(Some)
}

impl ImageChange {
    /// This and then `later`.
    #[must_use]
    pub fn then(self, later: Self) -> Self {
        Self {
            filename: later.filename.or(self.filename),
            title: later.title.or(self.title),
            description: later.description.or(self.description),
            alt_text: later.alt_text.or(self.alt_text),
            favourite: later.favourite.or(self.favourite),
            visibility: later.visibility.or(self.visibility),
            expires_at: later.expires_at.or(self.expires_at),
            max_views: later.max_views.or(self.max_views),
            tags: later.tags.or(self.tags),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_differs_from_what_is_null() {
        let change: ImageChange = serde_json::from_str(r#"{"title":null,"alt_text":"A cat"}"#).unwrap();
        assert_eq!((change.title.clone(), change.description.clone()), (Some(None), None));
        assert_eq!(change.alt_text, Some(Some("A cat".into())));
        assert_eq!(serde_json::to_string(&change).unwrap(), r#"{"title":null,"alt_text":"A cat"}"#);
        assert_eq!(serde_json::to_string(&ImageChange::default()).unwrap(), "{}");
    }

    #[test]
    fn of_two_changes_the_later_one_holds() {
        let change = |text| serde_json::from_str::<ImageChange>(text).unwrap();
        let both =
            change(r#"{"title":"a","max_views":3}"#).then(change(r#"{"title":null,"favourite":true}"#));
        assert_eq!(both, change(r#"{"title":null,"max_views":3,"favourite":true}"#));
    }

    #[test]
    fn a_misspelt_member_is_no_change() {
        for bad in
            [r#"{"titel":"a"}"#, r#"{"visibility":"secret"}"#, r#"{"favourite":null}"#, r#"{"title":1}"#]
        {
            assert!(serde_json::from_str::<ImageChange>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_lead_back() {
        for one in Visibility::ALL {
            assert_eq!(Visibility::from_name(one.name()), Some(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.name());
        }
        assert_eq!(Visibility::from_name("secret"), None);
    }
}
