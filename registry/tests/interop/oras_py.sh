#!/usr/bin/env bash
# oras-py: the client that sends chunks with Content-Range, and a connection for every request.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin oras_py
echo "oras-py: $oras_py_version"

exchange oras_py index many empty zstd docker artifact large
if [[ -z ${INTEROP_REGISTRY:-} ]]; then
    check "the large layer came in chunks" grep -q 'method=PATCH.* status=202 .*user_agent=python-requests' "$work/registry.log"
fi
lists_and_deletes oras_py

mkdir "$work/files"
cd "$work/files"
head -c 3000000 /dev/urandom >large.bin
echo "a text" >text
check "push files" bounded "$python" -c 'import sys, oras.client
oras.client.OrasClient(insecure=True).push(target=sys.argv[1], files=["large.bin", "text"])' "$registry/oras_py/files:v1"
check "pull files" bounded "$python" -c 'import sys, oras.client
oras.client.OrasClient(insecure=True).pull(target=sys.argv[1], outdir=sys.argv[2])' "$registry/oras_py/files:v1" "$work/out"
check "they are the same" diff -r "$work/files" "$work/out"
finish oras_py
