# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: hw_count.c
# For `./vp linux --script`: the kernel finds the performance monitors, and a program counts with
# them. Ends at the first thing that is wrong.
set -eu

dmesg | grep -E 'hw perfevents: enabled with armv8_pmuv3 PMU driver, 7 (\(0,8000003f\) )?counters available'
hw_count
grep -E 'arm-pmu' /proc/interrupts
dmesg | grep -E 'WARNING:|BUG:|Oops|Call trace' && exit 1
echo "pmu: the kernel lives on"
