#!/usr/bin/env bash
# The conformance program of the OCI distribution specification, version 1.1, its default toggles.
#
# The Go module proxy does not serve commit 967efdc itself; the version below is the next one, which
# differs from it in one point only: the program's own client no longer asks for compressed answers.
source "$(dirname "$0")/lib.sh"
go_tool conformance github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
start_registry

results=${CONFORMANCE_RESULTS:-$root/target/conformance}
rm -rf "$results"
mkdir -p "$results"
code=0
# Run in an empty directory: the program reads oci-conformance.yaml where it stands.
mkdir "$work/empty"
(
    cd "$work/empty"
    env -u OCI_FILTER_TEST \
        OCI_RESULTS_DIR="$results" OCI_VERSION="${CONFORMANCE_VERSION:-1.1}" \
        OCI_REGISTRY="$registry" OCI_TLS=disabled \
        OCI_REPO1=conformance/repo1 OCI_REPO2=conformance/repo2 \
        conformance
) >"$work/conformance.log" 2>&1 || code=$?
[[ -s $results/junit.xml ]] || { cat "$work/conformance.log" >&2; fail "no results were written"; }
python3 "$here/junit_counts.py" "$results/junit.xml" || fail "see $results/report.html"
same "the program itself is content" 0 "$code"
finish conformance
