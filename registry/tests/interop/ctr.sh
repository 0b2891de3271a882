#!/usr/bin/env bash
# containerd's ctr, with a containerd of its own: whole graphs of content, byte for byte.
#
# ctr neither lists nor deletes in a registry: skopeo does.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
source "$here/daemons.sh"
debian skopeo skopeo
start_containerd
start_paged_registry
echo "ctr: $(ctr --version)"

client() { bounded ctr --address "$containerd_socket" "$@"; }
# Without --sync the content would still be there, and nothing would be fetched.
forget() { client image ls -q | xargs -r timeout 60 ctr --address "$containerd_socket" image rm --sync >/dev/null; }
push() {
    forget && tar -C "$1" -cf "$work/layout.tar" . &&
        client image import --all-platforms --no-unpack --base-name "${2%:*}" "$work/layout.tar" &&
        rm "$work/layout.tar" &&
        client image push --plain-http "$2" "${2%:*}:v1"
}
keep() {
    mkdir -p "$work/pulled" && client image export --all-platforms "$work/layout.tar" "$1" &&
        tar -C "$work/pulled" -xf "$work/layout.tar" && rm "$work/layout.tar" && forget
}
pull() { forget && client image pull --plain-http --all-platforms --snapshotter native "$1" && keep "$1"; }
tags() { skopeo_tags "$1"; }
delete() { skopeo_delete "$1"; }

exchange ctr index many empty zstd docker large
lists_and_deletes ctr
# What is no image is fetched and not unpacked.
pull() { forget && client content fetch --plain-http --all-platforms "$1" && keep "$1"; }
# Debian's version neither pushes nor fetches a blob of no bytes.
artifact_options=(--without-empty)
exchange ctr artifact
finish ctr
