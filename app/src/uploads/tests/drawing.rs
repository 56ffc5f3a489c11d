use super::*;

#[test]
fn a_short_list_is_drawn_whole() {
    assert_eq!(rows::visible(&[Kind::Done, Kind::Failed], 2), [0, 1]);
    assert!(rows::visible(&[], 100).is_empty());
}

#[test]
fn in_a_long_list_the_settled_make_way_and_the_order_stays() {
    let kinds = [Kind::Done, Kind::Waiting, Kind::Cancelled, Kind::Active, Kind::Done, Kind::Failed];
    assert_eq!(rows::visible(&kinds, 3), [1, 3, 5]);
    assert_eq!(rows::visible(&kinds, 4), [0, 1, 3, 5]);
    assert_eq!(rows::visible(&[Kind::Waiting; 1000], 100).len(), 100);
}
