#!/usr/bin/env bash
# crane and skopeo, all kinds of images: what the one pushes the other pulls, and the other way round.
source "$(dirname "$0")/lib.sh"
source "$here/exchange.sh"
begin skopeo
echo "skopeo: $(skopeo --version)"

other=skopeo
exchange crane index many empty zstd artifact large
lists_and_deletes crane
same "skopeo lists all pages too" "$(crane_tags "$registry/other/crane-lists" | LC_ALL=C sort)" \
    "$(skopeo_tags "$registry/other/crane-lists" | LC_ALL=C sort)"
check "crane deletes by digest" bounded crane delete --insecure "$registry/crane/index@${digests[index]}"
refused "its tag went with it" bounded crane digest --insecure "$registry/crane/index:v1"

# skopeo puts no manifest of Docker's into a layout: between registries it copies them as they are, and it
# has a kind of directory for them.
make_kind docker
original=$registry/crane/docker:v1
check "docker: crane pushes" crane_push "$images/docker" "$original"
check "docker: skopeo copies it within the registry" bounded skopeo copy --quiet --all --preserve-digests \
    --src-tls-verify=false --dest-tls-verify=false "docker://$original" "docker://$registry/skopeo/docker:v1"
check "docker: crane pulls the copy" fresh_pull crane_pull "$registry/skopeo/docker:v1"
check "docker: and it is the same" is_the_same docker
check "docker: skopeo pulls by digest into a directory" bounded skopeo copy --quiet --all --preserve-digests \
    --src-tls-verify=false "docker://${original%:*}@${digests[docker]}" "dir:$work/directory"
check "docker: and pushes that" bounded skopeo copy --quiet --all --preserve-digests \
    --dest-tls-verify=false "dir:$work/directory" "docker://$registry/skopeo/directory:v1"
check "docker: crane pulls it" fresh_pull crane_pull "$registry/skopeo/directory:v1"
check "docker: and it is the same" is_the_same docker
finish kinds
