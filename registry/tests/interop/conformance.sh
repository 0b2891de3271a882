#!/usr/bin/env bash
# The conformance program of the OCI distribution specification, version 1.1, its default toggles.
source "$(dirname "$0")/lib.sh"
conformance_tool
start_registry

results=${CONFORMANCE_RESULTS:-$root/target/conformance}
conformance_run "${CONFORMANCE_VERSION:-1.1}" "$results"
python3 "$here/junit_counts.py" "$results/junit.xml" || fail "see $results/report.html"
same "the program itself is content" 0 "$code"
finish conformance
