#!/usr/bin/env bash
# buildah: builds an image from nothing, and moves those of others, with a store of its own.
#
# buildah neither lists nor deletes in a registry: skopeo does. It holds images only; a list of them is
# pushed by `buildah manifest`.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin buildah
echo "buildah: $(buildah --version)"

exchange buildah image many empty index large
make_kind docker
pulls buildah docker
lists_and_deletes buildah

mkdir "$work/context"
head -c 2000000 /dev/urandom >"$work/context/file"
cat >"$work/context/Containerfile" <<'CONTAINERFILE'
FROM scratch
COPY file /file
LABEL built=here
CONTAINERFILE
name=$registry/buildah/built:v1
check "build from nothing" own_buildah build --isolation chroot --tag "$name" "$work/context"
check "push what was built" own_buildah push --quiet --tls-verify=false "$name" "docker://$name"
check "another client reads the file in it" bounded crane export --insecure "$name" "$work/exported.tar"
same "it is what was put there" "$(sha256sum <"$work/context/file")" "$(tar -xOf "$work/exported.tar" file | sha256sum)"
check "build on what another client pushed" own_buildah build --isolation chroot --tls-verify=false --pull-always \
    --tag "$name-derived" --file - "$work/context" < <(printf 'FROM %s\nCOPY file /more\n' "$registry/other/buildah-many:v1")
check "push that: its base is mounted or there" own_buildah push --quiet --tls-verify=false "$name-derived" "docker://$name-derived"
same "it has the layers of its base and one more" 61 \
    "$(bounded crane manifest --insecure "$name-derived" | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["layers"]))')"

# What was packed by zstd it does not save as Docker does.
buildah_keep() { own_buildah push --quiet "$1" "oci:$work/pulled:v1"; }
exchange buildah zstd
name=$registry/buildah/zstd:packed
id=$(own_buildah pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$registry/other/buildah-zstd:v1")
check "push, packed by zstd" own_buildah push --quiet --compression-format zstd --tls-verify=false "$id" "docker://$name"
same "its layers are" "application/vnd.oci.image.layer.v1.tar+zstd" "$(layer_types "$name")"
check "another client pulls it" fresh_pull other_pull "$name"
check "and it is the same" is_the_same zstd buildah

name=$registry/buildah/schema2:v1
id=$(own_buildah pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$registry/other/buildah-docker:v1")
check "push as schema 2" own_buildah push --quiet --format v2s2 --tls-verify=false "$id" "docker://$name"
check "it is that" manifest_has_type "$name" application/vnd.docker.distribution.manifest.v2+json
check "another client pulls it" fresh_pull other_pull "$name"
check "and it is the same" is_the_same docker buildah

list=$registry/buildah/list:v1
check "make a list" own_buildah manifest create list
for architecture in amd64 arm64; do
    reference=$registry/other/buildah-index:v1
    digest=$(bounded crane digest --insecure --platform "linux/$architecture" "$reference")
    check "add an image for $architecture" own_buildah manifest add --tls-verify=false list "docker://${reference%:*}@$digest"
done
check "push the list with its images" own_buildah manifest push --all --tls-verify=false list "docker://$list"
check "every layer of every platform is what it should be" bounded crane validate --insecure --remote "$list"
finish buildah
