//! Failures that an operation declares, and how one is found in what was received.
//!
//! Status and code decide together: a code that comes with a status for which it is not declared is no
//! failure of the operation. Each variant of the operation's enum is one entry of a table, which this
//! file searches, so that generated code decides nothing.

use bytes::Bytes;

use super::{Error, Head, Undeclared};
use crate::{Envelope, ErrorCode, ErrorInfo, NonEmpty, WireError};

/// The failures of an operation; generated code implements it for the operation's enum.
pub trait DeclaredError: Sized + 'static {
    /// The shape of the answers.
    const ENVELOPE: &'static Envelope;

    /// How each variant is read.
    const FAILURES: &'static [&'static dyn Reads<Self>];

    /// The status of the answer.
    fn status(&self) -> u16;
}

/// How one variant of an operation's enum is read.
pub trait Reads<E> {
    /// The status that it goes with.
    fn status(&self) -> u16;

    /// The codes that it goes with; none where the status alone tells it.
    fn codes(&self) -> &'static [&'static ErrorInfo];

    /// Reads it; `None` where something required is missing.
    fn read(&self, failure: &Failure, error: &WireError) -> Option<E>;
}

/// A variant that holds a code: status and variant.
#[derive(Debug)]
pub struct One<C, E>(pub u16, pub fn(C) -> E);

impl<C: ErrorCode, E> Reads<E> for One<C, E> {
    fn status(&self) -> u16 {
        self.0
    }

    fn codes(&self) -> &'static [&'static ErrorInfo] {
        const { &[C::INFO] }
    }

    fn read(&self, _: &Failure, error: &WireError) -> Option<E> {
        read(error).map(self.1)
    }
}

/// A variant that holds all errors of a code: status and variant.
#[derive(Debug)]
pub struct Repeated<C, E>(pub u16, pub fn(NonEmpty<C>) -> E);

impl<C: ErrorCode, E> Reads<E> for Repeated<C, E> {
    fn status(&self) -> u16 {
        self.0
    }

    fn codes(&self) -> &'static [&'static ErrorInfo] {
        const { &[C::INFO] }
    }

    fn read(&self, failure: &Failure, _: &WireError) -> Option<E> {
        failure.repeated().map(self.1)
    }
}

/// A failure with headers; generated code implements it for the failure's struct.
pub trait ReadFailure: Sized {
    /// Its codes.
    const CODES: &'static [&'static ErrorInfo];

    /// Reads it; `None` where something required is missing.
    fn read(failure: &Failure, error: &WireError) -> Option<Self>;
}

/// A variant that holds the struct of a failure with headers: status and variant.
#[derive(Debug)]
pub struct Whole<S, E>(pub u16, pub fn(S) -> E);

impl<S: ReadFailure, E> Reads<E> for Whole<S, E> {
    fn status(&self) -> u16 {
        self.0
    }

    fn codes(&self) -> &'static [&'static ErrorInfo] {
        S::CODES
    }

    fn read(&self, failure: &Failure, error: &WireError) -> Option<E> {
        S::read(failure, error).map(self.1)
    }
}

/// A variant that holds nothing: status and variant.
#[derive(Debug)]
pub struct Bare<E>(pub u16, pub fn() -> E);

impl<E> Reads<E> for Bare<E> {
    fn status(&self) -> u16 {
        self.0
    }

    fn codes(&self) -> &'static [&'static ErrorInfo] {
        &[]
    }

    fn read(&self, _: &Failure, _: &WireError) -> Option<E> {
        Some((self.1)())
    }
}

/// A failure that was received: head, and the errors in its envelope.
#[derive(Debug)]
pub struct Failure {
    head: Head,
    errors: Vec<WireError>,
    body: Bytes,
}

impl Failure {
    pub(super) fn new(head: Head, envelope: Option<&Envelope>, body: Bytes) -> Self {
        let errors = envelope
            .and_then(|envelope| envelope.parse(&body))
            .unwrap_or_default();
        Self { head, errors, body }
    }

    /// Its status.
    pub fn status(&self) -> u16 {
        self.head.status()
    }

    /// Its headers.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// All errors of the code `C` in it.
    pub fn repeated<C: ErrorCode>(&self) -> Option<NonEmpty<C>> {
        let of_code = self
            .errors
            .iter()
            .filter(|error| error.code == C::INFO.code);
        let errors = of_code.map(read).collect::<Option<Vec<C>>>()?;
        errors.try_into().ok()
    }

    /// The operation's failure: of several errors the first that is declared.
    pub(super) fn into_error<E: DeclaredError>(self) -> Error<E> {
        let none = [WireError::default()];
        let errors = if self.errors.is_empty() {
            &none[..]
        } else {
            &self.errors
        };
        match errors.iter().find_map(|error| self.declared(error)) {
            Some(error) => Error::Declared(error),
            None => Error::Undeclared(self.into_undeclared()),
        }
    }

    /// What is declared for the status and the code of `error`. Without a code, as the answer to HEAD
    /// has none, a status that goes with one code alone means that code.
    fn declared<E: DeclaredError>(&self, error: &WireError) -> Option<E> {
        let of_status = || {
            E::FAILURES
                .iter()
                .filter(|entry| entry.status() == self.status())
        };
        let has_code =
            |entry: &&&dyn Reads<E>| entry.codes().iter().any(|info| info.code == error.code);
        let count = of_status().map(|entry| entry.codes().len()).sum::<usize>();
        let is_only = error.code.is_empty() && count == 1;
        of_status()
            .filter(has_code)
            .chain(of_status().filter(|entry| is_only || entry.codes().is_empty()))
            .find_map(|entry| entry.read(self, error))
    }

    pub(super) fn into_undeclared(self) -> Box<Undeclared> {
        Box::new(Undeclared::new(self.head, self.errors, self.body))
    }
}

/// The code `C` from an error that has it; `None` where the detail lacks something required.
pub fn read<C: ErrorCode>(error: &WireError) -> Option<C> {
    C::from_detail(error.detail.as_ref())
}
