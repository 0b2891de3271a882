//! `catalog.yaml`: the repositories of the registry.

use api_runtime::Location;
use api_runtime::server::Context;
use registry_protocol::server::Catalog as CatalogApi;
use registry_protocol::{
    AfterName, Catalog, CatalogPage, ListRepositories, ListRepositoriesError,
    ListRepositoriesResponse, ListRepositoriesUrl, Name,
};

use super::{Registry, failures, pages};

impl CatalogApi for Registry {
    async fn list_repositories(
        &self,
        _cx: Context,
        request: ListRepositories,
    ) -> Result<ListRepositoriesResponse, ListRepositoriesError> {
        let size = pages::size(request.n.as_ref(), self.options.pages.repositories);
        let names = self
            .namespace
            .repositories(pages::request(request.last.and_then(after), size))
            .await
            .map_err(failures::fault::<ListRepositoriesError>)?;
        let next = pages::next(&names);
        let page = CatalogPage::new(Catalog::new(names.items));
        Ok(match next {
            Some(last) => page.link(Location::from(ListRepositoriesUrl {
                last: Some(last.into()),
                n: pages::again(size),
            })),
            None => page,
        }
        .into())
    }
}

/// The name behind which a list begins, if it does not begin at its beginning.
fn after(last: AfterName) -> Option<Name> {
    match last {
        AfterName::Name(name) => Some(name),
        AfterName::ListStart(_) => None,
    }
}
