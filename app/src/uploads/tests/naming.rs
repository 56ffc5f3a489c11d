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
