//! `extensions.yaml`: what the registry offers beyond the API. That is nothing but the list itself.

use api_runtime::server::Context;
use registry_protocol::server::Extensions;
use registry_protocol::{
    ExtensionList, ListRegistryExtensions, ListRegistryExtensionsError, ListRegistryExtensionsOk,
    ListRegistryExtensionsResponse, ListRepositoryExtensions, ListRepositoryExtensionsError,
    ListRepositoryExtensionsOk, ListRepositoryExtensionsResponse, NameUnknown,
};

use super::{Registry, failures};

impl Extensions for Registry {
    async fn list_registry_extensions(
        &self,
        _cx: Context,
        _request: ListRegistryExtensions,
    ) -> Result<ListRegistryExtensionsResponse, ListRegistryExtensionsError> {
        Ok(ListRegistryExtensionsOk::new(ExtensionList::new(Vec::new())).into())
    }

    async fn list_repository_extensions(
        &self,
        _cx: Context,
        request: ListRepositoryExtensions,
    ) -> Result<ListRepositoryExtensionsResponse, ListRepositoryExtensionsError> {
        let repository = self.repository::<ListRepositoryExtensionsError>(&request.name)?;
        let exists = repository
            .exists()
            .await
            .map_err(failures::fault::<ListRepositoryExtensionsError>)?;
        if !exists {
            return Err(NameUnknown { name: request.name }.into());
        }
        Ok(ListRepositoryExtensionsOk::new(ExtensionList::new(Vec::new())).into())
    }
}
