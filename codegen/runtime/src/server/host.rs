//! The `Host` of a request (RFC 9112, section 3.2).
//!
//! Hazard: HTTP libraries let a request without `Host`, or with two, through. Behind a proxy that reads the
//! other one such a request means something else to each of the two.

use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderValue, Version};

/// One `Host` that names an authority with a host that is not empty (RFC 9110, section 4.2.1). HTTP/1.0 need not send any, and HTTP/2 has another place for it.
pub(super) fn is_sound(head: &Parts) -> bool {
    let mut hosts = head.headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => head.version != Version::HTTP_11,
        (Some(host), None) => is_authority(host),
        (Some(_), Some(_)) => false,
    }
}

fn is_authority(host: &HeaderValue) -> bool {
    is_plain(host.as_bytes())
        || Authority::try_from(host.as_bytes()).is_ok_and(|host| {
            !host.host().is_empty() && !host.as_str().contains('@') && has_sound_port(&host)
        })
}

/// Whether it is a name or an address of IPv4, perhaps with a port. Nearly every one is, and this copies nothing.
fn is_plain(host: &[u8]) -> bool {
    let colon = host.iter().position(|byte| *byte == b':');
    let (name, port) = host.split_at(colon.unwrap_or(host.len()));
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    !name.is_empty() && name.iter().all(is_allowed) && port.iter().skip(1).all(u8::is_ascii_digit)
}

/// Whether what stands behind the host is no port, or one in digits (RFC 3986, section 3.2.3).
fn has_sound_port(authority: &Authority) -> bool {
    let digits = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.as_str().strip_prefix(authority.host()) {
        Some("") => true,
        Some(behind) => behind.strip_prefix(':').is_some_and(digits),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(version: Version, hosts: &[&'static str]) -> Parts {
        let mut request = http::Request::builder().version(version);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn what_is_told_without_a_copy_is_an_authority() {
        for host in ["a", "A-1.example:", "127.0.0.1:5000", "a.:1", "-", "."] {
            assert!(is_plain(host.as_bytes()), "{host}");
            let authority = Authority::try_from(host).expect("an authority");
            assert!(has_sound_port(&authority), "{host}");
        }
        for host in [
            "", ":1", "[::1]", "a:1:2", "a:x", "u@a", "a b", "a/b", "a,b", "\u{e4}",
        ] {
            assert!(!is_plain(host.as_bytes()), "{host}");
        }
    }

    #[test]
    fn a_request_has_exactly_one_valid_host() {
        for host in [
            "a",
            "a:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
            "[::1]",
            "a:",
            "xn--x.example",
        ] {
            assert!(is_sound(&head(Version::HTTP_11, &[host])), "{host}");
        }
        for hosts in [
            &[][..],
            &["a", "a"],
            &[""],
            &[":1"],
            &["a b"],
            &["a/b"],
            &["u@a"],
            &["a:b"],
            &["a:50x0"],
            &["a:-1"],
            &["a:+1"],
            &["[::1]:x"],
            &["[::1]1"],
            &["a:1:2"],
        ] {
            assert!(!is_sound(&head(Version::HTTP_11, hosts)), "{hosts:?}");
        }
        for version in [Version::HTTP_10, Version::HTTP_2] {
            assert!(is_sound(&head(version, &[])));
            assert!(!is_sound(&head(version, &["u@a"])));
        }
    }
}
