mod contents;
mod shelf;

use std::ops::Range;

use model::types::{Album, AlbumId, ImageId, UserId};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Change, NewAlbum, create, images};
use crate::{
    Core,
    images::library::tests::put,
    testing::{self, user},
};

/// Somebody with images of these numbers.
async fn with_images(pool: &PgPool, name: &str, numbers: Range<u32>) -> (Core, UserId, Vec<ImageId>) {
    let core = testing::core(pool.clone());
    let owner = user(pool, name, 1000).await;
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(put(pool, owner, number, &format!("{number}.png"), 1).await);
    }
    (core, owner, ids)
}

async fn album(core: &Core, owner: UserId, name: &str, parent: Option<AlbumId>) -> Album {
    let new = NewAlbum { name: name.parse().unwrap(), description: None, parent };
    create(core, owner, &new).await.unwrap()
}

/// The images of an album, read in pages of `limit`.
async fn order(core: &Core, owner: UserId, id: AlbumId, limit: u32) -> Vec<ImageId> {
    let (mut all, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = images(core, owner, id, limit, cursor.as_deref()).await.unwrap();
        assert!(page.items.len() <= limit as usize);
        all.extend(page.items.into_iter().map(|image| image.id));
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

fn nested(parent: Option<AlbumId>) -> Change {
    Change { parent: Some(parent), ..Change::default() }
}
