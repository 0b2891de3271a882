#!/usr/bin/env bash
# A directory of docker/distribution's registry, with its config.yml: opened and served by ours, and taken
# back again. Nothing is converted, either way.
#
#     migrate.sh [PROGRAM]
#
# PROGRAM is the other registry, Debian's docker-registry (2.8) unless it is given; distribution's own
# `registry` of version 3 does as well.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
for client in skopeo crane oras; do
    "${client}_ready"
done
debian zstd zstd
debian curl curl
[[ -n ${1:-} ]] || debian docker-registry docker-registry
theirs=${1:-docker-registry}
ours=$registry_binary
[[ -x $ours ]] || fail "$ours is missing: cargo build --release"
echo "migrate: $("$theirs" --version)"
curl=(curl --silent --show-error --max-time 60)

# One file for both. The port is the system's choice, anew at every start.
cat >"$work/config.yml" <<CONFIG
version: 0.1
log:
  fields:
    service: registry
storage:
  cache:
    blobdescriptor: inmemory
  filesystem:
    rootdirectory: /replaced/by/a/variable
  delete:
    enabled: true
http:
  addr: 127.0.0.1:0
  secret: the same at every start
  headers:
    X-Content-Type-Options: [nosniff]
health:
  storagedriver:
    enabled: true
    interval: 10s
    threshold: 3
CONFIG

server=
# serve PROGRAM DIRECTORY: starts it on the directory, and sets `registry` to its address.
serve() {
    local log=$work/registry.log
    : >"$log"
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=$2 env -u REGISTRY_AUTH_FILE "$1" serve "$work/config.yml" >"$log" 2>&1 &
    server=$!
    background+=("$server")
    until_true "$1 listens" grep -q listening "$log"
    registry=$(sed -n 's/.*\(msg=listening .*address=\|msg="listening on \)\([0-9.:]*\).*/\2/p' "$log" | head -n 1)
    until_true "$1 answers" "${curl[@]}" --fail "http://$registry/v2/"
}
end() { stop "$server" || fail "the registry did not stop"; }

inventory() { python3 "$here/inventory.py" "$registry"; }
# What lies in a directory, with its bytes; without uploads, and without what distribution has no place for.
files() {
    (cd "$1/docker/registry/v2" && find . -type f ! -path '*/_uploads/*' ! -path '*/_referrers/*' ! -path '*/_mediatypes/*' \
        -exec sha256sum {} + | LC_ALL=C sort -k 2)
}

fill() {
    crane_push "$images/index" "$registry/team/app:v1" &&
        crane_push "$images/many" "$registry/team/app:v2" &&
        bounded crane tag --insecure "$registry/team/app:v1" latest &&
        bounded crane tag --insecure "$registry/team/app:v1" moved &&
        bounded crane tag --insecure "$registry/team/app:v2" moved &&
        crane_push "$images/docker" "$registry/team/docker:v1" &&
        skopeo_push "$images/zstd" "$registry/deep/er/and/deeper:v1" &&
        skopeo_push "$images/empty" "$registry/team/blobs/uploads:v1" &&
        bounded crane copy --insecure "$registry/team/app:v1" "$registry/copies/app:v1" &&
        crane_push "$images/image" "$registry/team/deleted:gone" &&
        crane_push "$images/empty" "$registry/team/deleted:kept" &&
        crane_delete "$registry/team/deleted:gone" &&
        crane_push "$images/image" "$registry/team/emptied:gone" &&
        crane_delete "$registry/team/emptied:gone"
}

# The tags and the manifests of all that was filled, as bytes, besides the inventory's own checks.
is_all_there() {
    local pair
    for pair in index:team/app:v1 many:team/app:moved docker:team/docker:v1 zstd:deep/er/and/deeper:v1 \
        empty:team/blobs/uploads:v1 index:copies/app:v1 empty:team/deleted:kept; do
        { fresh_pull crane_pull "$registry/${pair#*:}" && is_the_same "${pair%%:*}"; } || return
    done
}

