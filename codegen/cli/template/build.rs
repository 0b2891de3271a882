//! Generates types, server, client and documents from the descriptor.

fn main() {
    api_codegen::build("api.yaml");
}
