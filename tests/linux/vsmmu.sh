#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# vsmmu.sh SMMU_VP BUILD TEST: a virtual machine of QEMU's in the guest, which has a part of the SMMU for its own
# and is told of the fault that it makes.
set -euo pipefail

readonly firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
[[ -e $firmware ]] || {
    echo "$firmware is not installed" >&2
    exit 3
}
# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

run_linux "$results" --dts "$root/platform/dts/virt-vsmmu.dts" --script "$root/sw/linux/vsmmu.sh"

# The guest says that it was told; here it comes from.
expect_line boot-1/stats.txt '^iommu@9050000\.events 1$'
say "a virtual machine has a part of the SMMU"
