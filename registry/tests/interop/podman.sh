#!/usr/bin/env bash
# podman, with a store of its own: a connection for every request, layers packed anew.
#
# podman does not delete in a registry: skopeo does. It holds images only; a list of them is pushed by
# `podman manifest`.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin podman
echo "podman: $(podman --version)"

exchange podman image many empty index large
make_kind docker
pulls podman docker
lists_and_deletes podman

# What was packed by zstd it does not save as Docker does.
podman_keep() { own_podman push --quiet "$1" "oci:$work/pulled:v1"; }
exchange podman zstd
name=$registry/podman/zstd:packed
id=$(own_podman pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$registry/other/podman-zstd:v1")
check "push, packed by zstd" own_podman push --quiet --compression-format zstd --tls-verify=false "$id" "docker://$name"
same "its layers are" "application/vnd.oci.image.layer.v1.tar+zstd" "$(layer_types "$name")"
check "another client pulls it" fresh_pull other_pull "$name"
check "and it is the same" is_the_same zstd podman

name=$registry/podman/schema2:v1
id=$(own_podman pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$registry/other/podman-docker:v1")
check "push as schema 2" own_podman push --quiet --format v2s2 --tls-verify=false "$id" "docker://$name"
check "it is that" manifest_has_type "$name" application/vnd.docker.distribution.manifest.v2+json
check "another client pulls it" fresh_pull other_pull "$name"
check "and it is the same" is_the_same docker podman

list=$registry/podman/list:v1
check "make a list" own_podman manifest create list
for architecture in amd64 arm64; do
    reference=$registry/other/podman-index:v1
    digest=$(bounded crane digest --insecure --platform "linux/$architecture" "$reference")
    check "add an image for $architecture" own_podman manifest add --tls-verify=false list "docker://${reference%:*}@$digest"
done
check "push the list with its images" own_podman manifest push --all --tls-verify=false list "docker://$list"
check "every layer of every platform is what it should be" bounded crane validate --insecure --remote "$list"
check "search the catalog" own_podman search --tls-verify=false --limit 1000 --format '{{.Name}}' "$registry/"
same "it finds all repositories of all pages" "$(bounded crane catalog --insecure "$registry" | sed "s|^|$registry/|" | LC_ALL=C sort)" "$(LC_ALL=C sort "$work/output")"
finish podman
