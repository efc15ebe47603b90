#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# ats.sh SMMU_VP BUILD: Linux enables ATS of an NVMe controller, whose data come back, and invalidates
# its translations. Status 3 if there is no kernel to be had.
set -euo pipefail

readonly program=$1 build=$2
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

readonly results=$build/linux/test-ats
rm -rf "$results"
mkdir -p "$results"
truncate -s 16M "$results/nvme.img"
cat >"$results/machine.dts" <<END
/dts-v1/;
/include/ "$root/platform/dts/virt.dts"
&pcie {
	ats-supported;
	nvme@1,0 {
		compatible = "vp,nvme";
		reg = <0x0800 0 0 0 0>;
		vp,backing-file = "$results/nvme.img";
		vp,ats;
	};
};
END

# The first Debian kernel that looks for ats-supported in a device tree.
boot() {
    local -A option=([--release]=trixie [--dts]=$results/machine.dts)
    local arguments program_status reason
    linux_arguments
    linux_run "$results" "$program" "${arguments[@]}" --stats
    reason=$(linux_verdict "$results" "$program_status") || fail "$reason"
}

expect_line() { # FILE PATTERN
    grep -qE "$2" "$1" || fail "no line of $1 matches \"$2\""
}

boot
expect_line "$results/console.log" '^ok [0-9]+ - NVMe data comes back'
for counter in atc-hits atc-fills atc-invalidations; do
    expect_line "$results/stats.txt" "^pcie@4010000000\.nvme@1,0\.$counter [1-9]"
done
expect_line "$results/stats.txt" '^iommu@9050000\.atc-invs [1-9]'
expect_line "$results/stats.txt" '^pcie@4010000000\.invalidation-timeouts 0$'
say "Linux uses ATS"
