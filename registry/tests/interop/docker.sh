#!/usr/bin/env bash
# docker with a daemon of its own: it keeps layers unpacked and pushes what it packs itself.
#
# docker neither lists nor deletes in a registry: `pull --all-tags` reads the list, skopeo deletes. It holds
# images only, of one platform; a list of them is pushed by `docker manifest`.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin docker
echo "docker: client $(bounded docker version --format '{{.Client.Version}}'), daemon $(bounded docker version --format '{{.Server.Version}}')"

exchange docker image many empty index large
# Of Docker's own types is all that it pushes. Debian's version does not unpack zstd.
make_kind docker
pulls docker docker
check "what docker pushed is schema 2" manifest_has_type "$registry/docker/image:v1" application/vnd.docker.distribution.manifest.v2+json
lists_and_deletes docker

list=$registry/docker/list:v1
members=()
for architecture in amd64 arm64; do
    reference=$registry/other/docker-docker:v1
    members+=("${reference%:*}@$(bounded crane digest --insecure --platform "linux/$architecture" "$reference")")
done
check "make a list" bounded docker manifest create --insecure "$list" "${members[@]}"
check "push the list, whose images are mounted" bounded docker manifest push --insecure "$list"
check "every layer of every platform is what it should be" bounded crane validate --insecure --remote "$list"
finish docker
