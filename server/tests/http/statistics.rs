//! Images in figures, by the JSON API and by the app's own functions.

use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::support::{App, Person, path, pictures};

/// Asks for an image so many times.
async fn see(app: &App, image: &Value, times: usize) {
    for _ in 0..times {
        assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
    }
    app.state.images.write_views(app.core()).await.unwrap();
}

async fn told(app: &App, person: &Person, address: &str) -> Value {
    app.get(&format!("/api/v1/{address}")).token(&person.token).await.gives(200)
}

fn of(image: &Value) -> String {
    format!("images/{}/statistics", image["id"].as_str().unwrap())
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn views_are_told_by_day_in_all_and_of_what_was_seen_most(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let often = app.upload(&ada, "often.png", &pictures::png(40, 30)).await;
    let seldom = app.upload(&ada, "seldom.jpg", &pictures::jpeg(40, 30)).await;
    let his = app.upload(&bob, "his.png", &pictures::png(20, 20)).await;
    see(&app, &often, 2).await;
    app.wait(Duration::days(1));
    see(&app, &often, 1).await;
    see(&app, &seldom, 1).await;
    see(&app, &his, 5).await;

    let one = told(&app, &ada, &format!("{}?days=3", of(&often))).await;
    let days = json!([
        { "date": "2026-11-19", "views": 0 }, { "date": "2026-11-20", "views": 2 }, { "date": "2026-11-21", "views": 1 }
    ]);
    assert_eq!(one, json!({ "views": 3, "days": days }));
    assert_eq!(told(&app, &ada, &of(&often)).await["days"].as_array().unwrap().len(), 30);

    let all = told(&app, &ada, "statistics?days=2").await;
    assert_eq!(
        (&all["views"], &all["days"]),
        (&json!(4), &json!([{ "date": "2026-11-20", "views": 2 }, { "date": "2026-11-21", "views": 2 }]))
    );
    let most: Vec<_> = all["most_viewed"].as_array().unwrap().iter().collect();
    assert_eq!(most.len(), 2, "and nothing of bob's");
    assert_eq!((&most[0]["views"], &most[0]["image"]["id"]), (&json!(3), &often["id"]));
    assert_eq!(most[1]["image"]["links"]["url"], seldom["links"]["url"]);
    let kept = |image: &Value| image["byte_size"].as_u64().unwrap();
    let kind = |name: &str, image| json!({ "media_type": name, "images": 1, "bytes": kept(image) });
    let mut types = vec![kind("image/png", &often), kind("image/jpeg", &seldom)];
    types.sort_by_key(|kind| std::cmp::Reverse(kind["bytes"].as_u64()));
    assert_eq!(all["types"], json!(types));
    let bytes = kept(&often) + kept(&seldom);
    assert_eq!(all["months"], json!([{ "month": "2026-11", "images": 2, "bytes": bytes }]));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn others_images_have_no_figures(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.enrol("ada").await, app.person("bob").await);
    let cookie = app.sign_in_as("ada", &ada).await;
    let ada = app.with_token(ada.user_id).await;
    let image = app.upload(&bob, "a.png", &pictures::png(4, 4)).await;
    app.get(&format!("/api/v1/{}", of(&image))).token(&ada.token).await.refuses(404, "not-found");
    let arguments = json!({ "id": image["id"], "days": 30 });
    let asked = app.function("image-statistics", arguments.clone());
    asked.cookie(&cookie).await.fails(404, "not-found");
    for name in ["image-statistics", "statistics"] {
        app.function(name, arguments.clone()).await.fails(401, "signed-out");
    }
    let own = app.function("statistics", json!({ "days": 365 })).cookie(&cookie).await.gives(200);
    assert_eq!((own["days"].as_array().unwrap().len(), &own["types"]), (365, &json!([])));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn there_are_figures_of_a_day_up_to_a_year(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, "a.png", &pictures::png(4, 4)).await;
    for address in ["statistics".to_owned(), of(&image)] {
        for days in [1, 365] {
            let told = told(&app, &ada, &format!("{address}?days={days}")).await;
            assert_eq!(told["days"].as_array().unwrap().len(), days);
        }
        for days in ["0", "366", "-1", "x", "1.5"] {
            let answer = app.get(&format!("/api/v1/{address}?days={days}")).token(&ada.token).await;
            assert_eq!(answer.refuses(400, "invalid-parameter")["name"], "days");
        }
    }
}
