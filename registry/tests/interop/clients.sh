# shellcheck shell=bash
# shellcheck disable=SC2154 # What lib.sh sets.
# How each client is got and run; sourced behind lib.sh, not run.
#
# For a CLIENT there are the functions
#     CLIENT_ready                     installs it, starts what it needs
#     CLIENT_push LAYOUT REFERENCE     pushes what the layout holds under the tag v1
#     CLIENT_pull REFERENCE            pulls into $work/pulled: a layout, or an archive as `docker save` writes it
#     CLIENT_tags REPOSITORY           prints the tags, a line each
#     CLIENT_delete REFERENCE          deletes by tag
# each step of them chained, as `set -e` does not hold inside of a condition. Those that neither list nor
# delete in a registry borrow skopeo for it. Nothing that an earlier push or pull has left may help a later
# one: each begins with an empty store.

images=$work/images

# Those that keep images unpacked, and pack them anew when they push: options of same_image.py.
comparison() {
    case $1 in
        docker | podman | buildah) echo --unpacked ;;
    esac
}

crane_ready() { go_tool crane github.com/google/go-containerregistry/cmd/crane@v0.22.1; }
crane_push() { bounded crane push --insecure "$1" "$2"; }
crane_pull() { bounded crane pull --insecure --format=oci "$1" "$work/pulled"; }
crane_tags() { bounded crane ls --insecure "$1"; }
crane_delete() {
    local digest
    digest=$(bounded crane digest --insecure "$1") && bounded crane delete --insecure "${1%:*}@$digest"
}

skopeo_ready() { debian skopeo skopeo; }
skopeo_push() { bounded skopeo copy --quiet --all --retry-times 3 --dest-tls-verify=false "oci:$1:v1" "docker://$2"; }
skopeo_pull() {
    bounded skopeo copy --quiet --all --retry-times 3 --preserve-digests --src-tls-verify=false "docker://$1" "oci:$work/pulled:v1"
}
skopeo_tags() {
    bounded skopeo list-tags --tls-verify=false "docker://$1" |
        python3 -c 'import json,sys; print(*json.load(sys.stdin)["Tags"], sep="\n")'
}
skopeo_delete() { bounded skopeo delete --tls-verify=false "docker://$1"; }

oras_ready() { go_tool oras oras.land/oras/cmd/oras@v1.3.6; }
oras_push() { bounded oras cp --no-tty --from-oci-layout "$1:v1" --to-plain-http "$2"; }
oras_pull() { bounded oras cp --no-tty --from-plain-http "$1" --to-oci-layout "$work/pulled:v1"; }
oras_tags() { bounded oras repo tags --plain-http "$1"; }
oras_delete() { bounded oras manifest delete --force --plain-http "$1"; }

regctl_ready() {
    go_tool regctl github.com/regclient/regclient/cmd/regctl@v0.11.5
    export REGCTL_CONFIG=$work/regctl.json
}
# It takes a registry for TLS unless it was told.
regctl_host() { bounded regctl registry set --tls disabled --skip-check "${1%%/*}"; }
regctl_push() { regctl_host "$2" && bounded regctl image copy "ocidir://$1:v1" "$2"; }
regctl_pull() { regctl_host "$1" && bounded regctl image copy "$1" "ocidir://$work/pulled:v1"; }
regctl_tags() { bounded regctl tag ls "$1"; }
regctl_delete() { bounded regctl tag delete "$1"; }

oras_py_version=0.2.43
oras_py_ready() {
    python=$tools/oras-py-$oras_py_version/bin/python
    "$python" -c 'import oras' 2>/dev/null && return
    python3 -c 'import ensurepip' 2>/dev/null || debian_package python3-venv
    bounded python3 -m venv --clear "$tools/oras-py-$oras_py_version"
    bounded "$python" -m pip install --quiet --disable-pip-version-check "oras==$oras_py_version"
}
oras_py() { bounded "$python" "$here/oras_py.py" "$@"; }
oras_py_push() { oras_py push "$1" "$2"; }
oras_py_pull() { oras_py pull "$1" "$work/pulled"; }
oras_py_tags() { oras_py tags "$1"; }
oras_py_delete() { oras_py delete "$1"; }

