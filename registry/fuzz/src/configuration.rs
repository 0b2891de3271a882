//! The configuration file: it is refused in words, or means the same each time.

use registry::config::parse;

/// Reads a text as a configuration.
pub fn configuration(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    match parse(&text, "fuzz.yml") {
        Err(refused) => {
            let said = refused.to_string();
            // Each problem is a line or two, with as much of the text as a value has.
            let most = 10_000 + 500 * text.len();
            assert!((1..most).contains(&said.len()), "{} bytes", said.len());
        }
        Ok(loaded) => {
            let again = parse(&text, "fuzz.yml").expect("what was accepted once is accepted");
            assert_eq!(format!("{loaded:?}"), format!("{again:?}"));
        }
    }
}
