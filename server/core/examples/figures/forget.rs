//! Forgets failed tries to sign in, so that thousands of them can be measured as what each is: the first.

use sqlx::{Connection as _, PgConnection};

use crate::Result;

/// Answers how many there were.
#[tokio::main]
pub async fn run(url: &str) -> Result<u64> {
    let mut connection = PgConnection::connect(url).await?;
    Ok(sqlx::query("DELETE FROM auth_attempts").execute(&mut connection).await?.rows_affected())
}
