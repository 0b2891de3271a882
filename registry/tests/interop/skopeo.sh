#!/usr/bin/env bash
# skopeo: pushes a multi-platform image, pulls it by tag and by digest, copies, lists, deletes.
source "$(dirname "$0")/lib.sh"
need skopeo "Debian's package skopeo"
echo "skopeo: $(skopeo --version)"
start_registry

source_layout=$work/source
digest=$(python3 "$here/make_image.py" "$source_layout")
push() { bounded skopeo copy --quiet --all --dest-tls-verify=false "oci:$source_layout:v1" "docker://$registry/$1"; }
pull() {
    rm -rf "$work/pulled"
    bounded skopeo copy --quiet --all --preserve-digests --src-tls-verify=false "docker://$registry/$1" "oci:$work/pulled:v1"
}
pulled_is_the_same() { python3 "$here/same_image.py" "$source_layout" "$work/pulled"; }
raw() { bounded skopeo inspect --raw --tls-verify=false "docker://$registry/$1"; }
raw_digest() { raw "$1" | sha256sum | cut -d' ' -f1; }

# The names that hold the API's own keywords are legal, and break routers that split paths by words.
for name in interop/skopeo team/blobs/app team/manifests/app a/uploads/b tags/list manifests/manifests; do
    check "push $name:v1" push "$name:v1"
    check "pull $name:v1" pull "$name:v1"
    check "what came back from $name is what was sent" pulled_is_the_same
done
name=interop/skopeo
same "the raw index by tag" "${digest#sha256:}" "$(raw_digest "$name:v1")"
same "the raw index by digest" "${digest#sha256:}" "$(raw_digest "$name@$digest")"
check "pull by digest" pull "$name@$digest"
check "what came by digest is what was sent" pulled_is_the_same
check "push again, where everything is there" push "$name:v1"
check "push under a second tag" push "$name:v2"
tags=$(bounded skopeo list-tags --tls-verify=false "docker://$registry/$name" | python3 -c 'import json,sys; print(*json.load(sys.stdin)["Tags"])')
same "both tags are listed" "v1 v2" "$tags"
check "copy within the registry" bounded skopeo copy --quiet --all --src-tls-verify=false --dest-tls-verify=false \
    "docker://$registry/$name:v1" "docker://$registry/interop/copy:v1"
check "pull the copy" pull interop/copy:v1
check "the copy is the original" pulled_is_the_same
refused "an unknown tag" raw "$name:unknown"
refused "an unknown repository" raw interop/unknown:v1
check "delete" bounded skopeo delete --tls-verify=false "docker://$registry/interop/copy:v1"
refused "what was deleted is gone" raw interop/copy:v1
check "the original is not" pull "$name:v1"
check "and is whole" pulled_is_the_same
finish skopeo
