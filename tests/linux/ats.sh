#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ats.sh SMMU_VP BUILD TEST RELEASE [FIRMWARE]: Linux enables ATS of an NVMe controller, whose data come back,
# and invalidates its translations. With an image of firmware it is told of ATS by ACPI.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"
release=$4 firmware=${5-} # functions of debian.sh have variables of these names
[[ -z $firmware || -e $firmware ]] || end_with 3 "$firmware is not installed"

cat >ats.dts <<END
/dts-v1/;
/include/ "$root/platform/dts/virt-linux.dts"
&pcie {
	ats-supported;
};
END

run_linux "$results" --dts "$results/ats.dts" --script "$root/sw/linux/nvme.sh" --release "$release" \
    ${firmware:+--firmware "$firmware"}

for counter in atc-hits atc-fills atc-invalidations; do
    expect_line boot-1/stats.txt "^pcie@4010000000\.nvme@4,0\.$counter [1-9]"
done
expect_line boot-1/stats.txt '^iommu@9050000\.atc-invs [1-9]'
expect_line boot-1/stats.txt '^pcie@4010000000\.invalidation-timeouts 0$'
say "Linux uses ATS"
