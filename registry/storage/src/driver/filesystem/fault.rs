//! What the operating system says, in the words of a driver.

use std::io;

use rustix::io::Errno;

use crate::driver::{DriverError, Key, Operation};

pub(super) const NAME: &str = "filesystem";

/// A fault of the storage. It never says that something is missing: `missing_or` does, where a name was
/// looked up.
pub(super) fn fault(operation: Operation, error: io::Error) -> DriverError {
    let driver = NAME;
    let errno = Errno::from_io_error(&error);
    let source = Box::new(error);
    match errno {
        Some(Errno::NOSPC | Errno::DQUOT) => DriverError::NoSpace {
            operation,
            driver,
            source,
        },
        Some(Errno::ROFS) => DriverError::ReadOnly {
            operation,
            driver,
            source,
        },
        Some(Errno::MFILE | Errno::NFILE) => DriverError::TooManyFiles {
            operation,
            driver,
            source,
        },
        _ => DriverError::Other {
            operation,
            driver,
            source,
        },
    }
}

/// The answer to a name that was looked up: no such name, or a file on the way to it, is `NotFound`; a link that is
/// not followed is `Foreign`.
pub(super) fn missing_or(operation: Operation, key: &Key, error: io::Error) -> DriverError {
    match Errno::from_io_error(&error) {
        Some(Errno::NOENT | Errno::NOTDIR) => DriverError::NotFound { key: key.clone() },
        // A link, and a socket.
        Some(Errno::LOOP | Errno::NXIO) => DriverError::Foreign { key: key.clone() },
        _ => fault(operation, error),
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use rustix::io::Errno;

    use super::{fault, missing_or};
    use crate::driver::{DriverError, Key, Operation};

    fn of(errno: Errno) -> DriverError {
        fault(Operation::Put, io::Error::from(errno))
    }

    #[test]
    fn what_an_operator_can_act_upon_has_its_own_error() {
        for full in [Errno::NOSPC, Errno::DQUOT] {
            assert!(matches!(of(full), DriverError::NoSpace { .. }));
        }
        for files in [Errno::MFILE, Errno::NFILE] {
            let error = of(files);
            assert!(matches!(error, DriverError::TooManyFiles { .. }) && error.is_transient());
        }
        assert!(matches!(of(Errno::ROFS), DriverError::ReadOnly { .. }));
        assert!(matches!(of(Errno::IO), DriverError::Other { .. }));
        assert!(!of(Errno::IO).is_transient());
    }

    #[test]
    fn only_a_missing_name_is_not_found() {
        let key = Key::parse("a").unwrap();
        let of = |errno: Errno| missing_or(Operation::Open, &key, io::Error::from(errno));
        assert!(of(Errno::NOENT).is_not_found() && of(Errno::NOTDIR).is_not_found());
        for errno in [Errno::IO, Errno::ACCESS, Errno::LOOP, Errno::MFILE] {
            assert!(!of(errno).is_not_found(), "{errno:?}");
        }
        assert!(!fault(Operation::Put, io::Error::from(Errno::NOENT)).is_not_found());
    }
}
