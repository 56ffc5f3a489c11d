//! Rows for spreadsheets: RFC 4180, streamed.

use axum::{
    body::Body,
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use csv::{Terminator, WriterBuilder};
use futures::{Stream, TryStreamExt as _};
use http::header;
use model::Problem;

/// Without it spreadsheets take the text for something else than UTF-8. Programs read the JSON.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// One row.
pub(super) type Row = Vec<String>;

/// A file called `name` with these columns. Rows come in pieces, so that neither a long file nor a slow
/// reader holds memory; where one fails, the connection breaks off and nobody takes the file for whole.
pub(super) fn file(
    name: &str,
    columns: &[&str],
    rows: impl Stream<Item = Result<Vec<Row>, Problem>> + Send + 'static,
) -> Response {
    let head = columns.iter().map(|column| (*column).to_owned()).collect();
    let head = futures::stream::once(async move {
        let row = encode(&[head])?;
        Ok(Bytes::from([BYTE_ORDER_MARK.as_bytes(), &row].concat()))
    });
    let rows = rows.and_then(|rows| async move { encode(&rows).map(Bytes::from) });
    let body = futures::StreamExt::chain(head, rows);
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8; header=present".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::from_stream(body)).into_response()
}

fn encode(rows: &[Row]) -> Result<Vec<u8>, Problem> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        let written = writer.write_record(row.iter().map(|cell| harmless(cell)));
        written.map_err(|_| Problem::Internal)?;
    }
    writer.into_inner().map_err(|_| Problem::Internal)
}

/// What a spreadsheet runs as a formula, where a cell begins with it.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// Where a spreadsheet that goes by semicolons or tabs begins a cell, also within one of ours: to it a quotation mark
/// after our comma is one like any other character, and ends nothing.
const BEGINS: [char; 4] = [';', '\t', '\r', '\n'];

/// A spreadsheet runs a cell that begins like a formula, whoever chose the text; behind an apostrophe it is text
/// (OWASP, "CSV Injection"). What comes before may be spaces and quotation marks, which some leave out.
fn harmless(cell: &str) -> String {
    let mut harmless = String::with_capacity(cell.len() + 1);
    let mut rest = cell;
    loop {
        let begun = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
        if begun.starts_with(FORMULA) || (harmless.is_empty() && rest.starts_with(BEGINS)) {
            harmless.push('\'');
        }
        let Some(end) = rest.find(BEGINS) else { break };
        let (piece, next) = rest.split_at(end + 1);
        harmless.push_str(piece);
        rest = next;
    }
    harmless.push_str(rest);
    harmless
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(row: &[&str]) -> String {
        let row = row.iter().map(|cell| (*cell).to_owned()).collect();
        String::from_utf8(encode(&[row]).unwrap()).unwrap()
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        assert_eq!(text(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(text(&["a,b", "say \"hi\"", "x\ny"]), "\"a,b\",\"say \"\"hi\"\"\",\"x\ny\"\r\n");
    }

    #[test]
    fn formulas_are_text() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert!(harmless(formula).starts_with('\''), "{formula:?}");
        }
        assert_eq!(text(&["=HYPERLINK(\"//x\",\"y\")"]), "\"'=HYPERLINK(\"\"//x\"\",\"\"y\"\")\"\r\n");
        assert_eq!(harmless("2001:db8::1"), "2001:db8::1");
        assert_eq!(harmless("::1"), "::1");
    }

    #[test]
    fn formulas_within_a_cell_are_text_where_another_separator_begins_them() {
        for (cell, expected) in [
            ("a;=1+1", "a;'=1+1"),
            ("a\t@SUM(A1);b;+1", "a\t'@SUM(A1);b;'+1"),
            ("a; \"\"=1", "a;' \"\"=1"),
            (" =1", "' =1"),
            ("a\n-1", "a\n'-1"),
            ("a;b=1+1-2@c", "a;b=1+1-2@c"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0)", "Mozilla/5.0 (X11; Linux x86_64; rv:144.0)"),
        ] {
            assert_eq!(harmless(cell), expected);
        }
    }

    proptest! {
        #[test]
        fn no_cell_begins_like_a_formula_whatever_separates(
            row in proptest::collection::vec("[=+@a;\t\r\n \",'＝-]{0,12}|.{0,12}", 1..4),
        ) {
            let file = String::from_utf8(encode(&[row.clone(), row]).unwrap()).unwrap();
            for cell in file.split(BEGINS) {
                let begun = cell.trim_start_matches(|c: char| c.is_whitespace() || c == '"');
                prop_assert!(!begun.starts_with(FORMULA), "{cell:?} of {file:?}");
            }
        }

        #[test]
        fn all_else_stays_as_it_is(cell in "[^=+@＝＋－＠-]{0,30}") {
            let written = harmless(&cell);
            prop_assert_eq!(written.strip_prefix('\'').filter(|_| cell.starts_with(BEGINS)).unwrap_or(&written), &*cell);
        }
    }
}