# attached NAME:TAG: the types of the artifacts that are attached, as oras finds them.
attached() {
    bounded oras discover --plain-http --format json "$1" |
        python3 -c 'import json,sys; print(*sorted(r["artifactType"] for r in json.load(sys.stdin)["referrers"]))'
}
attach() {
    (cd "$work" && echo "a note" >note && bounded oras attach --no-tty --plain-http --artifact-type "$2" "$1" note:text/plain)
}

# begin_upload NAME: sends half of a blob, and sets `upload` to where it would go on.
begin_upload() {
    upload=$("${curl[@]}" --fail --request POST --dump-header - "http://$registry/v2/$1/blobs/uploads/" --data '' | location)
    upload=$("${curl[@]}" --fail --request PATCH --dump-header - --header 'Content-Type: application/octet-stream' \
        --data-binary "@$work/half" "$upload" | location)
}
# The path of a Location header, at the address that counts now.
location() {
    local found
    found=$(tr -d '\r' | sed -n 's/^[Ll]ocation: *//p')
    [[ -n $found ]] && sed -E "s|^(https?://[^/]*)?/|http://$registry/|" <<<"$found"
}
# Kills the registry while the rest of the upload comes in; only the first half was acknowledged.
killed_amid() {
    "${curl[@]}" --limit-rate 200K --request PATCH --header 'Content-Type: application/octet-stream' \
        --data-binary "@$work/half" "$upload" &
    local client=$!
    background+=("$client")
    until_true "more than the half lies there" more_than_the_half "$1"
    kill -KILL "$server" && stop "$server" && stop "$client"
}
more_than_the_half() { [[ -n $(find "$1/docker/registry/v2/repositories" -path '*/_uploads/*/data' -size +1000000c) ]]; }
# Sends what is missing of the upload, as its status tells.
goes_on() {
    local place status received
    place=http://$registry/${upload#http://*/}
    status=$("${curl[@]}" --fail --dump-header - "$place" | tr -d '\r') || return
    received=$(sed -n 's/^[Rr]ange: *0-//p' <<<"$status")
    # A range has no way to say that there is nothing yet.
    ((received == 0)) || received=$((received + 1))
    echo "received: $received of $(stat -c %s "$work/whole")"
    place=$(location <<<"$status") && place=$(tail -c "+$((received + 1))" "$work/whole" |
        "${curl[@]}" --fail --request PATCH --dump-header - --header 'Content-Type: application/octet-stream' \
            --header "Content-Range: $received-$(($(stat -c %s "$work/whole") - 1))" --data-binary @- "$place" | location) &&
        "${curl[@]}" --fail --request PUT --data '' "$(with_digest "$place")" &&
        blob_is_whole "$1"
}
with_digest() { [[ $1 == *\?* ]] && echo "$1&digest=$whole" || echo "$1?digest=$whole"; }
blob_is_whole() { [[ $("${curl[@]}" --fail "http://$registry/v2/$1/blobs/$whole" | sha256sum) == "${whole#sha256:}  -" ]]; }
# Sends the blob again from the beginning, as a client does that knows nothing of the first time.
sends_the_blob() {
    local place
    place=$("${curl[@]}" --fail --request POST --dump-header - "http://$registry/v2/$1/blobs/uploads/" --data '' | location) &&
        "${curl[@]}" --fail --request PUT --header 'Content-Type: application/octet-stream' --data-binary "@$work/whole" \
            "$(with_digest "$place")" &&
        blob_is_whole "$1"
}

head -c 1000000 /dev/urandom >"$work/half"
cat "$work/half" "$work/half" >"$work/whole"
whole=sha256:$(sha256sum <"$work/whole" | cut -d' ' -f1)
for kind in index many docker zstd empty image artifact subject; do
    make_kind "$kind"
done

echo "what both write"
serve "$theirs" "$work/data"
check "the other registry is filled" fill
check "all is there" is_all_there
end
serve "$ours" "$work/same"
check "ours is filled alike" fill
check "all is there" is_all_there
end
files "$work/data" >"$work/files.theirs"
files "$work/same" >"$work/files.ours"
check "both have written the same files" diff "$work/files.theirs" "$work/files.ours"
echo "  files: $(wc -l <"$work/files.ours")"

