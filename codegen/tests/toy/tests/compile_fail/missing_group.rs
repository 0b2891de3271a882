//! A router wants all groups of the API.

use toy::api_runtime::server::AllowAll;

pub struct House;

pub fn serve() {
    drop(toy::server::router(House, AllowAll));
}
