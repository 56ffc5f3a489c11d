//! Calls of the API, each tried again as long as that may help.

use std::{pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header, request};
use hyper::body::Incoming;
use model::types::Slug;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{sleep, timeout};

use crate::{
    config::Settings,
    failure::Failure,
    form::{Form, Sent, Source, unlike_any},
    named::Named,
    origin::Origin,
    screen::{Bar, Screen},
    transport::{Answer, Transport, Trouble, nothing, whole},
    verdict::{Verdict, wait},
    wire::{Me, Picture, PictureList, Uploaded},
};

/// The longest that nothing is sent, and nothing answered. A server that has much to do may well think for a minute.
pub(crate) const PAUSE: Duration = Duration::from_secs(90);
/// From when on a wait is told.
const LONG: Duration = Duration::from_secs(1);

/// An instance, in the name of whoever's token it is.
pub(crate) struct Api {
    transport: Transport,
    origin: Origin,
    authorization: HeaderValue,
    retries: u32,
    screen: Screen,
}

/// What is sent along.
enum Brought<'a> {
    Nothing,
    Json(Bytes),
    File(File<'a>),
}

/// A file to send.
struct File<'a> {
    source: &'a Source,
    /// What is said of it before.
    metadata: Option<&'a str>,
    bar: &'a Bar,
    /// The same at each try, so that it is stored once.
    key: String,
}

impl Api {
    pub(crate) fn new(settings: &Settings, screen: &Screen) -> Result<Self, Failure> {
        if let Some(warning) = &settings.warning {
            screen.note(format_args!("warning: {warning}"));
        }
        let authorization = HeaderValue::try_from(format!("Bearer {}", settings.token));
        let mut authorization = authorization
            .map_err(|_| Failure::Settings("the token has characters that none has".to_owned()))?;
        authorization.set_sensitive(true);
        Ok(Self {
            transport: Transport::new(settings.ca_file.as_deref())?,
            origin: settings.origin.clone(),
            authorization,
            retries: settings.retries,
            screen: screen.clone(),
        })
    }

    /// Whose token it is.
    pub(crate) async fn me(&self) -> Result<Me, Failure> {
        self.read(&self.exchange(&Method::GET, "/api/v1/me", Brought::Nothing).await?)
    }

    /// Uploads one file.
    pub(crate) async fn upload(&self, source: &Source) -> Result<Picture, Failure> {
        let bar = self.screen.file(&source.name);
        let file = File { source, metadata: None, bar: &bar, key: unlike_any() };
        let answer = self.exchange(&Method::POST, "/api/v1/images", Brought::File(file)).await?;
        let uploaded: Uploaded = self.read(&answer)?;
        uploaded.images.into_iter().next().ok_or_else(|| self.strange())
    }

    /// Sends an image of an export, with what is said of it.
    pub(crate) async fn bring_back<T: DeserializeOwned>(
        &self,
        metadata: &str,
        source: &Source,
    ) -> Result<T, Failure> {
        let bar = self.screen.file(&source.name);
        let file = File { source, metadata: Some(metadata), bar: &bar, key: unlike_any() };
        self.read(&self.exchange(&Method::POST, "/api/v1/import/images", Brought::File(file)).await?)
    }

