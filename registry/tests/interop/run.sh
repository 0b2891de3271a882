#!/usr/bin/env bash
# Real clients and the conformance program against the release binary, each against a fresh registry.
#
#     registry/tests/interop/run.sh [--all | NAME...]
#
# Without names a short set is run; --all runs every script there is, as CI does: more clients, all kinds of
# images, cut connections, a directory of another registry, and the conformance program with every toggle.
# That needs root and Debian, for the daemons and for the packages that the scripts install, and a quarter of
# an hour.
#
# INTEROP_BINARY names another binary; INTEROP_REGISTRY=HOST:PORT another registry that runs already and
# is empty (one script at a time, then). INTEROP_LONGEST is the time in seconds that one step of a client
# may take (600 unless given), INTEROP_LONGEST_SCRIPT that of a whole script (1800), INTEROP_LARGE the bytes
# of the largest layer (300 MiB).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
short=(skopeo crane conformance)
all=("${short[@]}" toggles kinds oras regctl oras_py ctr docker podman buildah umoci mix migrate cuts)
longest=${INTEROP_LONGEST_SCRIPT:-1800}
names=("$@")
((${#names[@]})) || names=("${short[@]}")
[[ ${names[*]} != --all ]] || names=("${all[@]}")
for name in "${names[@]}"; do
    [[ " ${all[*]} " == *" $name "* ]] || { echo "there is no $name.sh; known: ${all[*]}" >&2; exit 2; }
done
for name in "${names[@]}"; do
    start=$SECONDS
    code=0
    timeout --kill-after=60 "$longest" bash "$here/$name.sh" || code=$?
    case $code in
        0) ;;
        124 | 137) echo "FAILED: $name was not done within $longest seconds" >&2; exit 1 ;;
        *) exit "$code" ;;
    esac
    echo "$name: $((SECONDS - start)) s"
done
echo "interop: ${#names[@]} passed, 0 failed"
