#!/usr/bin/env bash
# umoci makes and unpacks layouts: skopeo moves them, and both ends must find the same files.
#
# umoci itself does not speak to registries.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin umoci
echo "umoci: $(umoci --version)"

mkdir -p "$images" "$work/files/below"
head -c 500000 /dev/urandom >"$work/files/random"
echo "a text" >"$work/files/below/text"
: >"$work/files/nothing"
# 60 layers, each written by itself.
build() {
    local number
    bounded umoci init --layout "$images/umoci" && bounded umoci new --image "$images/umoci:v1" || return
    for ((number = 1; number < 60; number++)); do
        echo "$number" >"$work/number"
        bounded umoci insert --image "$images/umoci:v1" "$work/number" "/numbers/$number" || return
    done
    bounded umoci insert --image "$images/umoci:v1" "$work/files" /files &&
        bounded umoci config --image "$images/umoci:v1" --config.cmd /bin/true --architecture amd64 --os linux &&
        bounded umoci gc --layout "$images/umoci"
}
check "make an image of 60 layers" build
same "it has them" 60 "$(bounded umoci stat --image "$images/umoci:v1" --json |
    python3 -c 'import json,sys; print(sum(not entry.get("empty_layer") for entry in json.load(sys.stdin)["history"]))')"
digests[umoci]=$(python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))["manifests"][0]["digest"])' "$images/umoci/index.json")
pushes umoci umoci
pulls umoci umoci
same "all files are unpacked again" 59 "$(find "$work/bundle/rootfs/numbers" -type f | wc -l)"
check "they are the same" diff -r "$work/files" "$work/bundle/rootfs/files"
check "repack what was pulled, with one file more" cp "$work/files/random" "$work/bundle/rootfs/more"
check "as a layer of its own" bounded umoci repack --image "$work/pulled:v2" "$work/bundle"
check "push that" bounded skopeo copy --quiet --dest-tls-verify=false "oci:$work/pulled:v2" "docker://$registry/umoci/repacked:v1"
check "pull it" fresh_pull umoci_pull "$registry/umoci/repacked:v1"
check "the file is there" cmp "$work/files/random" "$work/bundle/rootfs/more"

exchange umoci image many empty large
lists_and_deletes umoci
finish umoci
