//! The generated client against the server, in one process and without a network.

use api_runtime::axum::Router;
use api_runtime::client::{Error, ServiceTransport};
use my_api::client::Client;
use my_api::types::*;

fn client() -> Client<ServiceTransport<Router>> {
    let transport = ServiceTransport::new(my_api::app());
    Client::with_transport("http://localhost", transport).expect("a good URL")
}

fn tag(text: &str) -> Tag {
    Tag::parse(text).expect("a tag")
}

async fn write(client: &Client<ServiceTransport<Router>>, text: &str, word: &str) -> Note {
    let mut body = CreateNoteBody::new(text.to_owned());
    body.tags = Some(vec![tag(word)]);
    let CreateNoteResponse::Created(created) = client
        .create_note(CreateNote::new(body))
        .await
        .expect("is written");
    created.body
}

#[tokio::test]
async fn a_note_is_written_found_and_thrown_away() {
    let client = client();
    let bread = write(&client, "Buy bread", "home").await;
    write(&client, "Write a test", "work").await;
    let mut request = ListNotes::new();
    request.tag = Some(tag("home"));
    let ListNotesResponse::Ok(found) = client.list_notes(request).await.expect("a list");
    assert_eq!((found.body.len(), &found.body[0]), (1, &bread));
    client
        .delete_note(DeleteNote::new(bread.id))
        .await
        .expect("is there");
    let error = client
        .get_note(GetNote::new(bread.id))
        .await
        .expect_err("is gone");
    assert!(
        matches!(error, Error::Declared(GetNoteError::NoSuchNote(_))),
        "{error}"
    );
}

#[tokio::test]
async fn documents_come_with_it() {
    // The redirect to the page is followed.
    let page = client().caller().fetch("/docs", None).await;
    let page = page.expect("is there").text(None).await.expect("a text");
    assert!(page.contains("Write a note"), "{page}");
}
