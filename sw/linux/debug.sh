# shellcheck shell=dash
# SPDX-License-Identifier: Apache-2.0
# needs: lib.sh hw_debug.c
# For `./vp linux --script`: a debugger steps a program, and stops it with breakpoints and watchpoints
# of the CPU. Ends at the first thing that is wrong.
set -eu

# shellcheck source=sw/linux/lib.sh
. /bin/lib.sh

dmesg | grep 'hw-breakpoint: found 6 breakpoint and 4 watchpoint registers'
hw_debug
kernel_never_said "$complaints"
echo "debug: the kernel lives on"
