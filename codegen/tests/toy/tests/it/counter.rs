//! The counter: flags, by hand and with the generated client.

use api_runtime::server::Context;
use toy::server::Counter;
use toy::types::*;

use super::client::library;
use super::library::Library;
use super::wire::Server;

impl Counter for Library {
    async fn open_drawer(
        &self,
        _: Context,
        request: OpenDrawer,
    ) -> Result<OpenDrawerResponse, OpenDrawerError> {
        let coins = if request.all { 12 } else { 7 };
        Ok(OpenDrawerOk::new(OpenDrawerOkBody::new(coins)).into())
    }

    async fn read_drawer_label(
        &self,
        _: Context,
        _: ReadDrawerLabel,
    ) -> Result<ReadDrawerLabelResponse, ReadDrawerLabelError> {
        Ok(ReadDrawerLabelOk::new("anna".to_owned()).into())
    }

    async fn weigh_drawer(
        &self,
        _: Context,
        _: WeighDrawer,
    ) -> Result<WeighDrawerResponse, WeighDrawerError> {
        Ok(WeighDrawerOk::new("480".to_owned()).into())
    }
}

#[tokio::test]
async fn a_flag_is_a_key_without_a_value() {
    let server = Server::start().await;
    for (query, status, text) in [
        ("", 200, r#"{"coins":7}"#),
        ("?all", 200, r#"{"coins":12}"#),
        ("?all=", 200, r#"{"coins":12}"#),
        ("?%61ll&x=1", 200, r#"{"coins":12}"#),
        ("?label", 200, "anna"),
        ("?all&label", 200, "anna"),
        ("?unit=g", 200, "480"),
        ("?unit=gram", 200, "480"),
        ("?unit=pound", 200, r#"{"coins":7}"#),
    ] {
        let answer = server
            .send(&format!("GET /counter/drawer{query}"), b"")
            .await;
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, text),
            "{query}"
        );
    }
    for (query, reason) in [
        ("?all=true", "has a value, and takes none"),
        ("?label=1", "has a value, and takes none"),
        ("?all&all", "is there more than once"),
    ] {
        let answer = server
            .send(&format!("GET /counter/drawer{query}"), b"")
            .await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.text().contains(reason), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_client_sends_what_tells_a_request_from_others() {
    let (_server, client) = library().await;
    let mut request = OpenDrawer::new();
    assert_eq!(request.url().to_string(), "/counter/drawer");
    request.all = true;
    assert_eq!(request.url().to_string(), "/counter/drawer?all");
    let OpenDrawerResponse::Ok(answer) = client.open_drawer(request).await.expect("it opens");
    assert_eq!(answer.body.coins, 12);
    let ReadDrawerLabelResponse::Ok(label) = client
        .read_drawer_label(ReadDrawerLabel::new())
        .await
        .expect("there is one");
    assert_eq!(label.body, "anna");
    let WeighDrawerResponse::Ok(weight) = client
        .weigh_drawer(WeighDrawer::new())
        .await
        .expect("it is weighed");
    assert_eq!(weight.body, "480");
}
