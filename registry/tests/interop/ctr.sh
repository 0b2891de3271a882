#!/usr/bin/env bash
# containerd's ctr, with a containerd of its own: whole graphs of content, byte for byte.
#
# ctr neither lists nor deletes in a registry: skopeo does.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin ctr
echo "ctr: $(ctr --version)"

exchange ctr index many empty zstd docker large
lists_and_deletes ctr
# What is no image is fetched and not unpacked.
ctr_pull() { ctr_forget && own_ctr content fetch --plain-http --all-platforms "$1" && ctr_keep "$1"; }
# Debian's version neither pushes nor fetches a blob of no bytes.
artifact_options=(--without-empty)
exchange ctr artifact
finish ctr
