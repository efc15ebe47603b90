#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# placement.sh SMMU_VP BUILD TEST MACHINE SMMU: Linux on a machine of platform/dts that has no disk, with
# one at 00:04.0, whose DMA goes through SMMU.
set -euo pipefail

# shellcheck source=tests/linux/support.sh
. "$(dirname "$0")/support.sh"

cat >machine.dts <<END
/dts-v1/;
/include/ "$root/platform/dts/$4.dts"
&pcie {
	nvme@4,0 {
		compatible = "vp,nvme";
		reg = <0x2000 0 0 0 0>;
		vp,backing-file = "build/linux/disk.img";
		vp,size = <0x4000000>;
		vp,ats;
	};
};
END

run_linux "$results" --dts "$results/machine.dts" --script "$root/sw/linux/nvme.sh"
expect_line boot-1/console.log '^nvme: DMA goes through group [0-9]+, of type DMA'
expect_line boot-1/stats.txt "^$5\.translations [1-9]"
expect_line boot-1/stats.txt "^$5\.events 0$"
say "Linux works on $4"
