#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# nvme.sh SMMU_VP BUILD CASE: Linux and an NVMe controller behind the SMMU, on a new image. Status 3 if
# there is no kernel to be had.
set -euo pipefail

readonly program=$1 build=$2 case=$3
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

# The machine has its image at build/nvme.img of the current directory.
readonly results=$build/linux/test-nvme-$case
readonly image=$results/build/nvme.img
rm -rf "$results"
mkdir -p "$results/build"

boot() { # DIR SCRIPT [APPEND [MACHINE]]
    local -A option=([--script]=$root/sw/linux/$2 [--append]=${3:-})
    local arguments program_status reason
    linux_arguments
    arguments[1]=$build/platform/${4:-virt-nvme}.dtb # instead of the default machine, after --dtb
    cd "$results"
    linux_run "$1" "$program" "${arguments[@]}" --stats
    reason=$(linux_verdict "$1" "$program_status") || fail "$reason"
}

expect_line() { # FILE PATTERN
    grep -qE "$2" "$1" || fail "no line of $1 matches \"$2\""
}

# What the guest says it wrote to the last 4 MiB is there.
expect_raw_blocks() { # DIR
    local sum
    sum=$(tail -c 4M "$image" | sha256sum | cut -d ' ' -f 1)
    expect_line "$1/console.log" "^nvme: sha256 of the raw blocks: $sum$"
}

case_data() {
    boot "$results/first" nvme.sh
    expect_raw_blocks "$results/first"
    expect_line "$results/first/stats.txt" '^iommu@9050000\.translations [1-9]'
    boot "$results/second" nvme.sh
    expect_line "$results/second/console.log" '^nvme: what an earlier boot wrote is there$'
    expect_raw_blocks "$results/second"
}

case_passthrough() {
    boot "$results" nvme.sh iommu.passthrough=1
    expect_line "$results/console.log" '^nvme: DMA goes through group [0-9]+, of type identity$'
    expect_raw_blocks "$results"
}

# The controller has a queue for each CPU.
case_clusters() {
    boot "$results" clusters.sh "" virt-clusters
}

case_fault() {
    boot "$results" nvme-fault.sh
    expect_line "$results/stats.txt" '^iommu@9050000\.events 1$'
}

"case_$case"
say "$case: as it should be"
