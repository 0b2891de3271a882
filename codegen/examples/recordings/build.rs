//! Generates types, server and client from the descriptor.

fn main() {
    api_codegen::build("spec");
}
