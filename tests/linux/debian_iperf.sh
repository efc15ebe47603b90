#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# debian_iperf.sh SMMU_VP BUILD TEST [OPTION...]: `vp debian` with a network and an iperf3 server of this side,
# with each way in which the kernel maps memory for devices.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=tests/linux/system_support.sh
. "$root/tests/linux/system_support.sh"

# Starts an iperf3 server at some port of 127.0.0.1 that is free. Sets `port` and `server`.
start_server() {
    local tries
    for tries in {1..20}; do
        port=$((20000 + RANDOM))
        iperf3 --server --bind 127.0.0.1 --port "$port" --forceflush >server.log 2>&1 &
        server=$!
        for _ in {1..50}; do
            ! grep -q '^Server listening on' server.log || return 0
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill "$server" 2>/dev/null || true
    done
    fail "there is no iperf3 server after $tries tries"
}

needs_installed iperf3
start_server
trap 'kill "$server"' EXIT
for mode in iommu.strict=1 iommu.strict=0 iommu.passthrough=1; do
    run_debian --net user --script "$root/sw/debian/iperf.sh" --append "vp.iperf=$port $mode" "${@:4}"
    for counter in breakdowns frames-dropped; do
        expect_line boot-1/stats.txt "^pcie@4010000000\.net@[0-9]+,0\.$counter 0$"
    done
    grep -E '^# (sender|receiver): ' boot-1/console.log | sed "s/^# /$mode, /"
done
say "a Debian system and its host send each other data, with each kind of domain"
