//! Who sees an image: private ones, those that lapse, those whose views are counted, at every door.

use futures::future::join_all;
use http::Method;
use reflect_core::{
    auth::enrolment::EnrolledNow,
    images::library::{self, ListQuery},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{Answer, App, Person, path, pictures};

/// Somebody with a session, a token and an image of 400 by 300 pixels.
struct Owner {
    app: App,
    person: Person,
    cookie: String,
    image: Value,
}

impl Owner {
    async fn new(pool: PgPool) -> Self {
        let app = App::new(pool);
        let ada: EnrolledNow = app.enrol("ada").await;
        let cookie = app.sign_in(&ada).await;
        let person = app.with_token(ada.user_id).await;
        let image = app.upload(&person, "secret-roof.png", &pictures::png(400, 300)).await;
        Self { app, person, cookie, image }
    }

    async fn change(&self, change: Value) -> Value {
        let one = format!("/api/v1/images/{}", self.image["id"].as_str().unwrap());
        self.app.call(Method::PATCH, &one).token(&self.person.token).json(&change).await.gives(200)
    }

    fn url(&self) -> &str {
        path(&self.image["links"]["url"])
    }

    fn thumbnail(&self) -> &str {
        path(&self.image["links"]["thumbnail"])
    }

    fn page(&self) -> &str {
        path(&self.image["links"]["page"])
    }

    fn oembed(&self) -> String {
        format!("/oembed?url={}", self.image["links"]["page"].as_str().unwrap())
    }

    /// Every address at which there are bytes.
    fn bytes(&self) -> Vec<String> {
        let queries = ["", "?w=160", "?w=320", "?w=640&f=webp", "?f=auto", "?f=jpeg", "?v=7"];
        queries.iter().map(|query| format!("{}{query}", self.url())).collect()
    }

    /// The image is as if it had never been, to a request that `dress` makes somebody's.
    async fn is_nothing_to(&self, dress: impl Fn(crate::support::Call<'_>) -> crate::support::Call<'_>) {
        let missing = self.url().replace(self.image["slug"].as_str().unwrap(), "abcDEF012345678");
        for address in self.bytes() {
            let none = address.replace(self.url(), &missing);
            for method in [Method::GET, Method::HEAD] {
                let answer = dress(self.app.call(method.clone(), &address)).await;
                let expected = dress(self.app.call(method.clone(), &none)).await;
                assert_eq!(answer.status, 404, "{method} {address}");
                assert_eq!(
                    (answer.headers, answer.body),
                    (expected.headers, expected.body),
                    "{method} {address}"
                );
            }
            for (name, value) in [("range", "bytes=0-9"), ("range", "bytes=9999999-"), ("if-none-match", "*")]
            {
                dress(self.app.get(&address)).header(name, value).await.refuses(404, "not-found");
            }
        }
        let asking = dress(self.app.get(path(&self.image["delete_url"]))).await;
        let asks = asking.page(200);
        assert!(!asks.contains("secret-roof") && !asks.contains("<img"), "{asks}");
        let page = dress(self.app.get(self.page())).await;
        assert!(!page.page(404).contains("og:image") && !page.text().contains("secret-roof"), "{page:?}");
        dress(self.app.get(&self.oembed())).await.refuses(404, "not-found");
        let asked = self.app.function("public-image", json!({ "slug": self.image["slug"] }));
        dress(asked).await.fails(404, "not-found");
    }
}

#[track_caller]
fn is_kept_by_nobody(answer: &Answer) {
    assert_eq!(answer.header("cache-control"), "private, no-store", "{answer:?}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_private_image_is_nothing_to_anybody_else_at_any_door(pool: PgPool) {
    let owner = Owner::new(pool).await;
    // All of it has been seen, and is in memory.
    for address in owner.bytes() {
        assert_eq!(owner.app.get(&address).await.status, 200, "{address}");
    }
    let etag = owner.app.get(owner.url()).await.header("etag").to_owned();
    owner.change(json!({ "visibility": "private" })).await;
    owner.is_nothing_to(|call| call).await;
    owner.app.get(owner.url()).header("if-none-match", &etag).await.refuses(404, "not-found");

    let bob = owner.app.enrol("bob").await;
    let cookie = owner.app.sign_in_as("bob", &bob).await;
    owner.is_nothing_to(|call| call.cookie(&cookie)).await;
    let bob = owner.app.with_token(bob.user_id).await;
    owner.app.get(owner.url()).token(&bob.token).await.refuses(404, "not-found");
    for (name, value) in [
        ("authorization", "Bearer rfl_nonsense"),
        ("cookie", "reflect=nonsense"),
        ("cookie", "reflect=AAAAAAAAAAAAAAAAAAAAAA"),
    ] {
        let answer = owner.app.get(owner.url()).header(name, value).await;
        answer.refuses(404, "not-found");
        assert_eq!(answer.header("set-cookie"), "", "{name}: {value}");
    }

    owner.change(json!({ "visibility": "unlisted" })).await;
    let answer = owner.app.get(owner.url()).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, &*etag));
    assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn its_owner_sees_a_private_image_by_session_and_by_token_and_no_cache_keeps_it(pool: PgPool) {
    let owner = Owner::new(pool).await;
    owner.change(json!({ "visibility": "private" })).await;
    for address in owner.bytes() {
        let by_session = owner.app.get(&address).cookie(&owner.cookie).await;
        let by_token = owner.app.get(&address).token(&owner.person.token).await;
        for answer in [by_session, by_token] {
            assert_eq!(answer.status, 200, "{address}");
            is_kept_by_nobody(&answer);
            assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
            for none in ["access-control-allow-origin", "set-cookie"] {
                assert_eq!(answer.header(none), "", "{none}");
            }
        }
    }
    let whole = owner.app.get(owner.url()).cookie(&owner.cookie).await;
    let part = owner.app.get(owner.url()).cookie(&owner.cookie).header("range", "bytes=0-9").await;
    assert_eq!((part.status.as_u16(), &part.body[..]), (206, &whole.body[..10]));
    is_kept_by_nobody(&part);
    let known =
        owner.app.get(owner.url()).cookie(&owner.cookie).header("if-none-match", whole.header("etag")).await;
    assert_eq!(known.status, 304);
    is_kept_by_nobody(&known);
    let head = owner.app.head(owner.url()).cookie(&owner.cookie).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    let page = owner.app.get(owner.page()).cookie(&owner.cookie).await;
    assert!(page.page(200).contains("Only you can see this page."), "{page:?}");
    // What another site embeds is shown to whoever reads it, so it isn't embedded.
    owner.app.get(&owner.oembed()).cookie(&owner.cookie).await.refuses(404, "not-found");
    // Signed out there is nothing any more.
    owner.app.function("sign-out", json!({})).cookie(&owner.cookie).await.gives(200);
    owner.app.get(owner.url()).cookie(&owner.cookie).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn other_nodes_hear_of_a_change(pool: PgPool) {
    let owner = Owner::new(pool.clone()).await;
    let other = App::new(pool.clone());
    assert_eq!(other.get(owner.url()).await.status, 200);
    let mut changes = sqlx::postgres::PgListener::connect_with(&pool).await.unwrap();
    changes.listen(library::GONE).await.unwrap();
    owner.change(json!({ "visibility": "private" })).await;
    let heard = changes.recv().await.unwrap();
    assert_eq!(heard.payload(), owner.image["slug"]);
    // What `jobs::hear` does.
    other.state.images.forget(&heard.payload().parse().unwrap());
    other.get(owner.url()).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_lapses_to_the_second_and_caches_are_told_when(pool: PgPool) {
    let owner = Owner::new(pool).await;
    owner.change(json!({ "expires_at": "2026-11-20T13:00:00Z" })).await;
    owner.app.wait(Duration::minutes(59));
    for address in owner.bytes() {
        let answer = owner.app.get(&address).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("cache-control")),
            (200, "public, max-age=60"),
            "{address}"
        );
    }
    assert_eq!(owner.app.get(&owner.oembed()).await.gives(200)["cache_age"], 60);
    owner.app.wait(Duration::seconds(59));
    let answer = owner.app.get(owner.url()).await;
    assert_eq!((answer.status.as_u16(), answer.header("cache-control")), (200, "public, max-age=1"));
    let known = owner.app.get(owner.url()).header("if-none-match", answer.header("etag")).await;
    assert_eq!((known.status.as_u16(), known.header("cache-control")), (304, "public, max-age=1"));
    owner.app.get(owner.page()).await.page(200);

    owner.app.wait(Duration::SECOND);
    owner.is_nothing_to(|call| call).await;
    let own = owner.app.get(owner.url()).cookie(&owner.cookie).await;
    assert_eq!(own.status, 200, "its owner may still see it, and give it more time");
    is_kept_by_nobody(&own);
    owner.change(json!({ "expires_at": "2026-11-20T14:00:00Z" })).await;
    assert_eq!(owner.app.get(owner.url()).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_has_lapsed_goes_to_the_bin_and_comes_back_as_its_owners_alone(pool: PgPool) {
    let owner = Owner::new(pool).await;
    let other = owner.app.upload(&owner.person, "dog.png", &pictures::png(4, 4)).await;
    owner.change(json!({ "expires_at": "2026-11-20T13:00:00Z" })).await;
    let core = owner.app.core();
    owner.app.wait(Duration::seconds(3599));
    assert_eq!(library::bin_lapsed(core).await.unwrap(), 0);
    owner.app.wait(Duration::SECOND);
    assert_eq!(library::bin_lapsed(core).await.unwrap(), 1);
    assert_eq!(library::bin_lapsed(core).await.unwrap(), 0);
    let list =
        library::list(core, owner.person.id, &ListQuery { limit: 9, ..ListQuery::default() }).await.unwrap();
    assert_eq!(list.items.iter().map(|image| &*image.filename).collect::<Vec<_>>(), ["dog.png"]);
    assert_eq!(owner.app.get(path(&other["links"]["url"])).await.status, 200);
    owner.app.get(owner.url()).cookie(&owner.cookie).await.refuses(404, "not-found");

    let request = json!({ "ids": [owner.image["id"]], "action": "restore" });
    owner.app.function("bulk", json!({ "request": request })).cookie(&owner.cookie).await.gives(200);
    owner.is_nothing_to(|call| call).await;
    let changed = owner.change(json!({})).await;
    assert_eq!((&changed["visibility"], &changed["expires_at"]), (&"private".into(), &Value::Null));
    assert_eq!(library::bin_lapsed(core).await.unwrap(), 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn of_many_who_come_at_once_exactly_as_many_see_it_as_may(pool: PgPool) {
    let owner = Owner::new(pool.clone()).await;
    owner.change(json!({ "max_views": 7 })).await;
    // Two nodes, with what they know in memory or not.
    let other = App::new(pool);
    let calls = (0..40).map(|n| {
        let app = if n % 2 == 0 { &owner.app } else { &other };
        let address = [owner.url().to_owned(), format!("{}?f=jpeg", owner.url())][n / 2 % 2].clone();
        async move { app.get(&address).await }
    });
    let answers = join_all(calls).await;
    let seen = answers.iter().filter(|answer| answer.status == 200).count();
    let refused = answers.iter().filter(|answer| answer.status == 404).count();
    assert_eq!((seen, refused), (7, 33));
    answers.iter().filter(|answer| answer.status == 200).for_each(is_kept_by_nobody);
    assert_eq!(owner.change(json!({})).await["views"], 7);
    owner.is_nothing_to(|call| call).await;

    // More are given, then the limit goes, then another one begins anew.
    assert_eq!(owner.change(json!({ "max_views": 8 })).await["views"], 7);
    assert_eq!(owner.app.get(owner.url()).await.status, 200);
    owner.app.get(owner.url()).await.refuses(404, "not-found");
    assert_eq!(owner.change(json!({ "max_views": null })).await["views"], 0);
    assert_eq!(
        owner.app.get(owner.url()).await.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(owner.change(json!({ "max_views": 1 })).await["views"], 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_carries_no_picture_and_what_is_the_owners_is_no_view(pool: PgPool) {
    let owner = Owner::new(pool).await;
    owner.change(json!({ "max_views": 2 })).await;
    let etag = owner.app.get(owner.url()).await.header("etag").to_owned();
    let views = async || owner.change(json!({})).await["views"].clone();
    assert_eq!(views().await, 1);

    let free = [
        owner.app.head(owner.url()).await,
        owner.app.get(owner.url()).header("if-none-match", &etag).await,
        owner.app.get(owner.url()).header("range", "bytes=9999999-").await,
        owner.app.get(owner.thumbnail()).await,
        owner.app.get(&format!("{}?w=160", owner.url())).await,
        owner.app.get(owner.page()).await,
        owner.app.get(&owner.oembed()).await,
        owner.app.get(owner.url()).cookie(&owner.cookie).await,
        owner.app.get(owner.url()).token(&owner.person.token).await,
    ];
    let statuses = free.map(|answer| answer.status.as_u16());
    assert_eq!(statuses, [200, 304, 416, 200, 200, 200, 200, 200, 200]);
    assert_eq!(views().await, 1);
    // What messengers show beside a link is the preview.
    let page = owner.app.get(owner.page()).await;
    let card = format!("{}?w=320&amp;f=jpeg", owner.image["links"]["url"].as_str().unwrap());
    assert!(page.page(200).contains(&card), "{page:?}");

    let part = owner.app.get(owner.url()).header("range", "bytes=5-9").await;
    assert_eq!(part.status, 206, "pieces are how one would get round the count");
    assert_eq!(views().await, 2);
    owner.is_nothing_to(|call| call).await;
    assert_eq!(owner.app.get(owner.url()).cookie(&owner.cookie).await.status, 200);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_preview_that_is_all_of_a_small_image_counts(pool: PgPool) {
    let owner = Owner::new(pool).await;
    let icon = owner.app.upload(&owner.person, "icon.png", &pictures::png(64, 64)).await;
    let one = format!("/api/v1/images/{}", icon["id"].as_str().unwrap());
    let limit =
        owner.app.call(Method::PATCH, &one).token(&owner.person.token).json(&json!({ "max_views": 2 }));
    limit.await.gives(200);
    let (small, other) =
        (path(&icon["links"]["thumbnail"]), format!("{}?w=320&f=jpeg", path(&icon["links"]["url"])));
    assert_eq!(
        (owner.app.get(small).await.status.as_u16(), owner.app.get(&other).await.status.as_u16()),
        (200, 200)
    );
    owner.app.get(small).await.refuses(404, "not-found");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_same_bytes_elsewhere_are_as_open_as_they_were(pool: PgPool) {
    let owner = Owner::new(pool).await;
    let bob = owner.app.person("bob").await;
    let same = owner.app.upload(&bob, "mine.png", &owner.app.stored(&owner.image).await).await;
    owner.change(json!({ "visibility": "private" })).await;
    let answer = owner.app.get(path(&same["links"]["url"])).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (200, "public, max-age=31536000, immutable")
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_large_private_image_is_streamed_to_its_owner_alone(pool: PgPool) {
    let owner = Owner::new(pool.clone()).await;
    owner.change(json!({ "visibility": "private" })).await;
    // A node that keeps nothing in memory.
    let small = App::with(pool, |setup| setup.serve.cache_bytes = model::types::ByteSize(0));
    small.get(owner.url()).await.refuses(404, "not-found");
    let answer = small.get(owner.url()).token(&owner.person.token).await;
    assert_eq!((answer.status.as_u16(), answer.body), (200, small.stored(&owner.image).await));
}
