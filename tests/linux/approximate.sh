#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# approximate.sh SMMU_VP BUILD TEST: NVMe traffic of Linux through an SMMU, in a loosely-timed machine, in
# an approximately-timed one whose latencies are zero and limits off, and in one that has both and a
# disk with several accesses under way: the guest says the same and the disk has the same.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

# The machine of `vp linux` with a blank disk and the statements for its root, its SMMU and its disk.
boot() { # NAME ROOT SMMU NVME
    cat >"$1.dts" <<END
/dts-v1/;
/include/ "$root/platform/dts/virt-linux.dts"
/ { $2 };
&smmu { $3 };
&pcie { nvme@4,0 { $4 }; };
END
    rm -f "$disk"
    run_linux "$results/$1" --dts "$results/$1.dts" --script "$root/sw/linux/nvme.sh"
    tail -c 2M "$disk" >"$1.raw"
}

# What does not depend on time: of the programs in order, but for how many completions share a message;
# of the kernel in any order, as its threads speak when they get to it, and without its stamps.
said() { # NAME
    local console=$1/boot-1/console.log stamp='^\[ *[0-9]+\.[0-9]+\] '
    sed -E -e "/$stamp/d" -e '/^nvme: [0-9]+ messages of queue 1/d' "$console"
    sed -nE "s/$stamp//p" "$console" | sort
}

boot loose '' '' ''
boot ideal 'vp,timing = "approximate";' '' ''
boot timed 'vp,timing = "approximate"; vp,bus-width = <16>; vp,bus-period-ps = <1000>;
    vp,bus-forward-ps = <4000>; vp,bus-response-ps = <2000>;' \
    'vp,lookup-ps = <1000>; vp,link-ps = <400000>; vp,link-tokens = <1>; vp,tbu-slots = <1>;
    vp,tcu-slots = <1>; vp,table-walks = <1>; vp,context-walks = <1>; vp,config-lookup-ps = <3000>;
    vp,tlb-lookup-ps = <3000>; vp,walk-s1-lookup-ps = <4000>; vp,command-ps = <2000>;
    vp,invalidation-ps = <2000>;' \
    'vp,outstanding = <8>;'

for machine in ideal timed; do
    diff <(said loose) <(said "$machine") || fail "the guest of the $machine machine says something else"
    cmp loose.raw "$machine.raw"
done
# Time did pass: the same work took the guest longer.
seconds() { # NAME
    sed -n 's/^run\.guest-seconds //p' "$1/boot-1/stats.txt"
}
awk -v loose="$(seconds loose)" -v timed="$(seconds timed)" 'BEGIN { exit !(timed > loose) }' ||
    fail "the timed machine is not slower than the loose one"
say "coding styles differ in time alone"
