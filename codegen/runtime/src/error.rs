//! Error codes, and what of them stands in an envelope.

use std::borrow::Cow;

use crate::Json;

/// What is known of an error code.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorInfo {
    /// The code on the wire.
    pub code: &'static str,
    /// Its default status.
    pub status: u16,
    /// Its message on the wire.
    pub message: &'static str,
    /// Its detail has the fields `parameter` and `reason`, which a rejection fills.
    pub rejection_detail: bool,
    /// A page that explains it.
    pub docs: Option<&'static str>,
}

/// A code with its detail; generated code implements it for the struct of each code.
pub trait ErrorCode: Sized {
    /// What is known of the code.
    const INFO: &'static ErrorInfo;

    /// The detail as JSON; `None` where there is nothing to say.
    fn detail(&self) -> Option<Json>;

    /// From the detail that was received; `None` where it lacks something required.
    fn from_detail(detail: Option<&Json>) -> Option<Self>;
}

/// One error of an answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WireError {
    /// Its code. Empty where an envelope has no codes.
    pub code: Cow<'static, str>,
    /// Its message.
    pub message: Cow<'static, str>,
    /// Its detail.
    pub detail: Option<Json>,
    /// A page that explains it.
    pub docs: Option<Cow<'static, str>>,
}

impl WireError {
    /// What is sent of `error`.
    pub fn of<C: ErrorCode>(error: &C) -> Self {
        Self {
            detail: error.detail(),
            ..Self::bare(C::INFO)
        }
    }

    /// A code without detail.
    pub fn bare(info: &'static ErrorInfo) -> Self {
        Self {
            code: Cow::Borrowed(info.code),
            message: Cow::Borrowed(info.message),
            detail: None,
            docs: info.docs.map(Cow::Borrowed),
        }
    }

    /// What a refused request yields: `parameter` and `reason` where the code's detail has room for
    /// them.
    pub fn rejection(
        info: &'static ErrorInfo,
        parameter: Option<&str>,
        reason: Option<&str>,
    ) -> Self {
        let mut error = Self::bare(info);
        if info.rejection_detail {
            let fields = [("parameter", parameter), ("reason", reason)];
            let detail: serde_json::Map<String, Json> = fields
                .into_iter()
                .filter_map(|(key, text)| Some((key.to_owned(), Json::from(text?))))
                .collect();
            error.detail = (!detail.is_empty()).then_some(Json::Object(detail));
        }
        error
    }
}
