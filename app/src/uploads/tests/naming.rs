use super::*;

#[test]
fn pasted_pictures_are_named_by_their_moment() {
    let at = [2026, 3, 9, 7, 5, 1];
    assert_eq!(names::pasted(at, 0, "image/png"), "pasted-2026-03-09-070501.png");
    assert_eq!(names::pasted(at, 1, "image/jpeg"), "pasted-2026-03-09-070501-2.jpg");
    assert_eq!(names::pasted(at, 0, "image/../x"), "pasted-2026-03-09-070501.png");
    assert_eq!(names::pasted(at, 0, ""), "pasted-2026-03-09-070501.png");
}

#[test]
fn only_names_without_meaning_are_replaced_or_left_out() {
    assert!(names::is_made_up("image.png") && names::is_made_up(""));
    assert!(!names::is_made_up("holiday.png"));
    assert!(names::is_litter(".DS_Store") && names::is_litter("Thumbs.db"));
    assert!(!names::is_litter("photo.jpg"));
}

#[test]
fn a_text_is_addresses_or_none() {
    let one = "https://x.example/a.png?w=1#b";
    assert_eq!(names::addresses(one), [one]);
    assert_eq!(names::addresses(" HTTP://x.example \r\n"), ["HTTP://x.example"]);
    let list = format!("# from elsewhere\r\n{one}\r\nhttp://y.example/\r\n");
    assert_eq!(names::addresses(&list), [one, "http://y.example/"]);
    for none in [
        "",
        "cat.png",
        "see https://x.example",
        "https://",
        "https://x.example a",
        "ftp://x.example/a",
        "data:,a",
    ] {
        assert!(names::addresses(none).is_empty(), "{none}");
    }
    assert!(names::addresses(&format!("{one}\nand more")).is_empty());
}

#[test]
fn what_is_fetched_is_called_what_its_address_ends_with() {
    for (address, name) in [
        ("https://x.example/a/b.png?c=/d#/e", "b.png"),
        ("https://x.example/a/", "a"),
        ("https://x.example", "x.example"),
        ("https://x.example/?a=b", "x.example"),
    ] {
        assert_eq!(names::of_address(address), name);
    }
}
