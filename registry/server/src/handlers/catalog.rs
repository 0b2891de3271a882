//! `catalog.yaml`: the repositories of the registry.

use api_runtime::Location;
use api_runtime::server::Context;
use registry_protocol::server::Catalog as CatalogApi;
use registry_protocol::{
    Catalog, CatalogPage, ListRepositories, ListRepositoriesError, ListRepositoriesResponse,
    ListRepositoriesUrl, PageSize,
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
            .repositories(pages::request(request.last, size))
            .await
            .map_err(failures::fault::<ListRepositoriesError>)?;
        let next = pages::next(&names);
        let page = CatalogPage::new(Catalog::new(names.items));
        Ok(match next {
            Some(last) => page.link(Location::from(ListRepositoriesUrl {
                last: Some(last),
                n: PageSize::new(size).ok(),
            })),
            None => page,
        }
        .into())
    }
}
