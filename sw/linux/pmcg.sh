# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh smmu_count.c
# For `./vp linux --script`: the kernel finds the counter groups of the SMMU, and a program counts with
# them what reads of the NVMe disk make the SMMU do. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

modprobe nvme
modprobe arm_smmuv3_pmu
dmesg | grep -E 'Registered PMU @ 0x0*90d0000 using 8 counters with Individual filter settings'
dmesg | grep -E 'Registered PMU @ 0x0*90d1000 using 8 counters with Individual filter settings'
grep -E 'smmuv3-pmu' /proc/interrupts
wait_for /dev/nvme0n1
smmu_count /dev/nvme0n1 smmuv3_pmcg_90d0 smmuv3_pmcg_90d1
kernel_never_said "$complaints"
echo "pmcg: the kernel lives on"