    /// Posts JSON.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let body = serde_json::to_vec(body).map_err(|error| Failure::Here(error.to_string()))?;
        let answer = self.exchange(&Method::POST, path, Brought::Json(body.into())).await;
        self.read(&answer.map_err(|failure| self.unless_older(failure))?)
    }

    /// An answer that may have any length, still to be read.
    pub(crate) async fn stream(&self, path: &str) -> Result<Incoming, Failure> {
        let mut tries = 0;
        loop {
            let request = self.request(&Method::GET, path).body(nothing());
            let request = request.map_err(|error| Failure::Here(error.to_string()))?;
            let answer = match timeout(PAUSE, self.transport.begin(request)).await {
                Ok(Ok(answer)) if answer.status().is_success() => return Ok(answer.into_body()),
                Ok(Ok(answer)) => Transport::read(answer).await,
                Ok(Err(trouble)) => Err(trouble),
                Err(_) => Err(silence()),
            };
            match self.verdict(answer) {
                // Nobody knows how to read this.
                Verdict::Done(_) => return Err(self.strange()),
                Verdict::Never(failure) => return Err(self.unless_older(failure)),
                Verdict::Again(failure, retry_after) => {
                    self.before_next(failure, retry_after, &mut tries).await?;
                }
            }
        }
    }

    /// One page of images; `query` has `limit` and what else there is.
    pub(crate) async fn list(&self, query: &str) -> Result<PictureList, Failure> {
        self.read(&self.exchange(&Method::GET, &format!("/api/v1/images?{query}"), Brought::Nothing).await?)
    }

    /// An image.
    pub(crate) async fn find(&self, named: &Named) -> Result<Picture, Failure> {
        match named {
            Named::Id(id) => self
                .read(&self.exchange(&Method::GET, &format!("/api/v1/images/{id}"), Brought::Nothing).await?),
            Named::Slug(slug) => self.by_slug(slug).await,
        }
    }

    /// The API finds images by their slugs as places in the list.
    async fn by_slug(&self, slug: &Slug) -> Result<Picture, Failure> {
        let found = self.list(&format!("limit=1&at={slug}")).await?;
        let image = found.images.into_iter().next();
        let picture: Option<Picture> = image.and_then(|image| serde_json::from_value(image).ok());
        picture.filter(|picture| picture.slug == slug.as_str()).ok_or_else(Failure::no_such_image)
    }

    /// Puts an image into the bin.
    pub(crate) async fn remove(&self, named: &Named) -> Result<(), Failure> {
        let id = match named {
            Named::Id(id) => id.to_string(),
            Named::Slug(slug) => self.by_slug(slug).await?.id,
        };
        self.exchange(&Method::DELETE, &format!("/api/v1/images/{id}"), Brought::Nothing).await.map(drop)
    }

    fn read<T: DeserializeOwned>(&self, answer: &[u8]) -> Result<T, Failure> {
        serde_json::from_slice(answer).map_err(|_| self.strange())
    }

    /// Of what isn't about an image: if it isn't there, the server has none of it.
    fn unless_older(&self, failure: Failure) -> Failure {
        if failure.is_missing() {
            return Failure::Refused(format!("{} is an older reflect, which can't do this", self.origin));
        }
        failure
    }

    fn strange(&self) -> Failure {
        Failure::Refused(format!("{} answers something else than reflect does", self.origin))
    }

    /// Asks until there is an answer that stays, or no try left.
    async fn exchange(&self, method: &Method, path: &str, brought: Brought<'_>) -> Result<Bytes, Failure> {
        let mut tries = 0;
        loop {
            let (failure, retry_after) = match self.once(method, path, &brought).await? {
                Verdict::Done(body) => return Ok(body),
                // Done the time before, whose answer was lost.
                Verdict::Never(failure) if tries > 0 && method == Method::DELETE && failure.is_missing() => {
                    return Ok(Bytes::new());
                }
                Verdict::Never(failure) => return Err(failure),
                Verdict::Again(failure, retry_after) => (failure, retry_after),
            };
            self.before_next(failure, retry_after, &mut tries).await?;
        }
    }

    /// Waits before the next try; an error where there is to be none.
    async fn before_next(
        &self,
        failure: Failure,
        retry_after: Option<u64>,
        tries: &mut u32,
    ) -> Result<(), Failure> {
        let Some(wait) = wait(retry_after, *tries).filter(|_| *tries < self.retries) else {
            return Err(failure);
        };
        *tries += 1;
        if wait >= LONG {
            self.screen.note(format_args!("{failure} Trying again in {} s.", wait.as_secs()));
        }
        sleep(wait).await;
        Ok(())
    }

    fn request(&self, method: &Method, path: &str) -> request::Builder {
        Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::USER_AGENT, concat!("reflect-client/", env!("CARGO_PKG_VERSION")))
            .header(header::ACCEPT, "application/json")
    }

    async fn once(&self, method: &Method, path: &str, brought: &Brought<'_>) -> Result<Verdict, Failure> {
        let sent = Arc::new(Sent::default());
        let mut request = self.request(method, path);
        let body = match brought {
            Brought::Nothing => nothing(),
            Brought::Json(text) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                whole(text.clone())
            }
            Brought::File(file) => {
                let opened = Form::open(file.source, file.metadata, &file.bar.0, &sent).await;
                let form = opened.map_err(|error| Failure::Here(error.to_string()))?;
                request = request
                    .header("idempotency-key", &file.key)
                    .header(header::CONTENT_TYPE, form.content_type)
                    .header(header::CONTENT_LENGTH, form.length);
                form.body
            }
        };
        let request = request.body(body).map_err(|error| Failure::Here(error.to_string()))?;
        let answer =
            unless_it_stalls(&sent, self.transport.send(request)).await.unwrap_or_else(|| Err(silence()));
        // It is the file's fault then, not the network's.
        if answer.is_err()
            && let Some(trouble) = sent.trouble()
        {
            return Err(Failure::Here(trouble.to_owned()));
        }
        Ok(self.verdict(answer))
    }

    fn verdict(&self, answer: Result<Answer, Trouble>) -> Verdict {
        match answer {
            Ok(answer) => Verdict::of(answer, &self.origin),
            Err(Trouble::Network(reason)) => {
                let failure =
                    format!("no answer from {}: {reason}. Check the address and the network.", self.origin);
                Verdict::Again(Failure::Unreachable(failure), None)
            }
            Err(Trouble::Certificate(reason)) => Verdict::Never(Failure::Unreachable(format!(
                "{} shows a certificate that can't be relied on: {reason}. Where it is your own, name its root with \
                 --ca-file or REFLECT_CLIENT_CA",
                self.origin
            ))),
        }
    }
}

