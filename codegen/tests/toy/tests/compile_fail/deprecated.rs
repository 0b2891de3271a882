//! What is deprecated warns whoever names it, at each place.

#![deny(deprecated)]

use toy::types::{Fine, ListFines, ListFinesUrl, PayFineOk};

pub fn ask() -> (ListFines, ListFinesUrl) {
    let mut request = ListFines::new();
    request.order = None;
    let mut url = request.url();
    url.order = Some(toy::types::FineOrder::Small);
    (request, url)
}

pub fn read(fine: &Fine) -> Option<toy::types::Remark> {
    fine.remark.clone()
}

pub fn answer(there: PayFineOk) -> PayFineOk {
    if there.paid.is_some() { there } else { there.paid(1) }
}
