use std::ops::Range;

use model::types::{BulkOutcome, ImageId, Tag, TagColor, TagId, UserId};
use sqlx::PgPool;
use uuid::Uuid;

use super::{Change, MOST, MOST_ON_IMAGE, Name, TagError, change, delete, list};
use crate::{
    Core,
    audit::By,
    images::{
        ImageError,
        library::{self, Bulk, Which, tests::put},
    },
    testing::{self, user},
};

async fn with_images(pool: &PgPool, name: &str, numbers: Range<u32>) -> (Core, UserId, Vec<ImageId>) {
    let (core, owner) = (testing::core(pool.clone()), user(pool, name, 1000).await);
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(put(pool, owner, number, &format!("{number}.png"), 1).await);
    }
    (core, owner, ids)
}

async fn tag(
    core: &Core,
    owner: UserId,
    ids: &[ImageId],
    add: &[Name],
    remove: &[Name],
) -> Result<BulkOutcome, TagError> {
    let what = Bulk::Tags { add: add.to_vec(), remove: remove.to_vec() };
    match library::bulk(core, By::SYSTEM, owner, Which::Ids(ids), &what).await {
        Err(ImageError::Tags(error)) => Err(error),
        other => Ok(other.unwrap()),
    }
}

fn names(list: &[&str]) -> Vec<Name> {
    list.iter().map(|name| name.parse().unwrap()).collect()
}

async fn all(core: &Core, owner: UserId) -> Vec<(String, u32)> {
    let tags = list(core, owner, "").await.unwrap();
    tags.into_iter().map(|tag| (tag.name.into(), tag.count)).collect()
}

async fn one(core: &Core, owner: UserId, beginning: &str) -> Tag {
    list(core, owner, beginning).await.unwrap().remove(0)
}

fn counted(list: &[(&str, u32)]) -> Vec<(String, u32)> {
    list.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn tags_are_made_by_using_them_and_told_apart_in_no_case(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..3).await;
    let (_, bob, others) = with_images(&pool, "bob", 9..10).await;
    let asked = [own[0], others[0], own[1], own[0]];
    let done = tag(&core, ada, &asked, &names(&["Katze", "ÄRGER"]), &[]).await.unwrap();
    assert_eq!((done.done, done.missing), (vec![own[0], own[1]], vec![others[0]]));
    tag(&core, ada, &own[2..], &names(&["a\u{308}rger", "KATZE", "Katze"]), &[]).await.unwrap();
    assert_eq!(all(&core, ada).await, counted(&[("Katze", 3), ("ÄRGER", 3)]));
    assert!(all(&core, bob).await.is_empty());
    library::delete(&core, By::COMMAND_LINE, ada, &own[2..]).await.unwrap();
    tag(&core, ada, &own[..1], &[], &names(&["katze", "nothing"])).await.unwrap();
    assert_eq!(all(&core, ada).await, counted(&[("Katze", 1), ("ÄRGER", 2)]));
    let found = library::details(&core, ada, own[0]).await.unwrap();
    assert_eq!(found.details.tags, ["ÄRGER"]);
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn beginnings_are_taken_literally(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..1).await;
    tag(&core, ada, &own, &names(&["Cat", "catalogue", "100%", "猫咪"]), &[]).await.unwrap();
    for (beginning, count) in
        [("CAT", 2), ("cata", 1), ("at", 0), ("%", 0), ("100%", 1), ("猫", 1), ("\0", 0)]
    {
        assert_eq!(list(&core, ada, beginning).await.unwrap().len(), count, "{beginning:?}");
    }
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn a_tag_with_the_name_of_another_becomes_one_with_it_if_that_is_meant(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..3).await;
    let bob = user(&pool, "bob", 1000).await;
    tag(&core, ada, &own[..2], &names(&["cat"]), &[]).await.unwrap();
    tag(&core, ada, &own[1..], &names(&["kitten"]), &[]).await.unwrap();
    let (cat, kitten) = (one(&core, ada, "cat").await.id, one(&core, ada, "kit").await.id);
    let rename = |name: &str, merge| Change { name: Some(name.parse().unwrap()), merge, ..Change::default() };
    let taken = change(&core, ada, kitten, &rename("CAT", false)).await;
    assert!(matches!(taken, Err(TagError::NameTaken)), "{taken:?}");
    for (person, id) in [(bob, kitten), (ada, TagId(Uuid::nil()))] {
        let refused = change(&core, person, id, &rename("x", true)).await;
        assert!(matches!(refused, Err(TagError::NotFound)), "{refused:?}");
    }
    let recased = change(&core, ada, cat, &rename("CAT", true)).await.unwrap();
    assert_eq!((recased.id, recased.name.as_str()), (cat, "CAT"));
    let merged = change(&core, ada, kitten, &rename("cat", true)).await.unwrap();
    assert_eq!((merged.id, merged.name.as_str(), merged.count), (cat, "CAT", 3));
    let red = Change { color: Some(TagColor::Red), ..Change::default() };
    assert_eq!(change(&core, ada, cat, &red).await.unwrap().color, TagColor::Red);
    assert!(matches!(delete(&core, bob, cat).await, Err(TagError::NotFound)));
    delete(&core, ada, cat).await.unwrap();
    assert!(all(&core, ada).await.is_empty());
    assert!(library::details(&core, ada, own[0]).await.is_ok());
}

#[sqlx::test(migrator = "crate::db::MIGRATOR")]
async fn too_many_change_nothing(pool: PgPool) {
    let (core, ada, own) = with_images(&pool, "ada", 0..1).await;
    let many: Vec<Name> = (0..=MOST_ON_IMAGE).map(|n| n.to_string().parse().unwrap()).collect();
    let refused = tag(&core, ada, &own, &many, &[]).await;
    assert!(matches!(refused, Err(TagError::TooManyOnImage)), "{refused:?}");
    assert!(all(&core, ada).await.is_empty());
    tag(&core, ada, &own, &many[1..], &[]).await.unwrap();
    sqlx::query(
        "INSERT INTO tags (id, owner_id, name, name_folded, color, created_at) \
         SELECT gen_random_uuid(), $1, 'x' || n, 'x' || n, 'grey', now() FROM generate_series(1, $2) AS n",
    )
    .bind(ada.0)
    .bind(i64::try_from(MOST - MOST_ON_IMAGE).unwrap())
    .execute(&pool)
    .await
    .unwrap();
    let refused = tag(&core, ada, &own, &names(&["one more"]), &names(&["1"])).await;
    assert!(matches!(refused, Err(TagError::TooMany)), "{refused:?}");
    tag(&core, ada, &own, &names(&["x1"]), &names(&["1"])).await.unwrap();
}
