# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The host's end of tests with a network: while a guest runs, the function `peer` of the test talks to it. Sourced
# after support.sh.

# Waits for a line of FILE that matches PATTERN, until the run is over, and prints what it captures.
wait_for_line() { # FILE PATTERN
    local over found
    while :; do
        over=
        [[ ! -e over ]] || over=yes
        found=$(sed -nE "s/$2/\1/p" "$1" 2>/dev/null | head -n 1) || true
        if [[ -n $found ]]; then
            echo "$found"
            return 0
        fi
        [[ -z $over ]] || return 1
        sleep 0.2
    done
}

# The port of the host that leads to PORT of the guest.
port_of() { # PORT
    wait_for_line port.log "^smmu-vp: tcp::0-:$1 is at port ([0-9]+)$"
}

# As that of scripts/linux.sh, with `peer DIR` at the other end.
linux_run_alone=$(declare -f linux_run)
eval "${linux_run_alone/linux_run/linux_run_alone}"
linux_run() { # DIR PROGRAM [ARGUMENT...]
    local other
    : >port.log
    rm -f "$1/console.log" over
    peer "$1" &
    other=$!
    linux_run_alone "$@" 2>port.log
    : >over
    wait "$other" || fail "the host's end of $1 is not content"
}
