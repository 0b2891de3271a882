//! What every driver has to do: one suite, a case after the other, the same for all.
//!
//! `driver_suite!` makes a test of each case here; other crates go through `CASES` (feature `suite`). A
//! case gets an empty storage of its own. What only one driver has is tested beside that driver.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use futures_util::{FutureExt as _, TryStreamExt as _};

use super::{
    AppendOptions, Appender, Capability, Change, DeleteOptions, DriverError, Key, Kind,
    ListOptions, Pending, PutOptions, ReadOptions, RedirectOptions, RenameOptions, StorageDriver,
    StorageDriverExt as _,
};

type Driver = Arc<dyn StorageDriver>;
type Outcome = Result<(), DriverError>;

/// A case: its name is what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// A sentence.
    pub name: &'static str,
    /// Runs on an empty storage; panics where the driver behaves otherwise.
    pub run: fn(Driver) -> Pending<'static, ()>,
}

macro_rules! cases {
    ($dollar:tt $($case:ident)*) => {
        /// All cases.
        pub const CASES: &[Case] = &[$(Case { name: stringify!($case), run: |driver| Box::pin($case(driver)) }),*];

        /// A test of each case, on the storage that an expression makes: the driver, and what has to
        /// live as long.
        #[cfg(test)]
        macro_rules! driver_suite {
            ($dollar make:expr) => {
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                    async fn $case() {
                        let (driver, _keep) = $dollar make;
                        let named = |case: &&$crate::driver::suite::Case| case.name == stringify!($case);
                        let case = $crate::driver::suite::CASES.iter().find(named).unwrap();
                        if let Err(error) = (case.run)(driver).await {
                            panic!("{}: {error:?}", case.name);
                        }
                    }
                )*
            };
        }
        #[cfg(test)]
        pub(crate) use driver_suite;
    };
}

cases! { $
    what_is_put_is_read
    an_empty_file_is_a_file
    what_is_missing_is_not_found
    a_longer_file_than_the_limit_is_not_read
    a_shorter_content_replaces_a_longer_one_whole
    every_legal_key_names_a_file_of_its_own
    the_root_is_no_file
    creating_refuses_what_exists
    of_many_creators_one_succeeds
    a_reader_sees_one_content_whole_while_it_is_replaced
    an_open_reader_keeps_its_content
    a_part_is_read_where_it_lies
    a_range_is_streamed
    a_range_beyond_the_end_is_an_error
    a_large_file_is_streamed_in_order
    many_streams_read_one_file
    a_stat_tells_files_from_directories
    a_listing_is_sorted_by_bytes
    a_listing_has_direct_children_only
    a_listing_of_no_directory_is_not_found
    pages_cover_a_directory_without_repetition
    a_page_begins_after_a_name_that_is_gone
    a_page_of_nothing_says_whether_there_is_more
    an_emptied_directory_is_listed_as_empty
    deleting_takes_one_file
    deleting_a_directory_is_not_found
    deleting_a_tree_spares_names_that_begin_alike
    deleting_a_tree_takes_a_single_file
    deleting_the_root_is_refused
    what_is_volatile_is_there_until_a_power_cut
    changes_are_published_together
    what_is_ensured_is_there_whole
    what_is_discarded_is_gone_and_need_not_have_been_there
    a_later_stage_is_not_begun_after_a_failure
    a_deleted_tree_is_made_again
    renaming_moves_a_file
    renaming_replaces_a_file
    renaming_can_refuse_to_replace
    renaming_what_is_no_file_changes_nothing
    renaming_to_the_same_key_changes_nothing
    of_many_renames_one_succeeds
    a_file_is_no_directory
    a_directory_is_no_file
    appending_creates_a_file
    appending_nothing_creates_an_empty_file
    appending_goes_on_at_the_end
    appending_elsewhere_than_at_the_end_is_refused
    appending_to_what_is_missing_begins_at_nothing
    appending_can_cut_back
    pieces_of_all_sizes_are_appended_in_order
    a_tap_sees_what_is_appended_once_and_in_order
    what_is_synced_is_there_while_writing_goes_on
    one_file_has_one_writer
    a_dropped_writer_leaves_a_beginning
    a_file_that_is_written_is_not_renamed
    a_finished_file_is_renamed
    many_writers_make_the_same_directories
    writing_and_deleting_a_tree_do_not_disturb_each_other
    a_dropped_write_is_whole_or_not_there
    a_redirect_is_given_only_where_it_can_be
}

#[track_caller]
fn key(text: &str) -> Key {
    Key::parse(text).unwrap_or_else(|error| panic!("{error}"))
}

/// Bytes that repeat at no power of two.
fn content(len: usize) -> Bytes {
    (0..=250u8).cycle().take(len).collect()
}

async fn read(driver: &Driver, text: &str) -> Result<Bytes, DriverError> {
    driver.read(&key(text), ReadOptions::new(u64::MAX)).await
}

async fn put(driver: &Driver, text: &str, content: impl Into<Bytes>) -> Outcome {
    driver.replace(&key(text), content).await
}

