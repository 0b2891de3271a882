#!/usr/bin/env bash
# What each client pushes every other client pulls.
#
#     mix.sh [CLIENT...]
#
# umoci is left out, as skopeo does this for it.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
clients=("$@")
((${#clients[@]})) || clients=(crane skopeo oras regctl oras_py ctr docker podman buildah)
# docker brings ctr's daemon with it.
begin skopeo oras regctl oras_py docker podman buildah

# skopeo_pull puts no manifest of Docker's into a layout.
skopeo_archive() { bounded skopeo copy --quiet --src-tls-verify=false "docker://$1" "docker-archive:$work/pulled"; }

for from in "${clients[@]}"; do
    python3 "$here/make_image.py" "$images/$from" --kind image --seed "$from" >/dev/null
    check "$from pushes" "${from}_push" "$images/$from" "$registry/mix/$from:v1"
    for client in "${clients[@]}"; do
        pull=${client}_pull repacker=$client
        [[ $client != "$from" ]] || continue
        [[ -z $(comparison "$from") ]] || repacker=$from
        [[ $client:$from != skopeo:docker ]] || pull=skopeo_archive
        check "  $client pulls that" fresh_pull "$pull" "$registry/mix/$from:v1"
        check "  and it is the same" is_the_same "$from" "$repacker"
    done
done
finish mix
