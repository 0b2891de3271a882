#!/usr/bin/env bash
# Real clients and the conformance program against the release binary, each against a fresh registry.
#
#     registry/tests/interop/run.sh [NAME...]
#
# Without names all are run. INTEROP_BINARY names another binary; INTEROP_REGISTRY=HOST:PORT another
# registry that runs already and is empty.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
all=(skopeo crane conformance)
names=("$@")
((${#names[@]})) || names=("${all[@]}")
for name in "${names[@]}"; do
    [[ -f $here/$name.sh ]] || { echo "there is no $name.sh; known: ${all[*]}" >&2; exit 2; }
    bash "$here/$name.sh"
done
echo "interop: ${#names[@]} passed, 0 failed"
