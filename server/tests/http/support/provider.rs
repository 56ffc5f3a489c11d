//! An OpenID Connect provider, as honest as a test lets it be.

use std::{
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, LazyLock, Mutex, MutexGuard},
};

use axum::{
    Form, Json, Router,
    extract::{Query, State},
    response::{IntoResponse as _, Response},
    routing::{get, post},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use http::{HeaderMap, StatusCode, Uri};
use reflect_core::{
    Clock as _,
    oidc::{ClientSecret, Provider, ProviderSettings},
};
use ring::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, traits::PublicKeyParts as _};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use super::{App, SITE};

const CLIENT: &str = "reflect";
const SECRET: &str = "between you and me";

/// Making one takes a second, so all tests have the same.
static RSA: LazyLock<RsaPrivateKey> =
    LazyLock::new(|| RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap());

/// What tokens are signed with.
pub enum SigningKey {
    Rsa {
        kid: &'static str,
    },
    Ec {
        kid: &'static str,
        pair: Box<EcdsaKeyPair>,
    },
    /// The client's secret, which isn't the provider's alone.
    Secret,
    /// `alg: none`
    Nothing,
}

impl SigningKey {
    pub fn ec(kid: &'static str) -> Self {
        let (algorithm, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        Self::Ec { kid, pair: Box::new(pair) }
    }

    /// As a JSON Web Key (RFC 7517), if there is anything to publish.
    fn public(&self) -> Option<Value> {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa { kid } => Some(json!({
                "kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid,
                "n": text(&RSA.n().to_bytes_be()), "e": text(&RSA.e().to_bytes_be()),
            })),
            Self::Ec { kid, pair } => {
                let point = pair.public_key().as_ref();
                Some(json!({
                    "kty": "EC", "use": "sig", "crv": "P-256", "kid": kid,
                    "x": text(&point[1..33]), "y": text(&point[33..]),
                }))
            }
            Self::Secret | Self::Nothing => None,
        }
    }

    fn sign(&self, claims: &Value) -> String {
        let header = match self {
            Self::Rsa { kid } => json!({ "alg": "RS256", "kid": kid }),
            Self::Ec { kid, .. } => json!({ "alg": "ES256", "kid": kid }),
            Self::Secret => json!({ "alg": "HS256" }),
            Self::Nothing => json!({ "alg": "none" }),
        };
        let text = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", text(&header), text(claims));
        let signature = match self {
            Self::Rsa { .. } => {
                RSA.sign(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message.as_bytes())).unwrap()
            }
            Self::Ec { pair, .. } => {
                pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec()
            }
            Self::Secret => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
            Self::Nothing => Vec::new(),
        };
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// What the provider says and does, for a test to change.
pub struct Manners {
    /// What tokens are signed with.
    pub key: SigningKey,
    /// Published instead of it.
    pub published: Option<SigningKey>,
    /// Claims that tokens have besides or instead.
    pub claims: Map<String, Value>,
    /// Metadata besides or instead.
    pub metadata: Map<String, Value>,
    /// What userinfo answers besides the subject.
    pub userinfo: Option<Value>,
    /// Whether it answers at all.
    pub is_up: bool,
    /// Paths that were asked for.
    pub asked: Vec<&'static str>,
    codes: HashMap<String, Grant>,
}

struct Grant {
    claims: Value,
    challenge: String,
}

/// The provider. It runs for as long as the runtime lives.
#[derive(Clone)]
pub struct Home {
    address: SocketAddr,
    manners: Arc<Mutex<Manners>>,
}

impl Home {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let manners = Manners {
            key: SigningKey::ec("first"),
            published: None,
            claims: Map::new(),
            metadata: Map::new(),
            userinfo: None,
            is_up: true,
            asked: Vec::new(),
            codes: HashMap::new(),
        };
        let home = Self { address: listener.local_addr().unwrap(), manners: Arc::new(Mutex::new(manners)) };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(home.clone());
        tokio::spawn(async { axum::serve(listener, router).await });
        home
    }