/// Of a server that says nothing.
fn silence() -> Trouble {
    Trouble::Network(format!("nothing came for {} s", PAUSE.as_secs()))
}

/// What `work` gives, unless nothing is sent for a while.
async fn unless_it_stalls<T>(sent: &Sent, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut before = None;
    loop {
        if let Ok(done) = timeout(PAUSE, &mut work).await {
            return Some(done);
        }
        let now = Some(sent.bytes());
        if now == before {
            return None;
        }
        before = now;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        exit::Exit,
        stand_in::{Said, StandIn, taken},
    };

    fn file(folder: &Path) -> Source {
        let path = folder.join("a.png");
        std::fs::write(&path, "the picture").unwrap();
        Source::file(path)
    }

    fn busy(status: &'static str) -> Said {
        Some((status, "retry-after: 0\r\n", r#"{"detail":"Too busy."}"#.to_owned()))
    }

    async fn upload(answers: Vec<Said>) -> (Result<Picture, Failure>, Vec<Vec<u8>>) {
        let folder = tempfile::tempdir().unwrap();
        let server = StandIn::saying(answers).await;
        let uploaded = server.api().upload(&file(folder.path())).await;
        (uploaded, server.requests().await)
    }

    #[tokio::test]
    async fn what_may_be_better_later_is_sent_again_whole() {
        let (uploaded, requests) = upload(vec![None, busy("429 Too Many Requests"), taken("x")]).await;
        assert_eq!(uploaded.unwrap().links.url, "url of x");
        assert_eq!(requests.len(), 3);
        let texts: Vec<String> = requests.into_iter().map(|r| String::from_utf8(r).unwrap()).collect();
        let key =
            |text: &str| text.lines().find(|line| line.starts_with("idempotency-key: ")).map(str::to_owned);
        assert!(key(&texts[0]).is_some_and(|key| key.len() > 40));
        for text in &texts {
            assert_eq!(key(text), key(&texts[0]), "a try is told from another file by its key");
            assert!(text.starts_with("POST /api/v1/images HTTP/1.1\r\n"), "{text}");
            assert!(text.contains("authorization: Bearer rfl_test\r\n"), "{text}");
            assert!(text.contains("\r\n\r\nthe picture\r\n--"), "{text}");
        }
    }

    #[tokio::test]
    async fn tries_come_to_an_end() {
        let answers =
            vec![busy("503 Service Unavailable"), busy("429 Too Many Requests"), busy("502 Bad Gateway")];
        let (uploaded, requests) = upload(answers).await;
        assert_eq!(uploaded.unwrap_err(), Failure::Unreachable("Too busy.".to_owned()));
        assert_eq!(requests.len(), 3);
    }

    #[tokio::test]
    async fn what_is_refused_is_sent_once() {
        let refusal = ("422 Unprocessable Entity", "", r#"{"detail":"It is damaged."}"#.to_owned());
        // A second try would find nobody, and say that.
        let (uploaded, requests) = upload(vec![Some(refusal)]).await;
        assert_eq!(uploaded.unwrap_err(), Failure::Refused("It is damaged.".to_owned()));
        assert_eq!(requests.len(), 1);
    }

    #[tokio::test]
    async fn who_must_wait_for_long_is_told_instead() {
        let answer =
            ("429 Too Many Requests", "retry-after: 3600\r\n", r#"{"detail":"In an hour."}"#.to_owned());
        let (uploaded, requests) = upload(vec![Some(answer)]).await;
        assert_eq!(uploaded.unwrap_err(), Failure::Unreachable("In an hour.".to_owned()));
        assert_eq!(requests.len(), 1);
    }

    #[tokio::test]
    async fn what_was_deleted_by_a_try_whose_answer_was_lost_is_deleted() {
        let missing =
            || Some(("404 Not Found", "", r#"{"code":"not-found","detail":"There is nothing."}"#.to_owned()));
        let named: Named = "019aa000-0000-7000-8000-000000000000".parse().unwrap();
        let server = StandIn::saying(vec![None, missing()]).await;
        server.api().remove(&named).await.unwrap();
        let server = StandIn::saying(vec![missing()]).await;
        assert_eq!(server.api().remove(&named).await.unwrap_err(), Failure::no_such_image());
    }

    #[tokio::test]
    async fn a_slug_that_the_server_doesnt_know_is_nobodys() {
        let other = format!(r#"{{"images":[{}],"next_cursor":null}}"#, crate::stand_in::picture("another"));
        let server = StandIn::saying(vec![Some(("200 OK", "", other))]).await;
        let named: Named = "abcDEF012345678".parse().unwrap();
        assert_eq!(server.api().find(&named).await.unwrap_err(), Failure::no_such_image());
    }

    #[tokio::test]
    async fn a_private_certificate_is_relied_on_where_it_was_named() {
        let me = ("200 OK", "", r#"{"name":"ada"}"#.to_owned());
        let (mut server, pem) = StandIn::saying_by_tls(vec![Some(me)]).await;
        let failure = server.api().me().await.err().unwrap();
        assert_eq!(failure.exit(), Exit::Unreachable);
        assert!(failure.to_string().contains("--ca-file"), "{failure}");

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("root.pem");
        server.connection.local.ca_file = Some(path.clone());
        let refusal = |server: &StandIn| {
            let api = Api::new(&server.connection.settings().unwrap(), &Screen::default());
            api.err().unwrap().exit()
        };
        assert_eq!(refusal(&server), Exit::Usage, "there is no such file");
        std::fs::write(&path, "no certificate").unwrap();
        assert_eq!(refusal(&server), Exit::Usage);
        std::fs::write(&path, pem).unwrap();
        assert_eq!(server.api().me().await.unwrap().name, "ada");
    }
}
