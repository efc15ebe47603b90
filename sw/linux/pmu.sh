# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh hw_count.c
# For `./vp linux --script`: the kernel finds the performance monitors, and a program counts with
# them. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

dmesg | grep -E 'hw perfevents: enabled with armv8_pmuv3 PMU driver, 7 (\(0,8000003f\) )?counters available'
hw_count
grep -E 'arm-pmu' /proc/interrupts
kernel_never_said "$complaints"
echo "pmu: the kernel lives on"
