//! Generates what is compiled and called, but not committed: an API of nothing but nasty names.

fn main() {
    api_codegen::build("../data/pass/names.yaml");
}
