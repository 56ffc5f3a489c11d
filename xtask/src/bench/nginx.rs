//! nginx with the same bytes, set up as its manual says to be fast.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{
    client::Client,
    keeper::{Keeper, Running, free_port, pinned},
};
use crate::command::{on_path, wait_for};

/// Headers that nginx sends by itself, in lower case.
const ITS_OWN: [&str; 5] = ["accept-ranges", "content-length", "content-type", "date", "etag"];

/// A file to serve.
pub struct Served<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
    /// Headers that its answers have.
    pub headers: &'a [(String, String)],
}

/// A running nginx.
pub struct Nginx<'a> {
    pub process: Running<'a>,
    pub port: u16,
}

/// The program, if it is installed. Debian keeps it where only root looks.
pub fn find() -> Option<PathBuf> {
    on_path(&["nginx"]).or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|file| file.is_file()))
}

impl<'a> Nginx<'a> {
    /// Starts one worker, on one core, that serves these files from the top of its address.
    pub fn start(keeper: &'a Keeper, core: usize, files: &[Served<'_>]) -> Result<Self> {
        let port = free_port()?;
        let folder = keeper.folder("nginx")?;
        let site = keeper.folder("nginx/site")?;
        for file in files {
            fs::write(site.join(file.name), file.bytes)?;
        }
        let locations: String = files.iter().map(location).collect();
        let config = folder.join("nginx.conf");
        let here = folder.display();
        fs::write(
            &config,
            format!(
                r#"daemon off;
worker_processes 1;
pid {here}/nginx.pid;
error_log {here}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    types {{ image/webp webp; image/jpeg jpg; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    open_file_cache max=100 inactive=1h;
    open_file_cache_valid 1h;
    keepalive_timeout 1h;
    keepalive_time 1h;
    keepalive_requests 1000000000;
    client_body_temp_path {here}/a;
    proxy_temp_path {here}/b;
    fastcgi_temp_path {here}/c;
    uwsgi_temp_path {here}/d;
    scgi_temp_path {here}/e;
    server {{
        listen 127.0.0.1:{port};
        root {here}/site;
{locations}    }}
}}
"#
            ),
        )?;
        let mut nginx = pinned(find().context("nginx is gone")?, Some(core));
        nginx.arg("-e").arg(folder.join("error.log")).arg("-p").arg(&folder).arg("-c").arg(&config);
        let mut process = keeper.spawn("nginx", &mut nginx)?;
        let ready = wait_for(Duration::from_secs(10), || process.ended() || Client::connect(port).is_ok());
        ensure!(
            ready && !process.ended(),
            "nginx did not start: {}",
            fs::read_to_string(folder.join("error.log"))?
        );
        Ok(Self { process, port })
    }
}

/// The rules for a file, with the headers that nginx wouldn't send.
fn location(file: &Served<'_>) -> String {
    let more = file.headers.iter().filter(|(name, _)| !ITS_OWN.contains(&name.as_str()));
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('"', "\\\"");
    let headers: String =
        more.map(|(name, value)| format!("            add_header {name} \"{}\";\n", quoted(value))).collect();
    format!("        location = /{} {{\n{headers}        }}\n", file.name)
}
