//! nginx with the same bytes, set up as its manual says to be fast.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, Result, ensure};

use super::{
    client::Client,
    keeper::{Keeper, Running, free_port, pinned},
};
use crate::command::{on_path, wait_for};

/// `Cache-Control` as reflect sends it.
pub const CACHING: &str = "public, max-age=31536000, immutable";

/// A running nginx.
pub struct Nginx<'a> {
    _process: Running<'a>,
    pub port: u16,
}

/// The program, if it is installed. Debian keeps it where only root looks.
pub fn find() -> Option<PathBuf> {
    on_path(&["nginx"]).or_else(|| Some(PathBuf::from("/usr/sbin/nginx")).filter(|file| file.is_file()))
}

impl<'a> Nginx<'a> {
    /// Starts one worker, on one core, that serves these files from the top of its address.
    pub fn start(keeper: &'a Keeper, core: usize, files: &[(&str, &[u8])]) -> Result<Self> {
        let port = free_port()?;
        let folder = keeper.folder("nginx")?;
        let site = keeper.folder("nginx/site")?;
        for (name, bytes) in files {
            fs::write(site.join(name), bytes)?;
        }
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
        add_header Cache-Control "{CACHING}";
    }}
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
        Ok(Self { _process: process, port })
    }
}
