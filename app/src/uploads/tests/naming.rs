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
fn a_text_is_an_address_or_none() {
    let one = "https://x.example/a.png?w=1#b";
    for (text, address) in [
        (one, one),
        (" HTTP://x.example \r\n", "HTTP://x.example"),
        ("# from elsewhere\r\nhttp://y.example/\r\n", "http://y.example/"),
    ] {
        assert_eq!(names::address(text), Some(address));
    }
    for none in [
        "",
        "cat.png",
        "see https://x.example",
        "https://",
        "https://x.example a",
        "ftp://x.example/a",
        "data:,a",
        "https://x.example\nhttps://y.example",
        "https://x.example\nand more",
    ] {
        assert_eq!(names::address(none), None, "{none}");
    }
}

#[test]
fn a_list_has_a_line_for_each_whatever_it_is() {
    let list = "# from elsewhere\r\nhttps://x.example/a.png\r\n\r\n ftp://y.example/ \r\ndata:,a\r\n";
    let lines: Vec<_> = names::lines(list).map(|line| (line, names::is_address(line))).collect();
    assert_eq!(lines, [("https://x.example/a.png", true), ("ftp://y.example/", false), ("data:,a", false)]);
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
