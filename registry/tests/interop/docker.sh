#!/usr/bin/env bash
# docker with a daemon of its own: it keeps layers unpacked and pushes what it packs itself.
#
# docker neither lists nor deletes in a registry: `pull --all-tags` reads the list, skopeo deletes. It holds
# images only, of one platform.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
source "$here/daemons.sh"
debian skopeo skopeo
start_dockerd
start_paged_registry
echo "docker: client $(docker version --format '{{.Client.Version}}'), daemon $(docker version --format '{{.Server.Version}}')"

compare=(--unpacked)
# A layer that is there is not fetched again, so nothing may be there.
forget() { docker image ls -aq --no-trunc | sort -u | xargs -r timeout 120 docker image rm -f >/dev/null; }
push() {
    forget && rm -f "$work/image.tar" &&
        bounded skopeo copy --quiet --override-os linux --override-arch amd64 "oci:$1:v1" "docker-archive:$work/image.tar:$2" &&
        bounded docker load --quiet --input "$work/image.tar" && rm "$work/image.tar" &&
        bounded docker push "$2"
}
pull() {
    forget && bounded docker pull --platform linux/amd64 "$1" && bounded docker save --output "$work/pulled" "$1" && forget
}
tags() {
    forget && bounded docker pull --quiet --all-tags "$1" >/dev/null && docker image ls --format '{{.Tag}}' "$1"
}
delete() { skopeo_delete "$1"; }

exchange docker image many empty index large
# Of Docker's own types is all that it pushes. Debian's version does not unpack zstd.
make_kind docker
pulls docker docker
check "what docker pushed is schema 2" manifest_has_type "$registry/docker/image:v1" application/vnd.docker.distribution.manifest.v2+json
lists_and_deletes docker
finish docker
