#!/usr/bin/env bash
# crane: another implementation of the client's side, and each client pulls what the other pushed.
source "$(dirname "$0")/lib.sh"
go_tool crane github.com/google/go-containerregistry/cmd/crane@v0.22.1
need skopeo "Debian's package skopeo"
echo "crane: v0.22.1"
start_registry

source_layout=$work/source
digest=$(python3 "$here/make_image.py" "$source_layout" --seed crane)
pull() {
    rm -rf "$work/pulled"
    bounded crane pull --insecure --format=oci "$registry/$1" "$work/pulled"
}
pull_with_skopeo() {
    rm -rf "$work/pulled"
    bounded skopeo copy --quiet --all --preserve-digests --src-tls-verify=false "docker://$registry/$1" "oci:$work/pulled:v1"
}
pulled_is_the_same() { python3 "$here/same_image.py" "$source_layout" "$work/pulled"; }

for name in interop/crane team/blobs/app tags/list; do
    check "push $name:v1" bounded crane push --insecure "$source_layout" "$registry/$name:v1"
    check "pull $name:v1" pull "$name:v1"
    check "what came back from $name is what was sent" pulled_is_the_same
done
name=interop/crane
same "the digest of the tag (HEAD)" "$digest" "$(bounded crane digest --insecure "$registry/$name:v1")"
same "the raw index" "${digest#sha256:}" "$(bounded crane manifest --insecure "$registry/$name:v1" | sha256sum | cut -d' ' -f1)"
check "every layer of every platform is what it should be" bounded crane validate --insecure --remote "$registry/$name:v1"
check "pull by digest" pull "$name@$digest"
check "what came by digest is what was sent" pulled_is_the_same
check "skopeo pulls what crane pushed" pull_with_skopeo "$name:v1"
check "and it is the same" pulled_is_the_same
check "copy to another repository, by mounts" bounded crane copy --insecure "$registry/$name:v1" "$registry/interop/mounted:v1"
check "pull the copy" pull interop/mounted:v1
check "the copy is the original" pulled_is_the_same

for number in 1 2 3 4 5; do
    check "tag t$number" bounded crane tag --insecure "$registry/$name:v1" "t$number"
done
same "tags are listed in order" "t1 t2 t3 t4 t5 v1" "$(bounded crane ls --insecure "$registry/$name" | tr '\n' ' ' | sed 's/ $//')"
same "the catalog has the repositories" "interop/crane interop/mounted tags/list team/blobs/app" \
    "$(bounded crane catalog --insecure "$registry" | sort | tr '\n' ' ' | sed 's/ $//')"

check "skopeo pushes" bounded skopeo copy --quiet --all --dest-tls-verify=false "oci:$source_layout:v1" "docker://$registry/interop/skopeo:v1"
check "crane pulls what skopeo pushed" pull interop/skopeo:v1
check "and it is the same" pulled_is_the_same
check "delete by digest" bounded crane delete --insecure "$registry/interop/skopeo@$digest"
refused "what was deleted is gone" bounded crane manifest --insecure "$registry/interop/skopeo:v1"
finish crane
