#!/usr/bin/env bash
# The conformance program with every optional toggle on, versions 1.1 and dev: no failure and no skip.
#
# Sparse manifests alone are off: they ask a registry to take manifests whose content is missing.
source "$(dirname "$0")/lib.sh"
conformance_tool

for version in 1.1 dev; do
    start_registry
    results=${CONFORMANCE_RESULTS:-$root/target/conformance}-$version
    conformance_run "$version" "$results" OCI_DATA_SPARSE=false \
        OCI_API_BLOBS_DIGEST_HEADER=true OCI_API_BLOBS_UPLOAD_CANCEL=true \
        OCI_API_MANIFESTS_DIGEST_HEADER=true OCI_API_MANIFESTS_TAG_PARAM=true
    check "version $version: nothing fails, nothing is skipped" \
        python3 "$here/junit_counts.py" --no-skips --at-least 986 "$results/junit.xml"
    sed 's/^/  /' "$work/output"
    same "version $version: the program itself is content" 0 "$code"
    stop_registry
done
finish toggles
