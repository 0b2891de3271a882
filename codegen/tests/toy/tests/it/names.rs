//! An API whose names are words of Rust, or names that generated code has for itself, compiles and works.

use api_runtime::client::{ServiceTransport, Transport};
use api_runtime::server::{AllowAll, Context};
use toy::names::client::Client;
use toy::names::server::{self, A, Server, Service, Yield};
use toy::names::types::*;

/// Answers all.
struct Words;

macro_rules! done {
    ($($method:ident: $request:ident, $answer:ident, $error:ident, $done:ident;)+) => {
        $(async fn $method(&self, _: Context, _: $request) -> Result<$answer, $error> {
            Ok($done::new().into())
        })+
    };
}

impl Service for Words {
    done! {
        router: Router, RouterResponse, RouterError, RouterNoContent;
        router_with: RouterWith, RouterWithResponse, RouterWithError, RouterWithNoContent;
        find_route: FindRoute, FindRouteResponse, FindRouteError, FindRouteNoContent;
        r#abstract: Abstract, AbstractResponse, AbstractError, AbstractNoContent;
        op: Op, OpResponse, OpError, OpNoContent;
    }
}

impl A for Words {
    async fn r#gen(&self, _: Context, request: Gen) -> Result<GenResponse, GenError> {
        let mut answer = GenOk::new(D::new(request.r#gen.to_string(), Vec::new()));
        answer.r#gen = Some(request.r#become.to_string());
        Ok(answer.into())
    }

    done! {
        serve: Serve, ServeResponse, ServeError, ServeNoContent;
        serve_serve: ServeServe, ServeServeResponse, ServeServeError, ServeServeNoContent;
    }
}

impl Server for Words {
    done! {
        table: Table, TableResponse, TableError, TableNoContent;
        route_table: RouteTable, RouteTableResponse, RouteTableError, RouteTableNoContent;
        gen_param: GenParam, GenParamResponse, GenParamError, GenParamNoContent;
        digits_texts: DigitsTexts, DigitsTextsResponse, DigitsTextsError, DigitsTextsNoContent;
        any_text: AnyText, AnyTextResponse, AnyTextError, AnyTextNoContent;
    }
}

impl Yield for Words {
    done! {
        serve_any: ServeAny, ServeAnyResponse, ServeAnyError, ServeAnyNoContent;
    }
}

fn client() -> Client<impl Transport> {
    let router = server::router(Words, AllowAll);
    Client::with_transport("http://localhost/", ServiceTransport::new(router))
        .expect("this is a URL")
}

#[tokio::test]
async fn words_of_rust_are_names_of_parameters_fields_and_values() {
    let mut request = Gen::new(Kind::Gen, "yes".parse().unwrap());
    request.r#become = Kind::Try;
    let GenResponse::Ok(answer) = client().r#gen(request).await.unwrap();
    assert_eq!(answer.body.r#gen, "gen");
    assert_eq!(answer.r#gen.as_deref(), Some("try"));
}

#[tokio::test]
async fn operations_are_called_as_what_the_server_has_for_itself() {
    let (client, digits) = (client(), "1".parse::<Digits>().unwrap());
    let either = Either::Gen(D::new("a".to_owned(), Vec::new()));
    client
        .serve(Serve::new(Kind::Gen, "a".parse().unwrap(), either))
        .await
        .unwrap();
    client.op(Op::new()).await.unwrap();
    client.router(Router::new()).await.unwrap();
    client.table(Table::new(digits.clone())).await.unwrap();
    client.gen_param(GenParam::new(digits)).await.unwrap();
}

#[tokio::test]
async fn their_examples_hold() {
    let found = toy::names::examples::client().await;
    assert!(found.is_empty(), "{found:?}");
}
