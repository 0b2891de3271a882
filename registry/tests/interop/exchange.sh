# shellcheck shell=bash
# shellcheck disable=SC2154 # What lib.sh sets.
# The course that every client of the long set runs; sourced behind lib.sh, not run.
#
# A client's script says `begin CLIENT`, then `exchange CLIENT` with the kinds of images that it can hold,
# then `lists_and_deletes CLIENT`. What another client does is done by crane, or by $other.

source "$here/clients.sh"
page=10
other=crane
artifact_options=()
declare -A digests

# begin CLIENT...: gets the clients, and a registry whose pages are small.
begin() {
    local client
    debian zstd zstd
    for client in crane "$@"; do
        "${client}_ready"
    done
    start_registry REGISTRY_TAGS_MAXTAGS=$page REGISTRY_CATALOG_MAXENTRIES=$page
}

# Makes the image that a kind of the course stands for.
make_kind() {
    local options=(--seed "$1")
    case $1 in
        many) options+=(--kind image --layers 60 --layer-size 5000) ;;
        large) options+=(--kind stored --layers 1 --layer-size "${INTEROP_LARGE:-314572800}") ;;
        subject) options=(--kind image --seed artifact) ;;
        artifact) options+=(--kind artifact "${artifact_options[@]}") ;;
        *) options+=(--kind "$1") ;;
    esac
    rm -rf "${images:?}/$1"
    digests[$1]=$(python3 "$here/make_image.py" "$images/$1" "${options[@]}")
}

other_push() { "${other}_push" "$@"; }
other_pull() { "${other}_pull" "$@"; }
fresh_pull() {
    rm -rf "$work/pulled"
    "$@"
}
# is_the_same KIND [CLIENT]: what was pulled is that, as far as it can be behind this client.
is_the_same() {
    # shellcheck disable=SC2046 # No option, or one.
    python3 "$here/same_image.py" $(comparison "${2:-}") "$images/$1" "$work/pulled"
}

# referrers NAME@DIGEST: the digests of what refers to a manifest, as the registry lists them.
referrers() {
    python3 - "http://$registry/v2/${1%@*}/referrers/${1#*@}" <<'PYTHON'
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer:
    print(*(entry["digest"] for entry in json.load(answer)["manifests"]))
PYTHON
}

has_its_artifact() {
    same "artifact: it is listed with its subject" "${digests[artifact]}" "$(referrers "${1#*/}@${digests[subject]}")"
}

# first_page NAME: the number of tags in the first page of a list, and whether another follows.
first_page() {
    python3 - "http://$registry/v2/$1/tags/list" <<'PYTHON'
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=60) as answer:
    print(len(json.load(answer)["tags"]), "more" if "Link" in answer.headers else "all")
PYTHON
}

manifest_has_type() {
    [[ $(bounded crane manifest --insecure "$1" | python3 -c 'import json,sys; print(json.load(sys.stdin)["mediaType"])') == "$2" ]]
}

# layer_types REFERENCE: the media types of an image's layers, each once.
layer_types() {
    bounded crane manifest --insecure "$1" |
        python3 -c 'import json,sys; print(*sorted({layer["mediaType"] for layer in json.load(sys.stdin)["layers"]}))'
}

many_tags() {
    local tag
    for tag in {a..h}{1..3}; do
        bounded crane tag --insecure "$1" "$tag" || return
    done
}

# pushes CLIENT KIND: the client pushes and another pulls.
pushes() {
    local client=$1 kind=$2 name=$registry/$1/$2
    if [[ $kind == artifact ]]; then
        check "artifact: $client pushes its subject" "${client}_push" "$images/subject" "$name:subject"
    fi
    check "$kind: $client pushes" "${client}_push" "$images/$kind" "$name:v1"
    check "$kind: $client pushes again" "${client}_push" "$images/$kind" "$name:v1"
    check "$kind: another client pulls that" fresh_pull other_pull "$name:v1"
    check "$kind: and it is the same" is_the_same "$kind" "$client"
    [[ $kind != artifact ]] || has_its_artifact "$name"
}

# pulls CLIENT KIND: another client pushes and the client pulls, by tag and by digest.
pulls() {
    local client=$1 kind=$2 name=$registry/other/$1-$2
    if [[ $kind == artifact ]]; then
        check "artifact: another client pushes its subject" other_push "$images/subject" "$name:subject"
    fi
    check "$kind: another client pushes" other_push "$images/$kind" "$name:v1"
    check "$kind: $client pulls that by tag" fresh_pull "${client}_pull" "$name:v1"
    check "$kind: and it is the same" is_the_same "$kind" "$client"
    check "$kind: $client pulls that by digest" fresh_pull "${client}_pull" "$name@${digests[$kind]}"
    check "$kind: and it is the same" is_the_same "$kind" "$client"
    [[ $kind != artifact ]] || has_its_artifact "$name"
}

# exchange CLIENT KIND...: both ways.
exchange() {
    local client=$1 kind
    shift
    for kind in "$@"; do
        make_kind "$kind"
        [[ $kind != artifact ]] || make_kind subject
        pushes "$client" "$kind"
        pulls "$client" "$kind"
        rm -rf "$work/pulled"
        [[ $kind != large ]] || rm -rf "$images/large"
    done
}

# lists_and_deletes CLIENT: more tags than a page holds, and a delete by the client.
lists_and_deletes() {
    local client=$1 name=other/$1-lists expected
    make_kind image
    check "an image for the lists" other_push "$images/image" "$registry/$name:v1"
    check "24 more tags of it" many_tags "$registry/$name:v1"
    expected=$(printf '%s\n' {a..h}{1..3} v1 | LC_ALL=C sort)
    [[ -n ${INTEROP_REGISTRY:-} ]] || same "the registry gives a page at a time" "$page more" "$(first_page "$name")"
    same "$client lists all pages of tags" "$expected" "$("${client}_tags" "$registry/$name" | LC_ALL=C sort)"
    check "another client pushes what is to be deleted" other_push "$images/image" "$registry/$client/deleted:v1"
    check "$client pulls it" fresh_pull "${client}_pull" "$registry/$client/deleted:v1"
    check "it is deleted" "${client}_delete" "$registry/$client/deleted:v1"
    refused "$client does not get what was deleted" fresh_pull "${client}_pull" "$registry/$client/deleted:v1"
    refused "nor does another client" bounded crane manifest --insecure "$registry/$client/deleted:v1"
    check "what has the same content elsewhere is still there" fresh_pull other_pull "$registry/$name:v1"
    check "and it is the same" is_the_same image
}
