//! Where credentials may go.
//!
//! A registry names its token service in an answer, and whoever controls the answer could name any host
//! (CVE-2026-33540). So credentials go to the registry's own origin, and to the realms that the caller
//! allowed; over plain HTTP only where the caller said so himself, or within this machine. Without
//! credentials nothing can be stolen, and any token service is asked, if it is asked over TLS.

use reqwest::Url;

use super::AuthError;

/// What the caller allowed.
#[derive(Debug, Clone)]
pub(crate) struct Realms {
    home: Url,
    allowed: Vec<Url>,
}

impl Realms {
    /// Of a registry, and of the token services that were allowed.
    pub(crate) fn new(home: Url, allowed: Vec<Url>) -> Self {
        Self { home, allowed }
    }

    /// The registry's own origin.
    pub(crate) fn home(&self) -> String {
        self.home.origin().ascii_serialization()
    }

    /// The URL of a token service, if it may be asked.
    pub(crate) fn check(&self, realm: &str, has_credentials: bool) -> Result<Url, AuthError> {
        let shown = || realm.to_owned();
        let url = Url::parse(realm).map_err(|_| AuthError::NoRealm { realm: shown() })?;
        let is_url = matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_url {
            return Err(AuthError::NoRealm { realm: shown() });
        }
        let same = |other: &Url| other.origin() == url.origin();
        if same(&self.home) || self.allowed.iter().any(same) {
            return Ok(url);
        }
        if has_credentials {
            return Err(AuthError::ForeignRealm { realm: shown() });
        }
        if url.scheme() == "https" || is_loopback(&self.home) && is_loopback(&url) {
            return Ok(url);
        }
        Err(AuthError::PlainRealm { realm: shown() })
    }
}

/// Whether a URL leads to this machine, so that nobody else hears what is sent.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        Some(host) => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse()
            .is_ok_and(|address: std::net::IpAddr| address.is_loopback()),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(home: &str, realm: &str, has_credentials: bool) -> String {
        let url = |text| Url::parse(text).unwrap();
        let realms = Realms::new(url(home), vec![url("https://login.example/token")]);
        match realms.check(realm, has_credentials) {
            Ok(_) => "asked".to_owned(),
            Err(AuthError::ForeignRealm { .. }) => "foreign".to_owned(),
            Err(AuthError::PlainRealm { .. }) => "plain".to_owned(),
            Err(AuthError::NoRealm { .. }) => "none".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn credentials_go_home_and_to_allowed_realms_alone() {
        for (realm, expected) in [
            ("https://r.example/token", "asked"),
            ("https://login.example/any", "asked"),
            ("https://evil.example/token", "foreign"),
            ("https://r.example:444/token", "foreign"),
            ("https://r.example.evil/token", "foreign"),
            ("http://r.example/token", "foreign"),
            ("http://login.example/token", "foreign"),
            ("https://u@r.example/token", "none"),
            ("https://u:p@r.example/token", "none"),
            ("file:///etc/passwd", "none"),
            ("/token", "none"),
            ("", "none"),
        ] {
            assert_eq!(
                check("https://r.example/base", realm, true),
                expected,
                "{realm}"
            );
        }
    }

    #[test]
    fn without_credentials_any_realm_is_asked_over_tls() {
        for (realm, expected) in [
            ("https://other.example/token", "asked"),
            ("http://other.example/token", "plain"),
            ("http://127.0.0.1/token", "plain"),
        ] {
            assert_eq!(
                check("https://r.example", realm, false),
                expected,
                "{realm}"
            );
        }
        for realm in [
            "http://127.0.0.1:7/token",
            "http://localhost/t",
            "http://[::1]/t",
        ] {
            assert_eq!(check("http://localhost:5000", realm, false), "asked");
            assert_eq!(check("http://localhost:5000", realm, true), "foreign");
        }
    }
}
