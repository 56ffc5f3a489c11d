//! Tokens of the API.

use super::*;
use crate::auth::{Client, UserAgent, token::Grant};
use model::types::{
    Action, ApiToken, Reach, RequestsPerMinute, Scope, Scopes, TokenDays, TokenTerms, UploadLimit,
};

fn terms(scopes: &[Scope], days: Option<u32>) -> TokenTerms {
    let reach = Reach::new(scopes.iter().copied().collect(), days.map(TokenDays::nearest)).unwrap();
    TokenTerms { reach, ..testing::terms("laptop", [Scope::Upload]) }
}

async fn made(core: &Core, user: UserId, terms: &TokenTerms) -> String {
    testing::token(core, user, terms).await.token
}

async fn grant(core: &Core, token: &str) -> Option<Grant> {
    token::authenticate(core, token, &HOME.into()).await.unwrap()
}

async fn only(core: &Core, user: UserId) -> ApiToken {
    let [token] = token::list(core, user).await.unwrap().try_into().unwrap();
    token
}

async fn actions(core: &Core, user: UserId) -> Vec<(String, Option<String>)> {
    sqlx::query_as(
        "SELECT action, details->>'name' FROM audit_log WHERE user_id = $1 AND action LIKE 'token%' ORDER BY sequence",
    )
    .bind(user.0)
    .fetch_all(&core.pool)
    .await
    .unwrap()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_token_opens_what_was_said_and_nothing_else_opens_it(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let limit: UploadLimit = "3 MiB".parse().unwrap();
    let wanted = TokenTerms {
        requests_per_minute: RequestsPerMinute::nearest(7),
        max_upload: Some(limit),
        ..terms(&[Scope::Upload, Scope::Delete], Some(1))
    };
    let token = made(&core, ada, &wanted).await;
    let found = grant(&core, &token).await.unwrap();
    assert_eq!((found.user, found.name.as_str()), (ada, "laptop"));
    assert_eq!((found.scopes, found.requests_per_minute.get()), (wanted.reach.scopes(), 7));
    assert_eq!(found.max_upload, Some(limit.size()));
    let another = made(&core, enrolled(&core, "bob").await.user_id, &wanted).await;
    assert_ne!(grant(&core, &another).await.unwrap().user, ada);
    assert_eq!(grant(&core, &format!("{token} ")).await, None);
    let stored: Vec<u8> = sqlx::query_scalar("SELECT token_hash FROM api_tokens WHERE user_id = $1")
        .bind(ada.0)
        .fetch_one(&core.pool)
        .await
        .unwrap();
    assert_eq!(stored.len(), 32, "nothing but a hash is kept");
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_from_before_scopes_goes_on(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let secret = format!("rfl_{}", "ab".repeat(32));
    let sum = hash(&secret);
    let token = format!("{secret}{:02x}{:02x}{:02x}{:02x}", sum[0], sum[1], sum[2], sum[3]);
    sqlx::query(
        "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at, scopes, requests_per_minute) \
         VALUES (gen_random_uuid(), $1, 'old', $2, $3, '{upload,read,delete}', 6000)",
    )
    .bind(ada.0)
    .bind(hash(&token))
    .bind(core.now())
    .execute(&core.pool)
    .await
    .unwrap();
    let scopes: Scopes = [Scope::Upload, Scope::Read, Scope::Delete].into_iter().collect();
    assert_eq!(grant(&core, &token).await.unwrap().scopes, scopes);
}

fn hash(text: &str) -> Vec<u8> {
    use sha2::Digest as _;
    sha2::Sha256::digest(text.as_bytes()).to_vec()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_use_is_noted_once_a_minute_with_where_it_came_from(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let token = made(&core, ada, &terms(&[Scope::Read], None)).await;
    let unused = only(&core, ada).await;
    assert_eq!((unused.last_used_at, unused.network, unused.agent), (None, None, None));
    let client = |address: &str, agent| Client {
        agent: UserAgent::new(agent),
        ..address.parse::<IpAddr>().unwrap().into()
    };
    let first = clock.now();
    let used = async |from: &Client| {
        token::authenticate(&core, &token, from).await.unwrap().unwrap();
        let listed = only(&core, ada).await;
        (listed.last_used_at.unwrap(), listed.network.unwrap(), listed.agent.unwrap())
    };
    let at_home = (crate::rfc3339(first), "192.0.2.0/24".to_owned(), "PicGo".to_owned());
    assert_eq!(used(&client("192.0.2.7", "PicGo/2.3.1")).await, at_home);
    let elsewhere = client("2001:db8:1:2::3", "curl/8.5.0");
    clock.advance(Duration::seconds(59));
    assert_eq!(used(&elsewhere).await, at_home, "not again within the minute");
    clock.advance(Duration::seconds(1));
    let away = (crate::rfc3339(clock.now()), "2001:db8:1::/48".to_owned(), "curl".to_owned());
    assert_eq!(used(&elsewhere).await, away);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_ends_to_the_second_and_is_seen_for_a_month_after(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let token = made(&core, ada, &terms(&[Scope::Read], Some(30))).await;
    made(&core, ada, &terms(&[Scope::Read], None)).await;
    clock.advance(Duration::days(30) - Duration::SECOND);
    assert!(grant(&core, &token).await.is_some());
    clock.advance(Duration::SECOND);
    assert!(grant(&core, &token).await.is_none());
    let expired = || async {
        let list = token::list(&core, ada).await.unwrap();
        list.iter().filter(|token| token.expired).count()
    };
    clock.advance(Duration::days(30) - Duration::SECOND);
    session::sweep(&core.pool, clock.now()).await.unwrap();
    assert_eq!(expired().await, 1);
    clock.advance(Duration::SECOND);
    session::sweep(&core.pool, clock.now()).await.unwrap();
    assert_eq!((expired().await, only(&core, ada).await.expires_at), (0, None));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn one_or_all_are_revoked_by_their_owner_alone(pool: PgPool) {
    let (core, _) = at(pool);
    let (ada, bob) = (enrolled(&core, "ada").await.user_id, enrolled(&core, "bob").await.user_id);
    let mut tokens = Vec::new();
    for name in ["first", "second", "third"] {
        tokens.push(testing::token(&core, ada, &testing::terms(name, [Scope::Read])).await);
    }
    let bobs = made(&core, bob, &terms(&[Scope::Read], None)).await;
    let by = By::COMMAND_LINE;
    assert!(!token::revoke(&core, by, bob, tokens[0].id).await.unwrap(), "another's");
    assert!(grant(&core, &tokens[0].token).await.is_some());
    assert!(token::revoke(&core, by, ada, tokens[0].id).await.unwrap());
    assert!(!token::revoke(&core, by, ada, tokens[0].id).await.unwrap(), "it is gone");
    assert!(grant(&core, &tokens[0].token).await.is_none());
    assert!(grant(&core, &tokens[1].token).await.is_some());
    assert_eq!(token::revoke_all(&core, by, ada).await.unwrap(), 2);
    assert_eq!(token::revoke_all(&core, by, ada).await.unwrap(), 0);
    assert!(token::list(&core, ada).await.unwrap().is_empty() && grant(&core, &bobs).await.is_some());
    let mut told = actions(&core, ada).await;
    told[4..].sort();
    let entry = |action: &str, name: &str| (action.to_owned(), Some(name.to_owned()));
    let created = ["first", "second", "third"].map(|name| entry(Action::TokenCreated.as_str(), name));
    let revoked = ["first", "second", "third"].map(|name| entry(Action::TokenRevoked.as_str(), name));
    assert_eq!(told, [created, revoked].concat());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn only_administrators_have_one_that_administers(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let root = enrolment::enrol_now(&core, name("root"), None, true).await.unwrap().user_id;
    let wanted = terms(&[Scope::Admin], Some(90));
    let refused = token::create(&core, By::COMMAND_LINE, ada, None, &wanted).await;
    assert!(matches!(refused, Err(AuthError::NotAdministrator)), "{refused:?}");
    assert!(token::list(&core, ada).await.unwrap().is_empty() && actions(&core, ada).await.is_empty());
    assert!(grant(&core, &made(&core, root, &wanted).await).await.unwrap().scopes.has(Scope::Admin));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn an_account_has_fifty_good_ones_at_most(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    made(&core, ada, &terms(&[Scope::Read], Some(1))).await;
    clock.advance(Duration::DAY);
    let wanted = terms(&[Scope::Read], None);
    for _ in 0..token::MOST {
        made(&core, ada, &wanted).await;
    }
    let refused = token::create(&core, By::COMMAND_LINE, ada, None, &wanted).await;
    assert!(matches!(refused, Err(AuthError::TooManyTokens)), "{refused:?}");
    let one = token::list(&core, ada).await.unwrap()[0].id;
    token::revoke(&core, By::COMMAND_LINE, ada, one).await.unwrap();
    made(&core, ada, &wanted).await;
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn it_is_made_in_a_session_that_holds(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let session = testing::session(&core, ada).await;
    let wanted = terms(&[Scope::Read], None);
    token::create(&core, By::COMMAND_LINE, ada, Some(session), &wanted).await.unwrap();
    clock.advance(Duration::days(2));
    let late = token::create(&core, By::COMMAND_LINE, ada, Some(session), &wanted).await;
    assert!(matches!(late, Err(AuthError::SessionEnded)), "{late:?}");
    assert_eq!(token::list(&core, ada).await.unwrap().len(), 1);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn enrolling_anew_ends_all_tokens_and_says_so(pool: PgPool) {
    let (core, clock) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let token = made(&core, ada, &terms(&[Scope::Upload], None)).await;
    let bobs = made(&core, enrolled(&core, "bob").await.user_id, &terms(&[Scope::Upload], None)).await;
    let link = enrolment::reset_link(&core, By::COMMAND_LINE, &name("ada")).await.unwrap().unwrap();
    let offer = begin(&core, &link, name("ada"), None).await.unwrap();
    let right = code(&offer.secret.groups.concat(), &clock);
    let codes = enrolment::confirm(&core, &offer.ticket, right).await.unwrap().codes;
    assert!(grant(&core, &token).await.is_some(), "nothing has changed so far");
    enrolment::finish(&core, &HOME.into(), &offer.ticket, codes[0]).await.unwrap();
    assert!(grant(&core, &token).await.is_none() && grant(&core, &bobs).await.is_some());
    let told = actions(&core, ada).await;
    assert_eq!(told.last().unwrap(), &("token_revoked".to_owned(), Some("laptop".to_owned())));
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn parallel_uses_write_once(pool: PgPool) {
    let (core, _) = at(pool);
    let ada = enrolled(&core, "ada").await.user_id;
    let token = made(&core, ada, &terms(&[Scope::Read], None)).await;
    let uses = (0..8).map(|_| {
        let (core, token) = (core.clone(), token.clone());
        tokio::spawn(async move { token::authenticate(&core, &token, &HOME.into()).await.unwrap().is_some() })
    });
    for used in futures::future::join_all(uses).await {
        assert!(used.unwrap());
    }
    // Each update puts a new version of the row behind the last one.
    let version: String =
        sqlx::query_scalar("SELECT ctid::text FROM api_tokens").fetch_one(&core.pool).await.unwrap();
    assert_eq!(version, "(0,2)");
}