async fn names(driver: &Driver, text: &str, options: ListOptions) -> Result<String, DriverError> {
    let listing = driver.list(&key(text), options).await?;
    Ok(listing.names().collect::<Vec<_>>().join(" "))
}

async fn append(
    driver: &Driver,
    text: &str,
    options: AppendOptions,
) -> Result<Box<dyn Appender>, DriverError> {
    driver.append(&key(text), options).await
}

#[track_caller]
fn assert_missing<T>(result: Result<T, DriverError>) {
    match result {
        Err(error) if error.is_not_found() => {}
        Err(error) => panic!("another error than `NotFound`: {error:?}"),
        Ok(_) => panic!("it is there"),
    }
}

#[track_caller]
fn assert_exists(result: &Outcome) {
    assert!(
        matches!(result, Err(DriverError::AlreadyExists { .. })),
        "{result:?}"
    );
}

#[track_caller]
fn assert_offset<T>(result: Result<T, DriverError>, wanted: u64) {
    match result {
        Err(DriverError::InvalidOffset { actual, .. }) => assert_eq!(actual, wanted),
        Err(error) => panic!("another error than `InvalidOffset`: {error:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

/// An error that is neither about a missing nor about an existing file.
#[track_caller]
fn assert_fault<T>(result: Result<T, DriverError>) {
    match result {
        Err(DriverError::Other { .. }) => {}
        Err(error) => panic!("another error than a fault: {error:?}"),
        Ok(_) => panic!("it was not refused"),
    }
}

async fn what_is_put_is_read(driver: Driver) -> Outcome {
    put(&driver, "a/b/c", "content").await?;
    assert_eq!(read(&driver, "a/b/c").await?, "content");
    Ok(())
}

async fn an_empty_file_is_a_file(driver: Driver) -> Outcome {
    put(&driver, "a/empty", "").await?;
    assert_eq!(read(&driver, "a/empty").await?, "");
    let reader = driver.open(&key("a/empty")).await?;
    assert!(reader.is_empty());
    assert_eq!(reader.read_at(0, 10).await?, "");
    let pieces: Vec<Bytes> = reader.stream(0..0).try_collect().await?;
    assert!(pieces.is_empty());
    assert_eq!(driver.stat(&key("a/empty")).await?.len, 0);
    Ok(())
}

async fn what_is_missing_is_not_found(driver: Driver) -> Outcome {
    put(&driver, "a/file", "").await?;
    for missing in ["b", "b/c", "a/other", "a/file/below"] {
        assert_missing(read(&driver, missing).await);
        let missing = key(missing);
        assert_missing(driver.open(&missing).await);
        assert_missing(driver.stat(&missing).await);
        assert_missing(driver.list(&missing, ListOptions::all()).await);
        assert_missing(driver.delete(&missing).await);
        assert_missing(driver.delete_tree(&missing, DeleteOptions::durable()).await);
        let to = key("c");
        assert_missing(driver.rename(&missing, &to, RenameOptions::replace()).await);
        assert!(!driver.exists(&missing).await?);
    }
    assert!(driver.exists(&key("a/file")).await?);
    Ok(())
}

async fn a_longer_file_than_the_limit_is_not_read(driver: Driver) -> Outcome {
    put(&driver, "a", "12345").await?;
    let read = |limit| {
        let driver = driver.clone();
        async move { driver.read(&key("a"), ReadOptions::new(limit)).await }
    };
    assert_eq!(read(5).await?, "12345");
    let refused = read(4).await;
    assert!(
        matches!(refused, Err(DriverError::TooLarge { limit: 4, .. })),
        "{refused:?}"
    );
    Ok(())
}

async fn a_shorter_content_replaces_a_longer_one_whole(driver: Driver) -> Outcome {
    put(&driver, "a", content(100_000)).await?;
    put(&driver, "a", "short").await?;
    assert_eq!(read(&driver, "a").await?, "short");
    assert_eq!(driver.stat(&key("a")).await?.len, 5);
    Ok(())
}

async fn every_legal_key_names_a_file_of_its_own(driver: Driver) -> Outcome {
    let long = "n".repeat(255);
    let deep = ["d"; 200].join("/");
    let keys = [
        "a", "A", "a.b", "a-b", "a_b", "a=b", "a+b", "...", ".a", "a.", "-", "0", &long, &deep,
    ];
    for text in keys {
        put(&driver, &format!("keys/{text}"), text.to_owned()).await?;
    }
    for text in keys {
        assert_eq!(read(&driver, &format!("keys/{text}")).await?, text);
    }
    Ok(())
}

async fn the_root_is_no_file(driver: Driver) -> Outcome {
    let root = Key::root();
    assert_missing(driver.open(&root).await);
    assert_missing(driver.read(&root, ReadOptions::new(9)).await);
    assert!(driver.stat(&root).await?.is_directory());
    assert_fault(driver.replace(&root, "content").await);
    assert_fault(driver.append(&root, AppendOptions::at(0)).await);
    assert!(driver.list(&root, ListOptions::all()).await.is_ok());
    Ok(())
}

async fn creating_refuses_what_exists(driver: Driver) -> Outcome {
    let file = key("a/b");
    driver.create(&file, "first").await?;
    assert_exists(&driver.create(&file, "second").await);
    assert_exists(&driver.create(&key("a"), "a directory").await);
    assert_eq!(read(&driver, "a/b").await?, "first");
    driver.delete(&file).await?;
    driver.create(&file, "third").await
}

async fn of_many_creators_one_succeeds(driver: Driver) -> Outcome {
    let file = key("new/directory/file");
    let creators = (0..16).map(|number| driver.create(&file, format!("creator {number}")));
    let results = join_all(creators).await;
    let winners: Vec<_> = (0..16).filter(|number| results[*number].is_ok()).collect();
    assert_eq!(winners.len(), 1, "{results:?}");
    for result in results.into_iter().filter(Result::is_err) {
        assert_exists(&result);
    }
    let expected = format!("creator {}", winners[0]);
    assert_eq!(read(&driver, "new/directory/file").await?, expected);
    Ok(())
}

async fn a_reader_sees_one_content_whole_while_it_is_replaced(driver: Driver) -> Outcome {
    let contents = [
        Bytes::from(vec![b'a'; 50_000]),
        Bytes::from(vec![b'b'; 70_000]),
    ];
    put(&driver, "tag", contents[0].clone()).await?;
    let writing = async {
        for round in 0..40 {
            put(&driver, "tag", contents[round % 2].clone()).await?;
        }
        Ok::<_, DriverError>(())
    };
    let reading = async {
        for _ in 0..40 {
            let seen = read(&driver, "tag").await?;
            assert!(contents.contains(&seen), "{} bytes, torn", seen.len());
        }
        Ok::<_, DriverError>(())
    };
    let (written, read) = futures_util::future::join(writing, reading).await;
    written.and(read)
}

async fn an_open_reader_keeps_its_content(driver: Driver) -> Outcome {
    for name in ["replaced", "deleted", "renamed"] {
        put(&driver, name, "before").await?;
        let reader = driver.open(&key(name)).await?;
        match name {
            "replaced" => put(&driver, name, "after it").await?,
            "deleted" => driver.delete(&key(name)).await?,
            _ => {
                let to = key("elsewhere");
                driver
                    .rename(&key(name), &to, RenameOptions::replace())
                    .await?;
            }
        }
        assert_eq!(reader.len(), 6, "{name}");
        assert_eq!(reader.read_at(0, 100).await?, "before", "{name}");
    }
    Ok(())
}

async fn a_part_is_read_where_it_lies(driver: Driver) -> Outcome {
    put(&driver, "a", "0123456789").await?;
    let reader = driver.open(&key("a")).await?;
    assert_eq!(reader.len(), 10);
    assert!(reader.modified().is_some());
    for (offset, length, expected) in [
        (0, 10, "0123456789"),
        (3, 4, "3456"),
        (8, 100, "89"),
        (9, usize::MAX, "9"),
        (10, 5, ""),
        (u64::MAX, 5, ""),
        (4, 0, ""),
    ] {
        let read = reader.read_at(offset, length).await?;
        assert_eq!(read, expected, "{length} bytes from {offset}");
    }
    Ok(())
}

async fn a_range_is_streamed(driver: Driver) -> Outcome {
    put(&driver, "a", "0123456789").await?;
    let reader = driver.open(&key("a")).await?;
    for (range, expected) in [
        (0..10, "0123456789"),
        (2..5, "234"),
        (9..10, "9"),
        (4..4, ""),
        (10..10, ""),
    ] {
        let pieces: Vec<Bytes> = reader.clone().stream(range).try_collect().await?;
        assert_eq!(pieces.concat(), expected.as_bytes());
    }
    Ok(())
}

#[expect(clippy::reversed_empty_ranges, reason = "one is asked for")]
async fn a_range_beyond_the_end_is_an_error(driver: Driver) -> Outcome {
    put(&driver, "a", "0123456789").await?;
    let reader = driver.open(&key("a")).await?;
    for range in [0..11, 10..11, 20..30, 5..4, 0..u64::MAX] {
        let pieces = reader.clone().stream(range.clone()).try_collect::<Vec<_>>();
        assert!(pieces.await.is_err(), "{range:?}");
    }
    Ok(())
}

async fn a_large_file_is_streamed_in_order(driver: Driver) -> Outcome {
    let whole = content(3 * 1024 * 1024 + 7);
    put(&driver, "large", whole.clone()).await?;
    let reader = driver.open(&key("large")).await?;
    let range = 1..reader.len() - 1;
    let pieces: Vec<Bytes> = reader.stream(range).try_collect().await?;
    assert!(pieces.len() > 1 && pieces.iter().all(|piece| !piece.is_empty()));
    assert!(pieces.concat() == whole[1..whole.len() - 1], "other bytes");
    Ok(())
}

async fn many_streams_read_one_file(driver: Driver) -> Outcome {
    let whole = content(700_001);
    put(&driver, "large", whole.clone()).await?;
    let reader = driver.open(&key("large")).await?;
    let streams = (0..12u64).map(|number| {
        let range = number * 1000..reader.len();
        reader.clone().stream(range).try_collect::<Vec<_>>()
    });
    for (number, pieces) in join_all(streams).await.into_iter().enumerate() {
        assert!(
            pieces?.concat() == whole[number * 1000..],
            "stream {number}"
        );
    }
    Ok(())
}

async fn a_stat_tells_files_from_directories(driver: Driver) -> Outcome {
    put(&driver, "a/b", "12345").await?;
    let file = driver.stat(&key("a/b")).await?;
    assert_eq!((file.kind, file.len), (Kind::File, 5));
    assert!(file.modified.is_some());
    let directory = driver.stat(&key("a")).await?;
    assert_eq!((directory.kind, directory.len), (Kind::Directory, 0));
    Ok(())
}

async fn a_listing_is_sorted_by_bytes(driver: Driver) -> Outcome {
    for name in ["b", "a", "a0", "a-1", "a.b", "_x", "B", "a=", "10", "9"] {
        put(&driver, &format!("d/{name}"), "").await?;
    }
    let listed = names(&driver, "d", ListOptions::all()).await?;
    assert_eq!(listed, "10 9 B _x a a-1 a.b a0 a= b");
    Ok(())
}

async fn a_listing_has_direct_children_only(driver: Driver) -> Outcome {
    for name in ["d/file", "d/sub/file", "d/sub/sub/file", "da", "d.x/file"] {
        put(&driver, name, "").await?;
    }
    let listing = driver.list(&key("d"), ListOptions::all()).await?;
    let kinds: Vec<_> = listing.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(listing.names().collect::<Vec<_>>(), ["file", "sub"]);
    assert_eq!(kinds, [Kind::File, Kind::Directory]);
    assert!(!listing.more);
    let root = driver.list(&Key::root(), ListOptions::all()).await?;
    let root: BTreeSet<_> = root.names().collect();
    assert!(root.is_superset(&BTreeSet::from(["d", "da", "d.x"])));
    Ok(())
}

async fn a_listing_of_no_directory_is_not_found(driver: Driver) -> Outcome {
    put(&driver, "a/file", "").await?;
    for text in ["b", "a/b", "a/file", "a/file/x"] {
        assert_missing(names(&driver, text, ListOptions::all()).await);
        assert_missing(names(&driver, text, ListOptions::page(Some("x"), 0)).await);
    }
    Ok(())
}

async fn pages_cover_a_directory_without_repetition(driver: Driver) -> Outcome {
    let all: Vec<String> = (0..37).map(|number| format!("name-{number:03}")).collect();
    for name in all.iter().rev() {
        put(&driver, &format!("d/{name}"), "").await?;
    }
    for limit in [1, 2, 7, 36, 37, 38, usize::MAX] {
        let mut seen = Vec::new();
        loop {
            let after = seen.last().map(String::as_str);
            let page = driver
                .list(&key("d"), ListOptions::page(after, limit))
                .await?;
            assert!(page.entries.len() <= limit);
            seen.extend(page.names().map(str::to_owned));
            assert_eq!(
                page.more,
                seen.len() < all.len(),
                "after {} of {limit}",
                seen.len()
            );
            if !page.more {
                break;
            }
        }
        assert_eq!(seen, all, "in pages of {limit}");
    }
    Ok(())
}

async fn a_page_begins_after_a_name_that_is_gone(driver: Driver) -> Outcome {
    for name in ["a", "c", "e"] {
        put(&driver, &format!("d/{name}"), "").await?;
    }
    for (after, expected) in [
        ("b", "c e"),
        ("c", "e"),
        ("e", ""),
        ("z", ""),
        ("/", "a c e"),
        ("", "a c e"),
    ] {
        let page = names(&driver, "d", ListOptions::page(Some(after), 9)).await?;
        assert_eq!(page, expected, "after {after:?}");
    }
    Ok(())
}

async fn a_page_of_nothing_says_whether_there_is_more(driver: Driver) -> Outcome {
    put(&driver, "d/a", "").await?;
    let page = driver.list(&key("d"), ListOptions::page(None, 0)).await?;
    assert!(page.entries.is_empty() && page.more);
    let page = driver
        .list(&key("d"), ListOptions::page(Some("a"), 0))
        .await?;
    assert!(page.entries.is_empty() && !page.more);
    Ok(())
}

async fn an_emptied_directory_is_listed_as_empty(driver: Driver) -> Outcome {
    put(&driver, "d/a", "").await?;
    driver.delete(&key("d/a")).await?;
    let listed = names(&driver, "d", ListOptions::all()).await;
    if driver.can(Capability::EmptyDirectories) {
        assert_eq!(listed?, "");
    } else {
        assert_missing(listed);
    }
    Ok(())
}

async fn deleting_takes_one_file(driver: Driver) -> Outcome {
    for name in ["d/a", "d/ab", "d/b/a"] {
        put(&driver, name, name.to_owned()).await?;
    }
    driver.delete(&key("d/a")).await?;
    assert_missing(read(&driver, "d/a").await);
    assert_missing(driver.delete(&key("d/a")).await);
    assert_eq!(names(&driver, "d", ListOptions::all()).await?, "ab b");
    Ok(())
}

async fn deleting_a_directory_is_not_found(driver: Driver) -> Outcome {
    put(&driver, "d/a", "content").await?;
    assert_missing(driver.delete(&key("d")).await);
    assert_eq!(read(&driver, "d/a").await?, "content");
    Ok(())
}

async fn deleting_a_tree_spares_names_that_begin_alike(driver: Driver) -> Outcome {
    for name in ["d/a/1", "d/a/b/2", "d/ab/3", "d/a.b", "d/a-1/4", "d/A"] {
        put(&driver, name, "").await?;
    }
    driver
        .delete_tree(&key("d/a"), DeleteOptions::durable())
        .await?;
    assert_missing(driver.stat(&key("d/a")).await);
    assert_missing(read(&driver, "d/a/b/2").await);
    assert_eq!(
        names(&driver, "d", ListOptions::all()).await?,
        "A a-1 a.b ab"
    );
    assert_eq!(names(&driver, "d/ab", ListOptions::all()).await?, "3");
    Ok(())
}

async fn deleting_a_tree_takes_a_single_file(driver: Driver) -> Outcome {
    put(&driver, "d/a", "").await?;
    put(&driver, "d/ab", "").await?;
    driver
        .delete_tree(&key("d/a"), DeleteOptions::durable())
        .await?;
    assert_eq!(names(&driver, "d", ListOptions::all()).await?, "ab");
    Ok(())
}

async fn deleting_the_root_is_refused(driver: Driver) -> Outcome {
    put(&driver, "a", "content").await?;
    let refused = driver
        .delete_tree(&Key::root(), DeleteOptions::durable())
        .await;
    assert!(
        matches!(refused, Err(DriverError::NotSupported { .. })),
        "{refused:?}"
    );
    assert_missing(driver.delete(&Key::root()).await);
    let to = key("b");
    assert_missing(
        driver
            .rename(&Key::root(), &to, RenameOptions::replace())
            .await,
    );
    assert_eq!(read(&driver, "a").await?, "content");
    Ok(())
}

async fn what_is_volatile_is_there_until_a_power_cut(driver: Driver) -> Outcome {
    for content in ["first", "second"] {
        let at = key("a/b/c");
        driver
            .put(&at, content.into(), PutOptions::volatile())
            .await?;
        assert_eq!(read(&driver, "a/b/c").await?, content);
    }
    put(&driver, "a/b/d", "beside").await?;
    let gone = key("a/b");
    driver.delete_tree(&gone, DeleteOptions::volatile()).await?;
    assert_missing(read(&driver, "a/b/c").await);
    assert_missing(driver.delete_tree(&gone, DeleteOptions::volatile()).await);
    put(&driver, "a/b/d", "again").await?;
    assert_eq!(names(&driver, "a/b", ListOptions::all()).await?, "d");
    Ok(())
}

async fn changes_are_published_together(driver: Driver) -> Outcome {
    let data = key("up/data");
    let mut appender = driver.append(&data, AppendOptions::at(0)).await?;
    appender.write("content".into()).await?;
    assert_eq!(appender.close().await?, 7);
    put(&driver, "tag", "old").await?;
    put(&driver, "kept", "kept").await?;
    let stages = vec![
        vec![
            Change::Rename(key("up/data"), key("d/data")),
            Change::Put(key("d/type"), "type".into()),
            Change::Keep(key("kept")),
            Change::Sync(key("kept")),
        ],
        Vec::new(),
        vec![Change::Put(key("tag"), "new".into())],
    ];
    driver.publish(stages).await?;
    driver.publish(Vec::new()).await?;
    assert_missing(read(&driver, "up/data").await);
    for (text, content) in [
        ("d/data", "content"),
        ("d/type", "type"),
        ("tag", "new"),
        ("kept", "kept"),
    ] {
        assert_eq!(read(&driver, text).await?, content);
    }
    Ok(())
}

async fn what_is_ensured_is_there_whole(driver: Driver) -> Outcome {
    for before in [
        None,
        Some("content"),
        Some("torn"),
        Some("another"),
        Some("a longer one"),
    ] {
        if let Some(before) = before {
            put(&driver, "d/data", before).await?;
        }
        let ensured = Change::Ensure(key("d/data"), "content".into());
        driver.publish(vec![vec![ensured]]).await?;
        assert_eq!(read(&driver, "d/data").await?, "content");
    }
    let ensured = Change::Ensure(key("d"), Bytes::new());
    assert_fault(driver.publish(vec![vec![ensured]]).await);
    Ok(())
}

async fn what_is_discarded_is_gone_and_need_not_have_been_there(driver: Driver) -> Outcome {
    put(&driver, "up/a/started", "").await?;
    put(&driver, "up/file", "").await?;
    let discards = ["up/a", "up/file", "up/none"].map(|text| Change::Discard(key(text)));
    let stages = vec![
        vec![Change::Put(key("tag"), "v1".into())],
        discards.to_vec(),
    ];
    driver.publish(stages).await?;
    assert_missing(driver.stat(&key("up/a")).await);
    assert_missing(driver.stat(&key("up/file")).await);
    assert_eq!(read(&driver, "tag").await?, "v1");
    Ok(())
}

async fn a_later_stage_is_not_begun_after_a_failure(driver: Driver) -> Outcome {
    put(&driver, "d/a", "").await?;
    for change in [
        Change::Keep(key("missing")),
        Change::Keep(key("d/missing")),
        Change::Sync(key("d/missing")),
        Change::Rename(key("d/missing"), key("d/b")),
        Change::Put(key("d/a/b"), "below a file".into()),
        Change::Put(Key::root(), "".into()),
    ] {
        let tag = Change::Put(key("tag"), "new".into());
        let stages = vec![vec![change.clone()], vec![tag]];
        assert!(driver.publish(stages).await.is_err(), "{change:?}");
        assert_missing(read(&driver, "tag").await);
    }
    assert_eq!(names(&driver, "d", ListOptions::all()).await?, "a");
    Ok(())
}

async fn a_deleted_tree_is_made_again(driver: Driver) -> Outcome {
    for round in 0..3 {
        put(&driver, "d/sub/a", format!("round {round}")).await?;
        assert_eq!(names(&driver, "d/sub", ListOptions::all()).await?, "a");
        driver
            .delete_tree(&key("d"), DeleteOptions::durable())
            .await?;
        assert_missing(names(&driver, "d", ListOptions::all()).await);
    }
    Ok(())
}

async fn renaming_moves_a_file(driver: Driver) -> Outcome {
    put(&driver, "from/a", "content").await?;
    let to = key("to/new/place");
    driver
        .rename(&key("from/a"), &to, RenameOptions::create())
        .await?;
    assert_missing(read(&driver, "from/a").await);
    assert_eq!(read(&driver, "to/new/place").await?, "content");
    Ok(())
}

async fn renaming_replaces_a_file(driver: Driver) -> Outcome {
    put(&driver, "a", "new").await?;
    put(&driver, "b", "old and longer").await?;
    driver
        .rename(&key("a"), &key("b"), RenameOptions::replace())
        .await?;
    assert_missing(read(&driver, "a").await);
    assert_eq!(read(&driver, "b").await?, "new");
    Ok(())
}

async fn renaming_can_refuse_to_replace(driver: Driver) -> Outcome {
    put(&driver, "a", "new").await?;
    put(&driver, "b", "old").await?;
    assert_exists(
        &driver
            .rename(&key("a"), &key("b"), RenameOptions::create())
            .await,
    );
    assert_eq!(read(&driver, "a").await?, "new");
    assert_eq!(read(&driver, "b").await?, "old");
    Ok(())
}

async fn renaming_what_is_no_file_changes_nothing(driver: Driver) -> Outcome {
    put(&driver, "d/a", "content").await?;
    put(&driver, "b", "old").await?;
    for from in ["missing", "d", "d/a/below"] {
        assert_missing(
            driver
                .rename(&key(from), &key("b"), RenameOptions::replace())
                .await,
        );
    }
    assert_fault(
        driver
            .rename(&key("b"), &key("d"), RenameOptions::replace())
            .await,
    );
    assert_eq!(read(&driver, "b").await?, "old");
    assert_eq!(read(&driver, "d/a").await?, "content");
    Ok(())
}

async fn renaming_to_the_same_key_changes_nothing(driver: Driver) -> Outcome {
    put(&driver, "a", "content").await?;
    driver
        .rename(&key("a"), &key("a"), RenameOptions::replace())
        .await?;
    assert_eq!(read(&driver, "a").await?, "content");
    Ok(())
}

async fn of_many_renames_one_succeeds(driver: Driver) -> Outcome {
    put(&driver, "a", "content").await?;
    let targets: Vec<Key> = (0..8).map(|number| key(&format!("to/{number}"))).collect();
    let from = key("a");
    let renames = targets
        .iter()
        .map(|to| driver.rename(&from, to, RenameOptions::create()));
    let results = join_all(renames).await;
    assert_eq!(
        results.iter().filter(|result| result.is_ok()).count(),
        1,
        "{results:?}"
    );
    assert_eq!(
        driver
            .list(&key("to"), ListOptions::all())
            .await?
            .entries
            .len(),
        1
    );
    Ok(())
}

async fn a_file_is_no_directory(driver: Driver) -> Outcome {
    put(&driver, "a", "content").await?;
    assert_fault(put(&driver, "a/b", "").await);
    assert_fault(driver.create(&key("a/b/c"), "").await);
    assert_fault(append(&driver, "a/b", AppendOptions::at(0)).await);
    put(&driver, "c", "").await?;
    assert_fault(
        driver
            .rename(&key("c"), &key("a/c"), RenameOptions::create())
            .await,
    );
    assert_eq!(read(&driver, "a").await?, "content");
    assert_eq!(read(&driver, "c").await?, "");
    Ok(())
}

async fn a_directory_is_no_file(driver: Driver) -> Outcome {
    put(&driver, "d/a", "content").await?;
    assert_missing(read(&driver, "d").await);
    assert_missing(driver.open(&key("d")).await);
    assert_fault(put(&driver, "d", "").await);
    assert_fault(append(&driver, "d", AppendOptions::at(0)).await);
    assert_eq!(read(&driver, "d/a").await?, "content");
    Ok(())
}

async fn appending_creates_a_file(driver: Driver) -> Outcome {
    let mut appender = append(&driver, "up/load/data", AppendOptions::at(0)).await?;
    assert_eq!(appender.offset(), 0);
    appender.write("some ".into()).await?;
    appender.write("content".into()).await?;
    assert_eq!(appender.offset(), 12);
    assert_eq!(appender.finish().await?, 12);
    assert_eq!(read(&driver, "up/load/data").await?, "some content");
    Ok(())
}

async fn appending_nothing_creates_an_empty_file(driver: Driver) -> Outcome {
    let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
    appender.write(Bytes::new()).await?;
    assert_eq!(appender.finish().await?, 0);
    assert_eq!(driver.stat(&key("data")).await?.len, 0);
    Ok(())
}

async fn appending_goes_on_at_the_end(driver: Driver) -> Outcome {
    let whole = content(250_000);
    let mut offset = 0;
    for chunk in whole.chunks(100_000) {
        let mut appender = append(&driver, "data", AppendOptions::at(offset)).await?;
        appender.write(Bytes::copy_from_slice(chunk)).await?;
        offset = appender.finish().await?;
    }
    assert_eq!(offset, 250_000);
    assert!(read(&driver, "data").await? == whole, "other bytes");
    Ok(())
}

async fn appending_elsewhere_than_at_the_end_is_refused(driver: Driver) -> Outcome {
    put(&driver, "data", "12345").await?;
    for offset in [0, 4, 6, u64::MAX] {
        assert_offset(append(&driver, "data", AppendOptions::at(offset)).await, 5);
    }
    assert_offset(append(&driver, "data", AppendOptions::cut_to(6)).await, 5);
    assert_eq!(read(&driver, "data").await?, "12345");
    append(&driver, "data", AppendOptions::at(5)).await?;
    Ok(())
}

async fn appending_to_what_is_missing_begins_at_nothing(driver: Driver) -> Outcome {
    for text in ["data", "missing/data"] {
        assert_offset(append(&driver, text, AppendOptions::at(1)).await, 0);
        assert_offset(append(&driver, text, AppendOptions::cut_to(1)).await, 0);
        assert!(!driver.exists(&key(text)).await?);
    }
    Ok(())
}

async fn appending_can_cut_back(driver: Driver) -> Outcome {
    put(&driver, "data", "acknowledged, and not").await?;
    let mut appender = append(&driver, "data", AppendOptions::cut_to(12)).await?;
    assert_eq!(appender.offset(), 12);
    appender.write(" again".into()).await?;
    assert_eq!(appender.finish().await?, 18);
    assert_eq!(read(&driver, "data").await?, "acknowledged again");
    append(&driver, "data", AppendOptions::cut_to(0))
        .await?
        .finish()
        .await?;
    assert_eq!(read(&driver, "data").await?, "");
    Ok(())
}

async fn pieces_of_all_sizes_are_appended_in_order(driver: Driver) -> Outcome {
    let whole = content(9_500_000);
    let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
    let mut rest = whole.clone();
    for size in [1, 0, 4095, 4096, 70, 400_000, 3, 1_048_576, 1_048_577, 17]
        .into_iter()
        .cycle()
    {
        let piece = rest.split_to(rest.len().min(size));
        appender.write(piece).await?;
        if rest.is_empty() {
            break;
        }
    }
    assert_eq!(appender.finish().await?, 9_500_000);
    assert!(read(&driver, "data").await? == whole, "other bytes");
    Ok(())
}

async fn a_tap_sees_what_is_appended_once_and_in_order(driver: Driver) -> Outcome {
    let whole = content(3_000_000);
    put(&driver, "data", "before").await?;
    for (offset, close) in [(6, false), (2, true)] {
        let options = AppendOptions::cut_to(offset).expecting(Some(offset + 3_000_000));
        let mut appender = append(&driver, "data", options).await?;
        let (tell, passed) = std::sync::mpsc::channel();
        appender.tap(Box::new(move |bytes| {
            drop(tell.send(Bytes::copy_from_slice(bytes)));
        }));
        let mut seen = Vec::new();
        let mut rest = whole.clone();
        while !rest.is_empty() {
            appender
                .write(rest.split_to(rest.len().min(70_001)))
                .await?;
            if rest.len() < 100_000 {
                let end = appender.sync().await?;
                seen.extend(passed.try_iter().flatten());
                assert_eq!(end, offset + seen.len() as u64);
            }
        }
        let end = if close {
            appender.close().await?
        } else {
            appender.finish().await?
        };
        assert_eq!(end, offset + 3_000_000);
        seen.extend(passed.try_iter().flatten());
        assert!(seen == whole, "other bytes");
    }
    Ok(())
}

async fn what_is_synced_is_there_while_writing_goes_on(driver: Driver) -> Outcome {
    let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
    for round in 1..=3 {
        appender.write("12345".into()).await?;
        assert_eq!(appender.sync().await?, round * 5);
        assert_eq!(driver.stat(&key("data")).await?.len, round * 5);
    }
    assert_eq!(appender.sync().await?, 15);
    Ok(())
}

async fn one_file_has_one_writer(driver: Driver) -> Outcome {
    let mut first = append(&driver, "data", AppendOptions::at(0)).await?;
    first.write("12345".into()).await?;
    first.sync().await?;
    for options in [AppendOptions::at(5), AppendOptions::cut_to(0)] {
        let second = append(&driver, "data", options).await;
        assert!(
            matches!(second, Err(DriverError::Busy { .. })),
            "{second:?}"
        );
    }
    append(&driver, "other", AppendOptions::at(0)).await?;
    drop(first);
    let second = append(&driver, "data", AppendOptions::at(5)).await?;
    assert_eq!(second.finish().await?, 5);
    append(&driver, "data", AppendOptions::at(5)).await?;
    Ok(())
}

async fn a_dropped_writer_leaves_a_beginning(driver: Driver) -> Outcome {
    let whole = content(6_000_000);
    let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
    appender.write(whole.slice(..1000)).await?;
    appender.sync().await?;
    for piece in whole[1000..].chunks(64 * 1024) {
        appender.write(Bytes::copy_from_slice(piece)).await?;
    }
    drop(appender);
    // Waits for what the dropped one has under way.
    let mut appender = append(&driver, "data", AppendOptions::cut_to(1000)).await?;
    appender.write(whole.slice(1000..2000)).await?;
    assert_eq!(appender.finish().await?, 2000);
    assert!(read(&driver, "data").await? == whole[..2000], "other bytes");
    Ok(())
}

async fn a_file_that_is_written_is_not_renamed(driver: Driver) -> Outcome {
    let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
    appender.write("12345".into()).await?;
    appender.sync().await?;
    let refused = driver
        .rename(&key("data"), &key("to"), RenameOptions::replace())
        .await;
    assert!(
        matches!(refused, Err(DriverError::Busy { .. })),
        "{refused:?}"
    );
    assert!(!driver.exists(&key("to")).await?);
    Ok(())
}

async fn a_finished_file_is_renamed(driver: Driver) -> Outcome {
    for round in 0..20 {
        let mut appender = append(&driver, "data", AppendOptions::at(0)).await?;
        appender.write(format!("round {round}").into()).await?;
        appender.finish().await?;
        driver
            .rename(&key("data"), &key("to"), RenameOptions::replace())
            .await?;
        assert_eq!(read(&driver, "to").await?, format!("round {round}"));
    }
    Ok(())
}

async fn many_writers_make_the_same_directories(driver: Driver) -> Outcome {
    let keys: Vec<Key> = (0..48)
        .map(|number| key(&format!("a/b/c/{}/e/{number}", number % 3)))
        .collect();
    for written in join_all(keys.iter().map(|key| driver.replace(key, key.to_string()))).await {
        written?;
    }
    for key in &keys {
        assert_eq!(read(&driver, key.as_str()).await?, key.as_str());
    }
    Ok(())
}

async fn writing_and_deleting_a_tree_do_not_disturb_each_other(driver: Driver) -> Outcome {
    let writing = async {
        for round in 0..60 {
            put(&driver, &format!("d/sub/{}", round % 4), "content").await?;
        }
        Ok::<_, DriverError>(())
    };
    let deleting = async {
        for _ in 0..60 {
            match driver
                .delete_tree(&key("d"), DeleteOptions::durable())
                .await
            {
                Err(error) if error.is_not_found() => {}
                deleted => deleted?,
            }
            tokio::task::yield_now().await;
        }
        Ok::<_, DriverError>(())
    };
    let (written, deleted) = futures_util::future::join(writing, deleting).await;
    written.and(deleted)?;
    put(&driver, "d/sub/last", "content").await?;
    assert_eq!(read(&driver, "d/sub/last").await?, "content");
    Ok(())
}

async fn a_dropped_write_is_whole_or_not_there(driver: Driver) -> Outcome {
    let whole = content(2_000_000);
    for number in 0..8 {
        let name = format!("d/{number}");
        let file = key(&name);
        // Polled once and dropped.
        let begun = driver.create(&file, whole.clone()).now_or_never();
        match read(&driver, &name).await {
            Ok(seen) => assert!(seen == whole, "{} bytes, torn", seen.len()),
            Err(error) => assert!(error.is_not_found() && begun.is_none(), "{error:?}"),
        }
    }
    Ok(())
}

async fn a_redirect_is_given_only_where_it_can_be(driver: Driver) -> Outcome {
    put(&driver, "a", "content").await?;
    let options = RedirectOptions::new("GET", Duration::from_mins(1));
    let url = driver.redirect_url(&key("a"), options).await?;
    assert!(url.is_none() || driver.can(Capability::RedirectUrl));
    Ok(())
}
