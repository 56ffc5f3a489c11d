//! `reflect export`

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueHint};
use http_body_util::BodyExt as _;
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncWriteExt as _,
    select,
    time::timeout,
};
use url::form_urlencoded;

use crate::{
    api::{Api, PAUSE},
    config::Connection,
    exit::Exit,
    failure::Failure,
    import::Archive,
    screen::{Screen, say},
    stop::Stop,
};

#[derive(Args)]
pub struct ExportArguments {
    /// Where to save it. There must be no such file yet.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    to: PathBuf,
    /// Only images that a search finds, as the API takes it: `from=2026-01-01&to=2026-06-30`, `tag=sea`. One file holds
    /// up to 100,000.
    #[arg(long, value_name = "SEARCH")]
    only: Option<String>,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// A file that is there only once it is whole.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Once it is whole it has another name.
        let _ = fs::remove_file(&self.0);
    }
}

/// Saves an export, and prints how many images are in it.
pub(crate) async fn run(arguments: ExportArguments, screen: &Screen) -> Result<Exit, Failure> {
    let ExportArguments { to, only, connection } = arguments;
    let api = Api::new(&connection.settings()?, screen)?;
    let at = |path: &Path, error: io::Error| Failure::Here(format!("{}: {error}", path.display()));
    if to.try_exists().map_err(|error| at(&to, error))? {
        return Err(Failure::Here(format!("{} is there already", to.display())));
    }
    let mut stop = Stop::listen()?;
    let mut part = to.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    // Private images are in it, for nobody else.
    let created = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&part).await;
    let mut file = created.map_err(|error| at(&part, error))?;
    let unfinished = Unfinished(part);
    let address = address(only.as_deref().unwrap_or_default());
    let saved = select! {
        saved = save(&api, screen, &address, &mut file, &unfinished.0) => saved?,
        () = stop.asked() => {
            screen.note("stopped: nothing is kept");
            return Ok(Exit::Interrupted);
        }
    };
    fs::rename(&unfinished.0, &to).map_err(|error| at(&to, error))?;
    say(format_args!("exported: {saved}"))?;
    Ok(Exit::Done)
}

/// Where images are had that a search finds, which nobody has to escape.
fn address(search: &str) -> String {
    let pairs = form_urlencoded::parse(search.trim_start_matches('?').as_bytes());
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { "/api/v1/export".to_owned() } else { format!("/api/v1/export?{query}") }
}

/// Writes what comes into a file; answers how many images are in it.
async fn save(
    api: &Api,
    screen: &Screen,
    address: &str,
    file: &mut File,
    path: &Path,
) -> Result<u64, Failure> {
    let here = |error: io::Error| Failure::Here(format!("{}: {error}", path.display()));
    let broken =
        |reason: &str| Failure::Unreachable(format!("it was broken off: {reason}. Nothing is kept."));
    let bar = screen.coming("export");
    let mut body = api.stream(address).await?;
    loop {
        let frame = match timeout(PAUSE, body.frame()).await {
            Err(_) => return Err(broken(&format!("nothing came for {} s", PAUSE.as_secs()))),
            Ok(None) => break,
            Ok(Some(Err(error))) => return Err(broken(&error.to_string())),
            Ok(Some(Ok(frame))) => frame,
        };
        if let Ok(bytes) = frame.into_data() {
            file.write_all(&bytes).await.map_err(here)?;
            bar.0.inc(bytes.len() as u64);
        }
    }
    file.sync_all().await.map_err(here)?;
    // Something in between may end it as if it were whole.
    match Archive::open(path).and_then(|mut archive| archive.summary()) {
        Ok(summary) => Ok(summary.images),
        Err(_) => Err(broken("what came isn't whole")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stand_in::StandIn;

    async fn export(connection: Connection, to: &Path) -> Result<Exit, Failure> {
        run(ExportArguments { to: to.to_owned(), only: None, connection }, &Screen::default()).await
    }

    #[tokio::test]
    async fn what_is_not_whole_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.zip");
        for headers in ["content-length: 1000\r\nx-", "x-"] {
            // The first length is the one that holds: less comes, and then all that there is, of no zip file.
            let server = StandIn::saying(vec![Some(("200 OK", headers, "PK".to_owned()))]).await;
            let failure = export(server.connection, &path).await.unwrap_err();
            assert_eq!(failure.exit(), Exit::Unreachable, "{failure}");
            assert!(failure.to_string().contains("broken off"), "{failure}");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[tokio::test]
    async fn a_server_that_knows_no_exports_is_told_as_such() {
        let folder = tempfile::tempdir().unwrap();
        let missing =
            ("404 Not Found", "", r#"{"code":"not-found","detail":"There is nothing."}"#.to_owned());
        let server = StandIn::saying(vec![Some(missing)]).await;
        let failure = export(server.connection, &folder.path().join("all.zip")).await.unwrap_err();
        assert!(failure.to_string().contains("an older reflect"), "{failure}");
    }

    #[test]
    fn a_search_is_escaped() {
        assert_eq!(address(""), "/api/v1/export");
        assert_eq!(
            address("?from=2026-01-01&tag=猫 a+b"),
            "/api/v1/export?from=2026-01-01&tag=%E7%8C%AB+a+b"
        );
    }

    #[tokio::test]
    async fn a_file_that_is_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("all.zip");
        fs::write(&path, "before").unwrap();
        let server = StandIn::saying(vec![]).await;
        let failure = export(server.connection, &path).await.unwrap_err();
        assert_eq!(failure.exit(), Exit::Failed);
        assert!(failure.to_string().contains("is there already"), "{failure}");
        assert_eq!(fs::read(&path).unwrap(), b"before");
    }
}
