#!/usr/bin/env bash
# docker with a daemon of its own: it keeps layers unpacked and pushes what it packs itself.
#
# docker neither lists nor deletes in a registry: `pull --all-tags` reads the list, skopeo deletes. It holds
# images only, of one platform.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin docker
echo "docker: client $(docker version --format '{{.Client.Version}}'), daemon $(docker version --format '{{.Server.Version}}')"

exchange docker image many empty index large
# Of Docker's own types is all that it pushes. Debian's version does not unpack zstd.
make_kind docker
pulls docker docker
check "what docker pushed is schema 2" manifest_has_type "$registry/docker/image:v1" application/vnd.docker.distribution.manifest.v2+json
lists_and_deletes docker
finish docker
