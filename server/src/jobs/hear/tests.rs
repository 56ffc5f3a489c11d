use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use model::types::{ByteSize, Slug};
use reflect_core::{images::ImageError, testing};
use sqlx::{PgPool, postgres::PgPoolOptions};
use tempfile::TempDir;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split},
    net::{TcpStream, UnixListener, UnixStream},
    task::AbortHandle,
    time::sleep,
};

use super::*;
use crate::jobs::Mailroom;

const PATIENCE: Patience = Patience { ask: Duration::from_millis(50), doubt: Duration::from_millis(250) };

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A way to the database that can be blocked: bytes then vanish, and no connection ends.
struct Way {
    /// Where its socket is.
    folder: TempDir,
    is_blocked: Arc<AtomicBool>,
    serving: AbortHandle,
}

impl Way {
    fn to(database: &PgPool) -> Self {
        let options = database.connect_options();
        let name = format!(".s.PGSQL.{}", options.get_port());
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join(&name)).unwrap();
        let is_blocked = Arc::new(AtomicBool::new(false));
        let blocked = Arc::clone(&is_blocked);
        let serving = tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far: Box<dyn Stream> = match options.get_socket() {
                    Some(folder) => Box::new(UnixStream::connect(folder.join(&name)).await.unwrap()),
                    None => {
                        let address = (options.get_host(), options.get_port());
                        Box::new(TcpStream::connect(address).await.unwrap())
                    }
                };
                let ((near_out, near_in), (far_out, far_in)) = (split(near), split(far));
                tokio::spawn(carry(near_out, far_in, Arc::clone(&blocked)));
                tokio::spawn(carry(far_out, near_in, Arc::clone(&blocked)));
            }
        });
        Self { folder, is_blocked, serving: serving.abort_handle() }
    }

    fn block(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::SeqCst);
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn carry(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    is_blocked: Arc<AtomicBool>,
) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if !is_blocked.load(Ordering::SeqCst) && to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

struct Node {
    core: Core,
    images: Arc<Images>,
    slug: Slug,
}

impl Node {
    async fn new(pool: PgPool) -> Self {
        let owner = testing::user(&pool, "ada", 1 << 20).await;
        sqlx::query("INSERT INTO blobs VALUES ($1, 1, 1, now())")
            .bind([1_u8; 32])
            .execute(&pool)
            .await
            .unwrap();
        sqlx::query(
            "INSERT INTO images SELECT gen_random_uuid(), $1, $2, 'a', 'image/png', 1, 1, 1, 1, 0, $3, now(), NULL",
        )
        .bind(owner.0)
        .bind("000000000000001")
        .bind([1_u8; 32])
        .execute(&pool)
        .await
        .unwrap();
        Self {
            core: testing::core(pool),
            images: Arc::new(Images::new(ByteSize(0))),
            slug: "000000000000001".parse().unwrap(),
        }
    }

    /// Deletes the image, or undoes that, without a word to anybody.
    async fn set_gone(&self, is_gone: bool) {
        sqlx::query("UPDATE images SET deleted_at = CASE WHEN $1 THEN now() END")
            .bind(is_gone)
            .execute(&self.core.pool)
            .await
            .unwrap();
    }

    async fn is_seen(&self) -> bool {
        match self.images.facts(&self.core, &self.slug).await {
            Ok(_) => true,
            Err(ImageError::NotFound) => false,
            Err(error) => panic!("{error}"),
        }
    }

    /// Whether the node goes by what is in memory.
    async fn trusts_memory(&self) -> bool {
        self.set_gone(false).await;
        assert!(self.is_seen().await);
        self.set_gone(true).await;
        self.is_seen().await
    }

    async fn comes_to(&self, trust: bool) {
        while self.trusts_memory().await != trust {
            sleep(PATIENCE.ask).await;
        }
    }
}

#[sqlx::test(migrator = "reflect_core::db::MIGRATOR")]
async fn a_node_that_hears_nothing_reads_what_it_knows_anew_until_it_hears_again(pool: PgPool) {
    let way = Way::to(&pool);
    let node = Node::new(pool).await;
    let options = node.core.pool.connect_options().as_ref().clone().socket(way.folder.path());
    let distant = PgPoolOptions::new().connect_lazy_with(options);
    let hearing = tokio::spawn(hear(
        Core { pool: distant, ..node.core.clone() },
        Arc::clone(&node.images),
        Mailroom::new().bell(),
        KeySource::in_folder(tempfile::tempdir().unwrap().path()),
        PATIENCE,
    ));
    node.comes_to(true).await;
    way.block(true);
    node.comes_to(false).await;
    way.block(false);
    node.comes_to(true).await;
    hearing.abort();
}
