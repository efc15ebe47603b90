#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# default.sh SMMU_VP BUILD TEST EVENTS OPTION...: what `vp linux` does by default, both boots of it.
# EVENTS are lines "NODE N M": the SMMU reports N events in the first boot, M in the second.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
readonly events=$4

run_linux "$results" "${@:5}"
readonly first=$results/boot-1 second=$results/boot-2

# What the guest says it wrote to the last 2 MiB, it wrote there.
sum=$(tail -c 2M "$disk" | sha256sum | cut -d ' ' -f 1)
expect_line "$second/console.log" "^nvme: sha256 of the raw blocks: $sum$"

expect_line "$first/console.log" '^nvme: DMA goes through group [0-9]+, of type DMA'
expect_line "$second/console.log" '^nvme: DMA goes through group [0-9]+, of type identity$'
written=$(sed -n 's/^nvme: sha256 of the raw blocks: //p' "$first/console.log")
expect_line "$second/console.log" "^nvme: what an earlier boot wrote is there: .* sha256 $written$"

# The driver describes large requests by SGLs.
expect_line "$first/stats.txt" '\.sgl-commands [1-9]'

# Nobody can do without the SMMU what the guest says it did by its translations.
while read -r node in_first in_second; do
    expect_line "$first/stats.txt" "^$node\.translations [1-9]"
    expect_line "$first/stats.txt" "^$node\.events $in_first$"
    expect_line "$second/stats.txt" "^$node\.events $in_second$"
done <<<"$events"
say "the default run is as it should be"
