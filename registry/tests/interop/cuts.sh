#!/usr/bin/env bash
# Connections cut in the middle of an upload or a pull, and answers that get lost, for every client.
#
#     cuts.sh [CLIENT...]
#
# A proxy (cut.py) does each damage once. Clients that recover by themselves must; the others are run again,
# as their user would, and must then find nothing in their way. Each time the image is compared with what
# the registry itself gives to another client, or with what was pulled through the proxy.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
clients=("$@")
((${#clients[@]})) || clients=(crane skopeo podman buildah docker regctl oras oras_py ctr)
# docker brings ctr's daemon with it.
begin skopeo podman buildah docker regctl oras oras_py

# Who recovers from what by itself, every time: found by trial, with the versions that are used here.
recovers=" crane:upload crane:closing crane:manifest skopeo:closing skopeo:manifest skopeo:pull
    podman:closing podman:manifest podman:pull buildah:closing buildah:manifest buildah:pull docker:upload docker:closing docker:pull docker:end
    regctl:manifest regctl:end ctr:end oras_py:upload oras_py:closing oras_py:manifest "
# Who asks for the rest of a blob then, and by what name the registry's log has it.
declare -A resumes=([docker]=docker [regctl]=regctl [ctr]=containerd)
proxy_pid=

# damage FAULT: starts a proxy for one fault, and sets `proxy` to its address.
damage() {
    : >"$work/proxy.log"
    python3 "$here/cut.py" "$registry" "$1" >>"$work/proxy.log" 2>&1 &
    proxy_pid=$!
    background+=("$proxy_pid")
    until_true "the proxy listens" grep -q '^listening ' "$work/proxy.log"
    proxy=$(sed -n 's/^listening //p' "$work/proxy.log")
}

# Ends the proxy; it must have done its damage.
repaired() {
    stop "$proxy_pid" || fail "the proxy did not end"
    same "  the proxy did it once" 1 "$(grep -c '^fault: ' "$work/proxy.log")"
}

# attempts CLIENT FAULT COMMAND...: once where the client recovers by itself, else as often as three times.
attempts() {
    local client=$1 fault=$2 tries=3 try
    local start=$SECONDS
    shift 2
    [[ ! $recovers =~ [[:space:]]${client}:${fault}[[:space:]] ]] || tries=1
    for ((try = 1; try <= tries; try++)); do
        if "$@"; then
            echo "$client:$fault $try ($((SECONDS - start))s)" >>"$work/tries"
            return
        fi
    done
    return 1
}

make() {
    # Another image each time: where its layers are known nothing would be sent.
    python3 "$here/make_image.py" "$images/$1" --kind stored --seed "$1" --layer-size 3000000 >"$work/digest"
}

for client in "${clients[@]}"; do
    for fault in upload closing manifest; do
        image=$client-$fault
        make "$image"
        damage "$fault"
        check "$client pushes: $fault" attempts "$client" "$fault" "${client}_push" "$images/$image" "$proxy/cut/$image:v1"
        repaired
        check "  another client pulls it" fresh_pull other_pull "$registry/cut/$image:v1"
        check "  it is the same" is_the_same "$image" "$client"
        rm -rf "${images:?}/$image"
    done
    for fault in pull end; do
        image=$client-$fault
        make "$image"
        check "another client pushes for $client" other_push "$images/$image" "$registry/cut/$image:v1"
        damage "$fault"
        check "$client pulls: $fault" attempts "$client" "$fault" fresh_pull "${client}_pull" "$proxy/cut/$image:v1"
        repaired
        check "  it is the same" is_the_same "$image" "$client"
        rm -rf "${images:?}/$image"
    done
    agent=${resumes[$client]:-}
    if [[ -n $agent && -z ${INTEROP_REGISTRY:-} ]]; then
        check "  $client went on where it was cut" grep -q "blobs/.* status=206 .*user_agent=.*$agent" "$work/registry.log"
    fi
done
echo "tries: $(tr '\n' ' ' <"$work/tries")"
finish cuts
