//! `reflect serve`

use std::time::Duration;

use reflect_core::{Core, auth::enrolment};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    time::timeout,
};

use super::{CommandError, Instance, SiteFile, output::say};
use crate::{
    config::{KeySource, MailServer, Origin, ServeConfig},
    database::{Database, Opener},
    front::Front,
    jobs::{self, Mailroom, Patience, Workers},
    listen,
    site::Site,
    state::AppState,
};

/// Longest time that the last views may take to be written down when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);

pub(super) async fn run(
    instance: &Instance,
    serve: &ServeConfig,
    files: Vec<SiteFile>,
) -> Result<(), CommandError> {
    let files = Site::new(files)?;
    let origin = instance.site.origin();
    if !origin.is_private() {
        return Err(CommandError::Overheard(origin));
    }
    let mail_server = instance.site.mail.server(&instance.site.settings())?;
    let webhook = instance.site.alert.webhook()?;
    let provider = serve.oidc.provider()?;
    // From here on a signal ends the server in an orderly way, a private PostgreSQL too.
    let (mut term, mut int) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let addr = instance.site.addr;
    // Before the database is opened, so that a taken port is said at once.
    let listener = TcpListener::bind(addr).await.map_err(|error| CommandError::Listen(addr, error))?;
    let mut told = async || {
        tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        tracing::info!("stopping");
    };
    // PostgreSQL may have much to recover, and another reflect be at the schema.
    let (database, core) = tokio::select! {
        opened = open(instance, &origin) => opened?,
        () = told() => return Ok(()),
    };
    let keys = KeySource::new(&instance.store);
    let state = AppState::new(core.clone(), files, serve);
    let state = match provider {
        Some(provider) => state.with_provider(provider),
        None => state,
    };
    let mut mail = mailroom(&core, mail_server);
    if let Some(webhook) = webhook {
        mail.open(&core, webhook);
    }
    let (stop_views, stopped) = oneshot::channel();
    let views = tokio::spawn(jobs::write_views(core.clone(), state.images.clone(), stopped));
    let workers = Workers::start(&core);
    let jobs = [
        tokio::spawn(jobs::hear(core.clone(), state.images.clone(), mail.bell(), keys, Patience::default())),
        tokio::spawn(jobs::meet_provider(core, state.app.provider.clone())),
    ];
    say(format!("Listening on http://{}", listener.local_addr()?))?;
    listen::serve(listener, Front::new(state), told()).await;
    // Nobody is answered any more.
    drop(stop_views);
    if timeout(FAREWELL, views).await.is_err() {
        tracing::warn!("the last views are lost: the database doesn't take them");
    }
    mail.stop().await;
    workers.stop().await;
    for job in jobs {
        job.abort();
    }
    database.close().await;
    Ok(())
}

/// The database and the domain over it. Says how the instance is set up, should it not be.
async fn open(instance: &Instance, origin: &Origin) -> Result<(Database, Core), CommandError> {
    let database = Database::open(&instance.store, Opener::Server).await?;
    let core = database.core(&instance.store, &instance.site).await?;
    if let Some(token) = enrolment::setup_link(&core).await? {
        say(format!("Set up reflect: {origin}{}", enrolment::page(&token)))?;
    }
    Ok((database, core))
}

/// Those who send mail, if there is a server for it.
fn mailroom(core: &Core, server: Option<MailServer>) -> Mailroom {
    let mut room = Mailroom::new();
    let Some(MailServer { url, smtp }) = server else {
        tracing::info!("REFLECT_SMTP_URL is not set: no mail is sent");
        return room;
    };
    tracing::info!("mail is sent through {url}");
    if url.exposes_password() {
        tracing::warn!("REFLECT_SMTP_URL: tls=none sends the password over the network in the clear");
    }
    room.open(core, smtp);
    room
}
