# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What tests of the scripts have in common: expectations, and programs that stand in for others.
# Sourced; the caller sets work, and has fail() from common.sh.
# shellcheck disable=SC2034,SC2154 # status and said, work

expect() { # GOT WANTED
    [[ $1 == "$2" ]] || fail "got \"$1\" instead of \"$2\""
}

# Runs a command that must fail; sets `status` and `said`.
run() { # COMMAND [ARGUMENT...]
    status=0
    said=$("$@" 2>&1) || status=$?
}

# An executable NAME, first in PATH, that runs SCRIPT.
stand_in() { # NAME SCRIPT
    mkdir -p "$work/bin"
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
    PATH=$work/bin:$PATH
}
