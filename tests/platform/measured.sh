# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Sourced by tests that measure machines: programs they need, a scratch directory, and what is wrong.
# shellcheck disable=SC2034 # root, failures

root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")

# Ends the test with status 3, by which ctest skips it.
skip() { # REASON
    echo "skipped: $1"
    exit 3
}

# Skips it unless all of these are there.
needs() { # PROGRAM...
    local program
    for program; do
        command -v "$program" >/dev/null || skip "there is no $program"
    done
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failures=0

wrong() {
    echo "$*" >&2
    failures=$((failures + 1))
}
