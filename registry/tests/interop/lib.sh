# shellcheck shell=bash
# What the scripts of this directory share; sourced by each of them, not run.
#
# A script starts a registry of its own on a port that the system chooses, counts its checks, fails at
# the first that does not hold, and stops what it started, by process id. INTEROP_REGISTRY=HOST:PORT
# makes it use a registry that runs already, to compare ours with another.

set -euo pipefail
exec </dev/null

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
registry_binary=${INTEROP_BINARY:-$root/target/release/registry}
tools=${INTEROP_TOOLS:-$root/target/tools}
work=$(mktemp -d)
passed=0
registry_pid=
registry=
background=()
export PATH="$tools/bin:$PATH"
# No credentials or settings of whoever runs this.
export DOCKER_CONFIG=$work/docker REGISTRY_AUTH_FILE=$work/auth.json
mkdir -p "$DOCKER_CONFIG"
echo '{}' >"$DOCKER_CONFIG/config.json"
echo '{}' >"$REGISTRY_AUTH_FILE"

cleanup() {
    local code=$?
    while ((${#background[@]})); do
        stop "${background[-1]}" || true
    done
    if [[ -n $registry_pid ]]; then
        kill -KILL "$registry_pid" 2>/dev/null || true
        wait "$registry_pid" 2>/dev/null || true
    fi
    if ((code != 0)) && [[ -f $work/registry.log ]]; then
        echo "--- the last lines of the registry's log" >&2
        tail -n 40 "$work/registry.log" >&2
    fi
    rm -rf "$work"
    exit "$code"
}
trap cleanup EXIT

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

# check WHAT COMMAND...: the command must succeed; its output is shown only where it does not.
check() {
    local what=$1
    shift
    if ! "$@" >"$work/output" 2>&1; then
        cat "$work/output" >&2
        fail "$what: $*"
    fi
    passed=$((passed + 1))
    echo "  ok: $what"
}

# refused WHAT COMMAND...: the command must fail, and soon.
refused() {
    local what=$1 code=0
    shift
    "$@" >"$work/output" 2>&1 || code=$?
    case $code in
        0 | 124 | 137)
            cat "$work/output" >&2
            fail "$what: this succeeded, or did not end (exit code $code): $*"
            ;;
    esac
    passed=$((passed + 1))
    echo "  ok: $what"
}

# same WHAT EXPECTED ACTUAL
same() {
    [[ $2 == "$3" ]] || fail "$1: expected '$2', found '$3'"
    passed=$((passed + 1))
    echo "  ok: $1"
}

# bounded COMMAND...: a client that hangs is a failure, not a run that never ends.
bounded() {
    local code=0 longest=${INTEROP_LONGEST:-600}
    timeout --kill-after=10 "$longest" "$@" || code=$?
    case $code in
        124 | 137) echo "not within $longest seconds: $*" >&2 ;;
    esac
    return "$code"
}

# stop PID: ends a process of `background`, at last by force; false where it took force.
stop() {
    local tries pid others=() code=0
    # Whoever gets this number next is not ours.
    for pid in "${background[@]}"; do
        [[ $pid == "$1" ]] || others+=("$pid")
    done
    background=("${others[@]}")
    kill -TERM "$1" 2>/dev/null || return 0
    for ((tries = 0; tries < 300; tries++)); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    if ((tries == 300)); then
        kill -KILL "$1" 2>/dev/null || true
        code=1
    fi
    wait "$1" 2>/dev/null || true
    return "$code"
}

# until_true WHAT COMMAND...: waits 60 seconds at most.
until_true() {
    local what=$1 tries
    shift
    for ((tries = 0; tries < 300; tries++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.2
    done
    fail "$what: not within 60 seconds: $*"
}

# need COMMAND WHERE-FROM: a client that is missing is a failure, never a skipped step.
need() {
    command -v "$1" >/dev/null || fail "$1 is missing; it comes from $2"
}

debian_package() {
    need apt-get "Debian, for its package $1"
    local as_root=()
    (($(id -u) == 0)) || as_root=(sudo -n)
    bounded "${as_root[@]}" apt-get update -qq
    bounded "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

# debian COMMAND PACKAGE: installs a package of Debian's where its command is missing.
debian() {
    command -v "$1" >/dev/null && return
    debian_package "$2"
    need "$1" "Debian's package $2"
}

# go_tool COMMAND PACKAGE@VERSION: installs a Go program once, below the build directory.
go_tool() {
    local marker
    marker=$tools/$1-${2##*@}
    if [[ ! -x $tools/bin/$1 || ! -e $marker ]]; then
        need go "https://go.dev, 1.24 or newer"
        bounded env GOBIN="$tools/bin" GOFLAGS=-mod=mod go install "$2"
        touch "$marker"
    fi
}

# start_registry [VARIABLE=VALUE...]: sets `registry` to the address of a fresh registry with deletes on.
start_registry() {
    if [[ -n ${INTEROP_REGISTRY:-} ]]; then
        registry=$INTEROP_REGISTRY
        return
    fi
    [[ -x $registry_binary ]] || fail "$registry_binary is missing: cargo build --release"
    rm -rf "$work/data"
    : >"$work/registry.log"
    REGISTRY_HTTP_ADDR=127.0.0.1:0 \
        REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY=$work/data \
        REGISTRY_STORAGE_DELETE_ENABLED=true \
        env -u REGISTRY_AUTH_FILE "$@" "$registry_binary" serve >>"$work/registry.log" 2>&1 &
    registry_pid=$!
    local tries
    for ((tries = 0; tries < 100; tries++)); do
        registry=$(sed -n 's/.*msg=listening .*address=\([^ ]*\).*/\1/p' "$work/registry.log" | head -n 1)
        [[ -n $registry ]] && return
        kill -0 "$registry_pid" 2>/dev/null || break
        sleep 0.1
    done
    fail "the registry does not listen"
}

# Stops the registry as a service manager does; it must drain and exit 0.
stop_registry() {
    [[ -n $registry_pid ]] || return 0
    kill -TERM "$registry_pid"
    sleep 60 &
    local guard=$! ended='' code=0
    wait -n -p ended "$registry_pid" "$guard" || code=$?
    if [[ $ended == "$guard" ]]; then
        fail "the registry did not stop within 60 seconds"
    fi
    kill "$guard"
    wait "$guard" 2>/dev/null || true
    registry_pid=
    same "SIGTERM drains and ends the registry with success" 0 "$code"
}

# The Go module proxy does not serve commit 967efdc itself; this version is the next one, which differs
# from it in one point only: the program's own client no longer asks for compressed answers.
conformance_tool() {
    go_tool conformance github.com/opencontainers/distribution-spec/conformance@v0.0.0-20260831232431-97274622c111
}

# conformance_run VERSION RESULTS [VARIABLE=VALUE...]: the program's exit code is in `code`.
conformance_run() {
    local version=$1 results=$2
    shift 2
    rm -rf "$results" "$work/empty"
    # Run in an empty directory: the program reads oci-conformance.yaml where it stands.
    mkdir -p "$results" "$work/empty"
    code=0
    (
        cd "$work/empty"
        env -u OCI_FILTER_TEST \
            OCI_RESULTS_DIR="$results" OCI_VERSION="$version" \
            OCI_REGISTRY="$registry" OCI_TLS=disabled \
            OCI_REPO1=conformance/repo1 OCI_REPO2=conformance/repo2 \
            "$@" timeout --kill-after=10 "${INTEROP_LONGEST:-600}" conformance
    ) >"$work/conformance.log" 2>&1 || code=$?
    [[ -s $results/junit.xml ]] || { cat "$work/conformance.log" >&2; fail "no results were written"; }
}

# The last line of every script.
finish() {
    stop_registry
    echo "$1: $passed passed, 0 failed"
}
