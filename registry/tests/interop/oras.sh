#!/usr/bin/env bash
# oras: whole graphs from and to layouts, and artifacts made of files, attached, discovered.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin oras
echo "oras: v1.3.6"

exchange oras index many empty zstd docker artifact large
lists_and_deletes oras

mkdir "$work/files"
cd "$work/files"
head -c 3000000 /dev/urandom >large.bin
echo "a text" >text
: >nothing
name=$registry/oras/files
check "push files" bounded oras push --no-tty --plain-http --artifact-type application/vnd.example.files \
    "$name:v1" large.bin:application/octet-stream text:text/plain nothing:application/octet-stream
check "pull files" bounded oras pull --no-tty --plain-http -o "$work/out" "$name:v1"
check "they are the same" diff -r "$work/files" "$work/out"
check "attach to it" bounded oras attach --no-tty --plain-http --artifact-type application/vnd.example.note "$name:v1" text:text/plain
check "discover" bounded oras discover --plain-http --format json "$name:v1"
same "what is attached is found" application/vnd.example.note \
    "$(python3 -c 'import json,sys; print(*(r["artifactType"] for r in json.load(sys.stdin)["referrers"]))' <"$work/output")"
check "copy with referrers to another repository" bounded oras cp --no-tty -r --from-plain-http --to-plain-http "$name:v1" "$registry/oras/copied:v1"
check "discover there" bounded oras discover --plain-http --format json "$registry/oras/copied:v1"
same "what is attached was copied" application/vnd.example.note \
    "$(python3 -c 'import json,sys; print(*(r["artifactType"] for r in json.load(sys.stdin)["referrers"]))' <"$work/output")"
same "the catalog in pages" "$(bounded crane catalog --insecure "$registry" | LC_ALL=C sort)" \
    "$(bounded oras repo ls --plain-http "$registry" | LC_ALL=C sort)"
finish oras
