//! What images are searched by, as addresses have it: `q=cat&type=png&tag=holiday,sea`.

use model::{
    Problem,
    types::{ColorName, MediaType, Visibility},
};
use reflect_core::images::{library::Search, tags::MOST_ON_IMAGE};
use time::{Date, macros::format_description};
use url::form_urlencoded;

use super::tags::names;
use crate::{components::FILTERS as NAMES, context::parsed};

/// The search of a page's address. What isn't of a search is somebody else's.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the parameter that can't be.
pub fn of_page(query: &str) -> Result<Search, Problem> {
    let mut search = Search::default();
    for (name, value) in form_urlencoded::parse(query.trim_start_matches('?').as_bytes()) {
        // What a form left empty.
        if !value.trim().is_empty() {
            set(&mut search, &name, &value)?;
        }
    }
    Ok(search)
}

/// The same where a misspelt parameter would find too much: nothing but those of a search and `others`, and each
/// once.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the parameter that can't be.
pub fn strictly(query: &str, others: &[&str]) -> Result<Search, Problem> {
    let mut seen = Vec::new();
    for (name, _) in form_urlencoded::parse(query.as_bytes()) {
        if !NAMES.iter().chain(others).any(|known| *known == name) {
            return Err(invalid(&name, &format!("one of {}", NAMES.join(", "))));
        }
        if seen.contains(&name) {
            return Err(invalid(&name, "at most once"));
        }
        seen.push(name);
    }
    of_page(query)
}

/// The same for what is done to all that is found: an empty parameter, as of a script whose variable isn't set,
/// would find everything.
///
/// # Errors
/// [`Problem::InvalidParameter`] with the parameter that can't be.
pub fn to_act_on(query: &str) -> Result<Search, Problem> {
    let empty = form_urlencoded::parse(query.as_bytes()).find(|(_, value)| value.trim().is_empty());
    match empty {
        Some((name, _)) => Err(invalid(&name, "not empty, or not there")),
        None => strictly(query, &[]),
    }
}

fn invalid(name: &str, expected: &str) -> Problem {
    Problem::InvalidParameter { name: name.to_owned(), expected: expected.to_owned() }
}

fn set(search: &mut Search, name: &str, value: &str) -> Result<(), Problem> {
    match name {
        "q" => search.words = Some(value.to_owned()),
        "type" => search.media_type = Some(kind(value)?),
        "visibility" => {
            let found = Visibility::from_name(value);
            search.visibility = Some(found.ok_or_else(|| invalid(name, "one of unlisted, public, private"))?);
        }
        "favourite" if value == "true" => search.favourite = true,
        "favourite" => return Err(invalid(name, "true, or not to be there")),
        "tag" => {
            let typed: Vec<String> = value.split([',', '，']).map(|tag| tag.trim().to_owned()).collect();
            if typed.len() > MOST_ON_IMAGE {
                return Err(invalid(name, &format!("at most {MOST_ON_IMAGE}")));
            }
            search.tags = names(name, &typed)?;
        }
        "album" => search.album = Some(value.parse().map_err(|_| invalid(name, "the key of an album"))?),
        "color" => {
            let names: Vec<&str> = ColorName::ALL.iter().map(|color| color.as_str()).collect();
            let found = value.parse().map_err(|_| invalid(name, &format!("one of {}", names.join(", "))))?;
            search.color = Some(found);
        }
        "similar" => search.similar = Some(value.parse().map_err(|_| invalid(name, "the slug of an image"))?),
        "min_size" => search.min_size = Some(parsed::<model::types::ByteSize>(name, value)?.bytes()),
        "max_size" => search.max_size = Some(parsed::<model::types::ByteSize>(name, value)?.bytes()),
        "from" => search.from = Some(day(name, value)?),
        "to" => search.to = Some(day(name, value)?),
        _ => {}
    }
    Ok(())
}

fn kind(value: &str) -> Result<MediaType, Problem> {
    let value = if value == "jpeg" { "jpg" } else { value };
    let found = MediaType::ALL.into_iter().find(|kind| [kind.extension(), kind.mime()].contains(&value));
    found.ok_or_else(|| invalid("type", &MediaType::ALL.map(MediaType::extension).join(", ")))
}

fn day(name: &str, value: &str) -> Result<Date, Problem> {
    let day = Date::parse(value, format_description!("[year]-[month]-[day]"));
    day.map_err(|_| invalid(name, "a day such as 2026-03-14"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reflect_core::images::tags::Name;
    use time::macros::date;

    use super::*;

    #[test]
    fn all_of_it_is_read() {
        let query = "q=a+b%26c&type=jpeg&visibility=private&favourite=true&tag=Sea,%20sky&min_size=1%20MiB\
                     &max_size=2097152&from=2026-03-01&to=2026-03-31&album=01890000-0000-7000-8000-000000000000&similar=abcdefghijklmno&color=teal";
        let search = strictly(query, &[]).unwrap();
        assert_eq!(search.words.as_deref(), Some("a b&c"));
        assert_eq!(
            (search.media_type, search.visibility),
            (Some(MediaType::Jpeg), Some(Visibility::Private))
        );
        assert_eq!(search.tags.iter().map(Name::as_str).collect::<Vec<_>>(), ["Sea", "sky"]);
        assert_eq!((search.min_size, search.max_size), (Some(1 << 20), Some(2 << 20)));
        assert_eq!((search.from, search.to), (Some(date!(2026 - 03 - 01)), Some(date!(2026 - 03 - 31))));
        assert!(search.favourite && search.album.is_some());
        assert_eq!(search.color, Some(ColorName::Teal));
        assert_eq!(search.similar.unwrap().as_str(), "abcdefghijklmno");
    }

    #[test]
    fn what_cannot_be_is_told_by_its_name() {
        for (query, name) in [
            ("type=bmp", "type"),
            ("visibility=secret", "visibility"),
            ("favourite=false", "favourite"),
            ("tag=a,,b", "tag"),
            ("album=x", "album"),
            ("similar=a/b", "similar"),
            ("color=mauve", "color"),
            ("min_size=big", "min_size"),
            ("to=2026-02-30", "to"),
            ("typ=png", "typ"),
            ("q=a&q=b", "q"),
        ] {
            let refused = strictly(query, &[]);
            assert!(
                matches!(&refused, Err(Problem::InvalidParameter { name: found, .. }) if found == name),
                "{refused:?}"
            );
        }
        for (query, name) in [("tag=", "tag"), ("type=png&q=%20", "q")] {
            assert!(
                matches!(to_act_on(query), Err(Problem::InvalidParameter { name: found, .. }) if found == name),
                "{query}"
            );
        }
        assert!(to_act_on("type=png").is_ok() && to_act_on("").is_ok());
        assert!(strictly("type=&limit=3", &["limit"]).unwrap().media_type.is_none());
        assert!(of_page("?utm_source=x&at=2026-03").is_ok());
    }

    proptest! {
        #[test]
        fn no_address_is_too_strange(query in ".{0,80}") {
            let _ = (of_page(&query), strictly(&query, &[]));
        }
    }
}
