//! Pages, as the server renders them.

use std::sync::Arc;

use reflect_core::auth::enrolment;
use sqlx::PgPool;

use crate::support::{App, between, pictures};

/// Pages that everybody may see.
const PAGES: [&str; 6] = ["/", "/upload", "/gallery", "/bin", "/settings", "/sign-in"];

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn every_page_is_there_for_a_visitor(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    for path in PAGES {
        let answer = app.get(path).await;
        let html = answer.page(200);
        assert!(html.contains("<html lang=\"en\"") && html.contains("</html>"), "{path}: {html}");
        assert_eq!(between(html, "<link rel=\"stylesheet\" href=\"", "\""), "/pkg/app.3.css");
        assert!(html.contains("import init, { hydrate } from '/pkg/app.1.js'"), "{html}");
    }
    assert!(app.get("/").await.text().contains("<title>reflect</title>"));
    assert!(app.get("/sign-in").await.text().contains("<title>Sign in · reflect</title>"));
    assert!(app.get("/gallery").await.text().contains("Sign in to see this page"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_first_page_of_an_instance_without_accounts_says_what_to_do(pool: PgPool) {
    let app = App::new(pool);
    assert!(app.get("/").await.page(200).contains("Open the set-up link"));
    app.enrol("ada").await;
    assert!(!app.get("/").await.page(200).contains("Open the set-up link"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_runs_nothing_but_its_own_scripts(pool: PgPool) {
    let app = App::new(pool);
    let mut nonces = Vec::new();
    for path in [&PAGES[..], &["/nowhere", "/enrol/x", "/p/abcDEF012345678"]].concat() {
        let answer = app.get(path).await;
        let policy = answer.header("content-security-policy");
        let nonce = between(policy, "'nonce-", "'").to_owned();
        assert!(nonce.len() >= 16, "{policy}");
        assert!(policy.starts_with("default-src 'none'; ") && !policy.contains("unsafe-inline"), "{policy}");
        assert!(!policy.contains("'unsafe-eval'") && !policy.contains("img-src *"), "{policy}");
        for needed in ["base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "object-src 'none'"]
        {
            assert!(policy.contains(needed), "{needed}: {policy}");
        }
        let html = answer.text();
        let scripts: Vec<_> = html.split("<script").skip(1).collect();
        assert!(scripts.len() > 2);
        for script in scripts {
            // An empty one does nothing and needs no leave (HTML, "prepare the script element").
            let attributes = script.split_once('>').map(|(attributes, _)| attributes).unwrap();
            let may_run = attributes.contains(&format!("nonce=\"{nonce}\""));
            assert!(may_run || script.starts_with("></script>"), "{path}: <script{script}");
        }
        // What the policy forbids isn't there either.
        assert!(!html.contains(" style=\"") && !html.contains(" onclick="), "{path}");
        nonces.push(nonce);
    }
    let count = nonces.len();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), count, "a nonce is used once");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_page_is_nobody_elses_business(pool: PgPool) {
    let app = App::new(pool);
    for path in ["/", "/nowhere"] {
        let answer = app.get(path).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{path} {name}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
    }
    let policy = "default-src 'none'; frame-ancestors 'none'";
    assert_eq!(app.get("/api/v1/me").await.header("content-security-policy"), policy);
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn images_of_an_origin_of_their_own_may_be_shown(pool: PgPool) {
    let app = App::with(pool, |setup| setup.settings.origins.images = "https://cdn.example".into());
    let answer = app.get("/").await;
    let sources = between(answer.header("content-security-policy"), "img-src ", ";");
    assert_eq!(sources, "'self' blob: data: https://cdn.example");
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn an_address_without_a_page_is_answered_with_a_page(pool: PgPool) {
    let app = App::new(pool);
    for path in ["/nowhere", "/gallery/deep/down", "/p", "/p/", "/index.php", "/api", "/%FF", "/robots.txt/x"]
    {
        let answer = app.get(path).await;
        assert!(answer.page(404).contains("Nothing here"), "{path}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_head_of_a_page_has_no_body(pool: PgPool) {
    let app = App::new(pool);
    for (path, status) in [("/", 200), ("/nowhere", 404)] {
        let answer = app.head(path).await;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (status, 0), "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_visitor_who_reads_chinese_gets_chinese(pool: PgPool) {
    let app = App::new(pool);
    app.enrol("ada").await;
    for (languages, expected) in [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hans-CN", "zh"),
        ("en-GB,en;q=0.9,zh-CN;q=0.5", "en"),
        ("en;q=0.1,zh;q=0.9", "zh"),
        ("fr", "en"),
        ("", "en"),
    ] {
        let answer = app.get("/").header("accept-language", languages).await;
        let html = answer.page(200);
        assert!(html.contains(&format!("<html lang=\"{expected}\"")), "{languages}: {html}");
        assert_eq!(html.contains("无需密码"), expected == "zh", "{languages}");
    }
    let not_found = app.get("/nowhere").header("accept-language", "zh-CN").await;
    assert!(not_found.page(404).contains("这里什么都没有"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn chinese_without_a_region_or_of_another_one_is_chinese(pool: PgPool) {
    let app = App::new(pool);
    for languages in ["zh", "zh-TW", "zh-Hant-HK"] {
        let answer = app.get("/").header("accept-language", languages).await;
        assert!(answer.page(200).contains("无需密码"), "{languages}");
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_language_that_was_chosen_wins(pool: PgPool) {
    let app = App::new(pool);
    let call = app.get("/").header("accept-language", "en").cookie("reflect_language=zh");
    assert!(call.await.page(200).contains("无需密码"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_gallery_holds_the_visitors_images_and_nobody_elses(pool: PgPool) {
    let app = App::new(pool);
    let (ada, bob) = (app.enrol("ada").await, app.person("bob").await);
    let cookie = app.sign_in_as("ada", &ada).await;
    let person = app.with_token(ada.user_id).await;
    let mine = app.upload(&person, "my cat.png", &pictures::png(40, 30)).await;
    let theirs = app.upload(&bob, "their dog.png", &pictures::png(40, 30)).await;

    for path in ["/gallery", "/"] {
        let answer = app.get(path).cookie(&cookie).await;
        let html = answer.page(200);
        assert!(
            html.contains(mine["slug"].as_str().unwrap()) && html.contains("alt=\"my cat\""),
            "{path}: {html}"
        );
        assert!(!html.contains(theirs["slug"].as_str().unwrap()) && !html.contains("their dog"));
        assert!(html.contains(">ada<"), "who is signed in is known before a script has run: {html}");
    }
    let visitor = app.get("/gallery").await;
    assert!(!visitor.page(200).contains(mine["slug"].as_str().unwrap()));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_gallery_searches_on_the_server(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let person = app.with_token(ada.user_id).await;
    app.upload(&person, "cat.png", &pictures::png(40, 30)).await;
    app.upload(&person, "dog.png", &pictures::png(40, 30)).await;
    let answer = app.get("/gallery?q=DOG").cookie(&cookie).await;
    assert!(answer.page(200).contains("alt=\"dog\"") && !answer.text().contains("alt=\"cat\""));
    // What was searched for stands in the page as text.
    let answer = app.get("/gallery?q=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E").cookie(&cookie).await;
    assert!(!answer.page(200).contains("<script>alert"));
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn bin_and_settings_show_what_is_the_visitors(pool: PgPool) {
    let app = App::new(pool);
    let ada = app.enrol("ada").await;
    let cookie = app.sign_in(&ada).await;
    let person = app.with_token(ada.user_id).await;
    let image = app.upload(&person, "old cat.png", &pictures::png(40, 30)).await;
    let request = serde_json::json!({ "ids": [image["id"]], "action": "delete" });
    app.function("bulk", serde_json::json!({ "request": request })).cookie(&cookie).await.gives(200);
    let bin = app.get("/bin").cookie(&cookie).await;
    assert!(bin.page(200).contains("old cat.png") && bin.text().contains("2026-11-27"));
    let settings = app.get("/settings").cookie(&cookie).await;
    assert!(settings.page(200).contains("10 unused codes left"), "{}", settings.text());
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn the_wizard_opens_with_a_good_link_only(pool: PgPool) {
    let app = App::new(pool);
    let link = enrolment::setup_link(app.core()).await.unwrap().unwrap();
    let answer = app.get(&format!("/enrol/{link}")).await;
    assert!(answer.page(200).contains("What should we call you?"));
    let bad = app.get("/enrol/nonsense").await;
    assert!(!bad.page(410).contains("What should we call you?"));
}

/// Tasks move between threads while they wait, and what a thread holds is then another page's.
#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn pages_rendered_at_once_on_several_threads_are_whole(pool: PgPool) {
    let options = pool.connect_options().as_ref().clone();
    let render = move || {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let app = Arc::new(App::new(PgPool::connect_with(options).await.unwrap()));
            let ada = app.enrol("ada").await;
            let cookie = app.sign_in(&ada).await;
            let pages: Vec<_> = (0..600)
                .map(|number| {
                    let (app, cookie) = (Arc::clone(&app), cookie.clone());
                    let (language, title) =
                        if number % 2 == 0 { ("zh", "图库") } else { ("en", "Gallery") };
                    tokio::spawn(async move {
                        let answer =
                            app.get("/gallery").cookie(&cookie).header("accept-language", language).await;
                        assert!(
                            answer.page(200).contains(&format!("<title>{title} · reflect</title>")),
                            "{answer:?}"
                        );
                    })
                })
                .collect();
            for page in pages {
                page.await.unwrap();
            }
        });
    };
    tokio::task::spawn_blocking(render).await.unwrap();
}
