//! `Date` (RFC 9110 §6.6.1), written once a second.

use std::time::SystemTime;

use time::OffsetDateTime;

/// The line of the second in which it was asked for last.
#[derive(Debug, Default)]
pub(super) struct DateLine {
    second: Option<i64>,
    line: String,
}

impl DateLine {
    /// `date: …` with its line end.
    pub(super) fn at(&mut self, now: OffsetDateTime) -> &[u8] {
        let second = now.unix_timestamp();
        if self.second != Some(second) {
            self.second = Some(second);
            self.line = format!("date: {}\r\n", httpdate::fmt_http_date(SystemTime::from(now)));
        }
        self.line.as_bytes()
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn it_is_that_of_the_second() {
        let mut date = DateLine::default();
        assert_eq!(date.at(datetime!(2026-11-20 12:00:00.9 UTC)), b"date: Fri, 20 Nov 2026 12:00:00 GMT\r\n");
        assert_eq!(date.at(datetime!(2026-11-20 12:00:01 UTC)), b"date: Fri, 20 Nov 2026 12:00:01 GMT\r\n");
        assert_eq!(date.at(datetime!(2026-11-20 12:00:00 UTC)), b"date: Fri, 20 Nov 2026 12:00:00 GMT\r\n");
    }
}