# A containerd of one's own: all that it keeps is below $work, so it meets no other of the machine.
ctr_ready() {
    (($(id -u) == 0)) || fail "containerd runs as root"
    debian containerd containerd
    debian skopeo skopeo
    containerd_socket=$work/containerd.sock
    printf '%s\n' 'version = 2' 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' >"$work/containerd.toml"
    containerd --config "$work/containerd.toml" --root "$work/containerd" --state "$work/containerd-state" \
        --address "$containerd_socket" >"$work/containerd.log" 2>&1 &
    background+=($!)
    until_true "containerd answers" timeout 5 ctr --address "$containerd_socket" version
}
own_ctr() { bounded ctr --address "$containerd_socket" "$@"; }
# Without --sync the content would still be there, and nothing would be fetched.
ctr_forget() { own_ctr image ls -q | xargs -r timeout 60 ctr --address "$containerd_socket" image rm --sync >/dev/null; }
ctr_push() {
    ctr_forget && tar -C "$1" -cf "$work/layout.tar" . &&
        own_ctr image import --all-platforms --no-unpack --base-name "${2%:*}" "$work/layout.tar" &&
        rm "$work/layout.tar" &&
        own_ctr image push --plain-http "$2" "${2%:*}:v1"
}
ctr_keep() {
    mkdir -p "$work/pulled" && own_ctr image export --all-platforms "$work/layout.tar" "$1" &&
        tar -C "$work/pulled" -xf "$work/layout.tar" && rm "$work/layout.tar" && ctr_forget
}
ctr_pull() {
    ctr_forget && own_ctr image pull --plain-http --all-platforms --snapshotter native "$1" && ctr_keep "$1"
}
ctr_tags() { skopeo_tags "$1"; }
ctr_delete() { skopeo_delete "$1"; }

docker_ready() {
    debian dockerd docker.io
    debian docker docker.io
    ctr_ready
    export DOCKER_HOST=unix://$work/docker.sock
    echo '{}' >"$work/daemon.json"
    dockerd --config-file "$work/daemon.json" --bridge=none --iptables=false --ip-forward=false \
        --storage-driver=vfs --data-root "$work/docker-data" --exec-root "$work/docker-exec" \
        --pidfile "$work/docker.pid" --host "$DOCKER_HOST" --containerd "$containerd_socket" \
        >"$work/dockerd.log" 2>&1 &
    background+=($!)
    until_true "dockerd answers" timeout 5 docker version
}
docker_forget() { bounded docker image ls -aq --no-trunc | sort -u | xargs -r timeout 120 docker image rm -f >/dev/null; }
docker_push() {
    docker_forget && rm -f "$work/image.tar" &&
        bounded skopeo copy --quiet --override-os linux --override-arch amd64 "oci:$1:v1" "docker-archive:$work/image.tar:$2" &&
        bounded docker load --quiet --input "$work/image.tar" && rm "$work/image.tar" &&
        bounded docker push "$2"
}
docker_pull() {
    docker_forget && bounded docker pull --platform linux/amd64 "$1" &&
        bounded docker save --output "$work/pulled" "$1" && docker_forget
}
# Its only way to read a list.
docker_tags() {
    docker_forget && bounded docker pull --quiet --all-tags "$1" >/dev/null && bounded docker image ls --format '{{.Tag}}' "$1"
}
docker_delete() { skopeo_delete "$1"; }

podman_ready() {
    debian podman podman
    debian skopeo skopeo
}
own_podman() { bounded podman --root "$work/store" --runroot "$work/run" --storage-driver vfs --cgroup-manager cgroupfs "$@"; }
podman_forget() { own_podman rmi --all --force >/dev/null; }
podman_push() {
    local id
    podman_forget || return
    # It makes a name of the path, where capital letters would be refused.
    id=$(cd "$images" && own_podman pull --quiet --os linux --arch amd64 "oci:${1##*/}:v1") || return
    own_podman push --quiet --tls-verify=false "$id" "docker://$2"
}
podman_keep() { own_podman save --quiet --format docker-archive --output "$work/pulled" "$1"; }
podman_pull() {
    local id
    podman_forget || return
    id=$(own_podman pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$1") || return
    podman_keep "$id" && podman_forget
}
podman_tags() { own_podman search --list-tags --limit 1000 --tls-verify=false "$1" | awk 'NR > 1 { print $2 }'; }
podman_delete() { skopeo_delete "$1"; }

buildah_ready() {
    debian buildah buildah
    debian skopeo skopeo
}
own_buildah() { bounded buildah --root "$work/store" --runroot "$work/run" --storage-driver vfs "$@"; }
buildah_forget() { own_buildah rmi --all --force >/dev/null; }
buildah_push() {
    local id
    buildah_forget || return
    id=$(cd "$images" && own_buildah pull --quiet --os linux --arch amd64 "oci:${1##*/}:v1") || return
    own_buildah push --quiet --tls-verify=false "$id" "docker://$2"
}
buildah_keep() { own_buildah push --quiet "$1" "docker-archive:$work/pulled"; }
buildah_pull() {
    local id
    buildah_forget || return
    id=$(own_buildah pull --quiet --os linux --arch amd64 --tls-verify=false "docker://$1") || return
    buildah_keep "$id" && buildah_forget
}
buildah_tags() { skopeo_tags "$1"; }
buildah_delete() { skopeo_delete "$1"; }

# umoci does not speak to registries: skopeo moves its layouts, and umoci must unpack what comes back.
umoci_ready() {
    (($(id -u) == 0)) || fail "umoci unpacks as root"
    debian umoci umoci
    debian skopeo skopeo
}
umoci_push() { skopeo_push "$@"; }
umoci_pull() {
    rm -rf "$work/bundle" && skopeo_pull "$1" && bounded umoci unpack --image "$work/pulled:v1" "$work/bundle"
}
umoci_tags() { skopeo_tags "$1"; }
umoci_delete() { skopeo_delete "$1"; }
