//! A reflect to measure, with a PostgreSQL that keeps what it is told to keep.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use reflect_cluster::{Binaries, Cluster, Settings};
use serde_json::{Value, json};

use super::{
    Bench,
    client::{Answer, Client},
    helper::{self, Helper},
    keeper::{Keeper, Running, free_port, pinned},
};
use crate::{
    command::{on_path, wait_for},
    postgres, project,
};

/// The executable that `REFLECT_BIN` names, which is measured as it is; without it one is built.
pub fn named() -> Option<PathBuf> {
    std::env::var_os("REFLECT_BIN").map(PathBuf::from)
}

/// A database of its own, on this machine's disk and with PostgreSQL's own settings: a commit is durable.
pub struct Instance<'a> {
    keeper: &'a Keeper,
    cluster: Cluster,
}

/// A server that answers.
pub struct Server<'a> {
    pub process: Running<'a>,
    pub port: u16,
}

/// An account.
pub struct Account {
    pub name: String,
    /// In Base32.
    pub secret: String,
}

/// An account with a token.
pub struct Person {
    account: Account,
    /// `Authorization: Bearer …`
    pub token: String,
}

impl<'a> Instance<'a> {
    /// Makes the database where there is none yet, and starts it.
    pub fn start(bench: &'a Bench) -> Result<Self> {
        let keeper = &bench.keeper;
        let binaries = Binaries::find(Some(&postgres::binaries()?), None, None)?;
        let cluster = Cluster::start(&Settings::new(binaries, keeper.path().join("data")))?;
        Ok(Self { keeper, cluster })
    }

    /// What `DATABASE_URL` should be.
    pub fn url(&self) -> &str {
        self.cluster.url()
    }

    fn reflect(&self, core: Option<usize>) -> Result<Command> {
        let mut reflect = pinned(named().unwrap_or_else(|| project::server("release")), core);
        // Nothing but the defaults: what is measured is what people get.
        reflect.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        reflect.env("DATABASE_URL", self.url()).env("REFLECT_DATA_DIR", self.keeper.folder("reflect")?);
        Ok(reflect)
    }

    /// Starts a server without waiting for it, bound to a core where one is given.
    pub fn spawn(&self, core: Option<usize>, settings: &[(&str, &str)]) -> Result<Server<'a>> {
        let port = free_port()?;
        let mut serve = self.reflect(core)?;
        serve.envs(settings.iter().copied());
        serve.args(["serve", "--addr", &format!("127.0.0.1:{port}")]);
        Ok(Server { process: self.keeper.spawn(&format!("reflect-{port}"), &mut serve)?, port })
    }

    /// Starts a server and waits until it answers.
    pub fn serve(&self, core: Option<usize>) -> Result<Server<'a>> {
        self.serve_with(core, &[])
    }

    /// The same with settings of its own.
    pub fn serve_with(&self, core: Option<usize>, settings: &[(&str, &str)]) -> Result<Server<'a>> {
        let mut server = self.spawn(core, settings)?;
        let answers = wait_for(Duration::from_secs(60), || {
            server.process.ended()
                || Client::connect(server.port).is_ok_and(|mut client| client.get("/healthz", &[]).is_ok())
        });
        ensure!(
            answers && !server.process.ended(),
            "reflect did not start: see {}",
            self.keeper.path().display()
        );
        Ok(server)
    }

    /// Adds an account.
    pub fn account(&self, name: &str) -> Result<Account> {
        let secret = self.ask(&["user", "add", name, "--secret-now", "--json"], "secret")?;
        Ok(Account { name: name.to_owned(), secret })
    }

    /// Adds an account with a token.
    pub fn person(&self, name: &str) -> Result<Person> {
        let account = self.account(name)?;
        let token = self
            .ask(&["token", "create", "--user", name, "--requests-per-minute", "60000", "--json"], "token")?;
        Ok(Person { account, token: format!("Authorization: Bearer {token}") })
    }

    /// Gives an account so many images, spread over so many years.
    pub fn seed(&self, person: &Person, images: u32, years: &str) -> Result<()> {
        let images = images.to_string();
        let words = ["seed", "--user", &person.account.name, "--images", &images, "--years", years, "--json"];
        helper::answer::<Value>(self.reflect(None)?.args(words)).map(drop)
    }

    /// What reflect answers to a command, under this key.
    fn ask(&self, words: &[&str], key: &str) -> Result<String> {
        let answer = helper::answer::<Value>(self.reflect(None)?.args(words))?;
        answer[key].as_str().map(str::to_owned).context("an odd answer")
    }
}

impl Server<'_> {
    /// Signs in as people do, and answers the line `Cookie: …` of the session.
    pub fn sign_in(&self, helper: &Helper, person: &Person) -> Result<String> {
        let account = &person.account;
        let code = code(helper, account)?;
        let body = json!({ "name": account.name, "code": code });
        let answer = sign_in(&mut Client::connect(self.port)?, &body, &[])?;
        answer.json(200)?;
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        Ok(format!("Cookie: {}", cookie.context("signing in gave no cookie")?))
    }
}

/// What the account's authenticator app shows now.
pub fn code(helper: &Helper, account: &Account) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs().to_string();
    helper::answer(&mut helper.command(&["code", &account.secret, &now]))
}

/// One try to sign in, with header lines besides those that a page sends.
pub fn sign_in(client: &mut Client, body: &Value, headers: &[&str]) -> Result<Answer> {
    post(client, "/api/v1/auth/sign-in", body, headers)
}

/// Sends JSON as a page does.
pub fn post(client: &mut Client, path: &str, body: &Value, headers: &[&str]) -> Result<Answer> {
    let usual = ["Content-Type: application/json", "Accept: application/json", "Sec-Fetch-Site: same-origin"];
    client.send("POST", path, &[&usual, headers].concat(), &[body.to_string().as_bytes()])
}

/// Uploads one file over a connection that is kept, and answers what the API says of the image.
pub fn upload(client: &mut Client, person: &Person, name: &str, bytes: &[u8]) -> Result<Value> {
    let head = format!(
        "--bench\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: image/jpeg\r\n\r\n"
    );
    let headers = [person.token.as_str(), "Content-Type: multipart/form-data; boundary=bench"];
    let body = [head.as_bytes(), bytes, b"\r\n--bench--\r\n"];
    let answer = client.send("POST", "/api/v1/images", &headers, &body)?.json(201)?;
    answer["images"].get(0).cloned().context("no image in the answer")
}

/// The path of an image, from what the API says of it.
pub fn path(image: &Value) -> Result<String> {
    let url = image["links"]["url"].as_str().context("an image without an address")?;
    let at = url.find("/i/").context("an odd address")?;
    Ok(url[at..].to_owned())
}

/// What to install so that these programs are there, given with their Debian packages; `None` where they are.
pub fn installed(programs: &[(&str, &str)]) -> Option<String> {
    let missing: Vec<&str> = programs
        .iter()
        .filter(|(program, _)| on_path(&[program]).is_none())
        .map(|(_, package)| *package)
        .collect();
    (!missing.is_empty()).then(|| format!("`apt-get install {}` adds what it needs", missing.join(" ")))
}
