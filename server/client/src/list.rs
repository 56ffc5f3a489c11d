//! `reflect list`

use clap::Args;
use model::{rules::links::LinkForm, types::ByteSize};
use serde_json::json;
use url::form_urlencoded;

use crate::{
    api::Api,
    config::Connection,
    exit::Exit,
    failure::Failure,
    link::forms,
    screen::{Screen, plain, say},
    wire::Picture,
};

/// Images of one page of the API, at most.
const PAGE: u32 = 200;

#[derive(Args)]
pub struct ListArguments {
    /// Images, at most.
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// All there are.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
    /// Only those with these words in their file names.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Print a link of each, and nothing else.
    #[arg(long = "as", value_name = "FORM", value_parser = forms(), conflicts_with = "json")]
    form: Option<LinkForm>,
    /// Print JSON, for scripts: `{"images": […]}`, each as the API has it.
    #[arg(long)]
    json: bool,
    #[command(flatten, next_help_heading = "Connection")]
    connection: Connection,
}

/// Prints images, newest first: page by page, however many there are.
pub(crate) async fn run(arguments: ListArguments, screen: &Screen) -> Result<Exit, Failure> {
    let api = Api::new(&arguments.connection.settings()?, screen)?;
    let mut left = if arguments.all { u32::MAX } else { arguments.limit };
    let (mut cursor, mut all): (Option<String>, _) = (None, Vec::new());
    while left > 0 {
        let query = query(left.min(PAGE), cursor.as_deref(), arguments.search.as_deref());
        let page = api.list(&query).await?;
        left = left.saturating_sub(u32::try_from(page.images.len()).unwrap_or(u32::MAX));
        if arguments.json {
            all.extend(page.images);
        } else {
            for image in page.images {
                let picture: Picture = serde_json::from_value(image).map_err(strange)?;
                let line = match arguments.form {
                    Some(form) => plain(picture.links.get(form)),
                    None => line(&picture),
                };
                say(line)?;
            }
        }
        match page.next_cursor {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    if arguments.json {
        say(json!({ "images": all }))?;
    }
    Ok(Exit::Done)
}

fn strange(error: serde_json::Error) -> Failure {
    Failure::Refused(format!("the server lists images in a way that this version doesn't know: {error}"))
}

fn query(limit: u32, cursor: Option<&str>, search: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &limit.to_string());
    for (name, value) in [("cursor", cursor), ("q", search)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    query.finish()
}

/// `abcDEF012345678  2026-11-20     90.0 KiB    4000x3000  cat.jpg`
fn line(picture: &Picture) -> String {
    let Picture { slug, filename, byte_size, width, height, created_at, .. } = picture;
    let day = created_at.get(..10).unwrap_or(created_at);
    let (size, pixels) = (ByteSize(*byte_size).to_string(), format!("{width}x{height}"));
    plain(&format!("{slug}  {day}  {size:>10}  {pixels:>11}  {filename}"))
}

#[cfg(test)]
mod tests {
    use super::query;

    #[test]
    fn a_query_is_escaped() {
        assert_eq!(query(50, None, None), "limit=50");
        assert_eq!(query(7, Some("a+b"), Some("猫 & dog")), "limit=7&cursor=a%2Bb&q=%E7%8C%AB+%26+dog");
    }
}
