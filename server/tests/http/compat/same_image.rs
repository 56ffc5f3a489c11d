//! An image is the same everywhere, whichever way it came.

use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

use super::upload;
use crate::support::{App, path, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_image_is_seen_through_every_door(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let lsky = "/compat/lsky/api/v1";
    let token = ada.token.as_str();
    let mut urls = Vec::new();
    let doors = [
        ("/api/v1/images", "file", "/images/0/links/url"),
        ("/api/v2/upload", "smfile", "/data/url"),
        ("/api/v1/file/upload", "smfile", "/data/url"),
        (&format!("{lsky}/upload"), "file", "/data/links/url"),
        ("/api/1/upload", "source", "/image/url"),
        ("/api/1/upload", "image", "/data/url"),
    ];
    let put = async |(address, field, member): (&str, &str, &str), bytes: &[u8]| {
        let answer = upload(&app, address, field, &format!("Bearer {token}"), bytes).await;
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json().pointer(member).unwrap().clone()
    };
    for door in doors {
        app.wait(Duration::SECOND);
        let bytes = pictures::png(40, 30);
        let url = put(door, &bytes).await;
        let sent = app.get(path(&url)).await;
        assert_eq!((sent.status.as_u16(), sent.header("content-type")), (200, "image/png"));
        for other in doors {
            assert_eq!(put(other, &bytes).await, url, "the same bytes again, through {other:?}");
        }
        urls.insert(0, url);
    }
    assert_eq!((app.count("images").await, app.count("blobs").await), (6, 6));
    let all = |list: &Value, member: &str| -> Vec<Value> {
        list.as_array().unwrap().iter().map(|entry| entry.pointer(member).unwrap().clone()).collect()
    };
    let get = |address: &str| app.get(address).token(token);
    assert_eq!(all(&get("/api/v1/images").await.gives(200)["images"], "/links/url"), urls);
    assert_eq!(all(&get("/api/v2/upload_history").await.gives(200)["data"], "/url"), urls);
    assert_eq!(all(&get("/api/v1/files").await.gives(200)["data"], "/url"), urls);
    let images = get(&format!("{lsky}/images")).await.gives(200);
    assert_eq!(all(&images["data"]["data"], "/links/url"), urls);
}
