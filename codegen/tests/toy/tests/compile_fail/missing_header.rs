//! A book is never answered without its entity tag.

use toy::types::{Book, GetBookOk, GetBookResponse};

pub fn answer(book: Book) -> GetBookResponse {
    GetBookOk::new(book).into()
}
