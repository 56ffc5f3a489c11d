//! A throw-away cluster for tests: fast, unsafe to keep, gone when its owner is.

use std::{
    fs,
    io::Read as _,
    net::TcpListener,
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

use crate::{
    command::{command, output, say, spelled, wait_for},
    setup,
};

/// Runs postgres until standard input closes. The pipe closes when this program ends, however it ends, so
/// neither an interrupt nor a kill -9 leaves a server or its files behind.
const KEEPER: &str = r#"
programs=$1 folder=$2 port=$3
"$programs/postgres" -D "$folder/data" -c port="$port" -c listen_addresses=127.0.0.1 \
    -c unix_socket_directories="$folder" -c fsync=off -c synchronous_commit=off -c full_page_writes=off \
    -c max_connections=200 -c log_min_messages=fatal </dev/null >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -QUIT $server 2>/dev/null
wait $server
rm -rf "$folder"
"#;

/// A running cluster; dropping it stops it and removes its files.
pub struct Cluster {
    keeper: Child,
    folder: PathBuf,
    url: String,
}

/// The account a cluster runs as where this process is root, which PostgreSQL refuses to be.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Cluster {
    /// Makes and starts a cluster on a free port of 127.0.0.1, with a password that only its URL tells.
    pub fn start(programs: &Path) -> Result<Self> {
        let account = if setup::is_root() { Some(unprivileged()?) } else { None };
        let folder =
            std::env::temp_dir().join(format!("reflect-test-{}-{}", std::process::id(), &secret()?[..8]));
        say(&format!("starting a throw-away PostgreSQL in {}", folder.display()));
        fs::create_dir(&folder).with_context(|| format!("making {}", folder.display()))?;
        let password = secret()?;
        fs::write(folder.join("password"), &password)?;
        if let Some(account) = account {
            for path in [&folder, &folder.join("password")] {
                chown(path, Some(account.user), Some(account.group))?;
            }
        }
        let made = initdb(programs, &folder, account);
        fs::remove_file(folder.join("password"))?;
        made?;

        let port = free_port()?;
        let mut keeper = command("sh");
        keeper.args(["-c", KEEPER, "sh"]).arg(programs).arg(&folder).arg(port.to_string()).current_dir("/");
        // Out of reach of the terminal's interrupt: the keeper stops the server in its own way.
        let keeper = demoted(&mut keeper, account).process_group(0).stdin(Stdio::piped()).spawn()?;
        let url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
        let mut cluster = Self { keeper, folder, url };
        cluster.wait(programs, account)?;
        Ok(cluster)
    }

    /// What `DATABASE_URL` should be.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self, programs: &Path, account: Option<Account>) -> Result<()> {
        let data = self.folder.join("data");
        let ready = wait_for(Duration::from_secs(60), || {
            let mut status = command(programs.join("pg_ctl"));
            status.arg("status").arg("-D").arg(&data).current_dir("/");
            output(demoted(&mut status, account)).is_some()
                && fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|text| text.contains("ready"))
        });
        if !ready {
            let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            bail!("the throw-away PostgreSQL did not start:\n{log}");
        }
        Ok(())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // What is left over is in the temporary folder and harmless; there is nobody to tell.
        let _ = self.keeper.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn initdb(programs: &Path, folder: &Path, account: Option<Account>) -> Result<()> {
    let mut initdb = command(programs.join("initdb"));
    initdb.args(["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]);
    // The password crosses the loopback in clear, which spares every test the key stretching of SCRAM.
    initdb.args(["--auth-local=peer", "--auth-host=password"]).current_dir("/");
    initdb.arg("--pwfile").arg(folder.join("password")).arg("--pgdata").arg(folder.join("data"));
    let made = demoted(&mut initdb, account).stdin(Stdio::null()).output()?;
    if !made.status.success() {
        bail!("`{}` failed:\n{}", spelled(&initdb), String::from_utf8_lossy(&made.stderr));
    }
    Ok(())
}

fn demoted(command: &mut Command, account: Option<Account>) -> &mut Command {
    match account {
        Some(account) => command.uid(account.user).gid(account.group),
        None => command,
    }
}

fn unprivileged() -> Result<Account> {
    let passwd = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let found = account(&passwd, "postgres").or_else(|| account(&passwd, "nobody"));
    found.context("PostgreSQL refuses to run as root, and there is neither an account postgres nor nobody")
}

fn account(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let (&first, &user, &group) = (fields.first()?, fields.get(2)?, fields.get(3)?);
        if first == name {
            Some(Account { user: user.parse().ok()?, group: group.parse().ok()? })
        } else {
            None
        }
    })
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// 128 bits from the operating system, as hexadecimal text.
fn secret() -> Result<String> {
    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;

    use super::*;

    #[test]
    fn accounts_are_found_by_whole_name() {
        let passwd =
            "postgresql:x:1:2::/:/bin/sh\nroot:x:0:0::/root:/bin/sh\npostgres:x:101:104::/:/bin/sh\n";
        let found = account(passwd, "postgres").unwrap();
        assert_eq!((found.user, found.group), (101, 104));
        assert!(account(passwd, "nobody").is_none());
    }

    #[test]
    fn a_dropped_cluster_leaves_nothing_behind() {
        let programs = crate::postgres::binaries().unwrap();
        let cluster = Cluster::start(&programs).unwrap();
        let folder = cluster.folder.clone();
        let address = cluster.url().split(['@', '/']).nth(3).unwrap().to_owned();
        assert!(TcpStream::connect(&address).is_ok());
        drop(cluster);
        assert!(TcpStream::connect(&address).is_err());
        assert!(!folder.exists());
    }
}
