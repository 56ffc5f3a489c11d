//! `/api/v1/images`: listing, one image, deleting.

use std::collections::BTreeSet;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::Method;
use reflect_core::images::library;
use serde_json::Value;
use sqlx::{PgPool, postgres::PgListener};
use time::Duration;

use crate::support::{App, Person, path, pictures};

/// `count` images, a second apart, the oldest first.
async fn fill(app: &App, person: &Person, count: u32) -> Vec<Value> {
    let mut images = Vec::new();
    for n in 0..count {
        images.push(app.upload(person, &format!("{n}.png"), &pictures::png(4, 4 + n)).await);
        app.wait(Duration::SECOND);
    }
    images
}

/// What an upload answered, without what only whoever uploads is told.
fn as_listed(mut image: Value) -> Value {
    for member in ["delete_url", "existing", "similar"] {
        image.as_object_mut().unwrap().remove(member).unwrap();
    }
    image
}

fn names(list: &Value) -> Vec<&str> {
    list["images"].as_array().unwrap().iter().map(|image| image["filename"].as_str().unwrap()).collect()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn programs_are_told_the_placeholder_and_the_gallery_paints_it(pool: PgPool) {
    let app = App::new(pool);
    let person = app.enrol("ada").await;
    let cookie = app.sign_in(&person).await;
    let ada = app.with_token(person.user_id).await;
    let image = app.upload(&ada, "a.png", &pictures::png(64, 48)).await;
    let hash = STANDARD.decode(image["thumbhash"].as_str().unwrap()).unwrap();
    assert!((5..40).contains(&hash.len()), "{hash:?}");
    let listed = app.get("/api/v1/images").token(&ada.token).await.gives(200)["images"][0].take();
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let alone = app.get(&one).token(&ada.token).await.gives(200);
    for told in [&listed, &alone] {
        assert_eq!((&told["thumbhash"], &told["preview"]), (&image["thumbhash"], &Value::Null));
    }
    let page = app.get("/gallery").cookie(&cookie).await;
    assert!(page.page(200).contains("src=\"data:image/bmp;base64,Qk1m"), "{}", page.text());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_newest_image_is_first(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    fill(&app, &ada, 3).await;
    let list = app.get("/api/v1/images").token(&ada.token).await.gives(200);
    assert_eq!(names(&list), ["2.png", "1.png", "0.png"]);
    assert_eq!(list["next_cursor"], Value::Null);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_entry_of_the_list_is_what_the_upload_answered(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = as_listed(app.upload(&ada, "a.png", &pictures::png(40, 30)).await);
    assert_eq!(app.images(&ada).await, [image]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn nobody_sees_another_persons_list(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    assert!(app.images(&bob).await.is_empty());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_walk_by_cursor_meets_each_image_once(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    // All of the same millisecond: the cursor must not rest on the time alone.
    let mut all = BTreeSet::new();
    for n in 0..7 {
        all.insert(app.upload(&ada, "a.png", &pictures::png(4, 4 + n)).await["id"].to_string());
    }
    let (mut met, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = app.get(&format!("/api/v1/images?limit=3{cursor}")).token(&ada.token).await.gives(200);
        met.extend(page["images"].as_array().unwrap().iter().map(|image| image["id"].to_string()));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((met.len(), pages), (7, 3));
    assert_eq!(met.into_iter().collect::<BTreeSet<_>>(), all);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_uploaded_during_a_walk_moves_no_page(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    fill(&app, &ada, 4).await;
    let first = app.get("/api/v1/images?limit=2").token(&ada.token).await.gives(200);
    assert_eq!(names(&first), ["3.png", "2.png"]);
    app.upload(&ada, "new.png", &pictures::png(5, 5)).await;
    let next = first["next_cursor"].as_str().unwrap();
    let second = app.get(&format!("/api/v1/images?limit=2&cursor={next}")).token(&ada.token).await.gives(200);
    assert_eq!((names(&second), &second["next_cursor"]), (vec!["1.png", "0.png"], &Value::Null));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_has_one_to_two_hundred_entries(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    fill(&app, &ada, 2).await;
    for (limit, entries) in [("1", 1), ("2", 2), ("200", 2)] {
        let list = app.get(&format!("/api/v1/images?limit={limit}")).token(&ada.token).await.gives(200);
        assert_eq!(names(&list).len(), entries, "{limit}");
    }
    for bad in ["0", "201", "-1", "many", "", "1.5", "99999999999999999999"] {
        let answer = app.get(&format!("/api/v1/images?limit={bad}")).token(&ada.token).await;
        let problem = answer.refuses(400, "invalid-parameter");
        assert_eq!(
            (&problem["name"], &problem["expected"]),
            (&"limit".into(), &"a number from 1 to 200".into())
        );
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_cursor_that_is_none_of_ours_is_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for bad in ["x", "", "%00", "AAAA", "019aa000-0000-7000-8000-000000000000", "'%3B--"] {
        let answer = app.get(&format!("/api/v1/images?cursor={bad}")).token(&ada.token).await;
        assert_eq!(answer.refuses(400, "invalid-parameter")["name"], "cursor", "{bad}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_parameter_given_twice_is_refused_like_any_wrong_one(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for path in ["/api/v1/images?limit=1&limit=2", "/oembed?url=a&url=b"] {
        app.get(path).token(&ada.token).await.refuses(400, "invalid-parameter");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_search_finds_words_of_the_name_in_any_case(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for name in ["Black Cat.png", "white cat.jpg", "dog 100%.png", "猫.png"] {
        app.upload(&ada, name, &pictures::png(4, 4)).await;
        app.wait(Duration::SECOND);
    }
    for (query, found) in [
        ("CAT", &["white cat.jpg", "Black Cat.png"] as &[_]),
        ("cat%20black", &["Black Cat.png"]),
        ("100%25", &["dog 100%.png"]),
        ("%25", &["dog 100%.png"]),
        ("_", &[]),
        ("%E7%8C%AB", &["猫.png"]),
        ("horse", &[]),
        ("'%20OR%201%3D1", &[]),
        ("", &["猫.png", "dog 100%.png", "white cat.jpg", "Black Cat.png"]),
    ] {
        let list = app.get(&format!("/api/v1/images?q={query}")).token(&ada.token).await.gives(200);
        assert_eq!(names(&list), found, "{query}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_search_for_what_no_name_can_have_finds_nothing(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let list = app.get("/api/v1/images?q=a%00b").token(&ada.token).await.gives(200);
    assert!(names(&list).is_empty());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_image_is_what_the_upload_answered(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = as_listed(app.upload(&ada, "a.png", &pictures::png(40, 30)).await);
    let path = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let found = app.get(&path).token(&ada.token).await.gives(200);
    for (member, value) in image.as_object().unwrap() {
        assert_eq!(&found[member], value, "{member}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn another_persons_image_is_nowhere(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let path = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    app.get(&path).token(&bob.token).await.refuses(404, "not-found");
    app.call(Method::DELETE, &path).token(&bob.token).await.refuses(404, "not-found");
    assert_eq!(app.images(&ada).await.len(), 1);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_no_key_is_nowhere(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for id in ["1", "019aa000-0000-7000-8000-000000000000", "null", "%20", "%FF", "..%2F.."] {
        for method in [Method::GET, Method::DELETE] {
            let answer = app.call(method, &format!("/api/v1/images/{id}")).token(&ada.token).await;
            answer.refuses(404, "not-found");
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_deleted_image_leaves_list_page_and_address(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let answer = app.call(Method::DELETE, &one).token(&ada.token).await;
    assert_eq!((answer.status.as_u16(), answer.body.len()), (204, 0));
    assert!(app.images(&ada).await.is_empty());
    app.get(&one).token(&ada.token).await.refuses(404, "not-found");
    app.get(path(&image["links"]["url"])).await.refuses(404, "not-found");
    app.get(path(&image["links"]["thumbnail"])).await.refuses(404, "not-found");
    app.get(path(&image["links"]["page"])).await.page(404);
    app.call(Method::DELETE, &one).token(&ada.token).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_in_memory_goes_at_once_here_and_elsewhere_when_it_is_heard_of(pool: PgPool) {
    let app = App::new(pool.clone());
    let other = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(400, 300)).await;
    let (url, small) = (path(&image["links"]["url"]), path(&image["links"]["thumbnail"]));
    for node in [&app, &other] {
        assert_eq!((node.get(url).await.status.as_u16(), node.get(small).await.status.as_u16()), (200, 200));
    }

    let mut deletions = PgListener::connect_with(app.pool()).await.unwrap();
    deletions.listen(library::GONE).await.unwrap();
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    assert_eq!(app.call(Method::DELETE, &one).token(&ada.token).await.status, 204);

    // What `jobs::hear` does.
    let heard = deletions.recv().await.unwrap();
    assert_eq!(heard.payload(), image["slug"]);
    other.state.images.forget(&heard.payload().parse().unwrap());
    for node in [&app, &other] {
        node.get(url).await.refuses(404, "not-found");
        node.get(small).await.refuses(404, "not-found");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_bin_counts_as_used_space(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    app.call(Method::DELETE, &one).token(&ada.token).await;
    let me = app.get("/api/v1/me").token(&ada.token).await.gives(200);
    assert_eq!((&me["usage"]["used"], &me["usage"]["images"]), (&image["byte_size"], &0.into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_list_begins_where_it_is_told_to(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for n in 0..4 {
        app.upload(&ada, &format!("{n}.png"), &pictures::png(4, 4 + n)).await;
        app.wait(Duration::days(20));
    }
    // The clock stood at 20 November 2026 first.
    let months = app.get("/api/v1/images/timeline").token(&ada.token).await.gives(200);
    let months = months["months"].as_array().unwrap().clone();
    let of =
        |month: &str, images: u32| serde_json::json!({ "month": month, "images": images, "days": images });
    assert_eq!(months, [of("2027-01", 1), of("2026-12", 2), of("2026-11", 1)]);
    for (at, expected) in [
        ("2027", &["3.png", "2.png"][..]),
        ("2026", &["2.png", "1.png"]),
        ("2026-12-30", &["2.png", "1.png"]),
        ("2026-12-29", &["1.png", "0.png"]),
        ("2026-11", &["0.png"]),
        ("2026-10", &[]),
    ] {
        let page = app.get(&format!("/api/v1/images?limit=2&at={at}")).token(&ada.token).await.gives(200);
        assert_eq!(names(&page), expected, "{at}");
    }
    let page = app.get("/api/v1/images?limit=1&at=2026-12").token(&ada.token).await.gives(200);
    let next = page["next_cursor"].as_str().unwrap();
    let page = app.get(&format!("/api/v1/images?limit=1&cursor={next}")).token(&ada.token).await.gives(200);
    assert_eq!(names(&page), ["1.png"]);
    let refused = app.get("/api/v1/images?at=sometime").token(&ada.token).await.gives(400);
    assert_eq!((&refused["code"], &refused["name"]), (&"invalid-parameter".into(), &"at".into()));
}
