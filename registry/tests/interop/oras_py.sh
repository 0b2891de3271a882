#!/usr/bin/env bash
# oras-py: the client that sends chunks with Content-Range, and a connection for every request.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
version=0.2.43
python=$tools/oras-py-$version/bin/python
if ! "$python" -c 'import oras' 2>/dev/null; then
    python3 -c 'import ensurepip' 2>/dev/null || debian_package python3-venv
    python3 -m venv --clear "$tools/oras-py-$version"
    "$python" -m pip install --quiet --disable-pip-version-check "oras==$version"
fi
echo "oras-py: $version"
start_paged_registry

client() { bounded "$python" "$here/oras_py.py" "$@"; }
push() { client push "$1" "$2"; }
pull() { client pull "$1" "$work/pulled"; }
tags() { client tags "$1"; }
delete() { client delete "$1"; }

exchange oras-py index many empty zstd docker artifact large
if [[ -z ${INTEROP_REGISTRY:-} ]]; then
    check "the large layer came in chunks" grep -q 'method=PATCH.* status=202 .*user_agent=python-requests' "$work/registry.log"
fi
lists_and_deletes oras-py

mkdir "$work/files"
cd "$work/files"
head -c 3000000 /dev/urandom >large.bin
echo "a text" >text
check "push files" bounded "$python" -c 'import sys, oras.client
oras.client.OrasClient(insecure=True).push(target=sys.argv[1], files=["large.bin", "text"])' "$registry/oras-py/files:v1"
check "pull files" bounded "$python" -c 'import sys, oras.client
oras.client.OrasClient(insecure=True).pull(target=sys.argv[1], outdir=sys.argv[2])' "$registry/oras-py/files:v1" "$work/out"
check "they are the same" diff -r "$work/files" "$work/out"
finish oras_py
