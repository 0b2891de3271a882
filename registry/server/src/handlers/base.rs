//! `base.yaml`: is there a registry?

use api_runtime::server::Context;
use registry_protocol::server::Base;
use registry_protocol::{CheckApi, CheckApiError, CheckApiOk, CheckApiResponse, Empty};

use super::Registry;

impl Base for Registry {
    async fn check_api(
        &self,
        _cx: Context,
        _request: CheckApi,
    ) -> Result<CheckApiResponse, CheckApiError> {
        Ok(CheckApiOk::new(Empty::new()).into())
    }
}