echo "there"
serve "$theirs" "$work/data"
# Where the registry does not list artifacts, clients keep the list in an index with a tag of its own.
check "an artifact is attached" attach "$registry/team/app:v1" application/vnd.example.before
check "a subject for another" crane_push "$images/subject" "$registry/team/artifact:subject"
check "which another client attaches" crane_push "$images/artifact" "$registry/team/artifact:v1"
check "an upload stops half-way" begin_upload team/app
inventory >"$work/before"
same "nothing is missing in it" 0 "$(grep -c missing "$work/before" || true)"
check "it is killed while the upload goes on" killed_amid "$work/data"
files "$work/data" >"$work/files.before"
serve "$ours" "$work/data"
check "all is there" is_all_there
check "ours has the same repositories, tags, manifests, blobs: $(wc -l <"$work/before")" diff "$work/before" <(inventory)
same "the artifact is listed" application/vnd.example.before "$(attached "$registry/team/app:v1")"
same "that of the other client too" "${digests[artifact]}" "$(referrers "team/artifact@${digests[subject]}")"
refused "what was deleted is gone" bounded crane manifest --insecure "$registry/team/deleted:gone"
refused "what was deleted is gone by its digest too" bounded crane manifest --insecure "$registry/team/deleted@${digests[image]}"
check "the upload that stopped goes on" goes_on team/app
sed -n 's/^received/  &/p' "$work/output"
end
files "$work/data" | grep -v "${whole#sha256:}" >"$work/files.after"
check "opening, reading and a push left all files as they were" diff "$work/files.before" "$work/files.after"

echo "more"
make_kind large
serve "$ours" "$work/data"
check "push an image with a large layer" crane_push "$images/large" "$registry/team/large:v1"
check "push into an old repository" skopeo_push "$images/image" "$registry/team/docker:v2"
check "push what was deleted" crane_push "$images/image" "$registry/team/deleted:again"
check "copy, by mounts" bounded crane copy --insecure "$registry/team/docker:v1" "$registry/copies/docker:v1"
check "move a tag" bounded crane tag --insecure "$registry/team/app:v1" moved
check "attach another artifact" attach "$registry/team/app:v1" application/vnd.example.more
same "both are found" "application/vnd.example.before application/vnd.example.more" "$(attached "$registry/team/app:v1")"
check "delete what the other registry took" crane_delete "$registry/team/artifact:v1"
check "untag" "${curl[@]}" --fail --request DELETE "http://$registry/v2/team/app/manifests/latest"
check "an upload stops half-way" begin_upload team/app
inventory >"$work/more"
end

echo "and back"
serve "$theirs" "$work/data"
check "the other registry has all that ours had: $(wc -l <"$work/more")" diff "$work/more" <(inventory)
check "the upload that stopped is sent again" sends_the_blob team/docker
check "it takes more" crane_push "$images/index" "$registry/team/back:v1"
check "it copies what ours took" bounded crane copy --insecure "$registry/team/docker:v2" "$registry/copies/docker:v2"
check "it deletes what ours took" crane_delete "$registry/team/deleted:again"
check "ours took the large layer, and it is the same" fresh_pull crane_pull "$registry/team/large:v1"
check "byte for byte" is_the_same large
inventory >"$work/back"
end
check "its garbage collector runs" bounded env REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY="$work/data" env -u REGISTRY_AUTH_FILE \
    "$theirs" garbage-collect "$work/config.yml"
serve "$ours" "$work/data"
check "ours has all again, the collector took nothing of it: $(wc -l <"$work/back")" diff "$work/back" <(inventory)
same "both artifacts are still found" "application/vnd.example.before application/vnd.example.more" "$(attached "$registry/team/app:v1")"
check "every kind is the same again" fresh_pull crane_pull "$registry/team/back:v1"
check "byte for byte" is_the_same index
end
finish migrate
