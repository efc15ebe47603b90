#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# virtio.sh SMMU_VP BUILD TEST [OPTION...]: Linux finds entropy, a disk and a network on virtio
# functions. While it runs, this side sends data to it and gets data from it, by ports of the host.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=tests/linux/peer.sh
. "$root/tests/linux/peer.sh"

readonly sent_bytes=3000000

# The other end of one boot. What it got is in DIR/got.
peer() { # DIR
    local sum
    wait_for_line "$1/console.log" '^virtio: (waiting) at port 7$' >/dev/null
    cat sent >"/dev/tcp/127.0.0.1/$(port_of 7)"
    sum=$(wait_for_line "$1/console.log" '^virtio: received ([0-9a-f]+)$')
    [[ $sum == "$(sha256sum <sent | cut -d ' ' -f 1)" ]] || {
        echo "the guest has received something else" >&2
        return 1
    }
    sum=$(wait_for_line "$1/console.log" '^virtio: sending ([0-9a-f]+)$')
    cat <"/dev/tcp/127.0.0.1/$(port_of 8)" >"$1/got"
    [[ $sum == "$(sha256sum <"$1/got" | cut -d ' ' -f 1)" ]] || {
        echo "the guest has sent something else" >&2
        return 1
    }
}

head -c "$sent_bytes" "$program" >sent
run_linux "$results" --dts "$root/platform/dts/virt-virtio.dts" \
    --script "$root/sw/linux/virtio.sh" --net user,hostfwd=tcp::0-:7,hostfwd=tcp::0-:8 \
    --append vp.peer "${@:4}"

entropy=$(sed -n 's/^virtio: entropy //p' boot-1/console.log)
[[ -n $entropy && $entropy == "$(sed -n 's/^virtio: entropy //p' boot-2/console.log)" ]] ||
    fail "two runs have not the same entropy"
for counter in breakdowns frames-dropped; do
    expect_line boot-1/stats.txt "^pcie@4010000000\.net@6,0\.$counter 0$"
done
say "Linux uses virtio"
