//! What the generated client can do with the tracker.

use std::net::SocketAddr;

use api_runtime::client::{Caller, Conditions, Error, Guarded, Revalidated};
use api_runtime::{Date, Etag, Patch, Scalar};
use futures_util::TryStreamExt as _;
use tracker::client::Client;
use tracker::types::*;

use super::start;

/// A client of somebody with this token.
fn client(address: SocketAddr, token: &str) -> Client {
    Caller::new(&format!("http://{address}"))
        .and_then(|caller| caller.with_header("Authorization", &format!("Bearer {token}")))
        .expect("a good URL")
        .into()
}

async fn anna() -> Client {
    client(start().await, "anna-token")
}

fn label(text: &str) -> Label {
    Label::parse(text).expect("a label")
}

fn login(text: &str) -> Login {
    Login::parse(text).expect("a name")
}

async fn create(client: &Client, new: NewIssue) -> CreateIssueCreated {
    let CreateIssueResponse::Created(created) = client
        .create_issue(CreateIssue::new(new))
        .await
        .expect("is created");
    created
}

async fn titled(client: &Client, title: &str) -> IssueNumber {
    create(client, NewIssue::new(title.to_owned()))
        .await
        .body
        .number
}

async fn update(client: &Client, number: IssueNumber, change: IssueChange) -> WholeIssue {
    let UpdateIssueResponse::Ok(whole) = client
        .update_issue(UpdateIssue::new(number, change))
        .await
        .expect("is changed");
    whole
}

#[tokio::test]
async fn an_issue_is_created_with_defaults_and_read_back() {
    let client = anna().await;
    let mut new = NewIssue::new("The door does not shut".to_owned());
    new.labels = Some(vec![label("bug"), label("area: door")]);
    new.due = Some(Date::parse("2026-12-24").expect("a date"));
    let created = create(&client, new).await;
    let number = created.body.number;
    assert_eq!(created.location.as_str(), format!("/v1/issues/{number}"));
    assert_eq!(created.body.priority, Priority::Normal);
    assert_eq!(created.body.author.name.as_deref(), Some("Anna"));
    let GetIssueResponse::Ok(read) = client
        .get_issue(GetIssue::new(number))
        .await
        .expect("is there");
    assert_eq!((read.body, read.etag), (created.body, created.etag));
}

#[tokio::test]
async fn a_list_is_filtered_and_comes_in_pages() {
    let client = anna().await;
    for title in ["one", "two", "three", "four", "five"] {
        let mut new = NewIssue::new(title.to_owned());
        new.labels = (title != "two").then(|| vec![label("bug"), label("docs")]);
        create(&client, new).await;
    }
    let mut request = ListIssues::new();
    request.limit = PageSize::new(2).expect("a size");
    request.label = Some(vec![label("docs"), label("bug")]);
    request.state = Some(State::Open);
    let pages = client
        .list_issues_pages(request)
        .map_ok(|ListIssuesResponse::Ok(page)| {
            page.body
                .issues
                .into_iter()
                .map(|issue| issue.title)
                .collect::<Vec<_>>()
        });
    let pages: Vec<Vec<String>> = pages.try_collect().await.expect("are pages");
    assert_eq!(pages, [["five", "four"], ["three", "one"]]);
}

#[tokio::test]
async fn a_list_knows_people_and_times() {
    let client = anna().await;
    titled(&client, "old").await;
    let mut new = NewIssue::new("for ben".to_owned());
    new.assignee = Some(login("ben"));
    let created = create(&client, new).await.body.created;
    titled(&client, "new").await;
    let titles = async |request| {
        let ListIssuesResponse::Ok(page) = client.list_issues(request).await.expect("a page");
        page.body
            .issues
            .into_iter()
            .map(|issue| issue.title)
            .collect::<Vec<_>>()
    };
    let mut request = ListIssues::new();
    request.since = Some(created);
    assert_eq!(titles(request.clone()).await, ["new", "for ben"]);
    request.assignee = Some(login("ben"));
    assert_eq!(titles(request).await, ["for ben"]);
}

#[tokio::test]
async fn a_change_sets_clears_and_leaves() {
    let client = anna().await;
    let mut new = NewIssue::new("a".to_owned());
    new.text = Some("text".to_owned());
    new.assignee = Some(login("ben"));
    let number = create(&client, new).await.body.number;
    let mut change = IssueChange::new();
    change.title = Some("b".to_owned());
    change.assignee = Patch::Null;
    let changed = update(&client, number, change).await.body;
    assert_eq!(
        (changed.title.as_str(), changed.text.as_deref()),
        ("b", Some("text"))
    );
    assert_eq!(changed.assignee, None);
    let mut change = IssueChange::new();
    change.text = Patch::Null;
    change.assignee = Patch::Value(login("anna"));
    let changed = update(&client, number, change).await.body;
    assert_eq!((changed.title.as_str(), changed.text), ("b", None));
    assert_eq!(
        changed.assignee.map(|person| person.login),
        Some(login("anna"))
    );
}

