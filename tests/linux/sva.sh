#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sva.sh SMMU_VP BUILD TEST SCRIPT: devices share the address spaces of processes that race on four CPUs, by
# translations that stall.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

run_linux "$results" --dts "$root/platform/dts/virt-sva.dts" --cpus 4 \
    --script "$root/sw/linux/$4"

# Nobody can bring in pages for a device without the SMMU's stalls.
stalls=$(sed -n 's/^iommu@9050000\.stalls //p' boot-1/stats.txt)
((stalls > 1000)) || fail "the SMMU has stalled ${stalls:-no} transactions"
say "devices share address spaces, by $stalls stalls"
