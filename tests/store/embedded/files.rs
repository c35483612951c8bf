//! The files: private, ours, and refused with a sentence when they are not.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use futures_util::future::join_all;
use gatelodge::domain::api_key::OwnerTag;
use gatelodge::store::embedded::{EmbeddedStore, OpenError};
use gatelodge::store::{KeyStore, PrincipalStore, Store};
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, query, raw_sql};
use tempfile::TempDir;

use super::super::conformance::{Fixture, mint};
use super::super::support::{TestClock, key, owner};
use super::{EmbeddedFixture, open, options};

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

async fn refused(path: &Path) -> OpenError {
    match EmbeddedStore::open(path, TestClock::new(), options()).await {
        Ok(_) => panic!("{} was opened", path.display()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn every_file_and_the_folder_belong_to_the_user_alone() {
    let fixture = EmbeddedFixture::start().await;
    mint(
        &*fixture.store(),
        &key(&owner("alice"), "ci", fixture.now()),
    )
    .await;

    let folder = fixture.path().parent().unwrap().to_owned();
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| {
            let path = file.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, mode(&path))
        })
        .collect();
    files.sort();

    assert_eq!(mode(&folder), 0o700);
    assert_eq!(
        files,
        [
            ("gatelodge.db".to_owned(), 0o600),
            ("gatelodge.db-ballast".to_owned(), 0o600),
            ("gatelodge.db-shm".to_owned(), 0o600),
            ("gatelodge.db-wal".to_owned(), 0o600),
        ]
    );
    let inspection = fixture.store().inspect().await.unwrap();
    assert_eq!(inspection.warnings, Vec::<String>::new());
}

#[tokio::test]
async fn files_that_others_can_read_are_warned_of() {
    let fixture = EmbeddedFixture::start().await;
    fs::set_permissions(fixture.path(), fs::Permissions::from_mode(0o640)).unwrap();

    let warnings = fixture.store().inspect().await.unwrap().warnings;

    let [warning] = &warnings[..] else {
        panic!("{warnings:?}")
    };
    assert!(warning.contains("(mode 0640): chmod 600 it"), "{warning}");
}

#[tokio::test]
async fn a_closed_store_leaves_one_file_and_the_ballast() {
    let fixture = EmbeddedFixture::start().await;
    let folder = fixture.path().parent().unwrap().to_owned();
    let key = key(&owner("alice"), "ci", fixture.now());
    mint(&*fixture.store(), &key).await;

    fixture.store.close().await;

    assert_eq!(fs::read_dir(folder).unwrap().count(), 2);
    let error = fixture.store.find_key(&key.id).await.unwrap_err();
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn a_folder_that_cannot_be_made_is_named() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();

    let error = refused(&file.join("data/gatelodge.db")).await;

    assert!(matches!(error, OpenError::Folder { .. }), "{error:?}");
    let named = file.join("data").display().to_string();
    assert!(error.to_string().contains(&named), "{error}");
}

#[tokio::test]
async fn a_folder_in_the_place_of_the_file_is_refused() {
    let folder = TempDir::new().unwrap();

    let error = refused(folder.path()).await;

    assert!(matches!(error, OpenError::NotWritable { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_as_it_was() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("notes.txt");
    let text = "Dear diary, ".repeat(400);
    fs::write(&path, &text).unwrap();

    let error = refused(&path).await;

    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn the_database_of_another_program_is_refused_and_gets_no_table() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("other.db");
    let creating = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut other = creating.connect().await.unwrap();
    raw_sql("CREATE TABLE contacts (name TEXT)")
        .execute(&mut other)
        .await
        .unwrap();

    let error = refused(&path).await;

    assert!(matches!(error, OpenError::NotOurs { .. }), "{error:?}");
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut other)
        .await
        .unwrap();
    assert_eq!(tables, 1);
    other.close().await.unwrap();
}

/// The layouts as a former version knew them.
static MIGRATIONS: Migrator = sqlx::migrate!("src/store/embedded/migrations");

#[tokio::test]
async fn a_file_of_the_first_layout_is_brought_up_to_date_with_all_it_holds() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("gatelodge.db");
    let creating = SqliteConnectOptions::new()
        .filename(&path)
        .create_if_missing(true);
    let mut former = creating.connect().await.unwrap();
    let first: Vec<_> = MIGRATIONS.iter().take(1).cloned().collect();
    let first = Migrator {
        migrations: first.into(),
        ..Migrator::DEFAULT
    };
    first.run_direct(None, &mut former, false).await.unwrap();
    raw_sql(
        "INSERT INTO principals (owner, record) VALUES (zeroblob(16), x'01'); \
         UPDATE principals SET record = x'02'; DELETE FROM changes WHERE seq = 1",
    )
    .execute(&mut former)
    .await
    .unwrap();
    former.close().await.unwrap();

    let store = EmbeddedStore::open(&path, TestClock::new(), options())
        .await
        .unwrap();

    let nobody = OwnerTag::from_bytes([0; 16]);
    let kept = store.find_principal(&nobody).await.unwrap();
    assert_eq!(kept, Some(vec![2]));
    store.put_principal(&nobody, b"three").await.unwrap();
    store.close().await;
    let reading = SqliteConnectOptions::new().filename(&path);
    let numbers: Vec<i64> = sqlx::query_scalar("SELECT seq FROM changes ORDER BY seq")
        .fetch_all(&mut reading.connect().await.unwrap())
        .await
        .unwrap();
    assert_eq!(numbers, [2, 3]);
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let fixture = EmbeddedFixture::start().await;
    let path = fixture.path();
    query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (9000, 'of tomorrow', TRUE, x'00', 0)",
    )
    .execute(&mut fixture.sql().await)
    .await
    .unwrap();
    fixture.store.close().await;

    let error = refused(&path).await;

    assert!(
        matches!(error, OpenError::Newer { found: 9000, .. }),
        "{error:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_can_open_a_new_file_at_the_same_time() {
    for _ in 0..5 {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("gatelodge.db");
        let clock = TestClock::new();
        let opening = (0..6).map(|_| {
            let (path, clock) = (path.clone(), clock.clone());
            tokio::spawn(async move { open(path, &clock).await })
        });

        let stores: Vec<_> = join_all(opening)
            .await
            .into_iter()
            .map(Result::unwrap)
            .collect();

        let key = key(&owner("alice"), "ci", clock.time());
        mint(&*stores[0], &key).await;
        for store in &stores {
            assert!(store.find_key(&key.id).await.unwrap().is_some());
            store.close().await;
        }
    }
}
