//! The work behind `cargo xtask bench` that needs reflect's own code or its libraries: photos to measure with,
//! thumbnails as the server makes them, their quality, and the plain INSERT that uploads are compared with, and a
//! month of a botnet.
//! Every command answers one line of JSON.

#![expect(clippy::print_stdout, reason = "its answers go to the program that started it")]

mod forget;
mod insert;
mod photos;
mod quality;
mod thumbnails;
mod transactions;

use std::{error::Error, path::PathBuf, str::FromStr};

use reflect_core::auth::policy::simulation;
use serde_json::{Value, json};

type Result<T, E = Box<dyn Error + Send + Sync>> = std::result::Result<T, E>;

const USAGE: &str = "\
figures photos FOLDER COUNT WIDTH HEIGHT NOISE QUALITY
figures thumbnails FORMAT THREADS FOLDER FILE...
figures quality WIDTH HEIGHT ORIGINAL MADE...
figures insert DATABASE_URL POOL TASKS FILE...
figures forget DATABASE_URL
figures transactions DATABASE_URL
figures botnet ADDRESSES SLIPS
figures code SECRET UNIX_SECONDS";

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    println!("{}", answer(&words.iter().map(String::as_str).collect::<Vec<_>>())?);
    Ok(())
}

fn answer(words: &[&str]) -> Result<Value> {
    match words {
        ["photos", folder, count, width, height, noise, quality] => {
            let (size, count) = ((number(width)?, number(height)?), number(count)?);
            let kind = photos::Kind { size, noise: number(noise)?, quality: number(quality)? };
            let bytes = photos::write(folder.as_ref(), count, kind)?;
            Ok(json!({ "bytes": bytes }))
        }
        ["thumbnails", format, threads, folder, files @ ..] => {
            let time = thumbnails::make(&paths(files), format, number(threads)?, folder.as_ref())?;
            Ok(json!({ "seconds": time.as_secs_f64() }))
        }
        ["quality", width, height, original, made @ ..] => {
            let reference = quality::reference(original.as_ref(), number(width)?, number(height)?)?;
            let scores = made.iter().map(|file| quality::score(&reference, file.as_ref()));
            Ok(json!(scores.collect::<Result<Vec<_>>>()?))
        }
        ["insert", url, pool, tasks, files @ ..] => {
            let time = insert::run(url, number(pool)?, number(tasks)?, paths(files))?;
            Ok(json!({ "seconds": time.as_secs_f64() }))
        }
        ["forget", url] => Ok(json!(forget::run(url)?)),
        ["transactions", url] => Ok(json!(transactions::run(url)?)),
        ["botnet", addresses, slips] => {
            let asked = |simulation::Asked { one, two, refused }| json!({ "one": one, "two": two, "refused": refused });
            let month = simulation::people(number(slips)?);
            let expected = simulation::botnet(simulation::Way::TwoCodes, number(addresses)?, 1);
            Ok(json!({
                "expected": expected,
                "new_device": asked(month.new_device),
                "trusted_device": asked(month.trusted_device),
            }))
        }
        ["code", secret, seconds] => {
            let secret = totp_rs::Secret::try_from_base32(secret).map_err(|error| format!("{error:?}"))?;
            let totp =
                totp_rs::Builder::new().with_secret(secret).with_account_name("bench").build_noncompliant();
            Ok(json!(totp.generate(number(seconds)?).to_string()))
        }
        _ => Err(USAGE.into()),
    }
}

fn number<T: FromStr>(word: &str) -> Result<T> {
    word.parse().map_err(|_| format!("`{word}` is no number that fits here").into())
}

fn paths(words: &[&str]) -> Vec<PathBuf> {
    words.iter().map(PathBuf::from).collect()
}
