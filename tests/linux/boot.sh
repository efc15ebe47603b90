#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh SMMU_VP BUILD TEST CPUS: boots Linux to the check script on the base machine, looks for what
# the driver says, boots again: console and counters have to be the same.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
readonly cpus=$4

boot() { # DIR
    run_linux "$1" --dts "$root/platform/dts/virt.dts" --script "$root/sw/linux/check.sh" \
        --cpus "$cpus"
}

# The counters that do not depend on the host.
guest_counters() { # STATS
    grep -vE '^run\.(host-seconds|mips) ' "$1"
}

readonly first=$results/first/boot-1 second=$results/second/boot-1
boot "$results/first"
expect_line "$first/console.log" 'arm-smmu-v3 9050000\.iommu: ias [0-9]+-bit, oas [0-9]+-bit'
expect_line "$first/console.log" "smp: Brought up 1 node, $cpus CPUs?$"
expect_line "$first/console.log" 'reboot: Power down'
expect_line "$first/stats.txt" '^run\.guest-seconds '

boot "$results/second"
cmp "$first/console.log" "$second/console.log"
diff <(guest_counters "$first/stats.txt") <(guest_counters "$second/stats.txt")
say "two boots on $cpus CPUs are the same"