    pub fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn manners(&self) -> MutexGuard<'_, Manners> {
        self.manners.lock().unwrap()
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.manners().asked.iter().filter(|asked| **asked == path).count()
    }

    /// As an instance knows it.
    pub fn provider(&self) -> Provider {
        let settings = ProviderSettings {
            issuer: self.issuer().parse().unwrap(),
            client_id: CLIENT.into(),
            client_secret: ClientSecret::new(SECRET.into()),
            name: Some("Home".into()),
            roots: None,
        };
        Provider::new(settings).unwrap()
    }

    /// Somebody comes by the address that reflect gave them, and agrees: the query they are sent back with.
    #[track_caller]
    pub fn agree(&self, app: &App, address: &str, subject: &str) -> Vec<(&'static str, String)> {
        assert!(address.starts_with(&format!("{}/authorize?", self.issuer())), "{address}");
        let uri: Uri = address.parse().unwrap();
        let Query(asked) = Query::<HashMap<String, String>>::try_from_uri(&uri).unwrap();
        let redirect = format!("{SITE}/auth/oidc/callback");
        for (name, value) in [
            ("response_type", "code"),
            ("client_id", CLIENT),
            ("redirect_uri", &redirect),
            ("scope", "openid profile email"),
            ("code_challenge_method", "S256"),
        ] {
            assert_eq!(asked[name], value, "{name}");
        }
        let now = app.clock.now().unix_timestamp();
        let mut claims = json!({
            "iss": self.issuer(), "sub": subject, "aud": CLIENT, "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "email": format!("{subject}@home.example"),
        });
        let mut manners = self.manners();
        merge(&mut claims, &manners.claims);
        let code = format!("code {} & more", manners.codes.len());
        let grant = Grant { claims, challenge: asked["code_challenge"].clone() };
        manners.codes.insert(code.clone(), grant);
        vec![("code", code), ("state", asked["state"].clone()), ("iss", self.issuer())]
    }

    /// Notes that a path was asked for; nothing of it is answered while it is down.
    fn ask(&self, path: &'static str) -> Result<MutexGuard<'_, Manners>, StatusCode> {
        let mut manners = self.manners();
        manners.asked.push(path);
        if manners.is_up { Ok(manners) } else { Err(StatusCode::BAD_GATEWAY) }
    }
}

fn merge(value: &mut Value, more: &Map<String, Value>) {
    let object = value.as_object_mut().unwrap();
    for (name, value) in more {
        match value {
            Value::Null => drop(object.remove(name)),
            value => drop(object.insert(name.clone(), value.clone())),
        }
    }
}

async fn metadata(State(home): State<Home>) -> Result<Json<Value>, StatusCode> {
    let manners = home.ask("metadata")?;
    let issuer = home.issuer();
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        // It promises everything: what is taken is not for it to say.
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
        "authorization_response_iss_parameter_supported": true,
    });
    merge(&mut metadata, &manners.metadata);
    Ok(Json(metadata))
}

async fn keys(State(home): State<Home>) -> Result<Json<Value>, StatusCode> {
    let manners = home.ask("keys")?;
    let key = manners.published.as_ref().unwrap_or(&manners.key);
    Ok(Json(json!({ "keys": key.public().into_iter().collect::<Vec<_>>() })))
}

/// RFC 6749 §4.1.3 and RFC 7636 §4.6.
async fn token(
    State(home): State<Home>,
    headers: HeaderMap,
    Form(asked): Form<HashMap<String, String>>,
) -> Result<Response, StatusCode> {
    let mut manners = home.ask("token")?;
    let secret = "between+you+and+me";
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{secret}")));
    let by_header = headers.get("authorization").is_some_and(|value| value == basic.as_str());
    let by_body = asked.get("client_secret").is_some_and(|secret| secret == SECRET);
    let wants_body = manners.metadata.contains_key("token_endpoint_auth_methods_supported");
    assert!(if wants_body { by_body && !by_header } else { by_header && !by_body }, "{asked:?}");
    assert_eq!(asked["redirect_uri"], format!("{SITE}/auth/oidc/callback"));
    let refused = (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
    // A code works once.
    let Some(grant) = manners.codes.remove(&asked["code"]) else { return Ok(refused) };
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(asked["code_verifier"].as_bytes()));
    if challenge != grant.challenge {
        return Ok(refused);
    }
    let token = manners.key.sign(&grant.claims);
    let answer = json!({ "access_token": grant.claims["sub"], "token_type": "Bearer", "id_token": token });
    Ok(Json(answer).into_response())
}

async fn userinfo(State(home): State<Home>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    let manners = home.ask("userinfo")?;
    let subject = headers["authorization"].to_str().unwrap().trim_start_matches("Bearer ").to_owned();
    let mut claims = manners.userinfo.clone().ok_or(StatusCode::INTERNAL_SERVER_ERROR)?;
    claims.as_object_mut().unwrap().entry("sub").or_insert(subject.into());
    Ok(Json(claims))
}
