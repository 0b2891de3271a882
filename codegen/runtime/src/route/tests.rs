//! The search against tables written by hand. Tables that were generated are held against regular
//! expressions where they are generated.

use super::*;

const fn leaf(route: usize) -> Node {
    Node {
        leaves: LEAVES[route],
        ..Node::EMPTY
    }
}

static LEAVES: [&[Leaf]; 6] = [
    &[Leaf::new(0)],
    &[Leaf::new(1)],
    &[Leaf::new(2)],
    &[Leaf::new(3)],
    &[Leaf::new(4)],
    &[Leaf {
        before: "x-",
        after: "-do",
        ..Leaf::new(5)
    }],
];

/// 0 `/`, 1 `/a b/{p}`, 2 `/a b/{p}.zip`, 3 `/m/{p}/{many}/to/{q}/`, 4 `/m/{p}/{many}`, 5 `/n/x-{many}-do`.
static TABLE: Node = Node {
    literals: &[
        ("", leaf(0)),
        (
            "m",
            Node {
                parameter: Some(&Node {
                    many: Some(&Node {
                        literals: &[(
                            "",
                            Node {
                                parameter: Some(&Node {
                                    literals: &[("to", leaf(3))],
                                    ..Node::EMPTY
                                }),
                                ..Node::EMPTY
                            },
                        )],
                        leaves: &[Leaf::new(4)],
                        ..Node::EMPTY
                    }),
                    ..Node::EMPTY
                }),
                ..Node::EMPTY
            },
        ),
        (
            "n",
            Node {
                many: Some(&leaf(5)),
                ..Node::EMPTY
            },
        ),
        (
            "a b",
            Node {
                affixes: &[("", ".zip", leaf(2))],
                parameter: Some(&leaf(1)),
                ..Node::EMPTY
            },
        ),
    ],
    ..Node::EMPTY
};

/// Route and values, joined by blanks.
fn found(path: &str) -> Option<String> {
    let (route, captures) = find(&TABLE, path)?;
    let values = captures.values().map(|value| format!(" {value}"));
    Some(format!("{route}{}", values.collect::<String>()))
}

#[track_caller]
fn expect(path: &str, expected: &str) {
    assert_eq!(found(path).as_deref().unwrap_or("-"), expected, "{path}");
}

/// The empty path alone.
static LEAF: Node = leaf(0);

#[test]
fn a_path_begins_with_a_slash_or_is_empty() {
    expect("/", "0");
    assert_eq!(find(&LEAF, "").map(|(route, _)| route), Some(0));
    assert_eq!(find(&LEAF, "/"), None);
    for path in ["", "*", "m/a/b", "//", "http://h/"] {
        expect(path, "-");
    }
}

#[test]
fn values_come_in_the_order_of_the_template() {
    expect("/m/p/one/two/to/q/", "3 p one/two q");
    expect("/m/p/to/to/to/", "3 p to to");
    expect("/m/p/one/two/to/q", "4 p one/two/to/q");
}

#[test]
fn what_spans_segments_has_at_least_one_of_them() {
    expect("/m/p", "-");
    expect("/m/p/", "-");
    expect("/m/p/to/q/", "4 p to/q/");
    expect("/m//a", "-");
}

#[test]
fn empty_segments_are_part_of_a_value_that_spans_segments() {
    expect("/m/p//", "4 p /");
    expect("/m/p//a//to/q/", "3 p /a/ q");
}

#[test]
fn more_literal_text_goes_first() {
    expect("/a%20b/x", "1 x");
    expect("/a%20b/x.zip", "2 x");
    expect("/a%20b/.zip", "1 .zip");
}

#[test]
fn text_around_a_parameter_belongs_to_it_and_not_to_the_value() {
    expect("/n/x-a/b-do", "5 a/b");
    expect("/n/x--do", "-");
    expect("/n/x-a", "-");
    expect("/n/a-do", "-");
    // The texts may not share a byte.
    expect("/n/x-do", "-");
}

#[test]
fn literal_text_is_compared_decoded_and_values_are_left_as_they_are() {
    expect("/%6d/p%2f/a%2Fb", "4 p%2f a%2Fb");
    expect("/%6D/%zz/%", "4 %zz %");
    expect("/n/%78-a%2ddo", "5 a");
    expect("/n/x%2Da%2Dd%6F", "5 a");
    expect("/a%20b/x%2Ezip", "2 x");
    // Decoded once, not twice.
    expect("/%256d/p/a", "-");
    // An encoded slash parts no segments.
    expect("/m%2Fp/a", "-");
    expect("/m/p%2Fa", "-");
}

#[test]
fn hostile_paths_find_nothing_and_take_no_time() {
    for path in [
        "/\0",
        "/m/\u{fffd}",
        "/..",
        "/./m",
        "/m/..",
        "/a%20b/x/",
        "/%",
        "/é",
    ] {
        expect(path, "-");
    }
    expect("/m/p/é", "4 p é");
    expect("/m/p/../x", "4 p ../x");
    let slashes = "/".repeat(1 << 15);
    assert!(find(&TABLE, &slashes).is_none());
    let long = format!("/m/p{slashes}to/q/");
    let (route, captures) = find(&TABLE, &long).expect("a name of slashes");
    assert_eq!(
        (route, captures.get(1).map(str::len)),
        (3, Some((1 << 15) - 2))
    );
    let encoded = format!("/m/{}", "%2F".repeat(1 << 14));
    assert!(find(&TABLE, &encoded).is_none());
    let longest = format!("/m/p/{}", "x".repeat((1 << 16) - 6));
    assert!(find(&TABLE, &longest).is_some());
    let too_long = format!("{longest}x");
    assert!(find(&TABLE, &too_long).is_none());
}

