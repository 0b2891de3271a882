#!/usr/bin/env bash
# regctl: asks for a mount for every blob of every push, and deletes a tag alone.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin regctl
echo "regctl: v0.11.5"

exchange regctl index many empty zstd docker artifact large
lists_and_deletes regctl

name=$registry/regctl/index
digest=${digests[index]}
check "a second tag" bounded regctl image copy "$name:v1" "$name:v2"
check "copy to another repository, by mounts" bounded regctl image copy "$name:v1" "$registry/regctl/mounted:v1"
same "the copy has its digest" "$digest" "$(bounded regctl image digest "$registry/regctl/mounted:v1")"
check "delete one tag of two" bounded regctl tag delete "$name:v1"
same "the other is left" "v2" "$(bounded regctl tag ls "$name")"
same "and has what it had" "$digest" "$(bounded regctl image digest "$name:v2")"
check "delete by digest" bounded regctl manifest delete "$name@$digest"
refused "its tag went with it" bounded regctl image digest "$name:v2"
echo "a note" >"$work/note"
check "put an artifact on a subject" bounded regctl artifact put --artifact-type application/vnd.example.note \
    --subject "$registry/regctl/mounted:v1" --file "$work/note" --file-media-type text/plain
same "it is found from there" application/vnd.example.note \
    "$(bounded regctl artifact list "$registry/regctl/mounted:v1" --format '{{range .Descriptors}}{{.ArtifactType}}{{end}}')"
finish regctl
