//! Names of files, as clients spell them and as people look for them.

use http::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{App, Form, Person, path, pictures};

async fn found(app: &App, person: &Person, word: &str) -> Vec<Value> {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", word).finish();
    let list = app.get(&format!("/api/v1/images?{query}")).token(&person.token).await.gives(200);
    list["images"].as_array().unwrap().iter().map(|image| image["filename"].clone()).collect()
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_client_is_understood(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let names = [
        ("filename*=utf-8''%E7%8C%AB.png", "猫.png"),
        ("filename=\"say %22hi%22.png\"", "say \"hi\".png"),
        ("filename=\"100%.png\"", "100%.png"),
    ];
    let form = names.iter().fold(Form::new(), |form, (spelling, _)| {
        form.part(&format!("form-data; name=\"file\"; {spelling}"), &pictures::png(4, 4))
    });
    let report = app.upload_form(&ada, form).await.gives(201);
    for (image, (spelling, name)) in report["images"].as_array().unwrap().iter().zip(names) {
        assert_eq!(image["filename"], name, "{spelling}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_name_in_the_long_form_alone_marks_a_file_for_upload_tools(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    // Not the field that the tool uses: only its name says that it is a file.
    let form =
        Form::new().part("form-data; name=\"any\"; filename*=utf-8''%E7%8C%AB.png", &pictures::png(4, 4));
    let call = app.call(Method::POST, "/api/v2/upload").header("authorization", &ada.token);
    let body = call.form(form).await.gives(200);
    assert_eq!((&body["success"], &body["data"]["filename"]), (&true.into(), &"猫.png".into()), "{body}");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_looks_the_same_is_found_however_it_is_written(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    // As macOS sends them.
    let image = app.upload(&ada, "Zu\u{308}rich.png", &pictures::png(4, 4)).await;
    app.upload(&ada, "\u{1112}\u{1161}\u{11ab}.png", &pictures::png(5, 4)).await;
    for word in ["z\u{fc}rich", "zu\u{308}r"] {
        assert_eq!(found(&app, &ada, word).await, ["Z\u{fc}rich.png"], "{word}");
    }
    assert_eq!(found(&app, &ada, "\u{d55c}").await, ["\u{d55c}.png"]);
    let address = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let rename = json!({ "filename": "Ge\u{301}nf.png" });
    app.call(Method::PATCH, &address).token(&ada.token).json(&rename).await.gives(200);
    assert_eq!(found(&app, &ada, "g\u{e9}nf").await, ["G\u{e9}nf.png"]);
    assert_eq!(app.get(path(&image["links"]["url"])).await.status, 200);
}
