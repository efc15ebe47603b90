#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sva_ats.sh SMMU_VP BUILD TEST: nested translation by IOMMUFD for functions with ATS, which keep translations
# of both stages.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

run_linux "$results" --dts "$root/platform/dts/virt-pcie-ats.dts" \
    --script "$root/sw/linux/iommufd-ats.sh"

for function in 'dma@1,0' 'pcie@3,0\.dma@0,0'; do
    for counter in atc-hits atc-fills atc-invalidations; do
        expect_line boot-1/stats.txt "^pcie@4010000000\.$function\.$counter [1-9]"
    done
done
say "functions with ATS keep translations of both stages, and forget them"
