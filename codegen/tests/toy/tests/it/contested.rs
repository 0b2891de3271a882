//! The emitted table of routes where shapes do not decide: it carries the patterns of the values.
//!
//! The code is the generator's golden for `data/pass/contested.yaml`; that it is what the generator
//! yields is tested there.

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/contested.types.rs"]
mod types;

#[rustfmt::skip]
#[allow(clippy::all, clippy::pedantic, dead_code, unreachable_pub, reason = "what users get is looked at by eye")]
#[path = "../../../data/golden/contested.server.rs"]
mod server;

/// The template of a path's route and the values, joined by blanks; `-` for none.
fn found(path: &str) -> String {
    server::find_route(path).map_or("-".to_owned(), |(route, captures)| {
        let values: Vec<&str> = captures.values().collect();
        assert_eq!(route.parameters.len(), values.len());
        [&[route.template], &values[..]].concat().join(" ")
    })
}

#[track_caller]
fn expect(path: &str, expected: &str) {
    assert_eq!(found(path), expected, "{path}");
}

#[test]
fn formats_tell_routes_of_one_shape_apart() {
    expect("/items/7", "/items/{amount} 7");
    expect("/items/%37", "/items/{amount} %37");
    expect("/items/cash", "/items/{either} cash");
    expect("/items/DEBIT", "/items/{either} DEBIT");
    expect("/items/7/cash", "/items/{amount}/{word} 7 cash");
    expect("/items/cash/7", "/items/{word}/{amount} cash 7");
}

#[test]
fn lengths_count() {
    // Too long for one alternative and long enough for the other.
    expect("/items/ledger", "/items/{either} ledger");
    // Too short for a word, and the first route hears of it.
    expect("/items/c", "/items/{amount} c");
    expect("/items/123456789", "/items/{amount} 123456789");
    expect("/items/c/7", "/items/{amount}/{word} c 7");
}

#[test]
fn a_value_that_no_route_takes_is_reported_by_the_most_literal_one() {
    expect("/items/item-x.json", "/items/item-{amount}.json x");
    expect("/items/item-7.json", "/items/item-{amount}.json 7");
    expect("/items/item-.json", "/items/{amount} item-.json");
    expect("/items/a%2Fb", "/items/{amount} a%2Fb");
    expect("/jobs/UPPER:stop", "/jobs/{job}:stop UPPER");
    expect("/jobs/UPPER", "/jobs/{job} UPPER");
}

#[test]
fn values_of_several_segments_are_judged_as_a_whole() {
    expect("/jobs/audit/1/2", "/jobs/{job} audit/1/2");
    expect("/jobs/audit/1/2:stop", "/jobs/{job}:stop audit/1/2");
    expect("/jobs/2026/11/24", "/jobs/{day} 2026/11/24");
    expect("/jobs/2026/11%2F24", "/jobs/{day} 2026/11%2F24");
    // The slash is the template's, which may have one more, before it is the value's.
    expect("/jobs/audit/1/", "/jobs/{job} audit/1");
    expect("/jobs/audit//", "/jobs/{job} audit/");
    expect("/jobs/2026/11/24/", "/jobs/{job} 2026/11/24");
    expect("/jobs/", "-");
    expect("/items", "-");
}
