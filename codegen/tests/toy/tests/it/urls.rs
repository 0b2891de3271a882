//! URLs in answers: relative, behind a prefix, absolute, and as links.

use api_runtime::server::Settings;
use toy::types::{BookKey, GetBookUrl, ListShelvesUrl, Shelf};

use super::wire::Server;

#[tokio::test]
async fn pages_are_linked_until_the_last() {
    let server = Server::start().await;
    let mut path = "/shelves?n=1".to_owned();
    let mut names = Vec::new();
    loop {
        let answer = server.send(&format!("GET {path}"), b"").await;
        names.push(
            answer.json()["shelves"][0]
                .as_str()
                .expect("a name")
                .to_owned(),
        );
        let Some(link) = answer.header("link") else {
            break;
        };
        let target = link
            .strip_prefix('<')
            .and_then(|link| link.strip_suffix(">; rel=\"next\""));
        target
            .expect("a link to the next page")
            .clone_into(&mut path);
    }
    assert_eq!(names, ["a", "books", "history/rome"]);
}

#[tokio::test]
async fn urls_have_the_prefix_and_the_host_that_the_settings_say() {
    for (settings, path, location) in [
        (
            Settings::default().prefix("/lib/"),
            "/lib",
            "/lib/shelves/a/b/scans/1",
        ),
        (
            Settings::default().absolute(None),
            "",
            "http://library.test/shelves/a/b/scans/1",
        ),
        (
            Settings::default()
                .prefix("/lib")
                .absolute(Some("https://example.org/".to_owned())),
            "/lib",
            "https://example.org/lib/shelves/a/b/scans/1",
        ),
    ] {
        let server = Server::with(settings).await;
        let answer = server
            .send(&format!("POST {path}/shelves/a/b/scans/"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.header("location")),
            (201, Some(location))
        );
    }
}

#[tokio::test]
async fn nothing_is_served_outside_of_the_prefix() {
    let server = Server::with(Settings::default().prefix("/lib")).await;
    for path in ["/shelves", "/library/shelves", "/lib", "/libshelves"] {
        assert_eq!(
            server.send(&format!("GET {path}"), b"").await.codes(),
            ["NO_SUCH_PLACE"],
            "{path}"
        );
    }
    assert_eq!(server.send("GET /lib/shelves", b"").await.status, 200);
}

#[tokio::test]
async fn a_url_of_elsewhere_stays_as_it_is() {
    let server = Server::with(Settings::default().prefix("/lib")).await;
    let answer = server.send("GET /lib/shelves/far/scans/1", b"").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (307, Some("https://example.org/x"))
    );
}

#[test]
fn a_url_is_written_with_escapes_where_they_are_needed() {
    let shelf = Shelf::parse("history/rome").expect("a shelf");
    let book = BookKey::parse("annals").expect("a book");
    assert_eq!(
        GetBookUrl::new(shelf.clone(), book).to_string(),
        "/shelves/history/rome/books/annals"
    );
    let mut url = ListShelvesUrl::new();
    url.last = Some(shelf);
    assert_eq!(url.to_string(), "/shelves?last=history%2Frome");
}
