# shellcheck shell=bash
# The course that every client of the long set runs; sourced behind lib.sh, not run.
#
# A client's script defines
#     push LAYOUT REFERENCE    pushes what the layout holds under the tag v1
#     pull REFERENCE           pulls into $work/pulled: a layout, or an archive as `docker save` writes it
#     tags REPOSITORY          prints the tags, a line each
#     delete REFERENCE         deletes by tag
# (each step of them chained, as `set -e` does not hold inside of a condition)
# and sets `compare` to the options of same_image.py where the client keeps images unpacked. It calls
# `exchange` with the kinds of images that it can hold, then `lists_and_deletes`. crane is the other client;
# crane's own script puts skopeo there, by other_push and other_pull.

page=10
images=$work/images
compare=()
artifact_options=()
declare -A digests

go_tool crane github.com/google/go-containerregistry/cmd/crane@v0.22.1
debian zstd zstd

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

start_paged_registry() { start_registry REGISTRY_TAGS_MAXTAGS=$page REGISTRY_CATALOG_MAXENTRIES=$page; }

crane_push() { bounded crane push --insecure "$1" "$2"; }
crane_pull() { bounded crane pull --insecure --format=oci "$1" "$work/pulled"; }
other_push() { crane_push "$@"; }
other_pull() { crane_pull "$@"; }
# For clients that do not read lists of tags, or do not delete.
skopeo_tags() {
    bounded skopeo list-tags --tls-verify=false "docker://$1" |
        python3 -c 'import json,sys; print(*json.load(sys.stdin)["Tags"], sep="\n")'
}
skopeo_delete() { bounded skopeo delete --tls-verify=false "docker://$1"; }
fresh_pull() {
    rm -rf "$work/pulled"
    "$@"
}
is_the_same() { python3 "$here/same_image.py" "${compare[@]}" "$images/$1" "$work/pulled"; }

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
        check "artifact: $client pushes its subject" push "$images/subject" "$name:subject"
    fi
    check "$kind: $client pushes" push "$images/$kind" "$name:v1"
    check "$kind: $client pushes again" push "$images/$kind" "$name:v1"
    check "$kind: another client pulls that" fresh_pull other_pull "$name:v1"
    check "$kind: and it is the same" is_the_same "$kind"
    [[ $kind != artifact ]] || has_its_artifact "$name"
}

# pulls CLIENT KIND: another client pushes and the client pulls, by tag and by digest.
pulls() {
    local client=$1 kind=$2 name=$registry/other/$1-$2
    if [[ $kind == artifact ]]; then
        check "artifact: another client pushes its subject" other_push "$images/subject" "$name:subject"
    fi
    check "$kind: another client pushes" other_push "$images/$kind" "$name:v1"
    check "$kind: $client pulls that by tag" fresh_pull pull "$name:v1"
    check "$kind: and it is the same" is_the_same "$kind"
    check "$kind: $client pulls that by digest" fresh_pull pull "$name@${digests[$kind]}"
    check "$kind: and it is the same" is_the_same "$kind"
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
    same "$client lists all pages of tags" "$expected" "$(tags "$registry/$name" | LC_ALL=C sort)"
    check "another client pushes what is to be deleted" other_push "$images/image" "$registry/$client/deleted:v1"
    check "$client pulls it" fresh_pull pull "$registry/$client/deleted:v1"
    check "it is deleted" delete "$registry/$client/deleted:v1"
    refused "$client does not get what was deleted" fresh_pull pull "$registry/$client/deleted:v1"
    refused "nor does another client" bounded crane manifest --insecure "$registry/$client/deleted:v1"
    check "what has the same content elsewhere is still there" fresh_pull other_pull "$registry/$name:v1"
    check "and it is the same" is_the_same image
}
