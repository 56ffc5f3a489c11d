//! `POST /api/v1/images`: files that are taken, and files that are not.

use futures::future::join_all;
use http::Method;
use model::types::{ByteSize, Scope};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{App, Form, Person, SITE, pictures};

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_file_is_taken_and_answered_with_every_member(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let bytes = pictures::png(400, 300);
    let report = app.upload_form(&ada, Form::new().file("my cat.png", &bytes)).await.gives(201);
    assert_eq!(report["errors"], json!([]));
    assert_eq!(report["images"].as_array().unwrap().len(), 1);

    let image = &report["images"][0];
    let slug = image["slug"].as_str().unwrap();
    assert!(image["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok(), "{image}");
    assert!(slug.len() == 15 && slug.bytes().all(|b| b.is_ascii_alphanumeric()), "{slug}");
    assert_eq!(image["filename"], "my cat.png");
    assert_eq!(image["media_type"], "image/png");
    assert_eq!(image["byte_size"], app.stored(image).await.len());
    assert_eq!((&image["width"], &image["height"], &image["frames"]), (&400.into(), &300.into(), &1.into()));
    assert_eq!(image["created_at"], "2026-11-20T12:00:00Z");
    assert!(image["color"].as_str().unwrap().starts_with('#'));

    let url = format!("{SITE}/i/2026/11/20/{slug}.png");
    let (page, small) = (format!("{SITE}/p/{slug}"), format!("{url}?w=320"));
    let expected = json!({
        "url": url,
        "page": page,
        "thumbnail": small,
        "html": format!(r#"<img src="{url}" width="400" height="300" alt="my cat">"#),
        "html_thumbnail":
            format!(r#"<a href="{page}"><img src="{small}" width="320" height="240" alt="my cat"></a>"#),
        "markdown": format!("![my cat]({url})"),
        "markdown_thumbnail": format!("[![my cat]({small})]({page})"),
        "bbcode": format!("[img]{url}[/img]"),
        "bbcode_thumbnail": format!("[url={page}][img]{small}[/img][/url]"),
    });
    assert_eq!(image["links"], expected);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_of_an_origin_of_their_own_are_linked_there(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.origins.site = "https://pictures.example".into();
        setup.settings.origins.images = "https://cdn.example".into();
    });
    let ada = app.person("ada").await;
    let links = app.upload(&ada, "a.png", &pictures::png(4, 4)).await["links"].take();
    for (link, origin) in [
        ("url", "https://cdn.example/i/"),
        ("thumbnail", "https://cdn.example/i/"),
        ("page", "https://pictures.example/p/"),
    ] {
        assert!(links[link].as_str().unwrap().starts_with(origin), "{link}: {links}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_same_bytes_again_are_answered_with_the_image_that_is_there(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.person("ada").await, app.person("bob").await);
    let (known, new) = (pictures::png(40, 30), pictures::png(40, 30));
    let mut first = app.upload(&ada, "a.png", &known).await;
    assert_eq!(first["existing"], false);
    let again = app.upload_form(&ada, Form::new().file("b.png", &known)).await.gives(200);
    first["existing"] = true.into();
    assert_eq!((&again["images"], &again["errors"]), (&json!([first]), &json!([])));
    let both = app.upload_form(&ada, Form::new().file("b.png", &known).file("c.png", &new)).await.gives(201);
    assert_eq!(both["images"][0], first);
    assert_eq!(
        (&both["images"][1]["existing"], &both["images"][1]["filename"]),
        (&false.into(), &"c.png".into())
    );
    let twice =
        app.upload_form(&bob, Form::new().file("a.png", &known).file("b.png", &known)).await.gives(201);
    assert_eq!(twice["images"][0]["id"], twice["images"][1]["id"]);
    assert_ne!(twice["images"][0]["id"], first["id"], "others' images are theirs");
    assert_eq!((app.images(&ada).await.len(), app.images(&bob).await.len()), (2, 1));

    let album = app.call(Method::POST, "/api/v1/albums").token(&ada.token).json(&json!({ "name": "Sea" }));
    let album = album.await.gives(201)["id"].as_str().unwrap().to_owned();
    let form = Form::new().text("album", &album).file("d.png", &known);
    app.upload_form(&ada, form).await.gives(200);
    let inside = app.get(&format!("/api/v1/albums/{album}/images")).token(&ada.token).await.gives(200);
    assert_eq!(inside["images"][0]["id"], first["id"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn files_are_taken_in_on_the_terms_that_stand_before_them(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::shapes(200, 150);
    let end = "2099-01-31T18:00:00Z";
    let form = Form::new().text("visibility", "private").text("expires_at", end).text("max_views", " 3 ");
    let image = app.upload_form(&ada, form.file("a.png", &picture)).await.gives(201)["images"][0].take();
    let one = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
    let said = app.get(&one).token(&ada.token).await.gives(200);
    assert_eq!((&said["visibility"], &said["max_views"]), (&json!("private"), &json!(3)));
    assert_eq!(said["expires_at"], end);
    app.get(image["links"]["url"].as_str().unwrap()).await.gives(404);
    let form = Form::new().text("expires_in", "3600").file("h.png", &pictures::shapes(80, 60));
    let image = app.upload_form(&ada, form).await.gives(201)["images"][0].take();
    let said = app.get(&format!("/api/v1/images/{}", image["id"].as_str().unwrap())).token(&ada.token);
    let end = (app.core().now() + time::Duration::hours(1)).date().to_string();
    assert!(said.await.gives(200)["expires_at"].as_str().unwrap().starts_with(&end));
    // Forms send what nobody filled in.
    let empty = Form::new().text("visibility", "").text("expires_at", " ").file("a.png", &picture);
    assert_eq!(app.upload_form(&ada, empty).await.gives(201)["images"][0]["existing"], false);

    let kept = app.images(&ada).await.len();
    for (field, text) in [
        ("metadata", "some"),
        ("visibility", "secret"),
        ("expires_at", "tomorrow"),
        ("expires_at", "2001-01-01T00:00:00Z"),
        ("expires_in", "0"),
        ("expires_in", "4000000000"),
        ("max_views", "0"),
        ("max_views", &"1".repeat(65)),
    ] {
        let form = Form::new().text(field, text).file("b.png", &pictures::shapes(90, 60));
        let refused = app.upload_form(&ada, form).await.gives(400);
        assert_eq!(
            (&refused["code"], &refused["name"]),
            (&json!("invalid-parameter"), &json!(field)),
            "{text}"
        );
    }
    assert_eq!(app.images(&ada).await.len(), kept, "what was to be hidden isn't stored for all to see");
    let late = Form::new().file("c.png", &pictures::shapes(60, 90)).text("visibility", "private");
    let told = app.upload_form(&ada, late.file("d.png", &pictures::shapes(61, 90))).await.gives(207);
    assert_eq!((told["images"].as_array().unwrap().len(), told["errors"].as_array().unwrap().len()), (1, 1));
    assert_eq!(told["errors"][0]["code"], "invalid-parameter");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn to_have_an_images_bytes_is_not_to_have_made_it(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let (known, smaller) = (pictures::shapes(200, 150), pictures::shapes(120, 90));
    let image = app.upload(&ada, "a.png", &known).await;
    let with =
        async |scopes: &[Scope]| Person { id: ada.id, token: app.token(ada.id, scopes.to_vec()).await };
    let uploads = with(&[Scope::Upload]).await;
    let all = with(&[Scope::Upload, Scope::Read, Scope::Delete]).await;

    let send = async |person: &Person, bytes: &[u8]| {
        let answer = app.upload_form(person, Form::new().file("b.png", bytes)).await;
        answer.json()["images"][0].take()
    };
    assert_eq!(send(&uploads, &known).await.get("delete_url"), None);
    assert_eq!(send(&all, &known).await["delete_url"], image["delete_url"]);
    // What it makes it may take back; what looks like it is for who may read.
    let made = send(&uploads, &smaller).await;
    assert!(made["delete_url"].is_string() && made["existing"] == false, "{made}");
    assert_eq!(made["similar"], json!([]));
    let one = format!("/api/v1/images/{}", made["id"].as_str().unwrap());
    app.call(Method::DELETE, &one).token(&ada.token).await;
    assert_eq!(send(&all, &smaller).await["similar"][0]["id"], image["id"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn each_format_is_told_by_its_bytes_and_not_by_its_name(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for (media_type, extension, bytes) in pictures::samples() {
        let image = app.upload(&ada, "picture.exe", &bytes).await;
        assert_eq!(image["media_type"], media_type);
        let url = image["links"]["url"].as_str().unwrap();
        assert!(url.ends_with(&format!(".{extension}")), "{url}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn several_files_are_answered_in_the_order_sent(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = pictures::samples()
        .iter()
        .fold(Form::new(), |form, (_, extension, bytes)| form.file(&format!("a.{extension}"), bytes));
    let report = app.upload_form(&ada, form).await.gives(201);
    let names: Vec<_> = report["images"].as_array().unwrap().iter().map(|i| i["filename"].clone()).collect();
    assert_eq!(names, ["a.jpg", "a.png", "a.gif", "a.webp", "a.avif"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn one_bad_file_among_several_is_named_beside_those_that_were_taken(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new()
        .file("one.png", &pictures::png(40, 30))
        .file("notes.txt", b"no image at all")
        .file("two.png", &pictures::png(41, 30));
    let report = app.upload_form(&ada, form).await.gives(207);
    let names: Vec<_> = report["images"].as_array().unwrap().iter().map(|i| i["filename"].clone()).collect();
    assert_eq!(names, ["one.png", "two.png"]);
    let error = &report["errors"][0];
    assert_eq!((&error["filename"], &error["code"]), (&"notes.txt".into(), &"unsupported-format".into()));
    assert_eq!(error["problem"]["code"], "unsupported-format");
    assert!(error["detail"].as_str().unwrap().contains("JPEG"), "{error}");
    assert_eq!(report["errors"].as_array().unwrap().len(), 1);
    assert_eq!(app.images(&ada).await.len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn where_no_file_is_taken_the_first_failure_is_the_answer(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new().file("a.pdf", b"%PDF-1.7 and so on").file("b.png", b"");
    let problem = app.upload_form(&ada, form).await.refuses(415, "unsupported-format");
    assert_eq!((&problem["found"], &problem["images"]), (&"PDF".into(), &json!([])));
    let codes: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|e| e["code"].clone()).collect();
    assert_eq!(codes, ["unsupported-format", "file-empty"]);
    let form = Form::new().file("b.png", b"").file("a.pdf", b"%PDF-1.7 and so on");
    app.upload_form(&ada, form).await.refuses(400, "file-empty");
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_is_refused_is_told_by_name(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for (bytes, found) in [(&svg[..], "SVG"), (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC")] {
        let problem = app.upload_form(&ada, Form::new().file("a.png", bytes)).await;
        let problem = problem.refuses(415, "unsupported-format");
        assert!(problem["found"].as_str().unwrap().contains(found), "{problem}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_image_that_is_cut_off_is_refused(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let mut bytes = pictures::jpeg(200, 200);
    bytes.truncate(bytes.len() / 2);
    app.upload_form(&ada, Form::new().file("a.jpg", &bytes)).await.refuses(422, "broken-image");
    assert_eq!(app.count("images").await, 0);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_file_that_is_too_large_keeps_no_other_from_being_taken(pool: PgPool) {
    let app =
        App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(20_000).try_into().unwrap());
    let ada = app.person("ada").await;
    let large = pictures::noise(300, 300, 1);
    assert!(large.len() > 200_000);
    let form = Form::new()
        .file("one.png", &pictures::png(40, 30))
        .file("large.png", &large)
        .file("two.png", &pictures::png(41, 30));
    let report = app.upload_form(&ada, form).await.gives(207);
    assert_eq!(report["images"].as_array().unwrap().len(), 2);
    let error = &report["errors"][0];
    assert_eq!(
        (&error["filename"], &error["code"], &error["limit"]),
        (&"large.png".into(), &"file-too-large".into(), &20_000.into())
    );
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_limit_is_named_with_its_value_and_setting(pool: PgPool) {
    let app = App::with(pool, |setup| {
        setup.settings.policy.max_upload = ByteSize(30_000).try_into().unwrap();
        setup.settings.intake.pixels = 3000;
        setup.settings.intake.side = 100;
        setup.settings.intake.frames = 2;
    });
    let ada = app.person("ada").await;
    for (bytes, status, code, limit, setting) in [
        (pictures::noise(200, 200, 1), 413, "file-too-large", 30_000, "REFLECT_MAX_UPLOAD"),
        (pictures::png(101, 2), 422, "side-too-long", 100, "REFLECT_MAX_SIDE"),
        (pictures::png(60, 60), 422, "too-many-pixels", 3000, "REFLECT_MAX_PIXELS"),
        (pictures::animation(3), 422, "too-many-frames", 2, "REFLECT_MAX_FRAMES"),
    ] {
        let problem = app.upload_form(&ada, Form::new().file("a", &bytes)).await.refuses(status, code);
        assert_eq!((&problem["limit"], &problem["setting"]), (&limit.into(), &setting.into()));
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn files_beyond_the_most_are_refused_and_those_before_are_taken(pool: PgPool) {
    let app = App::with(pool, |setup| setup.serve.max_files = 2);
    let ada = app.person("ada").await;
    let form = (1..=4).fold(Form::new(), |form, n| form.file(&format!("{n}.png"), &pictures::png(n, 4)));
    let report = app.upload_form(&ada, form).await.gives(207);
    assert_eq!(report["images"].as_array().unwrap().len(), 2);
    let error = &report["errors"][0];
    assert_eq!((&error["code"], &error["limit"]), (&"too-many-files".into(), &2.into()));
    assert_eq!(app.images(&ada).await.len(), 2);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_upload_that_announces_more_than_may_be_is_refused_unread(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.policy.max_upload = ByteSize(1000).try_into().unwrap());
    let ada = app.person("ada").await;
    let unread = axum::body::Body::from_stream(futures::stream::pending::<Result<&[u8], std::io::Error>>());
    let call = app.call(Method::POST, "/api/v1/images").token(&ada.token);
    let call = call.header("content-type", Form::TYPE).header("content-length", "999999999").body(unread);
    let problem = call.await.refuses(413, "file-too-large");
    assert_eq!(problem["limit"], 1000 * 50);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_full_account_is_told_the_numbers(pool: PgPool) {
    let app = App::new(pool);
    let bytes = pictures::noise(60, 60, 1);
    let size = i64::try_from(bytes.len()).unwrap();
    let ada = app.person_with("ada", size + size / 2).await;
    let used = app.upload(&ada, "a.png", &bytes).await["byte_size"].clone();
    let answer = app.upload_form(&ada, Form::new().file("b.png", &pictures::noise(60, 60, 2))).await;
    let problem = answer.refuses(413, "quota-exceeded");
    assert_eq!(problem["used"], used);
    assert_eq!(problem["quota"], size + size / 2);
    assert!(problem["needed"].as_i64().unwrap() > size / 2, "{problem}");
    assert_eq!(problem["setting"], "REFLECT_QUOTA");
    let me = app.get("/api/v1/me").token(&ada.token).await.gives(200);
    assert_eq!((&me["usage"]["used"], &me["usage"]["images"]), (&used, &1.into()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn parallel_uploads_cannot_pass_the_quota(pool: PgPool) {
    let app = App::new(pool);
    let files: Vec<_> = (0..8).map(|seed| pictures::noise(40, 40, seed)).collect();
    let largest = files.iter().map(Vec::len).max().unwrap();
    // Room for three, whichever come first, and not for four.
    let quota = i64::try_from(largest * 3 + largest / 2).unwrap();
    let ada = app.person_with("ada", quota).await;
    let answers = join_all(files.iter().map(|file| {
        let form = Form::new().file("a.png", file);
        async { app.upload_form(&ada, form).await.status.as_u16() }
    }))
    .await;
    let taken = answers.iter().filter(|status| **status == 201).count();
    assert_eq!((taken, answers.iter().filter(|status| **status == 413).count()), (3, 5), "{answers:?}");
    assert_eq!(app.images(&ada).await.len(), 3);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn names_lose_folders_and_marks_and_are_escaped_in_links(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    for (sent, kept) in [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ada\\cat.png", "cat.png"),
        ("safe\u{202e}gnp.exe", "safegnp.exe"),
        ("..", "image"),
        ("\u{4f60}\u{597d}.png", "\u{4f60}\u{597d}.png"),
    ] {
        assert_eq!(app.upload(&ada, sent, &pictures::png(4, 4)).await["filename"], kept, "{sent}");
    }
    let image = app.upload(&ada, "<img onerror=x>](y)[url].png", &pictures::png(4, 4)).await;
    let links = image["links"].as_object().unwrap();
    assert!(
        links["html"].as_str().unwrap().ends_with(r#"alt="&lt;img onerror=x&gt;](y)[url]">"#),
        "{links:?}"
    );
    assert!(links["markdown"].as_str().unwrap().starts_with(r"![\<img onerror=x\>\]\(y\)\[url\]]("));
    assert!(links["html_thumbnail"].as_str().unwrap().contains(r#"alt="&lt;img onerror=x&gt;](y)[url]">"#));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_very_long_name_is_cut_and_keeps_its_ending(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let image = app.upload(&ada, &format!("{}.png", "é".repeat(500)), &pictures::png(4, 4)).await;
    let name = image["filename"].as_str().unwrap();
    assert_eq!(name.chars().count(), 200);
    assert!(name.ends_with("é.png"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_part_is_a_file_by_its_own_name_or_by_a_file_name(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let form = Form::new()
        .part("form-data; name=\"holidays\"", b"yes")
        .part("form-data; name=\"smfile\"; filename=\"picgo.png\"", &pictures::png(4, 4))
        .part("form-data; name=\"file\"", &pictures::png(4, 4));
    let report = app.upload_form(&ada, form).await.gives(201);
    let names: Vec<&Value> = report["images"].as_array().unwrap().iter().map(|i| &i["filename"]).collect();
    assert_eq!(names, ["picgo.png", "image"]);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn what_a_file_says_of_itself_goes_unless_it_is_to_stay(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.person("ada").await;
    let picture = pictures::telling_jpeg(40, 30, "taken at home");
    let sent = [&picture[..], b"and more"].concat();
    let mut stored = Vec::new();
    let mut last = String::new();
    for said in ["", "removed", "kept", "kept"] {
        let form = Form::new().text("metadata", said).file("a.jpg", &sent);
        let answer = app.upload_form(&ada, form).await;
        let image = answer.json()["images"][0].take();
        last = format!("/api/v1/images/{}", image["id"].as_str().unwrap());
        let one = app.get(&last).token(&ada.token);
        stored.push((
            image["existing"].clone(),
            one.await.gives(200)["removed"].take(),
            app.stored(&image).await.to_vec(),
        ));
    }
    let (first, said) = (&stored[0], b"taken at home");
    assert!(!first.2.windows(said.len()).any(|window| window == said));
    assert_eq!((&first.0, &first.1), (&json!(false), &json!(sent.len() - first.2.len())));
    assert_eq!(stored[1], (json!(true), first.1.clone(), first.2.clone()));
    assert_eq!(stored[2], (json!(false), json!(null), picture.clone()));
    assert_eq!(stored[3], (json!(true), json!(null), picture));

    // Also once it is again what it was, after something of which it went.
    let one = last;
    let other = pictures::telling_jpeg(60, 30, "taken at work");
    app.call(Method::PUT, &format!("{one}/file")).token(&ada.token).body(other).await.gives(200);
    assert_ne!(app.get(&one).token(&ada.token).await.gives(200)["removed"], json!(null));
    app.call(Method::POST, &format!("{one}/versions/1/restore")).token(&ada.token).await.gives(200);
    assert_eq!(app.get(&one).token(&ada.token).await.gives(200)["removed"], json!(null));
}
