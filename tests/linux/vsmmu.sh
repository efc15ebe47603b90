#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# vsmmu.sh SMMU_VP BUILD TEST [ats]: a virtual machine of QEMU's in the guest has a part of the SMMU for its own,
# with ATS or without, and is told of the fault that it makes.
set -euo pipefail

readonly firmware=/usr/share/qemu-efi-aarch64/QEMU_EFI.fd
[[ -e $firmware ]] || {
    echo "$firmware is not installed" >&2
    exit 3
}
# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

cat >own.dts <<END
/dts-v1/;
/include/ "$root/platform/dts/virt-vsmmu.dts"
&pcie {
	${4:+ats-supported;}
};
END

run_linux "$results" --dts "$results/own.dts" --script "$root/sw/linux/vsmmu.sh"

if [[ -n ${4:-} ]]; then
    for counter in atc-hits atc-fills atc-invalidations; do
        expect_line boot-1/stats.txt "^pcie@4010000000\.nvme@4,0\.$counter [1-9]"
    done
else
    expect_line boot-1/stats.txt '^iommu@9050000\.events 1$' # which the guest says that it was told of
fi
say "a virtual machine has a part of the SMMU"
