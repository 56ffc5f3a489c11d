//! Pages as Laravel's `LengthAwarePaginator` writes them.

use serde::Serialize;
use url::form_urlencoded;

use super::BASE;

/// Pages that are linked on each side of the present one.
const BESIDE: u64 = 3;

/// A page and its way to the others.
#[derive(Debug, Serialize)]
pub(super) struct Paginator<T> {
    current_page: u32,
    data: Vec<T>,
    first_page_url: String,
    from: Option<u64>,
    last_page: u64,
    last_page_url: String,
    links: Vec<Link>,
    next_page_url: Option<String>,
    path: String,
    per_page: u32,
    prev_page_url: Option<String>,
    to: Option<u64>,
    total: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Link {
    url: Option<String>,
    label: String,
    active: bool,
}

/// Where a list is.
pub(super) struct Place<'a> {
    /// The site's origin.
    pub(super) site: &'a str,
    /// The last part of its path.
    pub(super) list: &'a str,
    /// What it was asked for besides the page.
    pub(super) query: &'a [(&'a str, &'a str)],
}

impl Place<'_> {
    fn path(&self) -> String {
        format!("{}{BASE}/{}", self.site, self.list)
    }

    fn page(&self, number: u64) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.query).append_pair("page", &number.to_string());
        format!("{}?{}", self.path(), query.finish())
    }
}

impl<T> Paginator<T> {
    /// The page `current`, counted from 1, of `total` entries.
    pub(super) fn new(place: &Place<'_>, current: u32, per_page: u32, total: u64, data: Vec<T>) -> Self {
        let last = total.div_ceil(per_page.max(1).into()).max(1);
        let here = u64::from(current);
        let before = (here > 1).then(|| place.page(here - 1));
        let after = (here < last).then(|| place.page(here + 1));
        let from = (!data.is_empty()).then(|| (here - 1) * u64::from(per_page) + 1);
        let link =
            |url: &Option<String>, label: &str| Link { url: url.clone(), label: label.into(), active: false };
        let mut links = vec![link(&before, "&laquo; Previous")];
        let near = here.saturating_sub(BESIDE).max(1)..=(here + BESIDE).min(last);
        links.extend(near.map(|n| Link {
            url: Some(place.page(n)),
            label: n.to_string(),
            active: n == here,
        }));
        links.push(link(&after, "Next &raquo;"));
        Self {
            current_page: current,
            first_page_url: place.page(1),
            from,
            last_page: last,
            last_page_url: place.page(last),
            links,
            next_page_url: after,
            path: place.path(),
            per_page,
            prev_page_url: before,
            to: from.map(|from| from + data.len() as u64 - 1),
            total,
            data,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(current: u32, total: u64, entries: usize) -> Paginator<()> {
        let place = Place { site: "https://x.example", list: "images", query: &[("keyword", "a b")] };
        Paginator::new(&place, current, 40, total, vec![(); entries])
    }

    #[test]
    fn a_page_in_the_middle_leads_both_ways() {
        let page = page(5, 400, 40);
        let at = |n: u64| Some(format!("https://x.example/compat/lsky/api/v1/images?keyword=a+b&page={n}"));
        assert_eq!((page.prev_page_url, page.next_page_url), (at(4), at(6)));
        assert_eq!((page.from, page.to, page.last_page), (Some(161), Some(200), 10));
        let labels: Vec<_> = page.links.iter().map(|link| link.label.as_str()).collect();
        assert_eq!(labels, ["&laquo; Previous", "2", "3", "4", "5", "6", "7", "8", "Next &raquo;"]);
        assert_eq!(page.links.iter().position(|link| link.active), Some(4));
    }

    #[test]
    fn an_empty_list_has_one_page() {
        let page = page(1, 0, 0);
        assert_eq!((page.last_page, page.from, page.to), (1, None, None));
        assert_eq!((page.prev_page_url, page.next_page_url), (None, None));
    }

    #[test]
    fn behind_the_last_page_is_nothing() {
        let page = page(9, 41, 0);
        assert_eq!((page.last_page, page.from, page.next_page_url), (2, None, None));
    }
}
