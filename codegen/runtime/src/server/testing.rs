//! What the unit tests of this folder share: an operation, and the shape of its failures.

use crate::{Envelope, EnvelopeShape, ErrorInfo, Operation, RejectionKind};

static INFO: ErrorInfo = ErrorInfo {
    code: "X",
    status: 500,
    message: "x",
    rejection_detail: false,
    docs: None,
};

/// Failures without a body.
pub(super) static ENVELOPE: Envelope = Envelope {
    name: "none",
    shape: EnvelopeShape::None,
    rejections: [&INFO; RejectionKind::ALL.len()],
};

/// A plain `GET`.
pub(super) static OPERATION: Operation = Operation {
    id: "x",
    group: "x",
    method: "GET",
    template: "/x",
    access: &[],
    head: false,
    conditional: None,
    ranges: false,
    idempotency: None,
    deprecation: None,
    sunset: None,
    envelope: &ENVELOPE,
};
