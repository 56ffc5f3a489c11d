//! As much of an HTTP/1.1 client as the benchmarks need: one connection that is kept, no encryption.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};

/// A connection to a server on this machine.
pub struct Client {
    stream: BufReader<TcpStream>,
    port: u16,
}

/// What the server answered.
pub struct Answer {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Client {
    /// Connects. No answer may take longer than a minute.
    pub fn connect(port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream), port })
    }

    /// Asks for a path, with header lines such as `Accept: */*`.
    pub fn get(&mut self, path: &str, headers: &[&str]) -> Result<Answer> {
        self.send("GET", path, headers, &[])
    }

    /// Sends a request whose body is these pieces one after the other, and reads the answer whole.
    pub fn send(&mut self, method: &str, path: &str, headers: &[&str], body: &[&[u8]]) -> Result<Answer> {
        let length: usize = body.iter().map(|piece| piece.len()).sum();
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n", self.port);
        if method != "GET" {
            head.push_str(&format!("Content-Length: {length}\r\n"));
        }
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let stream = self.stream.get_mut();
        stream.write_all(head.as_bytes())?;
        body.iter().try_for_each(|piece| stream.write_all(piece))?;
        read(&mut self.stream).with_context(|| format!("{method} {path}"))
    }
}

impl Answer {
    /// The first header of that name, in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as JSON, if the status is this one.
    pub fn json(&self, status: u16) -> Result<serde_json::Value> {
        ensure!(self.status == status, "status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        Ok(serde_json::from_slice(&self.body)?)
    }
}

fn read(stream: &mut impl BufRead) -> Result<Answer> {
    let status = line(stream)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok()).context("no status")?;
    let mut answer = Answer { status, headers: Vec::new(), body: Vec::new() };
    loop {
        let line = line(stream)?;
        let Some((name, value)) = line.split_once(':') else { break };
        answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if let Some(length) = answer.header("content-length") {
        let length = length.parse::<u64>()?;
        stream.take(length).read_to_end(&mut answer.body)?;
        ensure!(answer.body.len() as u64 == length, "the answer was cut off");
    } else if answer.header("transfer-encoding") == Some("chunked") {
        chunks(stream, &mut answer.body)?;
    }
    Ok(answer)
}

fn chunks(stream: &mut impl BufRead, body: &mut Vec<u8>) -> Result<()> {
    loop {
        let length = u64::from_str_radix(&line(stream)?, 16)?;
        let read = stream.take(length).read_to_end(body)?;
        ensure!(read as u64 == length && line(stream)?.is_empty(), "the answer was cut off");
        if length == 0 {
            return Ok(());
        }
    }
}

fn line(stream: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        bail!("the server closed the connection");
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_end_where_they_end() {
        let mut two: &[u8] =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\na\r\n0123456789\r\n0\r\n\r\n\
                               HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-A:  b \r\n\r\nno";
        let first = read(&mut two).unwrap();
        assert_eq!((first.status, first.body.as_slice()), (200, b"abc0123456789".as_slice()));
        let second = read(&mut two).unwrap();
        assert_eq!(
            (second.status, second.header("x-a"), second.body.as_slice()),
            (404, Some("b"), b"no".as_slice())
        );
        assert!(second.json(200).unwrap_err().to_string().contains("404"));
        assert!(read(&mut two).is_err());
        assert!(read(&mut b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno".as_slice()).is_err());
    }
}