/// `a+`, with the classes other = 0, a = 1.
static LETTERS: Dfa = Dfa {
    classes: &{
        let mut classes = [0; 256];
        classes[b'a' as usize] = 1;
        classes
    },
    class_count: 2,
    transitions: &[0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2, 0],
    accepting: &[0, 0, 1],
};

static LETTER: Texts = Texts {
    pattern: &LETTERS,
    min: 1,
    max: 1,
};
static WORD: Texts = Texts {
    pattern: &LETTERS,
    min: 2,
    max: 3,
};
static LONG: Texts = Texts {
    pattern: &LETTERS,
    min: 5,
    max: usize::MAX,
};

/// Two routes of one shape: `a` and more than four, or two to three.
static CONTESTED: Node = Node {
    parameter: Some(&Node {
        leaves: &[
            Leaf {
                checks: &[&[LETTER, LONG]],
                ..Leaf::new(0)
            },
            Leaf {
                checks: &[&[WORD]],
                ..Leaf::new(1)
            },
        ],
        ..Node::EMPTY
    }),
    ..Node::EMPTY
};

#[test]
fn of_routes_that_contend_the_one_whose_values_are_accepted_is_taken() {
    let route = |path| find(&CONTESTED, path).map(|(route, _)| route);
    for path in ["/a", "/%61", "/aaaaa", "/aaaa%61a"] {
        assert_eq!(route(path), Some(0), "{path}");
    }
    for path in ["/aa", "/aaa", "/%61%61%61"] {
        assert_eq!(route(path), Some(1), "{path}");
    }
}

#[test]
fn where_no_value_is_accepted_the_first_route_hears_of_it() {
    for path in ["/b", "/aaaa", "/%ff", "/a%2Fa"] {
        assert_eq!(
            find(&CONTESTED, path).map(|(route, _)| route),
            Some(0),
            "{path}"
        );
    }
    assert_eq!(find(&CONTESTED, "/"), None);
}

#[test]
fn a_table_that_needs_too_many_captures_finds_nothing() {
    static END: Node = leaf(0);
    const fn deep(node: &'static Node) -> Node {
        Node {
            parameter: Some(node),
            ..Node::EMPTY
        }
    }
    static FOUR: Node = deep(&deep(&deep(&deep(&END))));
    static EIGHT: Node = deep(&deep(&deep(&deep(&FOUR))));
    static TWELVE: Node = deep(&deep(&deep(&deep(&EIGHT))));
    static SIXTEEN: Node = deep(&deep(&deep(&deep(&TWELVE))));
    static MORE: Node = deep(&SIXTEEN);
    assert_eq!(
        find(&SIXTEEN, &"/x".repeat(16)).map(|(_, found)| found.values().count()),
        Some(16)
    );
    assert_eq!(find(&MORE, &"/x".repeat(17)), None);
}

/// 0 `/{literal}`, 1 `/{many}/{literal}`, for each of some literals.
fn table_of(texts: &[&'static str]) -> &'static Node {
    let literals = |route| -> &'static [(&'static str, Node)] {
        Vec::leak(texts.iter().map(|text| (*text, leaf(route))).collect())
    };
    Box::leak(Box::new(Node {
        literals: literals(0),
        many: Some(Box::leak(Box::new(Node {
            literals: literals(1),
            ..Node::EMPTY
        }))),
        ..Node::EMPTY
    }))
}

#[test]
fn a_literal_is_told_from_what_differs_in_one_byte() {
    let letters = "abcdefghijklmnopqrstuvwxyzabcdefghijklmn";
    let texts: Vec<&'static str> = (0..=letters.len()).map(|len| &letters[..len]).collect();
    let all = table_of(&texts);
    for text in texts {
        // One is compared as it is, of many the right one is looked for.
        for table in [table_of(&[text]), all] {
            let route = |path: &str| find(table, path).map(|(route, _)| route);
            assert_eq!(route(&format!("/{text}")), Some(0), "{text}");
            assert_eq!(route(&format!("/a/b/{text}")), Some(1), "{text}");
            for (at, byte) in text.bytes().enumerate() {
                let with = |other: &str| [&text[..at], other, &text[at + 1..]].concat();
                let (other, encoded) = (with("~"), with(&format!("%{byte:02x}")));
                assert_eq!(route(&format!("/{other}")), None, "{other}");
                assert_eq!(route(&format!("/a/b/{other}")), None, "{other}");
                assert_eq!(route(&format!("/{encoded}")), Some(0), "{encoded}");
                assert_eq!(route(&format!("/a/b/{encoded}")), Some(1), "{encoded}");
            }
        }
    }
}