#[tokio::test]
async fn who_was_slower_overwrites_nothing() {
    let client = anna().await;
    let created = create(&client, NewIssue::new("a".to_owned())).await;
    let number = created.body.number;
    let seen = Conditions::new().if_match([&created.etag]);
    let mut change = IssueChange::new();
    change.state = Some(State::Closed);
    let request = || UpdateIssue::new(number, change.clone());
    let first = client
        .update_issue_if(request(), &seen)
        .await
        .expect("an answer");
    assert!(matches!(first, Guarded::Done(_)), "{first:?}");
    let second = client
        .update_issue_if(request(), &seen)
        .await
        .expect("an answer");
    assert!(matches!(second, Guarded::Refused), "{second:?}");
    let late = client
        .delete_issue_if(DeleteIssue::new(number), &seen)
        .await
        .expect("an answer");
    assert!(matches!(late, Guarded::Refused), "{late:?}");
}

#[tokio::test]
async fn what_is_known_already_is_not_sent_again() {
    let client = anna().await;
    let created = create(&client, NewIssue::new("a".to_owned())).await;
    let request = || GetIssue::new(created.body.number);
    let known = Conditions::new().if_none_match([&created.etag]);
    let answer = client
        .get_issue_if(request(), &known)
        .await
        .expect("an answer");
    assert!(matches!(answer, Revalidated::NotModified(_)), "{answer:?}");
    let head = client.head_get_issue(request()).await.expect("is there");
    assert_eq!(head.head.header::<Etag>("ETag").ok(), Some(created.etag));
}

#[tokio::test]
async fn a_creation_with_the_same_key_is_done_once() {
    let client = anna().await;
    let key = IdempotencyKey::parse("k-1").expect("a key");
    let with_key = |title: &str| {
        let mut request = CreateIssue::new(NewIssue::new(title.to_owned()));
        request.idempotency_key = Some(key.clone());
        request
    };
    let CreateIssueResponse::Created(first) = client
        .create_issue(with_key("a"))
        .await
        .expect("is created");
    let CreateIssueResponse::Created(again) =
        client.create_issue(with_key("a")).await.expect("is known");
    assert_eq!(first.body, again.body);
    let other = client
        .create_issue(with_key("b"))
        .await
        .expect_err("another request");
    assert!(
        matches!(other, Error::Declared(CreateIssueError::Conflict(_))),
        "{other}"
    );
    // Without a key of the caller the client makes one up.
    assert_ne!(titled(&client, "a").await, titled(&client, "a").await);
}

#[tokio::test]
async fn failures_are_values_of_the_operation() {
    let client = anna().await;
    let number = IssueNumber::new(4711).expect("a number");
    let error = client
        .get_issue(GetIssue::new(number))
        .await
        .expect_err("is not there");
    let Error::Declared(GetIssueError::NotFound(failure)) = error else {
        panic!("{error}");
    };
    assert_eq!(failure.error.number, number);
    let mut new = NewIssue::new("a".to_owned());
    new.labels = Some(vec![label("bug"), label("x"), label("y")]);
    let error = client
        .create_issue(CreateIssue::new(new))
        .await
        .expect_err("has bad labels");
    let Error::Declared(CreateIssueError::UnprocessableContent(failure)) = error else {
        panic!("{error}");
    };
    let UnknownNamesFailureCode::UnknownLabel(unknown) = failure.error else {
        panic!("{failure:?}");
    };
    let unknown: Vec<&str> = unknown
        .iter()
        .map(|unknown| unknown.label.as_str())
        .collect();
    assert_eq!(unknown, ["x", "y"]);
}

#[tokio::test]
async fn comments_follow_links() {
    let client = anna().await;
    let number = titled(&client, "a").await;
    for text in ["one", "two", "three"] {
        let body = AddCommentBody::new(text.to_owned());
        client
            .add_comment(AddComment::new(number, body))
            .await
            .expect("is said");
    }
    let mut request = ListComments::new(number);
    request.limit = PageSize::new(2).expect("a size");
    let pages = client
        .list_comments_pages(request)
        .map_ok(|ListCommentsResponse::Ok(page)| {
            page.body
                .into_iter()
                .map(|comment| comment.text)
                .collect::<Vec<_>>()
        });
    let pages: Vec<Vec<String>> = pages.try_collect().await.expect("are pages");
    assert_eq!(pages, [vec!["one", "two"], vec!["three"]]);
}

#[tokio::test]
async fn a_token_is_good_for_what_it_is_given_for() {
    let address = start().await;
    let number = titled(&client(address, "anna-token"), "a").await;
    let ben = client(address, "ben-token");
    let body = AddCommentBody::new("Mine shuts.".to_owned());
    ben.add_comment(AddComment::new(number, body))
        .await
        .expect("may comment");
    let error = ben
        .delete_issue(DeleteIssue::new(number))
        .await
        .expect_err("may not");
    assert!(
        matches!(error, Error::Declared(DeleteIssueError::Forbidden(_))),
        "{error}"
    );
    let nobody = client(address, "no-token");
    let error = nobody
        .get_issue(GetIssue::new(number))
        .await
        .expect_err("is unknown");
    assert!(
        matches!(error, Error::Declared(GetIssueError::Unauthorized(_))),
        "{error}"
    );
}
