#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# boot.sh SMMU_VP BUILD CPUS: boots Linux to its check script, looks for what the driver says, boots
# again: console and counters have to be the same. Status 3 if there is no kernel to be had.
set -euo pipefail

readonly program=$1 build=$2 cpus=$3
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
readonly root
readonly caller=$PWD # for linux.sh
# shellcheck source=scripts/common.sh
. "$root/scripts/common.sh"
# shellcheck source=scripts/debian.sh
. "$root/scripts/debian.sh"
# shellcheck source=scripts/initramfs.sh
. "$root/scripts/initramfs.sh"
# shellcheck source=scripts/linux.sh
. "$root/scripts/linux.sh"

boot() { # DIR
    local -A option=([--cpus]=$cpus)
    local arguments program_status reason
    linux_arguments
    linux_run "$1" "$program" "${arguments[@]}" --stats
    reason=$(linux_verdict "$1" "$program_status") || fail "$reason"
}

expect_line() { # FILE PATTERN
    grep -qE "$2" "$1" || fail "no line of the console matches \"$2\""
}

# The counters that do not depend on the host.
guest_counters() { # STATS
    grep -vE '^run\.(host-seconds|mips) ' "$1"
}

readonly results=$build/linux/test-$cpus
rm -rf "$results"
boot "$results/first"
readonly console=$results/first/console.log
expect_line "$console" 'arm-smmu-v3 9050000\.iommu: ias [0-9]+-bit, oas [0-9]+-bit'
expect_line "$console" "smp: Brought up 1 node, $cpus CPUs?$"
expect_line "$console" 'reboot: Power down'
expect_line "$results/first/stats.txt" '^run\.guest-seconds '

boot "$results/second"
cmp "$console" "$results/second/console.log"
diff <(guest_counters "$results/first/stats.txt") <(guest_counters "$results/second/stats.txt")
say "two boots on $cpus CPUs are the same"
