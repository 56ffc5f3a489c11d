//! Which running server has which keys.
//!
//! A server holds shared advisory locks named by its keys' ids on the connection on which it listens.
//! PostgreSQL gives them up with the connection, so a server that died is none, and nothing is written.

use std::collections::BTreeMap;

use sqlx::{Connection as _, PgConnection, PgPool, postgres::PgListener};

use super::Keyring;

/// The channel on which servers are told to read their keys anew.
pub const CHANNEL: &str = "keys_changed";

/// The first numbers of the locks; the second is the key's id, which has 32 bits.
const OPENS: i32 = 0x7266_6b01;
const SEALS: i32 = 0x7266_6b02;
const ROTATES: i32 = 0x7266_6b03;

/// What a server has said of its keys: lock by lock, class and id.
#[derive(Debug, Default)]
pub struct Announced(Vec<(i32, i32)>);

impl Announced {
    /// Says which keys the server that listens here has now. What it said before is taken back only
    /// afterwards, so that it is never without any.
    ///
    /// # Errors
    /// The database.
    pub async fn update(&mut self, listener: &mut PgListener, keys: &Keyring) -> Result<(), sqlx::Error> {
        let ids: Vec<i32> = keys.ids().iter().filter_map(|id| number(id)).collect();
        let seals = ids.first().map(|id| (SEALS, *id));
        let locks: Vec<_> = ids.iter().map(|id| (OPENS, *id)).chain(seals).collect();
        for (class, id) in &locks {
            sqlx::query("SELECT pg_advisory_lock_shared($1, $2)")
                .bind(class)
                .bind(id)
                .execute(&mut *listener)
                .await?;
        }
        for (class, id) in std::mem::replace(&mut self.0, locks) {
            sqlx::query("SELECT pg_advisory_unlock_shared($1, $2)")
                .bind(class)
                .bind(id)
                .execute(&mut *listener)
                .await?;
        }
        Ok(())
    }
}

/// A server that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// The process of PostgreSQL that serves it.
    pub backend: i32,
    /// Where it is; `None` on a Unix socket.
    pub address: Option<String>,
    /// The ids of the keys that it opens with.
    pub opens: Vec<String>,
    /// The id of the key that it seals with. Two for the moment of a change.
    pub seals: Vec<String>,
}

/// All servers that run on this database.
///
/// # Errors
/// The database.
pub async fn servers(pool: &PgPool) -> Result<Vec<Server>, sqlx::Error> {
    let locks: Vec<(i32, Option<String>, i64, i64)> = sqlx::query_as(
        "SELECT DISTINCT l.pid, host(a.client_addr), l.classid::int8, l.objid::int8 \
         FROM pg_locks AS l LEFT JOIN pg_stat_activity AS a USING (pid) \
         WHERE l.locktype = 'advisory' AND l.objsubid = 2 AND l.granted AND l.classid::int8 = ANY($1) \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1, 3, 4",
    )
    .bind([i64::from(OPENS), i64::from(SEALS)])
    .fetch_all(pool)
    .await?;
    let mut servers = BTreeMap::<i32, Server>::new();
    for (backend, address, class, id) in locks {
        let server = servers.entry(backend).or_default();
        (server.backend, server.address) = (backend, address);
        let ids = if class == i64::from(SEALS) { &mut server.seals } else { &mut server.opens };
        ids.push(format!("{id:08x}"));
    }
    Ok(servers.into_values().collect())
}

/// Tells every server to read its keys anew.
///
/// # Errors
/// The database.
pub async fn call(pool: &PgPool) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT pg_notify($1, '')").bind(CHANNEL).execute(pool).await?;
    Ok(())
}

/// The one that changes keys at this moment. A connection of its own, so that it ends with the process.
pub struct Rotating(PgConnection);

impl Rotating {
    /// `None` if somebody else does.
    ///
    /// # Errors
    /// The database.
    pub async fn begin(pool: &PgPool) -> Result<Option<Self>, sqlx::Error> {
        let mut connection = pool.acquire().await?.detach();
        let is_ours: bool = sqlx::query_scalar("SELECT pg_try_advisory_lock($1, 0)")
            .bind(ROTATES)
            .fetch_one(&mut connection)
            .await?;
        Ok(is_ours.then_some(Self(connection)))
    }

    /// Lets the next one begin.
    ///
    /// # Errors
    /// The database.
    pub async fn end(mut self) -> Result<(), sqlx::Error> {
        // A connection that is closed lets go only once PostgreSQL has seen to it.
        sqlx::query("SELECT pg_advisory_unlock($1, 0)").bind(ROTATES).execute(&mut self.0).await?;
        self.0.close().await
    }
}

/// A key's id as PostgreSQL's lock has it.
fn number(id: &str) -> Option<i32> {
    u32::from_str_radix(id, 16).ok().map(u32::cast_signed)
}
