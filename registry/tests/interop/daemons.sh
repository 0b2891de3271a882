# shellcheck shell=bash
# A containerd of one's own, for ctr and dockerd; sourced behind lib.sh, not run.
#
# Everything that it keeps is below $work, so it meets no other containerd of the machine.

# Sets `containerd_socket`. Needs root.
start_containerd() {
    (($(id -u) == 0)) || fail "containerd runs as root"
    debian containerd containerd
    containerd_socket=$work/containerd.sock
    cat >"$work/containerd.toml" <<TOML
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri"]
TOML
    containerd --config "$work/containerd.toml" --root "$work/containerd" --state "$work/containerd-state" \
        --address "$containerd_socket" >"$work/containerd.log" 2>&1 &
    background+=($!)
    until_true "containerd answers" ctr --address "$containerd_socket" --connect-timeout 5s version
}

# Starts dockerd on a containerd of its own, and points docker at it.
start_dockerd() {
    debian dockerd docker.io
    debian docker docker.io
    start_containerd
    export DOCKER_HOST=unix://$work/docker.sock
    echo '{}' >"$work/daemon.json"
    dockerd --config-file "$work/daemon.json" --bridge=none --iptables=false --ip-forward=false \
        --storage-driver=vfs --data-root "$work/docker-data" --exec-root "$work/docker-exec" \
        --pidfile "$work/docker.pid" --host "$DOCKER_HOST" --containerd "$containerd_socket" \
        >"$work/dockerd.log" 2>&1 &
    background+=($!)
    until_true "dockerd answers" docker version
}
